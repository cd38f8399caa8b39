import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from upweave.learning import data, recipe
from upweave.pictures.files import Picture, write


def ramp(height, width):
    """A picture whose every pixel tells its place."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y, x, np.zeros_like(y)], axis=-1).astype(np.uint8)


@pytest.mark.usefixtures("data")  # skipped or failed where there are none
def test_the_recipes_find_their_pictures():
    plan = recipe.load("weave-s-x4")
    found = data.find(plan.folders, data.root())
    assert len(found) == 91 + 100 + 199 + 200 - len(data.HELD_OUT) - len(data.EXCLUDED)
    assert data.digest(found) == plan.digest
    names = {f"train/{path.parent.name}/{path.name}" for path in found}
    assert not names & {*data.HELD_OUT, *data.EXCLUDED}
    assert len(data.validation("", data.root())) == 10


def test_a_changed_picture_changes_the_digest(drawings):
    before = data.digest(data.find(["train/drawn"], drawings))
    assert before == data.digest(data.find(["train/drawn"], drawings))
    write(drawings / "train/drawn/0.png", Picture(ramp(9, 9)), overwrite=True)
    assert before != data.digest(data.find(["train/drawn"], drawings))


def test_grey_and_transparent_pictures_become_rgb(tmp_path):
    grey = ramp(6, 7)[..., 1]
    write(tmp_path / "grey.png", Picture(grey))
    assert_array_equal(data.read_rgb(tmp_path / "grey.png"), np.stack([grey] * 3, axis=-1))
    alpha = np.concatenate([ramp(6, 7), ramp(6, 7)[..., :1]], axis=-1)
    write(tmp_path / "alpha.png", Picture(alpha))
    assert_array_equal(data.read_rgb(tmp_path / "alpha.png"), ramp(6, 7))


def test_what_cannot_be_trained_on_is_refused(drawings, tmp_path, monkeypatch):
    (drawings / "benchmark/Set5/HR").mkdir(parents=True)
    (drawings / "train/empty").mkdir()
    for folder, message in {
        "benchmark/Set5/HR": "benchmarks are for scoring",
        "train/../benchmark/Set5/HR": "benchmarks are for scoring",
        "train/nosuch": "train/nosuch: no such folder",
        "train/empty": "train/empty: no pictures",
    }.items():
        with pytest.raises(data.DataError, match=message):
            data.find([folder], drawings)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    write(tmp_path / "deep.png", Picture(np.zeros((4, 4, 3), np.uint16)))
    for name, message in {
        "broken": "not a picture",
        "deep": "8-bit",
        "gone": "No such file",
    }.items():
        with pytest.raises(data.DataError, match=message):
            data.read_rgb(tmp_path / f"{name}.png")
    monkeypatch.setenv("UPWEAVE_DATA", os.devnull)
    with pytest.raises(data.DataError, match=r"UPWEAVE_DATA: .* is not a folder"):
        data.root()
    monkeypatch.delenv("UPWEAVE_DATA")
    with pytest.raises(data.DataError, match="UPWEAVE_DATA is not set"):
        data.root()
