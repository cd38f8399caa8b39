"""Cases of ONNX's operators, run with ONNX Runtime."""

from itertools import product
from math import prod

from makers.onnx_node import REFUSALS, run_node
from storage import Case

__all__ = ["REFUSALS", "cases", "run"]

NODE_TESTS = "onnx backend tests"
RUNTIME_TESTS = "ONNX Runtime tests"
GRID = "grid"
RULES = "rules"
WORDS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")
HALF_PIXELS = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel")
COORDINATES = (*HALF_PIXELS, "align_corners", "asymmetric", "tf_half_pixel_for_nn")
CROP = "tf_crop_and_resize"
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
CLOSE = 4e-6
"""Where weights are no fractions of 2: a few units in the last place."""


def run(case):
    return run_node(case.function, case.operands(), case.arguments)


def cases():
    for number, case in enumerate((*_convolutions(), *_resizes(), *_others(), *_refused())):
        yield Case(**(vars(case) | {"seed": number}))


def _convolutions():
    yield from _of_tests()
    # One axis: every way to say where the result begins and ends.
    for size, k, s, d, word in product((1, 4), (1, 2, 3, 4), (1, 2, 3), (1, 2), WORDS):
        shapes = {"X": (1, 2, size), "W": (2, 1, k)}
        options = {"strides": (s,), "dilations": (d,), "auto_pad": word}
        yield Case("conv_transpose", GRID, shapes, options)
        if s > 1:
            yield Case("conv_transpose", GRID, shapes, options | {"output_padding": (s - 1,)})
        full = (size - 1) * s + d * (k - 1) + 1
        wanted = (full - 1 if full > 1 else full + s - 1,)
        yield Case("conv_transpose", GRID, shapes, options | {"output_shape": wanted})
        if d == 1 or not word.startswith("SAME"):  # for which ONNX Runtime has no code
            yield Case("conv", GRID, {"X": (1, 2, size), "W": (1, 2, k)}, options)
    for begin, end, s, more in product((0, 1, 3), (0, 1, 3), (1, 2, 3), (0, 1)):
        options = {"pads": (begin, end), "strides": (s,), "output_padding": (more,)}
        yield Case("conv_transpose", GRID, {"X": (2, 1, 3), "W": (1, 2, 4), "B": (2,)}, options)
        del options["output_padding"]
        yield Case("conv", GRID, {"X": (2, 1, 5), "W": (2, 1, 4), "B": (2,)}, options)
    # Strides beyond the kernel, of which "SAME" makes a negative padding.
    for size, k, s, word in product((4, 6, 9), (1, 2), (5, 7), WORDS[1:3]):
        shapes = {"X": (1, 1, size), "W": (1, 1, k)}
        yield Case("conv", GRID, shapes, {"strides": (s,), "auto_pad": word})
        yield Case("conv_transpose", GRID, shapes, {"strides": (s,), "auto_pad": word})
    # More axes, unlike each other.
    for group, word in product((1, 2, 3), WORDS):
        wide = {"X": (2, 2 * group, 4, 3), "B": (3 * group,)}
        options = {"group": group, "auto_pad": word, "strides": (3, 2)}
        kernel = {"kernel_shape": (2, 5)}
        yield Case("conv_transpose", GRID, wide | {"W": (2 * group, 3, 2, 5)}, options | kernel)
        yield Case("conv", GRID, wide | {"W": (3 * group, 2, 2, 3)}, options)
        deep = {"X": (1, group, 2, 3, 2), "W": (group, 2, 3, 1, 2)}
        more = {"strides": (1, 3, 2), "output_padding": (0, 2, 1), "dilations": (2, 1, 3)}
        yield Case("conv_transpose", GRID, deep, options | more)
        deep = {"X": (1, 2 * group, 3, 3, 2), "W": (group, 2, 3, 1, 2)}
        yield Case("conv", GRID, deep, options | {"strides": (1, 3, 2)})
    yield Case("conv_transpose", GRID, {"X": (0, 1, 3), "W": (1, 2, 3), "B": (2,)}, {})
    yield Case("conv", GRID, {"X": (0, 1, 3), "W": (2, 1, 3), "B": (2,)}, {})


