"""Every golden vector: the results of the real frameworks, and what they refuse."""

import numpy as np
import pytest

import upweave
from comparison import assert_equal_exactly
from vectors import storage

# How many there are of each framework, and how many of these are refusals.
COUNTS: dict[str, tuple[int, int]] = {
    "jax": (1005, 40),
    "keras": (1015, 61),
    "onnx": (1635, 139),
    "tensorflow": (610, 106),
    "torch": (1556, 439),
}


def refuses(function, case):
    try:
        function(**case.operands(), **case.arguments)
    except (TypeError, ValueError) as error:
        return str(error).endswith("would do")
    return False


@pytest.mark.parametrize("name", COUNTS)
def test_results_are_the_frameworks(name):
    module = getattr(upweave.conventions, name)
    run = refused = 0
    for vector in storage.load(name):
        case = vector.case
        function = getattr(module, case.function)
        run += 1
        if vector.result is None:
            refused += 1
            assert refuses(function, case), case
            continue
        try:
            got = function(**case.operands(), **case.arguments)
            if case.tolerance:
                assert (got.shape, got.dtype) == (vector.result.shape, vector.result.dtype)
                bound = case.tolerance * np.abs(vector.result).max(initial=0)
                np.testing.assert_allclose(got, vector.result, rtol=0, atol=bound)
            else:
                assert_equal_exactly(got, vector.result)
        except Exception as error:
            error.add_note(str(case))
            raise
    assert (run, refused) == COUNTS[name]
