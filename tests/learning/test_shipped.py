"""The models that are shipped, against their recipes and promises."""

import json
from importlib import resources

import numpy as np
import onnx
import onnxruntime
import pytest

from upweave.learning import recipe

MODELS = resources.files("upweave").joinpath("models")
LEAST_PSNR = {
    "weave-s-x2": 36.9,
    "weave-s-x3": 33.0,
    "weave-s-x4": 30.7,
    "weave-m-x4": 31.2,
    "weave-s-photo-x4": 29.3,  # for other pictures than these
}
"""Set5, dB."""
NAMES = tuple(LEAST_PSNR)


def facts(name):
    model = onnx.load(MODELS.joinpath(f"{name}.onnx"))
    return {entry.key: entry.value for entry in model.metadata_props}


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_is_the_repositorys(name):
    found = facts(name)
    plan = recipe.load(name)
    assert found["name"] == name
    # What recipes did not yet say when the network was trained, is as it was.
    added = {"validation": "", "patience": 0, "degraded": 0}
    assert added | json.loads(found["recipe"]) == plan.as_dict()
    assert json.loads(found["training_data"]) == list(plan.folders)
    assert found["training_data_licence"] == plan.licence
    assert (found["scale"], found["colour"], found["range"]) == (str(plan.scale), "luma", "0-1")


@pytest.mark.parametrize("name", NAMES)
def test_the_scores_are_stated_and_good(name):
    scores = json.loads(facts(name)["scores"])
    assert list(scores) == ["Set5", "Set14", "BSD100"]
    assert scores["Set5"]["psnr"] >= LEAST_PSNR[name]
    assert all(0.5 < score["ssim"] < 1 for score in scores.values())


@pytest.mark.parametrize("name", NAMES)
def test_flat_pictures_stay_flat(name):
    """To the last pixel, within half a grey level, at every luma there is."""
    session = onnxruntime.InferenceSession(MODELS.joinpath(f"{name}.onnx"))
    levels = np.linspace(16, 235, 439, dtype=np.float32)[:, None, None, None] / 255
    x = np.ascontiguousarray(np.broadcast_to(levels, (len(levels), 1, 3, 5)))
    (y,) = session.run(None, {"input": x})
    assert np.abs(y - levels).max() <= 0.5 / 255
