"""Cases for PyTorch: the modules' tests that its package brings along, and grids of our own."""

from inspect import getclosurevars
from itertools import product
from math import prod

import torch
from storage import Case
from torch.nn import functional
from torch.testing._internal.common_nn import get_new_module_tests, module_tests

torch.set_num_threads(1)  # of equal indices of an unpooling, the last counts

REFUSALS = (RuntimeError, TypeError, ValueError, NotImplementedError)

TYPES = ("float32", "float64")
THEIRS = "torch tests: common_nn"
OURS = "upweave: {}"

# An error in units of the largest value where weights are rounded, by the mode.
ROUNDED = {"bilinear": 1, "bicubic": 10, "linear": 1, "trilinear": 1, "lanczos": 10}
EPSILON = {"float32": 1.2e-7, "float64": 2.3e-16}


def run(case):
    tensors = {name: torch.from_numpy(array) for name, array in case.operands().items()}
    return getattr(functional, case.function)(**tensors, **case.arguments).numpy()


def cases():
    """Yield all cases, with the types taking turns and a seed each."""
    every = [*modules(), *transposed(), *forward(), *shuffles(), *unpoolings(), *resized()]
    for seed, (function, source, arrays, arguments) in enumerate(every):
        dtype = TYPES[seed % 2]
        units = 4 * ROUNDED.get(arguments.get("mode"), 0)
        if source.endswith("exact"):
            units = 0
        yield Case(function, source, arrays, arguments, dtype, seed, units * EPSILON[dtype])


def modules():
    """Yield what the tests of modules compute, once each, as calls of functions."""
    for test in [*module_tests, *get_new_module_tests()]:
        name = test.get("module_name") or test.get("fullname", "")
        shape = tuple(test.get("input_size", ()))
        given = test.get("constructor_args", ())
        if name.startswith("Conv"):
            make = test.get("constructor") or getattr(torch.nn, name)
            yield from layer(make(*given), shape)
        elif name in ("PixelShuffle", "PixelUnshuffle"):
            up = name == "PixelShuffle"
            factor = {"upscale_factor" if up else "downscale_factor": given[0]}
            yield "pixel_shuffle" if up else "pixel_unshuffle", THEIRS, {"input": shape}, factor
        elif name.startswith("interpolate") and prod(shape[1:]) < 200:
            # The test keeps the options in the closure of a module made for it.
            options = getclosurevars(test["constructor"].forward).nonlocals["kwargs"]
            yield "interpolate", THEIRS, {"input": shape}, options


def layer(module, shape):
    if module.padding_mode != "zeros":
        return
    arrays = {"input": shape, "weight": tuple(module.weight.shape)}
    if module.bias is not None:
        arrays["bias"] = tuple(module.bias.shape)
    names = ["stride", "padding", "dilation", "groups"]
    if module.transposed:
        names.append("output_padding")
    kind = "conv_transpose" if module.transposed else "conv"
    arguments = {name: getattr(module, name) for name in names}
    yield f"{kind}{len(shape) - 2}d", THEIRS, arrays, arguments


def transposed():
    """Yield lines by a grid of all arguments, then planes and volumes with unlike axes."""
    source = OURS.format("grid of transposed convolutions")
    for k, s, p, a, d in product((1, 2, 3, 4), (1, 2, 3), (0, 1, 2), (0, 1, 2), (1, 2)):
        for n in (1, 3) if (k + s + p + a + d) % 2 else (2,):
            empty = (n - 1) * s + d * (k - 1) + 1 - 2 * p + a == 0  # PyTorch is of two minds
            if empty or a > max(s, d):
                continue
            arrays = {"input": (1, 2, n), "weight": (2, 1, k), "bias": (1,)}
            arguments = {"stride": s, "padding": p, "output_padding": a, "dilation": d}
            yield "conv_transpose1d", source, arrays, arguments
    for groups, k, s, p, d in product(
        (1, 2), ((2, 3), (3, 1)), ((2, 1), (3, 2)), ((0, 1), (1, 0)), ((1, 1), (1, 2), (2, 1))
    ):
        arrays = {"input": (2, 2, 3, 4), "weight": (2, 2, *k)}
        arguments = {"stride": s, "padding": p, "groups": groups, "dilation": d}
        yield "conv_transpose2d", source, arrays, arguments
    for k, s, p, a in product(((1, 2, 3), (3, 3, 2)), (1, (1, 2, 3)), (0, (0, 1, 0)), (0, 1)):
        arrays = {"input": (1, 2, 2, 3, 2), "weight": (2, 1, *k), "bias": (1,)}
        arguments = {"stride": s, "padding": p, "output_padding": a}
        yield "conv_transpose3d", source, arrays, arguments
    yield from odd("conv_transpose")


