import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from upweave.pictures.files import Picture, read, write
from upweave.pictures.models import shipped

EXAMPLE = Path(__file__).parents[2] / "examples" / "coffee.jpg"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def model(bicubic_network):
    return bicubic_network(4)


def picture(name, *shape, suffix=".png"):
    rng = np.random.default_rng(1)
    path = Path(f"{name}{suffix}")
    write(path, Picture(rng.integers(0, 256, shape or (5, 7, 3), np.uint8)))
    return path


def assert_refused(result, *parts, status=2):
    """Expect one line on standard error that has all ``parts``, and nothing else."""
    code, out, err = result
    assert (code, out) == (status, ""), err
    assert err.startswith("upweave: ")
    assert err.count("\n") == 1
    for part in parts:
        assert part in err


@pytest.mark.parametrize("shape", [(1, 1), (1, 9, 3), (13, 1, 4), (17, 23, 3)])
def test_the_result_lies_beside_the_picture(here, run, model, shape):
    picture("späte Rosen", *shape)
    code, out, err = run("upscale", "späte Rosen.png", "--model", model)
    assert (code, err) == (0, "")
    assert out == f"späte Rosen-x4.png  {4 * shape[1]} x {4 * shape[0]}\n"
    assert read("späte Rosen-x4.png").pixels.shape == (4 * shape[0], 4 * shape[1], *shape[2:])


def test_the_example(here, run, model):
    assert run("upscale", EXAMPLE, "-o", "big.jpg", "--model", model)[0] == 0
    assert read("big.jpg").pixels.shape == (800, 1200, 3)


@pytest.mark.skipif(not shipped(), reason="no shipped networks")
def test_families_and_full_names(here, run):
    a = picture("a")
    assert run("upscale", a)[:2] == (0, "a-x4.png  28 x 20\n")
    assert run("upscale", a, "--scale", 2)[:2] == (0, "a-x2.png  14 x 10\n")
    assert run("upscale", a, "--model", "weave-s-x3")[:2] == (0, "a-x3.png  21 x 15\n")
    assert run("upscale", a, "--scale", 2.5)[:2] == (0, "a-x2.5.png  18 x 13\n")
    assert run("upscale", a, "--scale", 5)[:2] == (0, "a-x5.png  35 x 25\n")
    assert_refused(run("upscale", a, "--model", "weave"), "--model", "'weave'", "did you mean")


def test_several_pictures_go_to_a_folder(here, run, model):
    a, b = picture("a"), picture("b", suffix=".jpg")
    code, out, _ = run("upscale", a, b, "-o", "big", "--model", model)
    assert code == 0
    assert sorted(os.listdir("big")) == ["a-x4.png", "b-x4.jpg"]
    *_, summary = out.splitlines()
    assert summary.startswith("2 pictures, 0.0 megapixels in ")
    assert out.splitlines() == [
        f"{Path('big/a-x4.png')}  28 x 20",
        f"{Path('big/b-x4.jpg')}  28 x 20",
        summary,
    ]
    assert run("upscale", a, "-o", "big", "--overwrite", "--model", model)[0] == 0


def test_quiet_says_nothing(here, run, model):
    assert run("upscale", picture("a"), "--quiet", "--model", model) == (0, "", "")


def test_existing_files_are_kept_unless_told(here, run, model):
    a = picture("a")
    Path("a-x4.png").write_text("old")
    assert_refused(run("upscale", a, "--model", model), "a-x4.png exists already", "--overwrite")
    assert Path("a-x4.png").read_text() == "old"
    assert run("upscale", a, "--model", model, "--overwrite")[0] == 0
    assert read("a-x4.png").pixels.shape == (20, 28, 3)


def test_threads_and_tile_change_nothing(here, run, model):
    a = picture("a", 40, 50, 3)
    assert run("upscale", a, "-o", "1.png", "--threads", 1, "--tile", 16, "--model", model)[0] == 0
    assert run("upscale", a, "-o", "2.png", "--model", model)[0] == 0
    assert Path("1.png").read_bytes() == Path("2.png").read_bytes()


