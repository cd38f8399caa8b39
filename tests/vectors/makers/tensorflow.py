"""Cases for TensorFlow: those of its own tests, with smaller arrays, and ours.

They run as compiled by XLA, which does what the rules say. TensorFlow's other code for a CPU lacks
dilation, groups and channels first for some types, and takes some outputs too small for the kernel.
"""

import os
from itertools import product

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from storage import Case

REFUSALS = (
    TypeError,
    ValueError,
    tf.errors.InvalidArgumentError,
    tf.errors.UnimplementedError,  # strides and dilations other than 1 of batch or channels
)
REFUSED = "ours: refusals"
LAST = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
FIRST = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


def run(case):
    arrays = case.operands()
    function = tf.nn.conv_transpose
    if arrays["input"].shape[0]:  # XLA has no empty batch
        function = tf.function(function, jit_compile=True, autograph=False)
    try:
        y = function(arrays["input"], arrays["filters"], **case.arguments)
    except REFUSALS as error:
        if case.source == REFUSED:
            raise
        raise RuntimeError(f"TensorFlow refuses {case}") from error
    return np.asarray(y)


def cases():
    """Yield all cases, with the two types taking turns and a seed each."""
    grids = ((f"tensorflow tests: {name}", grid) for name, grid in theirs())
    mine = (
        ("ours", [*lines(), *planes(), *explicit(), *volumes(), *grouped(), *layouts()]),
        (REFUSED, [*beyond(), *refusals()]),
    )
    seed = 0
    for source, grid in (*grids, *mine):
        for x, filters, given in grid:
            arrays = {"input": x, "filters": filters}
            dtype = ("float32", "float64")[seed % 2]
            yield Case("conv_transpose", source, arrays, given, dtype, seed)
            seed += 1


def theirs():
    lines = (
        ((2, 6, 3), (2, 6, 2), (1, 1, 1), "SAME"),
        ((2, 4, 3), (2, 8, 2), (1, 2, 1), "SAME"),
        ((2, 4, 3), (2, 9, 2), (1, 2, 1), "VALID"),
    )
    planes = (
        ((2, 6, 4, 3), (2, 6, 4, 2), (1, 1, 1, 1), "SAME"),
        ((2, 6, 4, 3), (2, 12, 8, 2), (1, 2, 2, 1), "SAME"),
        ((2, 6, 4, 3), (2, 13, 9, 2), (1, 2, 2, 1), "VALID"),
    )
    volumes = (
        ((1, 3, 4, 2, 3), (1, 3, 4, 2, 2), (1, 1, 1, 1, 1), "SAME"),
        ((1, 3, 4, 2, 3), (1, 6, 8, 4, 2), (1, 2, 2, 2, 1), "SAME"),
        ((1, 3, 4, 2, 3), (1, 7, 9, 5, 2), (1, 2, 2, 2, 1), "VALID"),
    )
    for axes, grid in ((1, lines), (2, planes), (3, volumes)):
        yield (
            f"conv{axes}d_transpose_test",
            [
                one
                for x, y, strides, padding in grid
                for first in (False, True)
                for one in [of_theirs(axes, x, y, strides, padding, first)]
            ],
        )
    given = {"output_shape": (2, 2, 6, 8, 6), "strides": (1, 1, 2, 2, 2), "data_format": "NCDHW"}
    shapes = (2, 2, 3, 4, 3), (3, 3, 3, 2, 2)
    yield "conv3d_transpose_test: testConv3DTransposeShapeMismatch", [(*shapes, given)]


def of_theirs(axes, x, y, strides, padding, first):
    given = {"output_shape": y, "strides": strides, "padding": padding}
    filters = (*[3] * axes, y[-1], x[-1])
    if first:
        x, y, strides = (moved(shape) for shape in (x, y, strides))
        given |= {"output_shape": y, "strides": strides, "data_format": FIRST[axes]}
    return x, filters, given


def moved(shape):
    """Return the values with the last one second, as channels first has it."""
    return shape[0], shape[-1], *shape[1:-1]


def least(size, kernel, stride, dilation, padding):
    """Return the least size of the output; stride - 1 more are allowed, too."""
    if padding == "SAME":
        return (size - 1) * stride + 1
    begin, end = (0, 0) if padding == "VALID" else padding
    return (size - 1) * stride + dilation * (kernel - 1) + 1 - begin - end