def forward():
    source = OURS.format("grid of convolutions")
    for k, s, p, d in product((1, 2, 3, 4), (1, 2, 3), (0, 1, 2, "valid", "same"), (1, 2)):
        arrays = {"input": (2, 2, 5), "weight": (3, 2, k), "bias": (3,)}
        yield "conv1d", source, arrays, {"stride": s, "padding": p, "dilation": d}
    for groups, k, s, p in product(
        (1, 2), ((2, 3), (4, 1)), ((2, 1), (1, 3)), ((0, 1), (2, 0), "same", "valid")
    ):
        arrays = {"input": (1, 4, 5, 6), "weight": (2, 4 // groups, *k)}
        yield "conv2d", source, arrays, {"stride": s, "padding": p, "groups": groups}
    for k, p in product(((1, 2, 3), (2, 2, 2)), (0, (0, 1, 2), "same")):
        yield "conv3d", source, {"input": (2, 3, 3, 4), "weight": (1, 2, *k)}, {"padding": p}
    yield from odd("conv")


def odd(kind):
    """Yield what is rare: no batch, an empty one, single values for all axes, and misfits."""
    source = OURS.format("corner cases")
    transposed = kind == "conv_transpose"
    for axes in (1, 2, 3):
        name = f"{kind}{axes}d"
        spatial, kernel = (4, 3, 4)[:axes], (2, 3, 2)[:axes]
        arrays = {"input": (2, 2, *spatial), "weight": (2, 2, *kernel)}
        changes = [
            *({"input": (*batch, 2, *spatial)} for batch in ((), (0,), (1,))),
            {"weight": (2, 2, *[1] * axes)},
            {"bias": (2,)},
            {"bias": (3,)},
            {"bias": (1,)},
            {"input": (2, 3, *spatial)},
            {"input": spatial},
            {"input": (1, 2, 2, *spatial)},
            {"input": (2, 2, *spatial[1:], 0)},
            {"weight": (2, 2, *kernel, 1)},
            {"weight": (2, 2, *kernel[1:], 0)},
        ]
        for change in changes:
            yield name, source, arrays | change, {}
        for key in ("stride", "padding", "dilation"):
            for value in (2, (2,), (2,) * axes, (2,) * (axes + 1), 0, -1, 1.5, "SAME"):
                yield name, source, arrays, {key: value}
        for value in (2, 3, 0, -1, 1.5):
            yield name, source, arrays, {"groups": value}
        if transposed:
            for value in (1, -1, (1,), "same"):
                yield name, source, arrays, {"output_padding": value}
                yield name, source, arrays, {"output_padding": value, "stride": 2}


def shuffles():
    source = OURS.format("grid of shuffles")
    for r, batch, c in product((1, 2, 3), ((), (1, 2), (0,)), (2, 4, 9)):
        yield "pixel_shuffle", source, {"input": (*batch, c, 2, 3)}, {"upscale_factor": r}
    for r, batch, size in product((1, 2, 3), ((), (2,), (1, 2)), ((2, 4), (6, 6), (3, 6))):
        yield "pixel_unshuffle", source, {"input": (*batch, 2, *size)}, {"downscale_factor": r}
    for r in (0, -1, 1.5):
        yield "pixel_shuffle", source, {"input": (4, 2, 2)}, {"upscale_factor": r}
        yield "pixel_unshuffle", source, {"input": (4, 2, 2)}, {"downscale_factor": r}
    for shape in ((4, 4), (4,)):
        yield "pixel_shuffle", source, {"input": shape}, {"upscale_factor": 2}


def unpoolings():
    """Yield the unpoolings of pooled maps, also to sizes that are near the usual one."""
    source = OURS.format("grid of unpoolings")
    generator = torch.Generator().manual_seed(0)
    for axes, k, s, p in product((1, 2, 3), (2, 3), (None, 1, 2, 3), (0, 1)):
        spatial = (5, 4, 3)[:axes]
        x = torch.randperm(prod(spatial), generator=generator).reshape(1, 1, *spatial).double()
        pool = getattr(functional, f"max_pool{axes}d")
        _, indices = pool(x, k, s, p, return_indices=True)
        arrays = {
            "input": tuple(indices.shape),
            "indices": {"values": indices.tolist(), "dtype": "int64"},
        }
        arguments = {"kernel_size": k, "stride": s, "padding": p}
        for size in (None, spatial, (1, 1, *spatial), tuple(n + 1 for n in spatial)):
            yield f"max_unpool{axes}d", source, arrays, arguments | {"output_size": size}


def resized():
    source = OURS.format("grid of interpolations")
    modes = {
        1: ("nearest", "nearest-exact", "linear", "area"),
        2: ("nearest", "nearest-exact", "bilinear", "bicubic", "area"),
        3: ("nearest", "nearest-exact", "trilinear", "area"),
    }
    for axes in (1, 2, 3):
        spatial = (5, 3, 4)[:axes]
        sizes = [{"size": size} for size in (1, 4, 5, (7, 9, 2)[:axes], spatial)]
        factors = [1.1, 1.7, (2.0, 0.75, 1.5)[:axes]]
        scales = [
            {"scale_factor": 2},
            {"scale_factor": 0.5, "recompute_scale_factor": False},
            *({"scale_factor": factor} for factor in factors),
            *({"scale_factor": factor, "recompute_scale_factor": True} for factor in factors),
        ]
        for mode, given in product(modes[axes], [*sizes, *scales]):
            aligned = (None,) if mode in ("nearest", "nearest-exact", "area") else (False, True)
            for corners in aligned:
                options = given | {"mode": mode, "align_corners": corners}
                yield "interpolate", source, {"input": (2, 1, *spatial)}, options
    for mode, given, corners in product(
        ("bilinear", "bicubic", "lanczos"),
        ({"size": (3, 3)}, {"size": (9, 2)}, {"size": (6, 9)}, {"scale_factor": (0.4, 1.5)}),
        (False, True),
    ):
        options = given | {"mode": mode, "antialias": True, "align_corners": corners}
        yield "interpolate", source, {"input": (1, 2, 6, 7)}, options
    yield from whole_factors()
    yield from refused_sizes()


def whole_factors():
    """Yield what has weights without rounding."""
    source = OURS.format("interpolations by whole factors, exact")
    for axes, mode in ((1, "linear"), (2, "bilinear"), (2, "bicubic"), (3, "trilinear")):
        for factor in (1, 2, 4) if mode != "bicubic" else (1, 2):
            arrays = {"input": (1, 2, *(4, 3, 2)[:axes])}
            yield "interpolate", source, arrays, {"scale_factor": factor, "mode": mode}
            size = tuple((n - 1) * factor + 1 for n in (4, 3, 2)[:axes])
            options = {"size": size, "mode": mode, "align_corners": True}
            yield "interpolate", source, arrays, options
    for n, size in product((1, 3, 10, 97, 128), (1, 7, 64, 193, 200)):
        for mode in ("nearest", "nearest-exact"):
            yield "interpolate", source, {"input": (1, 1, n)}, {"size": size, "mode": mode}
            arrays = {"input": (1, 1, 1, n)}
            factors = (1.0, size / n)
            if int(n * factors[1]):
                yield "interpolate", source, arrays, {"scale_factor": factors, "mode": mode}


def refused_sizes():
    source = OURS.format("arguments of interpolations")
    line, plane = {"input": (1, 2, 4)}, {"input": (1, 2, 4, 3)}
    for options in (
        {},
        {"size": 2, "scale_factor": 2},
        {"size": 0},
        {"size": -1},
        {"size": 2.0},
        {"size": (2, 2)},
        {"size": True},
        {"scale_factor": 0.1},
        {"scale_factor": -1},
        {"scale_factor": "2"},
        {"scale_factor": (2.0, 2.0)},
        {"size": 2, "align_corners": False},
        {"size": 2, "mode": "area", "align_corners": True},
        {"size": 0, "mode": "area"},
        {"size": -1, "mode": "area"},
        {"scale_factor": 0.1, "mode": "area"},
        {"size": 2, "mode": "linear", "align_corners": 1},
        {"size": 2, "recompute_scale_factor": True},
        {"size": 2, "recompute_scale_factor": False},
        {"size": 2, "antialias": True},
        {"size": 2, "mode": "linear", "antialias": True},
        *({"size": 2, "mode": mode} for mode in ("bilinear", "bicubic", "trilinear", "lanczos")),
        *({"size": 2, "mode": mode} for mode in ("cubic", "NEAREST", None, 1)),
    ):
        yield "interpolate", source, line, options
    for options in (
        {"size": 2, "mode": "linear"},
        {"size": 2, "mode": "trilinear"},
        {"size": (2,)},
        {"size": (2, 2.0)},
        {"scale_factor": (2.0,)},
        {"size": 2, "mode": "lanczos"},
        {"size": 2, "mode": "lanczos", "antialias": True, "align_corners": True},
        {"size": 2, "antialias": True},
        {"size": 2, "mode": "area", "antialias": True},
    ):
        yield "interpolate", source, plane, options
    for shape, mode in product(
        ((2, 4), (4,), (1, 0, 4), (1, 2, 0), (0, 2, 4)), ("nearest", "area")
    ):
        yield "interpolate", source, {"input": shape}, {"size": 2, "mode": mode}
