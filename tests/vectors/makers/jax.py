"""Cases for JAX: the grids of its own tests (tests/lax_test.py), with smaller arrays, and ours."""

from itertools import permutations, product

import jax
import numpy as np
from jax import lax
from storage import Case

jax.config.update("jax_enable_x64", True)

REFUSALS = (AssertionError, RuntimeError, TypeError, ValueError)

FORWARD, TRANSPOSED = "conv_general_dilated", "conv_transpose"
PLAIN = ("NCHW", "OIHW", "NCHW")
LAST = ("NHWC", "HWIO", "NHWC")
MIXED = ("NCHW", "HWIO", "NHWC")


def run(case):
    arguments = dict(case.arguments)
    numbers = arguments.get("dimension_numbers")
    if numbers and not isinstance(numbers[0], str):
        arguments["dimension_numbers"] = lax.ConvDimensionNumbers(*numbers)
    return np.asarray(getattr(lax, case.function)(**case.operands(), **arguments))


def cases():
    """Yield all cases, with the two types taking turns and a seed each."""
    for seed, (function, source, lhs, rhs, arguments) in enumerate([*theirs(), *ours()]):
        dtype = ("float32", "float64")[seed % 2]
        yield Case(function, source, {"lhs": lhs, "rhs": rhs}, arguments, dtype, seed)


def theirs():
    for of, every in (
        (conv(), 1),
        (general_padding(), 1),
        (dilated(), 5),
        (no_axes(), 1),
        (orders(), 2),
        (orders_of_planes(), 149),
        (transposed_planes(transpose_kernel=True), 29),
        (transposed_planes(transpose_kernel=False), 29),
        (transposed_lines(), 1),
    ):
        yield from list(of)[::every]


def conv():
    for strides, padding, channels in product(
        [(1, 1), (1, 2), (2, 1)], ["VALID", "SAME", "SAME_LOWER"], [(2, 3), (3, 2)]
    ):
        i, j = channels
        given = {"window_strides": strides, "padding": padding}
        yield FORWARD, "jax tests: testConv", (2, i, 5, 6), (j, i, 4, 5), given


def general_padding():
    both = [(1, 1), (1, 2), (2, 2)]
    for strides, padding, lhs_dilation, rhs_dilation in product(
        [(1, 1), (1, 2), (2, 1)], [((0, 0), (0, 0)), ((1, 2), (2, 0))], both, both
    ):
        given = {
            "window_strides": strides,
            "padding": padding,
            "lhs_dilation": lhs_dilation,
            "rhs_dilation": rhs_dilation,
        }
        yield FORWARD, "jax tests: testConvWithGeneralPadding", (1, 2, 7, 9), (3, 2, 4, 5), given


def dilated():
    apart = [(1, 1), (1, 2), (1, 4)]
    for groups, width, numbers, strides, padding, lhs_dilation, rhs_dilation in product(
        [1, 2],
        [0, 5],
        [PLAIN, LAST, MIXED],
        [(1, 1), (2, 1)],
        [((1, 2), (2, 0)), ((5, 4), (7, 6))],
        apart,
        apart,
    ):
        given = {
            "window_strides": strides,
            "padding": padding,
            "lhs_dilation": lhs_dilation,
            "rhs_dilation": rhs_dilation,
            "dimension_numbers": numbers,
            "feature_group_count": groups,
        }
        lhs = shape(numbers[0], N=1, C=2 * groups, H=4, W=width)
        rhs = shape(numbers[1], O=groups, I=2, H=3, W=2)
        yield FORWARD, "jax tests: testConvGeneralDilated", lhs, rhs, given


def no_axes():
    for groups in (1, 2):
        given = {
            "window_strides": (),
            "padding": (),
            "dimension_numbers": ("NC", "OI", "NC"),
            "feature_group_count": groups,
        }
        yield FORWARD, "jax tests: testConvGeneralDilated0D", (2, 3 * groups), (groups, 3), given
    given = {"window_strides": (), "padding": "VALID", "dimension_numbers": ("NC", "IO", "NC")}
    yield FORWARD, "jax tests: testConv0DIsDot", (4, 3), (3, 5), given


def orders():
    yield from local("NCH", "OIH")


def orders_of_planes():
    yield from local("NCHW", "OIHW")


def local(data, kernel):
    for n, (lhs, rhs, out) in enumerate(
        product(permutations(data), permutations(kernel), permutations(data))
    ):
        numbers = tuple(map("".join, (lhs, rhs, out)))
        axes = len(data) - 2
        given = {
            "window_strides": (1, 2)[:axes],
            "padding": ("SAME", "VALID")[n % 2],
            "rhs_dilation": (2, 1)[:axes],
            "dimension_numbers": numbers,
        }
        x = shape(numbers[0], N=2, C=3, H=5, W=4)
        w = shape(numbers[1], O=2, I=3, H=2, W=3)
        yield FORWARD, "jax tests: testConvGeneralDilatedLocal", x, w, given