def call(spatial, kernel, strides, dilations, padding, more, *, first=False, channels=(2, 3)):
    """Return the shapes and the arguments of a call with outputs of so much more than the least.

    Parameters
    ----------
    padding : "SAME", "VALID", or a (begin, end) per spatial axis
    """
    axes = len(spatial)
    ends = [padding] * axes if isinstance(padding, str) else padding
    each = zip(spatial, kernel, strides, dilations, ends, strict=True)
    sizes = [least(*one) + m for one, m in zip(each, more, strict=True)]
    inside, outside = channels
    x, y = (1, *spatial, inside), (1, *sizes, outside)
    pads = padding if isinstance(padding, str) else ((0, 0), *padding, (0, 0))
    if first:
        x, y, pads = (v if isinstance(v, str) else moved(v) for v in (x, y, pads))
    given = {"output_shape": y, "strides": strides, "padding": pads}
    if max(dilations) > 1:
        given["dilations"] = dilations
    if first:
        given["data_format"] = FIRST[axes]
    return x, (*kernel, outside, inside), given


def lines():
    """Yield every kernel, stride and word over one axis, with the least and the largest output."""
    for n, (k, s, padding) in enumerate(product(range(1, 8), range(1, 6), ("SAME", "VALID"))):
        for more in dict.fromkeys((0, n % s, s - 1)):
            yield call((1 + n % 4,), (k,), (s,), (1,), padding, (more,))
    for n, (k, s, d, padding) in enumerate(
        product(range(1, 5), (1, 2, 3), (2, 3), ("SAME", "VALID"))
    ):
        sizes = (1 + n % 4,)
        yield call(sizes, (k,), (s,), (d,), padding, (n % s,), first=n % 3 == 0)


