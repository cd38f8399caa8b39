"""PyTorch's own samples for its functions (OpInfo), run through ours.

Of every function, the inputs to compare with references are taken, which include the sample inputs,
and the inputs that are to be refused. Its package for tests needs `expecttest`.
"""

import numpy as np
import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db

from comparison import assert_equal_exactly, assert_within_bound
from upweave.ops.conventions import torch as ours

VERSION = "2.13"
# How many samples this version of PyTorch has, in float32 and float64 together; how many inputs to
# be refused; how many samples gave equal results, to the last bit, on whole numbers.
COUNTS = {
    "nn.functional.conv1d": (20, 10, 20),
    "nn.functional.conv2d": (60, 10, 60),
    "nn.functional.conv3d": (40, 10, 40),
    "nn.functional.conv_transpose1d": (20, 0, 20),
    "nn.functional.conv_transpose2d": (24, 0, 24),
    "nn.functional.conv_transpose3d": (20, 0, 20),
    "nn.functional.interpolate": (332, 0, 184),
    "nn.functional.max_unpool1d": (319, 1, 319),
    "nn.functional.max_unpool2d": (644, 1, 644),
    "nn.functional.max_unpool3d": (213, 1, 213),
    "nn.functional.pixel_shuffle": (10, 0, 10),
    "nn.functional.pixel_unshuffle": (10, 0, 10),
    "nn.functional.upsample_bilinear": (12, 0, 6),
    "nn.functional.upsample_nearest": (24, 0, 24),
    "_upsample_bilinear2d_aa": (8, 0, 0),
}

# Samples that are not run, by function and number, in both types.
EXCLUDED = {
    ("_upsample_bilinear2d_aa", n): "both a size and scales: no arguments of interpolate say so"
    for n in (4, 5, 6)
}

# Functions that are `interpolate` here, with which options, and their arguments' names there.
SPOKEN = {
    "nn.functional.upsample_bilinear": {"mode": "bilinear", "align_corners": True},
    "nn.functional.upsample_nearest": {"mode": "nearest"},
    "_upsample_bilinear2d_aa": {"mode": "bilinear", "antialias": True},
}
WORDS = {"output_size": "size", "scale_factors": "scale_factor"}

WEIGHED = ("linear", "bilinear", "bicubic", "trilinear", "area")


def operators(name):
    return [op for op in op_db if op.name == name]


def call(name, options):
    """Return our function and the options in its words."""
    if name in SPOKEN:
        return ours.interpolate, SPOKEN[name] | {WORDS.get(k, k): v for k, v in options.items()}
    return getattr(ours, name.removeprefix("nn.functional.")), options


def array(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def whole(value, rng):
    """Return small whole numbers in the place of floats."""
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return value
    return torch.from_numpy(rng.integers(-4, 5, value.shape)).to(value.dtype)


def cast(values, dtype):
    """Return the tensors of floats in a type."""
    floats = [isinstance(v, torch.Tensor) and v.is_floating_point() for v in values]
    return [v.to(dtype) if f else v for v, f in zip(values, floats, strict=True)]


def assert_same(name, got, want, arguments, options):
    """Compare results within the bound of each function's sums."""
    if "conv" in name:
        operator, options = call(name, options)
        assert_within_bound(got, want, operator, *map(array, arguments), **options)
    elif options.get("mode") in WEIGHED or "bilinear" in name:
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        # The weights of an output sum to 1; the cubic ones are rounded sums themselves.
        units = 40 if options.get("mode") == "bicubic" else 4
        bound = units * np.finfo(got.dtype).eps * arguments[0].abs().max().item()
        np.testing.assert_allclose(got, want, rtol=0, atol=bound)
    else:
        assert_equal_exactly(got, want)


def check(op, arguments, options):
    """Run a sample as it is, then on whole numbers; return whether these had to be equal.

    They have to be where PyTorch's results in float32 and float64 are equal, so every sum exact,
    and in the mode "area", where only the last division rounds.
    """
    function, ours_options = call(op.name, options)
    got = function(*map(array, arguments), **ours_options)
    assert_same(op.name, got, array(op(*arguments, **options)), arguments, options)

    rng = np.random.default_rng(got.size)
    arguments = [whole(v, rng) for v in arguments]
    got = function(*map(array, arguments), **ours_options)
    single, double = (
        array(op(*cast(arguments, dtype), **options)) for dtype in (torch.float32, torch.float64)
    )
    want = array(op(*arguments, **options))
    exact = options.get("mode") == "area" or np.array_equal(single, double)
    if exact:
        assert_equal_exactly(got, want)
    else:
        assert_same(op.name, got, want, arguments, options)
    return exact


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.filterwarnings("ignore:`nn.functional.upsample_:UserWarning")
@pytest.mark.parametrize("name", COUNTS)
def test_samples_of_torch(name):
    run = refused = exact = excluded = 0
    for op in operators(name):
        for dtype in (torch.float32, torch.float64):
            torch.manual_seed(0)
            for n, sample in enumerate(op.reference_inputs("cpu", dtype)):
                if (name, n) in EXCLUDED:
                    excluded += 1
                    continue
                run += 1
                exact += check(op, (sample.input, *sample.args), sample.kwargs)
        for error in op.error_inputs("cpu") if op.error_inputs_func else ():
            sample = error.sample_input
            refused += 1
            function, options = call(name, sample.kwargs)
            with pytest.raises((TypeError, ValueError), match=r"would do$"):
                function(*map(array, (sample.input, *sample.args)), **options)
    assert run > 0
    if torch.__version__.startswith(VERSION):
        assert (run, refused, exact) == COUNTS[name]
    assert excluded == 2 * sum(known == name for known, _ in EXCLUDED)