def transposed_planes(transpose_kernel):
    pairs = list(product(range(3), repeat=2))
    for k, strides, padding, dilation in product(
        (3, 4, 5),
        [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3)],
        [*product(pairs, repeat=2), "VALID", "SAME"],
        [None, (2, 2)],
    ):
        given = {
            "strides": strides,
            "padding": padding,
            "rhs_dilation": dilation,
            "dimension_numbers": LAST,
            "transpose_kernel": transpose_kernel,
            "use_consistent_padding": True,
        }
        rhs = (k, k, 3, 2) if transpose_kernel else (k, k, 2, 3)
        name = "testConvTranspose2DT" if transpose_kernel else "testConvTranspose2D"
        yield TRANSPOSED, f"jax tests: {name}", (1, 3, 4, 2), rhs, given


def transposed_lines():
    for k, stride, padding, dilation in product(
        (3, 4, 5), (1, 2, 3), ["VALID", "SAME"], [None, (2,)]
    ):
        given = {
            "strides": (stride,),
            "padding": padding,
            "rhs_dilation": dilation,
            "dimension_numbers": ("NHC", "HIO", "NHC"),
        }
        yield TRANSPOSED, "jax tests: testConvTranspose1D", (2, 6, 3), (k, 3, 2), given


def ours():
    for function, lhs, rhs, given in (*windows(), *layouts(), *edges(), *refusals()):
        yield function, "ours", lhs, rhs, given


def windows():
    """Yield transposed convolutions of every kernel, stride and way to say the padding."""
    pads = ["SAME", "VALID", ((0, 0),), ((-1, 3),), ((4, -2),)]
    for n, (k, s, d, padding) in enumerate(product(range(1, 7), range(1, 5), (1, 2), pads)):
        given = {"strides": (s,), "padding": padding, "rhs_dilation": (d,)}
        lhs = (1, 3 + n % 6, 2)
        if n % 2:
            given |= {"transpose_kernel": True}
        if n % 4 > 1:
            given |= {"use_consistent_padding": True}
        full = (lhs[1] - 1) * s + d * (k - 1) + 1
        crop = 0 if isinstance(padding, str) else sum(padding[0])
        if n % 4 < 2:
            crop = 2 * d * (k - 1) - crop
        if isinstance(padding, str) or full > crop:
            yield TRANSPOSED, lhs, (k, 2, 2), given


