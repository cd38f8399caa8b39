"""``upweave train`` from the outside."""

import signal
import sys

import onnxruntime
import pytest

from upweave.cli import main

RECIPE = """
name = "tiny"
network = "weave"
scale = 2
folders = ["train/drawn"]
steps = 3
width = 2
depth = 1
batch = 2
crop = 8
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs ``upweave train`` and returns exit status, output and errors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(RECIPE)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["upweave", "train", *words])
        with pytest.raises(SystemExit) as leaving:
            main()
        captured = capsys.readouterr()
        return leaving.value.code, captured.out, captured.err

    handler = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.usefixtures("drawings")
def test_a_recipe_becomes_a_model(run, tmp_path):
    code, out, err = run("--recipe", "tiny.toml", "--threads", "1")
    assert (code, err) == (0, "")
    assert out.startswith("runs/tiny/tiny.onnx: ")
    assert "dB on the held-out pictures" in out
    onnxruntime.InferenceSession(tmp_path / "runs/tiny/tiny.onnx")
    assert run("--recipe", "tiny.toml", "--threads", "1", "--resume") == (0, out, "")
    code, out, err = run("--recipe", "tiny.toml", "--threads", "1")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "exists; resume it" in err


@pytest.mark.usefixtures("drawings")
def test_folder_and_steps_can_be_chosen(run, tmp_path):
    words = ("--recipe", "tiny.toml", "--threads", "1", "-o", "mein Ordner")
    assert run(*words, "--steps", "1")[0] == 0
    assert (tmp_path / "mein Ordner" / "tiny.onnx").is_file()
    code, _, err = run(*words, "--resume")
    assert (code, err.count("\n")) == (1, 1)
    assert "steps was 1, now 3" in err


def test_errors_are_one_line(run, tmp_path, monkeypatch):
    (tmp_path / "wrong.toml").write_text(RECIPE + "step = 4\n")
    for recipe, status, part in (
        ("nosuch", 2, "--recipe: nosuch: No such file"),
        ("wrong.toml", 2, "wrong.toml: step: no such key"),
        ("tiny.toml", 1, "UPWEAVE_DATA is not set"),
    ):
        monkeypatch.delenv("UPWEAVE_DATA", raising=False)
        code, out, err = run("--recipe", recipe)
        assert (code, out, err.count("\n")) == (status, "", 1)
        assert part in err
    assert run()[0] == 2
