import numpy as np
import pytest

from upweave.engine.errors import ModelError
from upweave.engine.onnx_tail import Tail, read_tail
from upweave.explain.tails import tail
from upweave.ops import interpolation, reference
from upweave.pictures.models import find


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [((3, 3), (2, 2), (0, 0)), ((5, 2), (3, 2), (1, 1)), ((2, 7), (4, 3), (0, 2))],
)
def test_phases_are_what_a_flat_input_becomes(rng, kernel, stride, padding):
    weights = rng.standard_normal((1, 1, *kernel))
    ones = np.ones((1, 1, 9, 9))
    y = reference.scatter(ones, weights, stride=stride, padding=padding)[0, 0]
    inside = y[4 * stride[0] : 5 * stride[0], 4 * stride[1] : 5 * stride[1]]
    found = Tail(stride, padding, weights).phases(weights[0, 0])
    np.testing.assert_allclose(found, inside, atol=1e-12)


def test_what_a_file_holds(bicubic_network):
    kernel = interpolation.kernel("bicubic", 3)
    found = read_tail(bicubic_network(3, "rgb"))
    assert found.stride == (3, 3)
    assert found.padding == (kernel.crop[0],) * 2
    np.testing.assert_allclose(found.weights[1, 1], np.outer(kernel.taps, kernel.taps), atol=1e-7)
    assert not found.weights[0, 1].any()
    np.testing.assert_allclose(found.phases(found.weights[0, 0]), 1, atol=1e-6)


def test_the_learned_layer_is_taken_and_not_the_interpolation():
    assert read_tail(find("weave-s-x4").path).weights.shape == (16, 1, 12, 12)


def test_heaviest_first():
    weights = np.array([1.0, -3, 2]).reshape(3, 1, 1, 1)
    found = Tail((1, 1), (0, 0), weights)
    assert found.heaviest == [1, 2, 0]
    first, *others = tail(found, "a", count=2)
    assert [f.panels[0].values.item() for f in others] == [-3, 2]
    assert first.panels[0].values.item() == 6
    assert "a: all 3 channels" in first.caption


def test_a_wave_is_told():
    weights = np.array([[2.0, 0], [1, 1]]).reshape(1, 1, 2, 2)
    first = tail(Tail((2, 2), (0, 0), weights), "a")[0]
    np.testing.assert_array_equal(first.panels[0].values, [[2, 0], [1, 1]])
    np.testing.assert_array_equal(first.panels[1].values, [[1, 0.5], [0, 0.5]])
    assert "has 50% of it" in first.caption
    nothing = tail(Tail((2, 2), (0, 0), np.zeros((1, 1, 2, 2))), "a")[0]
    assert "has 0% of it" in nothing.caption


def test_a_network_without_one_is_refused(tmp_path):
    path = tmp_path / "a.onnx"
    path.write_text("no model")
    with pytest.raises(ModelError, match=r"a\.onnx is not an ONNX file"):
        read_tail(path)
