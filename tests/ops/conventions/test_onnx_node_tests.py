"""Every official node test of the operators in `upweave.conventions.onnx`."""

import re
import warnings

import numpy as np
import pytest
from onnx import helper

from upweave.ops.conventions import onnx as ours

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # those tests of other operators overflow
    from onnx.backend.test.loader import load_model_tests

    LOADED = load_model_tests(kind="node")

OPERATORS = {
    "Conv": ours.conv,
    "ConvTranspose": ours.conv_transpose,
    "DepthToSpace": ours.depth_to_space,
    "MaxUnpool": ours.max_unpool,
    "Resize": ours.resize,
    "Upsample": lambda X, scales, **attributes: ours.resize(X, None, scales, **attributes),
}
EXCLUDED: dict[str, str] = {}
"""The reason why a test is not run, by name."""


def node_of(test):
    """Return the test's only node, if it is of one of the operators."""
    nodes = test.model.graph.node
    return nodes[0] if len(nodes) == 1 and nodes[0].op_type in OPERATORS else None


TESTS = [test for test in LOADED if node_of(test) and test.name not in EXCLUDED]


def test_all_are_run():
    counts = dict.fromkeys(OPERATORS, 0)
    for test in TESTS:
        counts[node_of(test).op_type] += 1
    assert counts == {
        "Conv": 6,
        "ConvTranspose": 11,
        "DepthToSpace": 2,
        "MaxUnpool": 2,
        "Resize": 39,
        "Upsample": 1,
    }
    assert not EXCLUDED


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("test", TESTS, ids=[re.sub("^test_", "", test.name) for test in TESTS])
def test_results_are_the_official_ones(test, dtype):
    node = node_of(test)
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    for inputs, (wanted,) in test.data_sets:
        named = dict(zip((i.name for i in test.model.graph.input), inputs, strict=True))
        X, *others = (named.get(name) for name in node.input)
        if node.op_type in ("Conv", "ConvTranspose"):
            others = [array.astype(dtype) for array in others]
        got = OPERATORS[node.op_type](X.astype(dtype), *others, **attributes)
        assert got.dtype == dtype
        # Of the tests' own tolerance, 1e-3, this is a hundredth.
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=2e-6, strict=dtype == np.float32)
        assert got.shape == wanted.shape
