"""Runs over folders: what they leave, and that they go on whatever ended them."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from upweave.pictures.files import Picture, read, write
from upweave.pictures.journal import journal_of
from upweave.pictures.probe import Probe

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.fixture
def tree(tmp_path, monkeypatch, rng):
    """A folder of folders of pictures, and one file that is none."""
    monkeypatch.chdir(tmp_path)
    for n, name in enumerate(("a.png", "b.jpg", "deep/c.png", "deep/er/d.webp")):
        path = Path("tree", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, Picture(rng.integers(0, 256, (9 + n, 11, 3), np.uint8)))
    return Path("tree")


@pytest.fixture
def words(bicubic_network):
    return ["tree", "--recursive", "--model", bicubic_network(2)]


RESULTS = ["a-x2.png", "b-x2.jpg", "deep/c-x2.png", "deep/er/d-x2.webp"]


def contents(folder):
    """Return the bytes of every file below a folder, by name."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def times(folder):
    return {p: p.stat().st_mtime_ns for p in Path(folder).rglob("*") if p.is_file()}


def test_a_tree_is_mirrored(run, tree, words):
    before = contents(tree)
    status, out, err = run("upscale", *words)
    assert (status, err) == (0, "")
    assert list(contents("tree-x2")) == RESULTS
    assert out.splitlines()[-1].startswith("4 pictures, 0.0 megapixels in ")
    assert contents(tree) == before
    assert sorted(os.listdir()) == ["tree", "tree-x2", "tree-x2.upweave.jsonl"]


def test_existing_results(run, tree, words):
    assert run("upscale", *words)[0] == 0
    first = times("tree-x2")
    status, out, err = run("upscale", *words)
    assert (status, out) == (2, "")
    assert "a-x2.png exists already (and 3 more)" in err
    assert run("upscale", *words, "--skip-existing")[:2] == (
        0,
        "0 pictures, 0.0 megapixels in 0.0 s; 4 were there\n",
    )
    assert times("tree-x2") == first
    assert run("upscale", *words, "--overwrite")[0] == 0
    assert all(times("tree-x2")[path] != first[path] for path in first)


def test_resume_redoes_only_what_changed(run, tree, words):
    assert run("upscale", *words)[0] == 0
    first = times("tree-x2")
    assert "4 were there" in run("upscale", *words, "--resume")[1]
    assert times("tree-x2") == first
    write(tree / "a.png", Picture(np.zeros((4, 4), np.uint8)), overwrite=True)
    Path("tree-x2/deep/c-x2.png").unlink()
    status, out, _ = run("upscale", *words, "--resume")
    assert (status, "2 were there" in out) == (0, True)
    now = times("tree-x2")
    changed = {str(path) for path in first if now[path] != first[path]}
    assert changed == {"tree-x2/a-x2.png", "tree-x2/deep/c-x2.png"}
    assert read("tree-x2/a-x2.png").pixels.shape == (8, 8)
    assert "4 were there" in run("upscale", *words, "--resume", "--verify", "--threads", 1)[1]
    assert run("upscale", *words, "--resume", "--strength", "0.5")[0] == 0  # other results
    assert all(times("tree-x2")[path] != now[path] for path in now)


def test_resume_leaves_what_a_user_put_there(run, tree, words):
    assert run("upscale", *words)[0] == 0
    mine = Path("tree-x2/a-x2.png")
    mine.write_bytes(b"my own")
    status, _, err = run("upscale", *words, "--resume")
    assert (status, err.count("\n")) == (1, 1)
    assert "a-x2.png: exists already" in err
    assert mine.read_bytes() == b"my own"


def test_failures_are_told_at_the_end(run, tree, words):
    (tree / "aa.png").touch()
    (tree / "deep" / "cc.jpg").write_bytes(b"no picture")
    status, out, err = run("upscale", *words, "--report", "report.json")
    assert status == 1
    assert len(out.splitlines()) == 5
    assert out.endswith("; 2 failed\n")
    lines = err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["tree/aa.png", "tree/deep/cc.jpg"]
    report = json.loads(Path("report.json").read_text())
    assert [("error" in entry) for entry in report["pictures"]].count(True) == 2
    assert report["summary"] | {"seconds": 0} == {
        "done": 4,
        "failed": 2,
        "skipped": 0,
        "pixels": 4 * 11 * (9 + 10 + 11 + 12),
        "seconds": 0,
    }
    assert report["pictures"][0]["bytes"] == Path("tree-x2/a-x2.png").stat().st_size


def test_progress_for_other_programs(run, tree, words):
    (tree / "aa.png").touch()
    _, _, err = run("upscale", *words, "--progress", "json", "--verify")
    *events, last = err.splitlines()
    found = [json.loads(line) for line in (*events, last) if line.startswith("{")]
    assert found[0] == {"event": "started", "pictures": 5, "skipped": 0}
    assert found[-1]["event"] == "finished"
    assert [e["event"] for e in found].count("done") == 4
    assert [e["event"] for e in found].count("failed") == 1
    shares = [e["share"] for e in found if e["event"] == "progress"]
    assert shares == sorted(shares)
    assert all(e["difference_db"] > 8 for e in found if e["event"] == "done")


