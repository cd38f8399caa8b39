from pathlib import Path
from typing import get_args

import pytest

from upweave.cli.explain import What


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("what", get_args(What))
def test_everything_is_drawn(run, what):
    assert run("explain", what) == (0, f"{what}.png\n", "")
    assert Path(f"{what}.png").read_bytes().startswith(b"\x89PNG")


def test_numbers_of_ones_own(run):
    words = ("--numbers", "55 52/57 50", "--weights", "1 2/2 1", "-o", "a.svg")
    assert run("explain", "scatter", *words)[0] == 0
    assert "<svg" in Path("a.svg").read_text()


def test_svg_moves_if_told(run):
    words = ("--input", "2", "--kernel", "2", "--moving")
    assert run("explain", "scatter", *words, "-o", "a.svg")[0] == 0
    assert Path("a.svg").read_text().count('class="frame"') == 4
    assert run("explain", "scatter", *words, "-o", "a.webp")[0] == 0


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["scatter", "--moving"], "scatter.png: cannot move"),
        (["scatter", "-o", "a.bmp"], "must end in"),
        (["scatter", "--padding", "5"], "padding"),
        (["scatter", "--numbers", "1 2/3"], "1 2/3"),
        (["scatter", "--numbers", "one"], "one"),
        (["scatter", "--input", "40"], "--input"),
        (["everything"], "everything"),
        (["convolution", "--kernel", "3", "--stride", "1"], "too small"),
    ],
)
def test_wrong_usage_is_one_line(run, words, part):
    status, out, err = run("explain", *words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert part in err
    assert not list(Path().iterdir())


def test_existing_files_are_kept_unless_told(run):
    Path("a.png").write_text("old")
    status, _, err = run("explain", "overlap", "-o", "a.png")
    assert status == 2
    assert "a.png: exists already" in err
    assert Path("a.png").read_text() == "old"
    assert run("explain", "overlap", "-o", "a.png", "--overwrite")[0] == 0
