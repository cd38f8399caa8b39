import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import upweave
from upweave.pictures.files import Picture, read, write
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


@pytest.fixture
def two_sets(tmp_path, rng):
    """Two sets of two pictures, one of them grey, at x2; the second at x3 too."""
    for name, scales in (("one", (2,)), ("zwei Sätze", (2, 3))):
        for n, shape in enumerate([(24, 30, 3), (36, 24)]):
            high = rng.integers(0, 256, shape, "uint8")
            files = {f"LR/x{scale}": high[::scale, ::scale] for scale in scales} | {"HR": high}
            for folder, pixels in files.items():
                (tmp_path / name / folder).mkdir(parents=True, exist_ok=True)
                write(tmp_path / name / folder / f"img_{n}.png", Picture(pixels))
    return tmp_path / "one", tmp_path / "zwei Sätze"


def test_evaluate_several(run, two_sets, tmp_path, bicubic_network):
    one, two = two_sets
    network = bicubic_network(2)
    table, lists = tmp_path / "s.csv", tmp_path / "s.json"
    words = ["--scale", 2, "--csv", table, "--json", lists, "--pictures", tmp_path / "strips"]
    code, out, err = run("evaluate", "nearest", one, "bicubic", network, two, *words)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"nearest, bicubic, {network.stem} on one, x2"
    assert lines[1].split() == ["picture", *["PSNR", "SSIM"] * 3]
    assert lines[5] == f"nearest, bicubic, {network.stem} on {two.name}, x2"
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 2 * 3 * 3
    found, models = json.loads(lists.read_text()), ("nearest", "bicubic", network.stem)
    assert [(some["set"], some["model"]) for some in found] == [
        (folder.name, model) for folder in two_sets for model in models
    ]
    for number, row in enumerate(rows):
        some = found[number // 3]
        assert (row["set"], row["model"], row["scale"]) == (some["set"], some["model"], "2")
        values = some["mean"] if row["picture"] == "mean" else some["pictures"][row["picture"]]
        assert {key: float(row[key]) for key in ("psnr", "ssim")} == values
        column = 1 + 2 * (number // 3 % 3)
        line = lines[2 + 5 * (number // 9) + number % 3].split()
        assert line[column : column + 2] == [f"{values['psnr']:.2f}", f"{values['ssim']:.4f}"]
    names = {"img_0.png", "img_1.png"} | {
        f"img_{n}-{model}-error.png" for n in (0, 1) for model in models
    }
    for folder in two_sets:
        assert {p.name for p in (tmp_path / "strips" / f"{folder.name}-x2").iterdir()} == names
    strip = read(tmp_path / "strips/one-x2/img_0.png").pixels
    high = read(one / "HR/img_0.png").pixels
    assert strip.shape == (24, 5 * 30 + 4 * 8, 3)
    assert (strip[:, -30:] == high).all()
    assert (strip[::2, :30:2] == high[::2, ::2]).all()
    error = read(tmp_path / "strips/one-x2/img_0-nearest-error.png").pixels
    assert (error[::2, ::2] == 128).all()  # those pixels are the original's


def test_evaluate_at_several_scales(run, two_sets, bicubic_network):
    models = [bicubic_network(3), bicubic_network(2)]
    code, out, _ = run("evaluate", *models, two_sets[1])
    assert code == 0
    titles = [line for line in out.splitlines() if " on " in line]
    assert titles == [
        f"{m.stem} on zwei Sätze, x{s}" for m, s in zip(models[::-1], (2, 3), strict=True)
    ]


def test_evaluate_wrong_usage(run, tmp_path):
    for words, missing in (([tmp_path], "model"), (["bicubic"], "folder of a set")):
        code, out, err = run("evaluate", *words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert f"names no {missing}" in err
    code, out, err = run("evaluate", "bicubic", tmp_path)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert str(tmp_path) in err
    code, _, err = run("evaluate", "bicubic", "unknown", tmp_path)
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
