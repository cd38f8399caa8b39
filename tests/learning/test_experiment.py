import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest
import pyvips
import torch

from upweave.learning import experiment, experiment_report
from upweave.learning.data import DataError
from upweave.learning.experiment_plan import Experiment
from upweave.learning.recipe import RecipeError, load, parse
from upweave.ops import interpolation

SMALL = Experiment("small", "pictures", epochs=3, train=3, size=32, filters=(5, 4))


@pytest.fixture
def folder(tmp_path, rng):
    """Five smooth pictures of other shapes, one of them grey, and a file that is none."""
    for n, shape in enumerate([(40, 33, 3), (61, 90, 3), (32, 32, 3), (50, 41), (64, 48, 3)]):
        waves = rng.integers(0, 256, (5, 7, *shape[2:]))
        picture = pyvips.Image.new_from_array(waves.astype(np.uint8))
        grown = picture.resize(shape[1] / 7, vscale=shape[0] / 5, kernel="cubic")
        grown.write_to_file(str(tmp_path / f"image_{n}.png"))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_the_split_is_by_name_and_low_pictures_are_reductions(folder):
    training, test = experiment.split(folder, SMALL)
    assert training.names == ("image_0.png", "image_1.png", "image_2.png")
    assert test.names == ("image_3.png", "image_4.png")
    assert training.low.shape == (3, 3, 8, 8)
    assert test.high.shape == (2, 3, 32, 32)
    assert training.low.dtype == test.high.dtype == np.float32
    for low, high in zip(test.low, test.high, strict=True):
        whole = np.round(np.moveaxis(high, 0, -1) * 255).astype(np.uint8)
        want = np.moveaxis(interpolation.reduce(whole, 4), -1, 0) / np.float32(255)
        np.testing.assert_array_equal(low, want)
    grey = test.high[0]
    np.testing.assert_array_equal(grey[0], grey[1])
    # a picture of the right size is left as it is
    held = pyvips.Image.new_from_file(str(folder / "image_2.png")).numpy()
    np.testing.assert_array_equal(training.high[2], np.moveaxis(held, -1, 0) / np.float32(255))


@pytest.mark.parametrize("network", ["tcnn", "upsampling"])
def test_an_experiment_learns_and_is_the_same_again(folder, network):
    plan = Experiment("small", "", epochs=30, network=network, train=3, size=32, filters=(9, 6))
    training, test = experiment.split(folder, plan)
    shares = []
    result = experiment.run(plan, training, test, shares.append)
    assert result.losses.shape == (30, 2)
    assert result.losses[-1, 0] < 0.5 * result.losses[0, 0]
    np.testing.assert_allclose(shares, np.arange(1, 31) / 30)
    again = experiment.run(plan, training, test)
    np.testing.assert_array_equal(again.losses, result.losses)


def test_scores_are_those_of_the_definition(folder):
    training, test = experiment.split(folder, SMALL)
    result = experiment.run(SMALL, training, test)
    assert set(result.scores) == {"training", "test"}
    ways = result.scores["test"]
    assert list(ways) == ["nearest", "bilinear", "bicubic", "network"]
    big = torch.nn.functional.interpolate(torch.from_numpy(test.low), scale_factor=4).numpy()
    errors = np.mean((big.astype(np.float64) - test.high) ** 2, axis=(1, 2, 3))
    assert ways["nearest"].mse == pytest.approx(errors.mean())
    assert ways["nearest"].psnr == pytest.approx(np.mean(10 * np.log10(1 / errors)))
    assert ways["nearest"].psnr < ways["bicubic"].psnr
    assert ways["nearest"].ssim < ways["bicubic"].ssim < 1
    assert result.losses[-1, 1] == pytest.approx(ways["network"].mse)