def layouts():
    """Yield unusual orders of axes, of one to three spatial axes."""
    for n, (data, kernel) in enumerate(product(permutations("NCW"), permutations("OIW"))):
        numbers = tuple(map("".join, (data, kernel, data[::-1])))
        given = {
            "strides": (3,),
            "padding": ("SAME", ((2, 1),))[n % 2],
            "dimension_numbers": numbers,
            "transpose_kernel": bool(n // 2 % 2),
        }
        lhs = shape(numbers[0], N=2, C=3, W=4)
        rhs = shape(numbers[1], **channels(3, 2, given["transpose_kernel"]), W=4)
        yield TRANSPOSED, lhs, rhs, given
    for n, numbers in enumerate(
        [
            ("HWNC", "HWIO", "HWNC"),
            ("NCHW", "IOHW", "NCHW"),
            ("NHWC", "OIHW", "NCHW"),
            ("CHNW", "WIOH", "WHCN"),
            ("NHWC", "WHIO", "NHWC"),
            ("NCHWD", "IODHW", "NDHWC"),
            ("DNWCH", "WOHID", "HDNWC"),
        ]
    ):
        axes = len(numbers[0]) - 2
        for transposed, padding in product((False, True), ("SAME", "VALID", ((1, 2),) * axes)):
            given = {
                "strides": (2, 1, 3)[:axes],
                "padding": padding,
                "rhs_dilation": (1, 2, 1)[:axes],
                "dimension_numbers": numbers,
                "transpose_kernel": transposed,
            }
            lhs = shape(numbers[0], N=1 + n % 2, C=2, H=3, W=4, D=2)
            rhs = shape(numbers[1], **channels(2, 3, transposed), H=3, W=2, D=2)
            yield TRANSPOSED, lhs, rhs, given
    for lhs, rhs, out in product([(0, 1, 2), (2, 0, 1)], [(0, 1, 2), (1, 2, 0)], [(1, 2, 0)]):
        x, w = [0] * 3, [0] * 3
        for position, size in zip(lhs, (2, 3, 5), strict=True):
            x[position] = size
        for position, size in zip(rhs, (4, 3, 2), strict=True):
            w[position] = size
        given = {
            "window_strides": (2,),
            "padding": ((1, 0),),
            "lhs_dilation": (3,),
            "dimension_numbers": (lhs, rhs, out),
        }
        yield FORWARD, tuple(x), tuple(w), given
    for axes in (1, 2, 3, 4):
        given = {"window_strides": (2,) * axes, "padding": "SAME"}
        yield FORWARD, (1, 2, *[3] * axes), (2, 2, *[2] * axes), given
    for axes in (1, 2, 3):
        given = {"strides": (2,) * axes, "padding": "SAME", "transpose_kernel": axes == 2}
        yield TRANSPOSED, (1, *[3] * axes, 2), (*[3] * axes, 2, 2), given


def edges():
    """Yield what is empty, words in other letters, groups, and both strides at once."""
    for lhs, rhs, padding, dilation in (
        ((1, 1, 0), (1, 1, 3), ((2, 2),), 1),
        ((1, 1, 0), (1, 1, 3), ((2, 3),), 3),
        ((1, 1, 5), (1, 1, 3), ((-3, -2),), 1),
        ((1, 1, 5), (1, 1, 3), ((-7, 7),), 1),
        ((1, 1, 5), (1, 1, 3), ((8, -7),), 1),
        ((1, 1, 5), (1, 1, 3), ((-3, 2),), 2),
        ((1, 1, 2), (1, 1, 5), ((0, 0),), 1),
        ((0, 2, 5), (3, 2, 3), ((0, 0),), 2),
        ((1, 0, 5), (2, 0, 3), ((1, 0),), 2),
        ((1, 2, 5), (0, 2, 3), ((1, 0),), 1),
    ):
        given = {"window_strides": (1,), "padding": padding, "lhs_dilation": (dilation,)}
        yield FORWARD, lhs, rhs, given
    for word in ("same", "Valid", "same_lower", "SAME_LOWER"):
        yield FORWARD, (1, 2, 6), (1, 2, 4), {"window_strides": (2,), "padding": word}
        yield TRANSPOSED, (1, 6, 2), (4, 2, 1), {"strides": (1,), "padding": word}
    for groups, strides, apart, dilation in product((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2)):
        given = {
            "window_strides": (strides, 1),
            "padding": ((2, 1), (-1, 2)),
            "lhs_dilation": (apart, 2),
            "rhs_dilation": (1, dilation),
            "feature_group_count": groups,
        }
        yield FORWARD, (1, 6, 4, 3), (groups * 2, 6 // groups, 3, 2), given


def refusals():
    forward = {"window_strides": (1, 1), "padding": "SAME"}
    transposed = {"strides": (2, 2), "padding": "SAME"}
    x, w = (1, 2, 5, 5), (2, 2, 3, 3)
    for given in (
        {"window_strides": (1,)},
        {"window_strides": 1},
        {"window_strides": (1, 0)},
        {"window_strides": (1, 2.0)},
        {"padding": "FULL"},
        {"padding": 1},
        {"padding": (1, 1)},
        {"padding": ((1, 1),)},
        {"padding": ((1, 1), (1.0, 1))},
        {"padding": ((-3, -3), (0, 0))},
        {"lhs_dilation": (2, 2)},
        {"padding": ((1, 1), (1, 1)), "lhs_dilation": (0, 1)},
        {"rhs_dilation": (1, -1)},
        {"dimension_numbers": ("NCHW", "OIHW")},
        {"dimension_numbers": "NCHW"},
        {"dimension_numbers": ("NCHW", "OIHD", "NCHW")},
        {"dimension_numbers": ("NCCW", "OIHW", "NCHW")},
        {"dimension_numbers": ("nchw", "oihw", "nchw")},
        {"dimension_numbers": ("NCH", "OIH", "NCH")},
        {"feature_group_count": 0},
        {"feature_group_count": 3},
        {"feature_group_count": 2},
    ):
        yield FORWARD, x, w, forward | given
    for lhs, rhs in (((1, 3, 5, 5), w), ((1, 2, 5), w), (x, (2, 2, 0, 3))):
        yield FORWARD, lhs, rhs, forward
    x, w = (1, 5, 5, 2), (3, 3, 2, 2)
    for given in (
        {"strides": (2,)},
        {"strides": 2},
        {"strides": (2, 0)},
        {"padding": "same"},
        {"padding": "SAME_LOWER"},
        {"strides": (1, 1), "padding": "valid", "use_consistent_padding": True},
        {"padding": ((1, 1),)},
        {"padding": ((-9, -9), (0, 0))},
        {"padding": ((9, 9), (0, 0)), "use_consistent_padding": True},
        {"rhs_dilation": (1, 0)},
        {"dimension_numbers": ("NHWC", "HWIO")},
        {"dimension_numbers": ("NHWC", "HWIO", "NHW")},
    ):
        yield TRANSPOSED, x, w, transposed | given
    for lhs, rhs in (((1, 5, 5, 3), w), ((1, 5, 2), w), (x, (0, 3, 2, 2))):
        yield TRANSPOSED, lhs, rhs, transposed


def shape(order, **sizes):
    """Return the shape of an array whose axes are in this order."""
    return tuple(sizes[letter] for letter in order)


def channels(inputs, outputs, transposed):
    """Return the sizes of the kernel's axes of channels."""
    return {"I": outputs, "O": inputs} if transposed else {"I": inputs, "O": outputs}