def _of_tests():
    plane, small = {"X": (1, 1, 3, 3), "W": (1, 2, 3, 3)}, {"X": (1, 1, 3, 3), "W": (1, 1, 2, 2)}
    wide = {"strides": (3, 2)}
    for shapes, options in (
        (plane, {}),
        ({"X": (1, 1, 3), "W": (1, 2, 3)}, {}),
        ({"X": (1, 1, 3, 4, 5), "W": (1, 2, 3, 3, 3)}, {}),
        (plane, wide | {"output_shape": (10, 8)}),
        (plane, wide | {"output_padding": (1, 1)}),
        (plane, wide | {"output_shape": (10, 8), "output_padding": (1, 1), "kernel_shape": (3, 3)}),
        (plane, wide | {"pads": (1, 2, 1, 2)}),
        (small, {"dilations": (2, 2)}),
        (plane, {"auto_pad": "SAME_UPPER", "strides": (2, 2)}),
        ({"X": (1, 2, 3, 3), "W": (2, 1, 3, 3)}, {"group": 2}),
        ({"X": (3, 2, 3, 3), "W": (2, 1, 3, 3)}, {"group": 2}),
    ):
        yield Case("conv_transpose", NODE_TESTS, shapes, options)
    for size, options in (
        ((5, 5), {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)}),
        ((5, 5), {"kernel_shape": (3, 3), "pads": (0, 0, 0, 0)}),
        ((7, 5), {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1), "strides": (2, 2)}),
        ((7, 5), {"kernel_shape": (3, 3), "pads": (0, 0, 0, 0), "strides": (2, 2)}),
        ((7, 5), {"kernel_shape": (3, 3), "pads": (1, 0, 1, 0), "strides": (2, 2)}),
        ((5, 5), {"kernel_shape": (3, 3), "auto_pad": "SAME_LOWER", "strides": (2, 2)}),
    ):
        yield Case("conv", NODE_TESTS, {"X": (1, 1, *size), "W": (1, 1, 3, 3)}, options)
    square = {"X": (1, 1, 5, 5), "W": (1, 1, 3, 3), "B": (1,)}
    for shapes, options in (
        (plane, {"output_padding": (1, 1), "pads": (1, 1, 1, 1), "strides": (2, 2)}),
        (square, {"pads": (1, 1, 1, 1)}),
        ({"X": (1, 1, 7, 7), "W": (1, 1, 2, 2), "B": (1,)}, {"pads": (0, 0, 0, 0)}),
        ({"X": (1, 3, 4, 4), "W": (3, 3, 3, 3)}, {"output_shape": (4, 4), "pads": (0, 0, 0, 0)}),
        ({"X": (1, 6, 4, 4), "W": (6, 3, 3, 3)}, {"output_shape": (4, 4), "group": 2}),
        ({"X": (1, 1, 1, 10), "W": (1, 1, 1, 5), "B": (1,)}, {"output_shape": (1, 14)}),
    ):
        yield Case("conv_transpose", RUNTIME_TESTS, shapes, options)


def _resizes():
    # Nearest, decided by a rounding: sizes with outputs in the middle of two inputs.
    for word, rounding in product(COORDINATES, ROUNDINGS):
        options = {"coordinate_transformation_mode": word, "nearest_mode": rounding}
        for size, scale in ((5, 2.0), (7, 0.6), (16, 1.3), (6, 0.3), (4, 1.0), (3, 1.1)):
            yield _resize((size,), options, scales=(scale,))
        for size, wanted in ((20, 6), (7, 4), (3, 8), (26, 53), (4, 1)):
            yield _resize((size,), options, sizes=(wanted,))
    yield from _interpolated()
    yield from _cropped()
    yield from _chosen()


