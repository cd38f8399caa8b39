import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import upweave
from upweave.pictures.files import Picture, write
from upweave.pictures.models import shipped

COMMANDS = ["upscale", "models", "evaluate", "train", "size", "info"]


def test_help_lists_every_command(run):
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert [name for name in COMMANDS if f"\n  {name} " not in out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(run, command):
    code, out, err = run(command, "--help")
    assert (code, err) == (0, "")
    assert re.search(rf"^ +upweave {command}\b", out, re.MULTILINE)
    assert "─" not in out  # no boxes: examples can be pasted


def test_version(run):
    assert run("--version") == (0, f"upweave {upweave.__version__}\n", "")


def test_wrong_commands(run):
    for words, part in (((), "Missing command"), (("upscal",), "upscale"), (("--what",), "--what")):
        code, out, err = run(*words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert part in err


def test_info(run):
    code, out, err = run("info")
    assert (code, err) == (0, "")
    facts = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines())
    assert facts["upweave"] == upweave.__version__
    assert int(facts["threads"]) >= 1
    assert facts["cache"].startswith(os.environ["UPWEAVE_CACHE"])
    assert facts["libvips"].startswith("8.")


@pytest.mark.skipif(not shipped(), reason="no shipped networks")
def test_models_lists_what_is_shipped(run):
    code, out, err = run("models")
    assert (code, err) == (0, "")
    assert [model.name for model in shipped() if model.name not in out] == []


def test_evaluate(run, tmp_path, rng, bicubic_network):
    for folder in ("HR", "LR/x2"):
        (tmp_path / folder).mkdir(parents=True)
    high = rng.integers(0, 256, (40, 50, 3), "uint8")
    write(tmp_path / "HR" / "img_001.png", Picture(high))
    write(tmp_path / "LR" / "x2" / "img_001.png", Picture(high[::2, ::2]))
    code, out, err = run("evaluate", "bicubic", "--scale", 2, tmp_path)
    assert (code, err) == (0, "")
    title, head, row, mean = out.splitlines()
    assert title == f"bicubic on {tmp_path.name}, x2"
    assert head.split() == ["picture", "PSNR", "SSIM"]
    assert row.split()[1:] == mean.split()[1:]
    by_network = run("evaluate", bicubic_network(2), tmp_path)[1]
    assert by_network.splitlines()[1:] == out.splitlines()[1:]


def test_evaluate_wrong_usage(run, tmp_path):
    code, out, err = run("evaluate", "bicubic", tmp_path)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert str(tmp_path) in err
    code, _, err = run("evaluate", "unknown", tmp_path)
    assert code == 2
    assert "MODEL" in err


def test_a_missing_extra_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("upweave.learning")]:
        monkeypatch.delitem(sys.modules, name)
    code, out, err = run("train", "--recipe", "weave-s-x4")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "pip install 'upweave[train]'" in err


def test_python_m_upweave():
    words = [sys.executable, "-m", "upweave", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == f"upweave {upweave.__version__}\n"


@pytest.mark.parametrize("words", [("--help",), ("info",)])
def test_closed_pipes_are_silent(words):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "upweave", *words],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 1


def test_the_package_lists_its_names():
    assert set(upweave.__all__) <= set(dir(upweave))
    for name in upweave.__all__:
        assert getattr(upweave, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = upweave.nothing


def test_every_command_is_in_the_readme():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"upweave {name}" not in readme] == []
