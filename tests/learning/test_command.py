"""``upweave train`` from the outside."""

import onnxruntime
import pytest

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
def train(run, monkeypatch, tmp_path):
    """Return a function that runs ``upweave train`` and returns exit status, output and errors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return lambda *words: run("train", *words)


@pytest.mark.usefixtures("drawings")
def test_a_recipe_becomes_a_model(train, tmp_path):
    code, out, err = train("--recipe", "tiny.toml", "--threads", "1")
    assert (code, err) == (0, "")
    assert out.startswith("runs/tiny/tiny.onnx: ")
    assert "dB on the validation pictures" in out
    onnxruntime.InferenceSession(tmp_path / "runs/tiny/tiny.onnx")
    assert (tmp_path / "runs/tiny/training.png").read_bytes().startswith(b"\x89PNG")
    assert train("--recipe", "tiny.toml", "--threads", "1", "--resume") == (0, out, "")
    code, out, err = train("--recipe", "tiny.toml", "--threads", "1")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "exists; resume it" in err


@pytest.mark.usefixtures("drawings")
def test_folder_and_steps_can_be_chosen(train, tmp_path):
    words = ("--recipe", "tiny.toml", "--threads", "1", "-o", "mein Ordner")
    assert train(*words, "--steps", "1")[0] == 0
    assert (tmp_path / "mein Ordner" / "tiny.onnx").is_file()
    code, _, err = train(*words, "--resume")
    assert (code, err.count("\n")) == (1, 1)
    assert "steps was 1, now 3" in err


def test_any_folder_of_pictures_will_do(drawings, train, tmp_path, monkeypatch):
    """With no data folder, and so without pictures to score by."""
    monkeypatch.delenv("UPWEAVE_DATA")
    words = ("--recipe", "tiny.toml", "--threads", "1", "--data", drawings / "train/drawn")
    assert train(*words) == (0, "runs/tiny/tiny.onnx\n", "")
    assert (tmp_path / "runs/tiny/tiny.onnx").is_file()


def test_errors_are_one_line(train, tmp_path, monkeypatch):
    (tmp_path / "wrong.toml").write_text(RECIPE + "step = 4\n")
    for recipe, status, part in (
        ("nosuch", 2, "--recipe: nosuch: No such file"),
        ("wrong.toml", 2, "wrong.toml: step: no such key"),
        ("tiny.toml", 1, "UPWEAVE_DATA is not set"),
    ):
        monkeypatch.delenv("UPWEAVE_DATA", raising=False)
        code, out, err = train("--recipe", recipe)
        assert (code, out, err.count("\n")) == (status, "", 1)
        assert part in err
    assert train()[0] == 2