def _interpolated():
    for mode, word in product(("linear", "cubic"), COORDINATES):
        options = {"mode": mode, "coordinate_transformation_mode": word}
        exact = 0.0 if word in ("half_pixel", "pytorch_half_pixel", "asymmetric") else CLOSE
        for factors in ((2.0, 2.0), (4.0, 0.5), (0.25, 2.0), (1.0, 2.0)):
            yield _resize((4, 8), options, scales=factors, tolerance=exact)
        for wanted in ((3, 7), (5, 2), (1, 9), (4, 5)):
            yield _resize((4, 5), options, sizes=wanted, tolerance=CLOSE)
        for factors in ((1.3, 2.3), (1.7, 1.1), (1.0, 1.25)):
            yield _resize((1, 2, 3, 5), options, scales=(1.0, 1.0, *factors), tolerance=CLOSE)
        if word != "align_corners":  # of which ONNX's tests have another notion
            yield _resize((1, 2, 3, 5), options, scales=(1.0, 1.0, 0.6, 0.7), tolerance=CLOSE)
        if mode == "linear":
            yield _resize((3, 2, 4), options, sizes=(2, 5, 7), tolerance=CLOSE)
            yield _resize((2, 1, 3, 2, 4), options, sizes=(2, 1, 2, 5, 7), tolerance=CLOSE)
            yield _resize((1, 3, 4, 2), options, sizes=(1, 5, 3, 2), tolerance=CLOSE)
            continue
        for slope, exclude in ((-0.5, 0), (-0.5, 1), (-0.75, 1)):
            more = options | {"cubic_coeff_a": slope, "exclude_outside": exclude}
            yield _resize((4, 5), more, sizes=(9, 3), tolerance=CLOSE)
    smooth = {"antialias": 1}
    for mode, word, exclude in product(("linear", "cubic"), COORDINATES, (0, 1)):
        options = smooth | {"mode": mode, "coordinate_transformation_mode": word}
        if exclude:
            options["exclude_outside"] = 1
        yield _resize((1, 1, 7, 6), options, scales=(1.0, 1.0, 0.6, 0.4), tolerance=CLOSE)
        yield _resize((2, 1, 9, 5), options, sizes=(2, 1, 2, 7), tolerance=CLOSE)
        yield _resize((5, 4), options, scales=(0.3, 1.1), tolerance=CLOSE)


def _cropped():
    for mode, exclude in (("nearest", 0), ("linear", 0), ("cubic", 0), ("cubic", 1)):
        options = {"mode": mode, "coordinate_transformation_mode": CROP, "exclude_outside": exclude}
        close = 0.0 if mode == "nearest" else CLOSE
        for roi in (
            (0.4, 0.6, 0.6, 0.8),
            (-0.2, 0.1, 1.3, 1.2),
            (0.0, 0.0, 1.0, 1.0),
            (0.75, 0.5, 0.25, 0.5),
        ):
            for wanted in ((3, 3), (4, 6), (1, 2), (7, 1)):
                yield _resize(
                    (4, 4),
                    options | {"extrapolation_value": 10.0},
                    sizes=wanted,
                    roi=roi,
                    tolerance=close,
                )
        yield _resize((4, 3), options, scales=(1.5, 2.0), tolerance=close)
    options = {"mode": "linear", "coordinate_transformation_mode": CROP, "axes": (3, 2)}
    roi = (0.6, 0.4, 0.8, 0.6)
    yield _resize((1, 1, 4, 4), options, sizes=(3, 5), roi=roi, tolerance=CLOSE)
    options |= {"antialias": 1, "extrapolation_value": 3.0}
    roi = (-0.1, 0.2, 0.8, 1.1)
    yield _resize((1, 2, 8, 6), options, sizes=(3, 5), roi=roi, tolerance=CLOSE)


def _chosen():
    """Yield cases of `axes` and of the policies."""
    for policy, wanted in product(
        ("stretch", "not_larger", "not_smaller"), ((7, 8), (1, 3), (4, 2), (5, 5))
    ):
        for axes in ((2, 3), (3, 2), (0, 1, 2, 3)):
            sizes = wanted if len(axes) == 2 else (1, 1, *wanted)
            options = {"axes": axes, "keep_aspect_ratio_policy": policy}
            yield _resize((1, 1, 2, 4), options, sizes=sizes)
    for axes in ((-1,), (-2, -1), (0, -1), (1,)):
        yield _resize((2, 3, 4), {"axes": axes}, scales=(2.0, 0.5)[: len(axes)])
    yield _resize((2, 3, 4), {"mode": "linear", "axes": (1,)}, scales=(2.0,))
    yield _resize((0, 3), {}, scales=(2.0, 2.0))
    yield _resize((2, 3), {}, scales=(0.1, 2.0))
    yield _resize((0, 3), {}, sizes=(0, 5))


