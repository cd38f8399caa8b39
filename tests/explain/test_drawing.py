from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from upweave.explain.animation import save
from upweave.explain.drawing import draw, sheet
from upweave.explain.frames import Frame, Panel

PANEL = Panel("a map", np.array([[1.0, -2.5, np.nan], [0.125, 1234.5, 3]]), {(0, 1): "input"})


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_numbers_titles_and_captions_are_drawn():
    figure = draw(Frame((PANEL, Panel("b", np.ones((1, 1)))), "a sentence"))
    first, second = figure.axes
    assert texts(first) == ["1", "-2.5", "", "0.125", "1234", "3"]
    assert first.get_title() == "a map, 2 × 3"
    assert texts(second) == ["1"]
    assert [text.get_text() for text in figure.texts] == ["a sentence"]
    colours = [patch.get_facecolor()[:3] for patch in first.patches]
    assert colours[0] == (1, 1, 1)
    assert colours[1] != (1, 1, 1)


def test_panels_do_not_overlap():
    frame = Frame((PANEL, Panel("with a long title over it", np.ones((1, 1))), PANEL), "")
    figure = draw(frame)
    figure.canvas.draw()
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    assert all(a.x1 <= b.x0 for a, b in pairwise(boxes))
    assert boxes[0].x0 >= 0
    assert boxes[-1].x1 <= figure.bbox.x1


def test_colours_are_drawn_as_they_are():
    red = np.zeros((1, 2, 3))
    red[0, 0, 0] = 1
    (axes,) = draw(Frame((Panel("c", red),), "")).axes
    assert [patch.get_facecolor()[:3] for patch in axes.patches] == [(1, 0, 0), (0, 0, 0)]


def test_sheets_have_all_frames_in_reading_order():
    frames = [Frame((Panel(str(n), np.ones((2, 2))),), str(n)) for n in range(7)]
    figure = sheet(frames)
    assert [text.get_text() for text in figure.texts] == list("0123456")
    places = [(-round(text.get_position()[1], 6), text.get_position()[0]) for text in figure.texts]
    assert places == sorted(places)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_animations_hold_every_frame(tmp_path, suffix):
    frames = [Frame((Panel("n", np.full((1, n), float(n))),), "") for n in (1, 2, 3)]
    save(frames, tmp_path / f"a{suffix}")
    with Image.open(tmp_path / f"a{suffix}") as picture:
        assert picture.n_frames == 3
        assert picture.info["loop"] == 0


def test_films_show_every_frame_in_its_time(tmp_path):
    frames = [Frame((Panel("n", np.full((1, n), float(n))),), "") for n in (1, 2, 3)]
    save(frames, tmp_path / "a.mp4")
    save(frames, tmp_path / "a.gif")
    with av.open(tmp_path / "a.mp4") as film:
        seen = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
        assert film.streams.video[0].average_rate == 10
    assert len(seen) == 9 + 9 + 25
    with Image.open(tmp_path / "a.gif") as picture:
        for number, shown in enumerate((seen[0], seen[9], seen[18])):
            picture.seek(number)
            expected = np.asarray(picture.convert("L"), np.float64)
            height, width = expected.shape
            assert shown.shape == (height + height % 2, width + width % 2)
            assert np.abs(shown[:height, :width] - expected).mean() < 6


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_still_files(tmp_path, suffix, start):
    save([Frame((PANEL,), "x")], tmp_path / f"a{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes().startswith(start)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.png, "):
        save([Frame((PANEL,), "x")], tmp_path / "a.bmp")
    assert not list(tmp_path.iterdir())