def test_wrong_usage(here, run, model):
    a = picture("a")
    words = ("--model", model)
    assert_refused(run("upscale", "none.png", *words), "PICTURE", "there is no file none.png")
    assert_refused(run("upscale"), "PICTURE")
    assert_refused(run("upscale", a, "-o", "b.bmp", *words), "-o", ".png", ".webp")
    assert_refused(run("upscale", a, "-o", "none/b.png", *words), "-o", "there is no folder none")
    assert_refused(run("upscale", a, "--scale", 0), "--scale")
    assert_refused(run("upscale", a, "--scale", "much"), "--scale", "'much' is not a valid")
    assert_refused(run("upscale", a, "--threads", 0), "--threads")
    assert_refused(run("upscale", a, "--model", "unknown"), "--model", "unknown")
    assert_refused(run("upscale", a, "--speed", 3), "--speed")
    b = picture("b")
    assert_refused(run("upscale", a, b, "-o", "c.png", *words), "-o", "c.png names a file")
    assert_refused(run("upscale", a, a, *words), "-o", "both be written to a-x4.png")
    assert_refused(run("upscale", a, b, "-o", "x/y", *words), "-o", "x/y")
    assert sorted(os.listdir()) == ["a.png", "b.png"]


def test_failed_jobs(here, run, model):
    words = ("--model", model)
    Path("broken.png").write_bytes(picture("a", 30, 30, 3).read_bytes()[:900])
    Path("empty.png").touch()
    Path("text.jpg").write_text("no picture")
    assert_refused(run("upscale", "broken.png", *words), "broken.png", "cut short", status=1)
    assert_refused(run("upscale", "empty.png", *words), "empty.png", "empty", status=1)
    assert_refused(run("upscale", "text.jpg", *words), "text.jpg", "not a picture", status=1)
    seen_through = picture("alpha", 5, 5, 4)
    result = run("upscale", seen_through, "-o", "alpha.jpg", *words)
    assert_refused(result, "alpha.jpg", "transparency", ".png", status=1)
    Path("bad.onnx").write_bytes(b"\x08no model")
    assert_refused(run("upscale", "a.png", "--model", "bad.onnx"), "bad.onnx", status=1)
    assert_refused(run("upscale", "a.png", "--model", "no.onnx"), "no.onnx", status=1)
    assert not list(here.glob("*-x4*"))


def test_one_failure_does_not_stop_the_others(here, run, model):
    Path("a.png").touch()
    code, out, err = run("upscale", "a.png", picture("b"), "--model", model)
    first, summary = out.splitlines()
    assert (code, first) == (1, "b-x4.png  28 x 20")
    assert summary.endswith("1 failed")
    assert err.count("\n") == 1


def test_names_with_line_breaks_stay_on_one_line(here, run, model):
    Path("two\nlines.png").touch()
    assert_refused(run("upscale", "two\nlines.png", "--model", model), "two lines.png", status=1)


def start(*words, before="", **options):
    """Start the command in a process of its own, after the Python statements ``before``."""
    script = f"import sys\n{before}\nfrom upweave.cli import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


SLOW = """
import time
from upweave.pictures import files
def slow(path, *_, **__):
    print('at work', flush=True)
    time.sleep(60)
{patch}
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("patch", ["files.Opened.picture = slow", "files.os.fsync = slow"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_within_a_second_without_a_trace(here, model, patch, number, status):
    picture("a")
    words = ("upscale", "a.png", "--model", model)
    with start(*words, before=SLOW.format(patch=patch)) as process:
        assert process.stdout.readline() == "at work\n"
        process.send_signal(number)
        sent = time.monotonic()
        assert process.wait(timeout=30) == status
        assert time.monotonic() - sent < 1
        assert process.stderr.read() == ""
    assert os.listdir() == ["a.png"]


def test_a_closed_pipe_is_silent(here, model):
    picture("a")
    with start("upscale", "a.png", "--model", model) as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 1
        assert process.stderr.read() == ""
