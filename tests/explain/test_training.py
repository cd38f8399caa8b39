import numpy as np
import pytest
from PIL import Image

from upweave.explain.training import draw

LINES = [
    "step,loss,flat,learning rate,psnr",
    *(f"{100 * n},{1 / n!r},,0.001,{30 + n if n % 10 == 0 else ''}" for n in range(1, 41)),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "log.csv").write_text("\n".join(LINES) + "\n41")
    return tmp_path


def curves(axes):
    return [line.get_xydata().tolist() for line in axes.lines]


def test_losses_and_scores_are_those_of_the_log(folder):
    loss, score = draw(folder).axes
    raw, mean = curves(loss)
    assert raw == [[100 * n, 1 / n] for n in range(1, 41)]
    assert mean[0] == pytest.approx([150, 0.75])
    assert len(mean) == 39
    assert curves(score) == [[[1000, 40], [2000, 50], [3000, 60], [4000, 70]]]


def test_the_first_the_last_and_one_between_are_shown(folder):
    (folder / "samples").mkdir()
    for step in range(0, 700, 100):
        pixels = np.full((5, 9, 3), step // 10, np.uint8)
        Image.fromarray(pixels).save(folder / "samples" / f"step-{step:07}.png")
    shown = draw(folder).axes[2:]
    titles = [axes.get_title().partition(":")[0] for axes in shown]
    assert titles == ["step 0", "step 300", "step 600"]
    assert [axes.images[0].get_array()[0, 0, 0] for axes in shown] == [0, 30, 60]


def test_a_training_that_has_just_begun(tmp_path):
    (tmp_path / "log.csv").write_text(LINES[0] + "\n")
    loss, score = draw(tmp_path).axes
    assert (loss.get_title(), score.get_title()) == (
        "training loss: none yet",
        "validation pictures: none yet",
    )
    draw(tmp_path).draw_without_rendering()


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"holds no log\.csv"):
        draw(tmp_path)