def test_the_report_is_pictures_and_tables(folder):
    training, test = experiment.split(folder, SMALL)
    result = experiment.run(SMALL, training, test)
    files = experiment_report.write(SMALL, result, folder / "out" / "deep")
    assert sorted(path.name for path in (folder / "out" / "deep").iterdir()) == sorted(
        path.name for path in files
    )
    for path in files:
        if path.suffix == ".png":
            picture = pyvips.Image.new_from_file(str(path)).numpy()
            assert min(picture.shape[:2]) > 200
            assert picture[..., :3].std() > 10  # something is drawn
    rows = list(csv.reader((folder / "out/deep/losses.csv").read_text().splitlines()))
    assert rows[0] == ["epoch", "training", "test"]
    assert [[float(v) for v in row[1:]] for row in rows[1:]] == result.losses.tolist()
    held = json.loads((folder / "out/deep/scores.json").read_text())
    assert held["scores"]["test"]["bicubic"]["psnr"] == result.scores["test"]["bicubic"].psnr
    assert held["experiment"]["epochs"] == 3
    assert held["pictures"]["test"] == ["image_3.png", "image_4.png"]


def test_the_command(folder, run, monkeypatch, tmp_path):
    monkeypatch.delenv("UPWEAVE_DATA", raising=False)
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(
        'name = "tiny"\nfolder = "nowhere"\nepochs = 2\ntrain = 3\nsize = 32\nfilters = [5, 4]\n'
    )
    words = ["train", "--recipe", recipe, "--data", folder, "-o", folder / "out", "--threads", 1]
    code, text, errors = run(*words, "--quiet")
    assert (code, errors) == (0, "")
    assert "training: inputs (3, 3, 8, 8), targets (3, 3, 32, 32)" in text
    assert re.search(r"body.0 \(SameConvTranspose2d\) +\(5, 16, 16\) +140 +135\n", text)
    assert re.search(r"^test +bicubic +0\.\d{5} +\d+\.\d\d +0\.\d{4}$", text, re.MULTILINE)
    assert str(folder / "out" / "scores.json") in text
    code, _, errors = run(*words, "--resume")
    assert code == 2
    assert "tiny is an experiment of epochs" in errors


def test_the_command_without_matplotlib(folder):
    """In a process of its own: here, others have imported it."""
    data, output = map(str, (folder, folder / "o"))
    words = ["upweave", "train", "--recipe", "panda", "--data", data, "-o", output]
    program = (
        "import sys\nsys.modules['matplotlib'] = sys.modules['matplotlib.figure'] = None\n"
        f"sys.argv = {words!r}\nfrom upweave.cli import main\nmain()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(" is not installed; run: pip install 'upweave[explain]'\n")
    assert not (folder / "o").exists()


def test_the_shipped_recipe_is_the_tutorials():
    plan = load("panda")
    assert isinstance(plan, Experiment)
    assert (plan.train, plan.size, plan.scale, plan.epochs, plan.kernel) == (30, 256, 4, 100, 6)


def test_too_few_pictures(folder):
    plan = Experiment("small", "", epochs=1, train=5, size=32)
    with pytest.raises(DataError, match="5 pictures; more than the 5 to train with"):
        experiment.split(folder, plan)
    with pytest.raises(DataError, match="no such folder"):
        experiment.split(folder / "none", plan)
    (folder / "image_9.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(DataError, match=r"image_9\.png: broken"):
        experiment.split(folder, plan)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("epochs = 0", "epochs: got 0; expected at least 1"),
        ("epochs = 1\nsize = 30", "size: got 30; expected a multiple of the scale, 4"),
        ("epochs = 1\nkernel = 1", "kernel: got 1; expected at least the stride, 2"),
        ("epochs = 1\nstrides = [2]", "strides: got (2,); expected two whole numbers"),
        ("epochs = 1\nfilters = [0, 2]", "filters: got (0, 2); expected two numbers of at least 1"),
        (
            'epochs = 1\nnetwork = "upsampling"\nkernel = 4',
            "kernel: got 4; expected an odd number",
        ),
        ('epochs = 1\nnetwork = "weave"', "network: got 'weave'; expected tcnn or upsampling"),
        ("epochs = 1\naverage = 1.0", "average: got 1.0; expected at least 0 and below 1"),
        ("epochs = 1\nsteps = 3", "steps: no such key"),
    ],
)
def test_wrong_recipes_are_one_line(line, message):
    text = f'name = "a"\nfolder = "b"\n{line}\n'
    with pytest.raises(RecipeError) as caught:
        parse(text.encode(), "a.toml")
    assert str(caught.value).startswith(f"a.toml: {message}")
    assert "\n" not in str(caught.value)