def test_a_dry_run_writes_nothing(run, tree, words):
    (tree / "aa.png").touch()
    before = contents(".")
    status, out, err = run("upscale", *words, "--dry-run")
    assert status == 1
    assert "tree/aa.png: the file is empty" in err
    assert contents(".") == before
    rows = [line.split() for line in out.splitlines()]
    assert rows[1] == ["tree/a.png", *["11", "x", "9", "tree-x2/a-x2.png", "22", "x", "18"]]
    assert "4 pictures with" in out


def test_a_pipe(tree, bicubic_network):
    command = [sys.executable, "-m", "upweave", "upscale", "-", "--model", bicubic_network(2)]
    given = (tree / "a.png").read_bytes()
    done = subprocess.run(
        [*command, "--format", "webp"], input=given, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout[:4] == b"RIFF"
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    Path("through.png").write_bytes(done.stdout)
    assert read("through.png").pixels.shape == (18, 22, 3)
    Path("-").write_bytes(b"a file of that name")
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.stdout == Path("through.png").read_bytes()
    done = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1


def test_memory_is_bounded(run, tree, words):
    status, _, err = run("upscale", *words, "--max-memory", "1k")
    assert status == 1
    assert err.count("needs about 0.0 GB of memory, of 0.0 GB allowed") == 4
    assert run("upscale", *words, "--max-memory", "1M")[0] == 0
    assert "--max-memory" in run("upscale", *words, "--max-memory", "much")[2]


def test_the_largest_network_in_time_is_taken(run, tree, monkeypatch):
    def fake(picture, family, *_):
        return Probe(seconds=2.0 if "weave-m-x4" in family.names.values() else 1.0, written=1.0)

    monkeypatch.setattr("upweave.pictures.probe.probe", fake)
    pixels = 11 * (9 + 10 + 11 + 12)
    monkeypatch.setenv("UPWEAVE_NUM_THREADS", "1")

    def chosen(seconds):
        words = ("--recursive", "--within", f"{seconds}s", "--report", "r.json", "--overwrite")
        result = run("upscale", "tree", *words)
        return result, json.loads(Path("r.json").read_text())["model"]

    assert chosen(2 * pixels + 1)[1] == "weave-m-x4"
    assert chosen(2 * pixels - 1)[1] == "weave-s-x4"
    Path("r.json").unlink()
    status, _, err = run("upscale", "tree", "--within", "1s", "--overwrite")
    assert status == 1
    assert "--within: the fastest network takes about" in err


@pytest.mark.parametrize("words", [["--within", "60s"], ["--dry-run"]])
def test_what_is_foreseen_passes_over_broken_files(run, tree, words):
    whole = Path("tree/a.png").read_bytes()
    Path("mixed").mkdir()
    Path("mixed/a.png").write_bytes(whole[: len(whole) // 2])
    Path("mixed/b.png").write_bytes(b"no picture")
    Path("mixed/c.png").write_bytes(whole)
    status, out, err = run("upscale", "mixed", *words)
    assert status == 1
    assert err.count("\n") == 2
    assert "mixed/a.png: broken or cut short" in err
    assert "mixed/b.png: not a picture" in err
    assert "weave-" in out
    assert Path("mixed-x4/c-x4.png").exists() == ("--dry-run" not in words)


@pytest.mark.parametrize("words", [["--within", "60s"], ["--dry-run"]])
@pytest.mark.usefixtures("tree")
def test_nothing_is_foreseen_of_no_picture(run, words):
    Path("a.png").write_bytes(b"no picture")
    status, out, err = run("upscale", "a.png", *words)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "a.png: not a picture" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--overwrite", "--resume"], "--resume"),
        (["--overwrite", "--skip-existing"], "--skip-existing"),
        (["--scale", "2", "--width", "9"], "--scale"),
        (["--longest", "20", "--height", "9"], "--longest"),
        (["--within", "3s", "--model", "weave-s"], "--within"),
        (["--within", "soon"], "--within"),
        (["--wrap", "--scale", "2.5"], "--wrap"),
        (["--fidelity", "--width", "40"], "--fidelity"),
        (["--format", "bmp"], "--format"),
        (["--quality", "101"], "--quality"),
        (["--strength", "2"], "--strength"),
        (["--progress", "dots"], "--progress"),
        (["--scale", "0.5"], "--scale"),
    ],
)
def test_wrong_usage_is_one_line(run, tree, words, says):
    status, out, err = run("upscale", "tree", *words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err
    assert os.listdir() == ["tree"]


def test_resume_needs_a_folder(run, tree, words):
    assert "--resume" in run("upscale", "tree/a.png", "--resume")[2]


def test_a_picture_is_never_written_over_itself(run, tree, words):
    before = (tree / "a.png").read_bytes()
    status, _, err = run("upscale", "tree/a.png", "-o", "tree/a.png", "--overwrite", *words[2:])
    assert status == 2
    assert "over itself" in err
    assert (tree / "a.png").read_bytes() == before


def test_one_tile_and_many_give_the_same_files(run, tree, words):
    assert run("upscale", *words, "-o", "one")[0] == 0
    assert run("upscale", *words, "-o", "many", "--tile", 4, "--threads", 1)[0] == 0
    assert contents("one") == contents("many")


def test_before_and_after(run, tree, words):
    assert run("upscale", "tree/a.png", *words[2:], "--compare")[0] == 0
    both = read("tree/a-x2-compare.png").pixels
    assert both.shape == (18, 2 * 22 + 8, 3)
    assert np.abs(both[:, :22].astype(int) - both[:, 30:]).max() <= 1  # the network is bicubic
    assert np.array_equal(both[:, 30:], read("tree/a-x2.png").pixels)
    Path("tree/a-x2.png").unlink()
    status, _, err = run("upscale", "tree/a.png", *words[2:], "--compare")
    assert (status, "a-x2-compare.png: exists already" in err) == (1, True)
    assert not Path("tree/a-x2.png").exists()


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["--scale", "2.5"], (23, 28)),
        (["--scale", "5"], (45, 55)),
        (["--width", "44"], (36, 44)),
        (["--width", "40", "--height", "40"], (33, 40)),
        (["--longest", "7"], (6, 7)),
    ],
)
def test_any_size(run, tree, words, size, bicubic_network):
    model = bicubic_network(2)
    assert run("upscale", "tree/a.png", "--model", model, "-o", "r.png", *words)[0] == 0
    assert read("r.png").pixels.shape == (*size, 3)