def planes():
    both = [(1, 1), (1, 2), (3, 1), (2, 4)]
    for n, (kernel, s, d, padding) in enumerate(
        product([(1, 3), (2, 1), (4, 3)], both, ((1, 1), (2, 3)), ("SAME", "VALID"))
    ):
        spatial = ((3, 2), (1, 4), (2, 1))[n % 3]
        more = (n % s[0], n // 2 % s[1])
        yield call(spatial, kernel, s, d, padding, more, first=n % 4 == 1)


def explicit():
    """Yield paddings up to more than the kernel, where something is left."""
    kernels, strides = [(1, 3), (3, 2), (4, 4)], [(1, 1), (2, 3), (3, 1)]
    pads = [
        ((0, 0), (0, 0)),
        ((1, 0), (0, 1)),
        ((0, 2), (1, 1)),
        ((2, 3), (3, 0)),
        ((4, 4), (0, 5)),
    ]
    for n, (kernel, s, ends) in enumerate(product(kernels, strides, pads)):
        for d in ((1, 1), (2, 1)):
            spatial = ((4, 3), (3, 5))[n % 2]
            sizes = [least(*one) for one in zip(spatial, kernel, s, d, ends, strict=True)]
            for more in ((0, s[1] - 1), (s[0] - 1, 0)):
                if min(a + b for a, b in zip(sizes, more, strict=True)) > 0:
                    yield call(spatial, kernel, s, d, ends, more, first=n % 3 == 1)


def volumes():
    for n, (kernel, s, padding) in enumerate(
        product([(1, 2, 3), (2, 2, 1)], [(1, 1, 1), (2, 1, 3), (2, 3, 2)], ("SAME", "VALID"))
    ):
        for d in ((1, 1, 1), (1, 2, 1)):
            more = (n % s[0], n % s[1], n % s[2])
            yield call((1, 2, 3), kernel, s, d, padding, more, first=n % 2 == 1)


def grouped():
    """Yield outputs of several times the filters' channels, which are groups."""
    for groups, padding, first in product((2, 3), ("SAME", "VALID"), (False, True)):
        for k, s in (((3,), (2,)), ((2, 3), (2, 1)), ((3, 1), (1, 3))):
            sizes = (3, 2)[: len(k)]
            x, filters, given = call(
                sizes, k, s, (1,) * len(k), padding, (0,) * len(k), first=first, channels=(6, 2)
            )
            y = list(given["output_shape"])
            y[1 if first else -1] *= groups
            yield x, filters, given | {"output_shape": tuple(y)}


def layouts():
    """Yield the ways to write strides, dilations and formats, and empty batches."""
    for axes in (1, 2, 3):
        x, filters, y = (1, *[2] * axes, 1), (*[3] * axes, 2, 1), (1, *[4] * axes, 2)
        for strides in (2, (2,), (2,) * axes, (1, *[2] * axes, 1)):
            yield x, filters, {"output_shape": y, "strides": strides}
            given = {"output_shape": y, "strides": strides, "padding": "SAME", "dilations": None}
            yield x, filters, given | {"data_format": LAST[axes]}
        y = (1, *[2] * axes, 2)
        for dilations in (2, (2,), (2,) * axes, (1, *[2] * axes, 1)):
            yield x, filters, {"output_shape": y, "strides": None, "dilations": dilations}
        y = (0, *[5] * axes, 2)
        yield (0, *x[1:]), filters, {"output_shape": y, "strides": 2, "padding": "VALID"}


def beyond():
    """Yield outputs one smaller than the least and one larger than the largest."""
    for n, (k, s, padding) in enumerate(product((1, 2, 3, 5), range(1, 5), ("SAME", "VALID"))):
        sizes = (1 + n % 4,)
        if least(*sizes, k, s, 1, padding) > 1:
            yield call(sizes, (k,), (s,), (1,), padding, (-1,))
        yield call(sizes, (k,), (s,), (1,), padding, (s,))
    for ends, more in product((((1, 0), (0, 2)), ((2, 2), (1, 1))), ((-1, 0), (0, 3), (2, 0))):
        yield call((3, 4), (3, 4), (2, 3), (1, 1), ends, more)
    yield call((2, 2, 2), (3, 2, 1), (2, 2, 2), (1, 1, 1), "SAME", (0, 2, 0))
    yield call((2, 2, 2), (3, 2, 1), (2, 2, 2), (1, 1, 1), "VALID", (0, 0, -1))


def refusals():
    x, filters, y = (1, 4, 4, 2), (3, 3, 2, 2), (1, 8, 8, 2)
    for given in (
        {"strides": 0},
        {"strides": -1},
        {"strides": (2, 0)},
        {"strides": (2, 2, 2)},
        {"strides": (2, 2, 2, 1)},
        {"strides": (1, 2, 2, 2)},
        {"padding": "same"},
        {"padding": "FULL"},
        {"padding": "EXPLICIT"},
        {"padding": None},
        {"padding": 1},
        {"padding": ((1, 1), (1, 1))},
        {"padding": ((0, 0), (-1, 1), (1, 1), (0, 0))},
        {"padding": ((0, 0), (1,), (1, 1), (0, 0))},
        {"padding": ((0, 1), (1, 1), (1, 1), (0, 0))},
        {"padding": ((0, 0), (1, 1), (1, 1), (1, 0))},
        {"data_format": "channels_last"},
        {"data_format": "NWC"},
        {"data_format": "nhwc"},
        {"data_format": "NDHWC"},
        {"data_format": "NCHW"},
        {"dilations": 0},
        {"dilations": (1, 1, 1)},
        {"dilations": (2, 1, 1, 1)},
        {"output_shape": 8},
        {"output_shape": (8, 8)},
        {"output_shape": (2, -2)},
        {"output_shape": (2, 8, 8, 2)},
        {"output_shape": (1, 8, 8, 3)},
        {"output_shape": (1, 8, 8, 6)},
        {"output_shape": (1, 8, 2)},
        {"output_shape": (1, 8, 8, 8, 2)},
        {"output_shape": (1, 8.0, 8, 2)},
        {"output_shape": None},
    ):
        yield x, filters, {"output_shape": y, "strides": 2} | given
    given = {"output_shape": y, "strides": 2}
    yield (1, 4, 4, 3), filters, given
    yield (2, 4, 4, 2), filters, given
    yield (1, 4, 2), filters, given
    yield x, (3, 2, 2), given
    line, volume = ((1, 4, 2), (3, 2, 2)), ((1, 2, 2, 2, 1), (2, 2, 2, 1, 1))
    yield *line, {"output_shape": (1, 7, 2), "strides": 2, "padding": ((0, 0), (1, 1), (0, 0))}
    yield *line, {"output_shape": (1, 8, 2), "strides": 2, "data_format": "NHWC"}
    pads = ((0, 0), (1, 1), (1, 1), (1, 1), (0, 0))
    yield *volume, {"output_shape": (1, 2, 2, 2, 1), "strides": 2, "padding": pads}
    yield *volume, {"output_shape": (1, 4, 4, 4, 1), "strides": 2, "data_format": "NHWC"}
