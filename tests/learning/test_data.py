import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from upweave.learning import data, recipe
from upweave.ops.interpolation import reduce
from upweave.pictures.files import Picture, write
from upweave.pictures.metrics import luma


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
    assert len(data.held_out(data.root())) == 10


def test_a_changed_picture_changes_the_digest(drawings):
    before = data.digest(data.find(["train/drawn"], drawings))
    assert before == data.digest(data.find(["train/drawn"], drawings))
    write(drawings / "train/drawn/0.png", Picture(ramp(9, 9)), overwrite=True)
    assert before != data.digest(data.find(["train/drawn"], drawings))


def test_a_pair_is_the_reduction_with_its_edge_repeated():
    rgb = ramp(27, 34)
    pair = data.make_pair(rgb, 4, 3)
    assert pair.size == (6, 8)
    assert_array_equal(pair.high, (luma(rgb[:24, :32]) / 255).astype(np.float32))
    low = (luma(reduce(rgb[:24, :32], 4)) / 255).astype(np.float32)
    assert_array_equal(pair.low, np.pad(low, 3, "edge"))


def test_crops_fit_their_context():
    """With nearest-neighbour pairs each crop of ``high`` is its ``low``, enlarged, halo cut off."""
    halo, scale, crop = 2, 3, 5
    low = np.random.default_rng(0).random((9, 11)).astype(np.float32)
    pair = data.Pair(
        np.pad(low, halo, "edge"), np.kron(low, np.ones((scale, scale), np.float32)), halo, scale
    )
    x, y = data.sample([pair], crop, 40, seed=3, step=8)
    assert x.shape == (40, 1, crop + 2 * halo, crop + 2 * halo)
    assert y.shape == (40, 1, scale * crop, scale * crop)
    assert x.dtype == y.dtype == np.float32
    middle = x[:, :, halo:-halo, halo:-halo]
    assert_array_equal(np.kron(middle, np.ones((scale, scale), np.float32)), y)
    # Flips and turns: the small differences between neighbours point in all eight ways.
    assert len({(*np.argsort(m[0, [0, 0, -1, -1], [0, -1, 0, -1]]),) for m in middle}) > 8


def test_crops_reach_every_border():
    pair = data.make_pair(ramp(20, 24), 2, 1)
    x, _ = data.sample([pair], 4, 400, seed=1, step=0)
    for corner in (pair.low[0, 0], pair.low[-1, -1]):
        assert (x == corner).any()


def test_a_batch_depends_on_seed_and_step_alone():
    pairs = [data.make_pair(ramp(20, 24), 2, 1), data.make_pair(ramp(30, 18), 2, 1)]
    first = data.sample(pairs, 4, 8, seed=1, step=5)
    for words, equal in (((1, 5), True), ((1, 6), False), ((2, 5), False)):
        again = data.sample(pairs, 4, 8, *words)
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True)) == equal


def test_flat_patches_are_flat_and_cover_the_range():
    flats = data.sample_flats(8, 3, seed=1, step=2)
    assert flats.shape == (8, 1, 7, 7)
    assert_array_equal(flats, np.broadcast_to(flats[:, :, :1, :1], flats.shape))
    levels = np.concatenate([data.sample_flats(8, 0, 1, n).ravel() for n in range(100)])
    assert levels.min() < 16 / 255
    assert levels.max() > 235 / 255
    assert data.sample_flats(0, 3, 1, 2).shape == (0, 1, 7, 7)


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
    for name, message in {"broken": "not a PNG", "deep": "8-bit", "gone": "No such file"}.items():
        with pytest.raises(data.DataError, match=message):
            data.read_rgb(tmp_path / f"{name}.png")
    monkeypatch.setenv("UPWEAVE_DATA", os.devnull)
    with pytest.raises(data.DataError, match=r"UPWEAVE_DATA: .* is not a folder"):
        data.root()
    monkeypatch.delenv("UPWEAVE_DATA")
    with pytest.raises(data.DataError, match="UPWEAVE_DATA is not set"):
        data.root()