# What kills, fills and interrupts


def start(words, before="", **options):
    """Start the command in a process of its own, after the Python statements ``before``."""
    script = f"import sys\n{before}\nfrom upweave.cli import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", script, "upscale", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.fixture
def many(tmp_path, monkeypatch, rng):
    """A folder of pictures that takes a while."""
    monkeypatch.chdir(tmp_path)
    Path("many").mkdir()
    for n in range(12):
        write(Path(f"many/{n:02}.png"), Picture(rng.integers(0, 256, (160, 140, 3), np.uint8)))
    return ["many"]


@POSIX
def test_a_killed_run_goes_on(run, many, request):
    assert run("upscale", *many, "-o", "whole", "--quiet")[0] == 0
    started = time.monotonic()
    with start([*many, "-o", "warm", "--quiet"]) as process:
        process.wait(60)
    taken = time.monotonic() - started
    chance = random.Random(1)
    for number in range(request.config.getoption("--kills")):
        output = f"out{number}"
        for words in ([], ["--resume"]):
            with start([*many, "-o", output, "--quiet", *words]) as process:
                time.sleep(chance.uniform(0.3, 1.0) * taken)
                process.kill()
        assert run("upscale", *many, "-o", output, "--quiet", "--resume")[0] == 0
        assert contents(output) == contents("whole")


@POSIX
def test_ctrl_c_leaves_whole_files_alone(run, many):
    with start([*many, "-o", "out"]) as process:
        process.stdout.readline()  # one is done
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.wait(30) == 130
        assert time.monotonic() - sent < 1
        assert process.stderr.read() == ""
    done = contents("out")
    assert 0 < len(done) < 12
    assert all(name.endswith(".png") for name in done)
    for name in done:
        assert read(Path("out", name)).pixels.shape == (640, 560, 3)
    status, out, _ = run("upscale", *many, "-o", "out", "--resume")
    assert status == 0
    assert len(contents("out")) == 12
    assert f"{len(done)} were there" in out


@POSIX
def test_a_second_process_is_told(run, many):
    slow = (
        "import time\nfrom upweave.pictures import files\n"
        "files.Opened.picture = lambda *_, **__: time.sleep(60)"
    )
    with start([*many, "-o", "out"], before=slow) as process:
        until = time.monotonic() + 30
        while not journal_of(Path("out")).exists() or not journal_of(Path("out")).stat().st_size:
            assert time.monotonic() < until
            time.sleep(0.05)
        status, out, err = run("upscale", *many, "-o", "out", "--resume")
        process.kill()
    assert (status, out) == (1, "")
    assert err == "upweave: out: another upweave is writing there; wait for it\n"


@POSIX
@pytest.mark.parametrize("format", ["png", "jpg", "tif", "webp"])
def test_a_full_disk_leaves_nothing_half_written(many, format):
    # A file may have so many bytes and no more; the error is that of a quota.
    full = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    )
    Path("warm").mkdir()
    with start(["many/00.png", "-o", "warm/a.png"]) as process:  # kernels are kept
        assert process.wait(60) == 0
    with start([*many, "-o", "out", "--format", format], before=full) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out.endswith("12 failed\n")
    assert len(err.splitlines()) == 12
    assert all("File too large" in line for line in err.splitlines())
    assert contents("out") == {}


@POSIX
def test_a_result_that_nobody_reads(many):
    with start(["many/00.png", "-o", "-"]) as process:
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr.read() == ""


@POSIX
def test_a_closed_pipe_ends_a_run(many):
    with start([*many, "-o", "out"]) as process:
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr.read() == ""
    assert all(name.endswith(".png") for name in contents("out"))