def _resize(shape, options, *, source=GRID, tolerance=0.0, **inputs):
    arrays = {"X": shape}
    for name, values in inputs.items():
        dtype = "int64" if name == "sizes" else "float32"
        arrays[name] = {"values": values, "dtype": dtype}
    return Case("resize", source, arrays, options, tolerance=tolerance)


def _others():
    for r, mode, dtype in product((1, 2, 3), ("DCR", "CRD"), ("float32", "float64")):
        shapes = {"input": (2, 2 * r * r, 2, 3)}
        options = {"blocksize": r, "mode": mode}
        yield Case("depth_to_space", GRID, shapes, options, dtype=dtype)
    yield Case("depth_to_space", NODE_TESTS, {"input": (1, 8, 2, 3)}, {"blocksize": 2})
    for spatial, options in (
        ((2, 2), {"kernel_shape": (2, 2), "strides": (2, 2)}),
        ((2, 2), {"kernel_shape": (2, 2)}),
        ((2, 3), {"kernel_shape": (3, 2), "strides": (1, 3), "pads": (1, 0, 0, 1)}),
        ((3,), {"kernel_shape": (3,), "strides": (2,), "pads": (1, 1)}),
        ((2, 1, 2), {"kernel_shape": (1, 2, 3), "strides": (2, 1, 3)}),
    ):
        size = _unpooled(spatial, **options)
        for batch in ((1, 1), (2, 2)):
            count, total = prod((*batch, *spatial)), prod((*batch, *size))
            # 7 shares no factor with these totals' 2 and 3: few positions are equal.
            places = [7 * n % total for n in range(count)]
            arrays = {"X": (*batch, *spatial), "I": _folded(places, (*batch, *spatial))}
            yield Case("max_unpool", GRID, arrays, options)
            shape = {"values": (*batch, *size), "dtype": "int64"}
            yield Case("max_unpool", GRID, arrays | {"output_shape": shape}, options)


def _unpooled(spatial, kernel_shape, strides=None, pads=None):
    axes = len(spatial)
    strides, pads = strides or (1,) * axes, pads or (0,) * 2 * axes
    return tuple(
        (n - 1) * s + k - begin - end
        for n, s, k, begin, end in zip(
            spatial, strides, kernel_shape, pads[:axes], pads[axes:], strict=True
        )
    )


def _folded(values, shape):
    """Return the values as an array argument of this shape."""
    for length in reversed(shape[1:]):
        values = [tuple(values[at : at + length]) for at in range(0, len(values), length)]
    return {"values": tuple(values), "dtype": "int64"}


def _refused():
    for function, shapes in (
        ("conv", {"X": (1, 2, 5), "W": (4, 2, 3)}),
        ("conv_transpose", {"X": (1, 2, 5), "W": (2, 4, 3)}),
    ):
        for options in (
            {"pads": (1,)},
            {"pads": (-1, 0)},
            {"pads": (0, 0), "auto_pad": "SAME_UPPER"},
            {"pads": (1, 1), "auto_pad": "VALID"},
            {"auto_pad": "same"},
            {"strides": (0,)},
            {"strides": (1, 1)},
            {"dilations": (0,)},
            {"dilations": (1, 1)},
            {"kernel_shape": (2,)},
            {"kernel_shape": (3, 3)},
            {"group": 3},
        ):
            yield Case(function, RULES, shapes, options)
        yield Case(function, RULES, shapes | {"B": (3,)}, {})
        yield Case(function, RULES, shapes | {"X": (1, 3, 5)}, {})
        yield Case(function, RULES, shapes | {"X": (1, 2, 5, 5)}, {})
        yield Case(function, RULES, {name: shape[1:] for name, shape in shapes.items()}, {})
    yield Case("conv", RULES, {"X": (1, 1, 3), "W": (1, 1, 4)}, {})
    yield Case("conv", RULES, {"X": (1, 1, 3), "W": (1, 1, 2)}, {"dilations": (3,)})
    yield Case("conv", RULES, {"X": (1, 2, 5), "W": (3, 1, 3)}, {"group": 2})
    for options in (
        {"output_padding": (1,)},
        {"output_padding": (-1,)},
        {"output_padding": (0, 0)},
        {"output_padding": (1,), "dilations": (3,)},
        {"output_padding": (2,), "strides": (2,), "dilations": (3,)},
        {"output_padding": (1,), "output_shape": (7,)},
        {"output_shape": (8,)},
        {"output_shape": (9,), "auto_pad": "SAME_UPPER"},
        {"output_shape": (0,)},
        {"output_shape": (1, 4, 7)},
        {"pads": (3, 4)},
        {"pads": (9, 0)},
    ):
        yield Case("conv_transpose", RULES, {"X": (1, 2, 5), "W": (2, 4, 3)}, options)
    yield from _refused_unpoolings()
    for shape, options in (
        ((1, 4, 2, 2), {"blocksize": 0}),
        ((1, 4, 2, 2), {"blocksize": 3}),
        ((4, 2, 2), {"blocksize": 2}),
        ((1, 4, 2, 2), {"blocksize": 2, "mode": "RDC"}),
    ):
        yield Case("depth_to_space", RULES, {"input": shape}, options)
    yield from _refused_resizes()


