from pathlib import Path

import numpy as np
import pytest

from upweave.pictures.files import Picture, write


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    write("späte Rosen.png", Picture(rng.integers(0, 256, (50, 41, 3), np.uint8)))


def test_every_network_is_compared(run):
    status, out, err = run("compare", "späte Rosen.png")
    assert (status, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["way", "PSNR", "SSIM", "ms"]
    names = [row[0] for row in rows[1:-1]]
    assert names[:3] == ["nearest", "bilinear", "bicubic"]
    assert {"weave-s-x4", "weave-m-x4", "weave-s-photo-x4"} <= set(names)
    assert rows[-1] == ["späte", "Rosen-compare.html"]
    assert "weave-m-x4" in Path("späte Rosen-compare.html").read_text(encoding="utf-8")


def test_networks_of_ones_own(run, bicubic_network):
    model = bicubic_network(2)
    status, out, _ = run(
        "compare",
        "späte Rosen.png",
        "--scale",
        2,
        "--model",
        model,
        "--model",
        "weave-s",
        "-o",
        "p",
    )
    assert status == 0
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines()[1:-1]}
    assert list(rows)[3:] == [model.stem, "weave-s-x2"]
    assert rows[model.stem][:2] == rows["bicubic"][:2]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["none.png"], 1, "none.png: No such file"),
        (["späte Rosen.png", "--model", "none"], 2, "'none'"),
        (["späte Rosen.png", "--scale", "1"], 2, "--scale"),
        (["späte Rosen.png", "--model", "weave-m", "--scale", "2"], 2, "4 times, not 2"),
        (["small.png"], 1, "small.png: 9x9 pixels are too few"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(run, words, status, says):
    write("small.png", Picture(np.zeros((9, 9), np.uint8)))
    code, out, err = run("compare", *words)
    assert (code, out) == (status, "")
    assert err.count("\n") == 1
    assert says in err
    assert not list(Path().glob("*.html"))


def test_a_page_that_exists_is_kept_unless_told(run):
    Path("p.html").write_text("mine")
    status, _, err = run("compare", "späte Rosen.png", "-o", "p.html")
    assert (status, "exists already" in err) == (2, True)
    assert Path("p.html").read_text() == "mine"
    assert run("compare", "späte Rosen.png", "-o", "p.html", "--overwrite")[0] == 0