def _refused_unpoolings():
    def case(options, *, places=(0, 3), arrays=None):
        given = {"X": (1, 1, 2), "I": {"values": ((places,),), "dtype": "int64"}}
        return Case("max_unpool", RULES, given | (arrays or {}), options)

    pool = {"kernel_shape": (2,), "strides": (2,)}
    yield case(pool, places=(0, 4))
    yield case(pool, places=(-1, 0))
    for change in (
        {"kernel_shape": (0,)},
        {"kernel_shape": (2, 2)},
        {"strides": (0,)},
        {"strides": (2, 2)},
        {"pads": (2, 0)},
        {"pads": (1,)},
        {"kernel_shape": (3,), "strides": (1,), "pads": (2, 2)},
    ):
        yield case(pool | change, places=(0, 0))
    for shape in ((4,), (1, 2, 4), (2, 1, 4), (1, 1, 3)):
        yield case(pool, arrays={"output_shape": {"values": shape, "dtype": "int64"}})
    yield case(pool, arrays={"X": (1, 1, 3)})
    yield case(pool, arrays={"I": {"values": (((0, 3),),), "dtype": "int32"}})


def _refused_resizes():
    for options, inputs in (
        ({}, {}),
        ({}, {"scales": (1.0, 2.0), "sizes": (3, 8)}),
        ({}, {"scales": (2.0,)}),
        ({}, {"sizes": (6,)}),
        ({}, {"scales": (0.0, 2.0)}),
        ({}, {"scales": (-1.0, 2.0)}),
        ({}, {"sizes": (0, 4)}),
        ({}, {"sizes": (-1, 4)}),
        ({"axes": (1, 1)}, {"scales": (2.0, 2.0)}),
        ({"axes": (1, -1)}, {"scales": (2.0, 2.0)}),
        ({"axes": (2,)}, {"scales": (2.0,)}),
        ({"axes": (-3,)}, {"scales": (2.0,)}),
        ({"axes": (1,)}, {"scales": (1.0, 2.0)}),
        ({"mode": "area"}, {"scales": (1.0, 2.0)}),
        ({"coordinate_transformation_mode": "corners"}, {"scales": (1.0, 2.0)}),
        ({"nearest_mode": "round"}, {"scales": (1.0, 2.0)}),
        ({"keep_aspect_ratio_policy": "keep"}, {"sizes": (3, 8)}),
        ({"keep_aspect_ratio_policy": "not_larger"}, {"scales": (1.0, 2.0)}),
        ({"exclude_outside": 1}, {"scales": (1.0, 2.0)}),
        ({"exclude_outside": 1, "mode": "linear"}, {"scales": (1.0, 2.0)}),
        ({"antialias": 1}, {"scales": (1.0, 2.0)}),
        ({"coordinate_transformation_mode": CROP}, {"scales": (1.0, 2.0), "roi": (0.0, 1.0)}),
    ):
        yield _resize((3, 4), options, source=RULES, **inputs)
    yield _resize((0, 4), {}, source=RULES, sizes=(1, 4))
