"""Cases for Keras with TensorFlow: the grids of its own tests, with smaller arrays, and ours.

Only what TensorFlow can do on a CPU is here; every refusal is under `refusals`.
"""

import os
from itertools import product

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from storage import Case

REFUSALS = (AttributeError, IndexError, TypeError, ValueError, tf.errors.OpError)
REFUSED = "ours: refusals"
LAST, FIRST = "channels_last", "channels_first"
FORWARD, TRANSPOSED, UP = "conv", "conv_transpose", "up_sampling"
WAYS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


def run(case):
    try:
        return np.asarray(globals()[f"run_{case.function}"](**case.operands(), **case.arguments))
    except REFUSALS as error:
        if case.source == REFUSED:
            raise
        raise RuntimeError(f"Keras refuses {case}") from error


def run_conv_transpose(inputs, kernel, bias=None, **arguments):
    return biased(keras.ops.conv_transpose(inputs, kernel, **arguments), bias, arguments)


def run_conv(inputs, kernel, bias=None, groups=1, **arguments):
    """Run the function, or the layer where only that has the argument."""
    if groups == 1 and arguments.get("padding", "").lower() != "causal":
        return biased(keras.ops.conv(inputs, kernel, **arguments), bias, arguments)
    layer = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)[inputs.ndim - 3](
        kernel.shape[-1],
        kernel.shape[:-2],
        groups=groups,
        use_bias=False,
        dtype=str(inputs.dtype),
        **arguments,
    )
    layer.build(inputs.shape)
    layer.set_weights([kernel])
    return biased(layer(inputs), bias, arguments)


def biased(y, bias, arguments):
    """Return the result with the bias, which Keras 3.15.1 with TensorFlow adds along a wrong axis.

    It does so with channels first where there are as many filters as the last axis is long.
    """
    if bias is None:
        return y
    first = arguments.get("data_format") == FIRST
    return y + (bias.reshape(-1, *[1] * (len(y.shape) - 2)) if first else bias)


def run_up_sampling(inputs, size, **arguments):
    axes = inputs.ndim - 2
    layers = {
        1: keras.layers.UpSampling1D,
        2: keras.layers.UpSampling2D,
        3: keras.layers.UpSampling3D,
    }
    if axes not in layers:
        raise ValueError(f"no layer for the shape {inputs.shape}")
    return layers[axes](size, dtype=str(inputs.dtype), **arguments)(inputs)


def cases():
    """Yield all cases, with a seed each; the two types take turns where TensorFlow has both."""
    for seed, (function, source, arrays, given) in enumerate([*theirs(), *ours()]):
        dtype = ("float32", "float64")[seed % 2]
        dilated = np.max(given.get("dilation_rate") or 1) > 1
        if function != UP and (dilated or given.get("data_format") == FIRST):
            dtype = "float32"
        # The sine of TensorFlow's C library is in the weights.
        lanczos = str(given.get("interpolation")).lower().startswith("lanczos")
        yield Case(function, source, arrays, given, dtype, seed, 1e-6 if lanczos else 0.0)


def transposed(x, kernel, bias=None, **given):
    """Return the function, arrays and arguments of a case; `kernel` says its sizes and filters."""
    channels = x[1] if given.get("data_format") == FIRST else x[-1]
    arrays = {"inputs": x, "kernel": (*kernel, channels)}
    return TRANSPOSED, arrays if bias is None else arrays | {"bias": (bias,)}, given


def forward(x, kernel, bias=None, **given):
    channels = x[1] if given.get("data_format") == FIRST else x[-1]
    *sizes, filters = kernel
    arrays = {"inputs": x, "kernel": (*sizes, channels // given.get("groups", 1), filters)}
    return FORWARD, arrays if bias is None else arrays | {"bias": (bias,)}, given


def theirs():
    for source, grid in (
        ("conv_transpose_test: test_conv1d_transpose_consistency", consistency()),
        ("conv_transpose_test: test_conv*d_transpose", layers_transposed()),
        ("conv_test: test_conv*d", layers_forward()),
        ("nn_test: test_conv_transpose", ops_transposed()),
        ("nn_test: test_conv", ops_forward()),
        ("up_sampling*d_test", layers_up()),
    ):
        for function, arrays, given in grid:
            yield function, f"keras tests: {source}", arrays, given


def consistency():
    for k, s, padding in product(range(1, 5), range(1, 5), ("same", "valid")):
        for added in (None, *range(1, s)):
            yield transposed((1, 3, 1), (k, 1), strides=s, padding=padding, output_padding=added)


def layers_transposed():
    for filters, kernel, strides, padding, added, dilation, x in (
        (5, (2,), 2, "valid", None, 1, (2, 8, 4)),
        (6, (2,), 3, "same", 2, (1,), (2, 8, 4)),
        (6, (2,), (2,), "valid", None, 1, (2, 8, 4)),
        (5, (2, 2), 2, "valid", None, 1, (2, 4, 4, 4)),
        (6, (2, 2), 3, "same", 2, (1, 1), (2, 4, 4, 4)),
        (6, (2, 3), (2, 1), "valid", None, (1, 1), (2, 4, 4, 4)),
        (2, (7, 7), 16, "same", 2, (1, 1), (1, 2, 2, 4)),
        (2, (7, 7), (16, 16), "valid", None, (1, 1), (1, 2, 2, 2)),
        (5, (2, 2, 2), 2, "valid", None, 1, (1, 2, 2, 2, 4)),
        (6, (2, 2, 2), 3, "same", 2, (1, 1, 1), (1, 2, 2, 2, 4)),
        (6, (2, 2, 3), (2, 1, 2), "valid", None, (1, 1, 1), (1, 2, 2, 2, 4)),
    ):
        given = {
            "strides": strides,
            "padding": padding,
            "output_padding": added,
            "dilation_rate": dilation,
        }
        for data_format in (LAST, FIRST):
            shape = x if data_format == LAST else (x[0], x[-1], *x[1:-1])
            yield transposed(shape, (*kernel, filters), filters, data_format=data_format, **given)


def layers_forward():
    for filters, kernel, strides, padding, dilation, groups, x in (
        (5, (2,), 1, "valid", 1, 1, (3, 5, 4)),
        (6, (2,), 1, "same", (2,), 2, (3, 4, 4)),
        (6, (2,), 1, "causal", (2,), 2, (3, 4, 4)),
        (6, (2,), (2,), "valid", 1, 2, (3, 5, 4)),
        (5, (2, 2), 1, "valid", 1, 1, (3, 5, 5, 4)),
        (4, (3, 3), 2, "same", 1, 1, (2, 8, 8, 4)),
        (6, (2, 2), 1, "same", (2, 2), 2, (3, 4, 4, 4)),
        (6, (2, 2), 1, "same", (2, 3), 2, (2, 8, 8, 4)),
        (6, (2, 2), (2, 1), "valid", (1, 1), 2, (3, 5, 5, 4)),
        (6, (4, 3), (2, 1), "valid", (1, 1), 2, (2, 8, 8, 4)),
        (5, (2, 2, 2), 1, "valid", 1, 1, (1, 3, 3, 3, 4)),
        (6, (2, 2, 2), 1, "same", (2, 2, 2), 2, (1, 4, 4, 4, 4)),
        (6, (2, 2, 2), 1, "same", (2, 3, 4), 2, (1, 4, 4, 4, 4)),
        (6, (2, 2, 3), (2, 1, 2), "valid", (1, 1, 1), 2, (1, 5, 5, 5, 4)),
    ):
        given = {
            "strides": strides,
            "padding": padding,
            "dilation_rate": dilation,
            "groups": groups,
        }
        yield forward(x, (*kernel, filters), filters, **given)
    x, given = (3, 4, 5), {"data_format": FIRST, "groups": 2}
    yield forward(x, (2, 6), 6, strides=(2,), padding="valid", **given)
    yield forward((2, 4, 8, 8), (4, 3, 6), 6, strides=(2, 1), padding="valid", **given)
    x, given = (1, 4, 5, 5, 5), {"data_format": FIRST, "groups": 2}
    yield forward(x, (2, 2, 3, 6), 6, strides=(2, 1, 2), padding="valid", **given)


def ops_transposed():
    for axes in (1, 2):
        x, kernel = (2, *[4] * axes, 3), (*[2] * axes, 5)
        for strides, padding in product((2, (2,) * axes), ("valid", "same")):
            yield transposed(x, kernel, strides=strides, padding=padding)
        yield transposed(x, kernel, strides=5, padding="valid", output_padding=4)


def ops_forward():
    for strides, padding, dilation in product((1, 2, 3), ("valid", "same"), (1, 2)):
        if strides == 1 or dilation == 1:
            given = {"strides": strides, "padding": padding, "dilation_rate": dilation}
            yield forward((2, 20, 3), (4, 2), **given)
    for padding in ("VALID", "SAME"):
        yield forward((2, 20, 3), (4, 2), strides=1, padding=padding)
        yield forward((2, 5, 5, 3), (2, 2, 2), strides=1, padding=padding)
    for strides, padding in product((1, 2, (1, 2)), ("valid", "same")):
        yield forward((2, 5, 5, 3), (2, 2, 2), strides=strides, padding=padding)
    for strides, dilation in ((1, 1), (1, (2, 1)), (2, 1)):
        arrays = {"inputs": (2, 5, 5, 4), "kernel": (2, 2, 2, 6)}
        given = {"strides": strides, "padding": "same", "dilation_rate": dilation}
        yield FORWARD, arrays, given
    for strides, padding, data_format in product(
        (1, (1, 1, 1), 2, (2, 1, 2)), ("valid", "same"), (FIRST, LAST)
    ):
        x = (1, 3, 4, 4, 4) if data_format == FIRST else (1, 4, 4, 4, 3)
        given = {"strides": strides, "padding": padding, "data_format": data_format}
        yield forward(x, (3, 3, 3, 2), **given)


def layers_up():
    for x, size in (((3, 5, 4), 2), ((2, 2, 3), 2), ((2, 1, 5), 3)):
        yield UP, {"inputs": x}, {"size": size}
    for data_format, size, way in product((FIRST, LAST), (2, (2, 3)), ("nearest", "bilinear")):
        x = (2, 2, 5, 4) if data_format == FIRST else (2, 5, 4, 2)
        given = {"size": size, "data_format": data_format, "interpolation": way}
        yield UP, {"inputs": x}, given
    for way in WAYS:
        yield UP, {"inputs": (2, 2, 1, 3)}, {"size": (1, 2), "interpolation": way}
    for data_format, size in product((FIRST, LAST), ((2, 2, 2), (2, 2, 3), (3, 2, 3))):
        x = (1, 2, 3, 2, 3) if data_format == FIRST else (1, 3, 2, 3, 2)
        yield UP, {"inputs": x}, {"size": size, "data_format": data_format}


def ours():
    for source, grid in (
        ("ours", [*lines(), *planes(), *volumes(), *convolutions(), *ups(), *layouts()]),
        ("ours: transposed listing", transposed_listing()),
        ("ours: convolution listing", convolution_listing()),
        (REFUSED, refusals()),
    ):
        for function, arrays, given in grid:
            yield function, source, arrays, given


def lines():
    """Yield every kernel, stride and word over one axis, and where the odd pixel goes."""
    for n, (k, s, padding) in enumerate(product(range(1, 9), range(1, 7), ("same", "valid"))):
        given = {"strides": s, "padding": padding}
        yield transposed((1, 1 + n % 5, 2), (k, 2), **given)
        odd = k % 2
        least = 0 if padding == "valid" or odd else 1
        added = least + n // 2 % s
        bias = 3 if n % 3 == 0 else None
        yield transposed((1, 1 + n % 4, 2), (k, 3), bias, output_padding=added, **given)
    for k, d, padding in product(range(1, 5), (2, 3, 4), ("Same", "VALID")):
        yield transposed((1, 4, 2), (k, 2), strides=1, padding=padding, dilation_rate=d)


def planes():
    both = [(1, 1), (1, 2), (3, 1), (2, 3)]
    for n, (kernel, strides, padding) in enumerate(
        product([(1, 3), (2, 1), (4, 3), (2, 5)], both, ("same", "valid"))
    ):
        x = ((2, 3, 2, 2), (1, 1, 4, 2), (1, 2, 1, 2))[n % 3]
        given = {"strides": strides, "padding": padding, "data_format": (None, LAST)[n % 2]}
        if n % 3 == 0:
            given["output_padding"] = tuple(
                (s - 1) if padding == "valid" or k % 2 else s
                for s, k in zip(strides, kernel, strict=True)
            )
        yield transposed(x, (*kernel, 3), 3 if n % 2 else None, **given)
    for n, (strides, padding, dilation) in enumerate(
        product(both, ("same", "valid"), ((1, 1), (2, 1), (2, 3)))
    ):
        given = {"strides": strides, "padding": padding, "dilation_rate": dilation}
        data_format = (LAST, FIRST)[n % 2]
        x = (1, 3, 2, 2) if data_format == LAST else (2, 2, 2, 3)
        yield transposed(x, (3, 2, 2), 2, data_format=data_format, **given)


def volumes():
    for n, (kernel, strides, padding) in enumerate(
        product([(1, 2, 3), (2, 2, 1)], [(1, 1, 1), (2, 1, 3), (2, 3, 2)], ("same", "valid"))
    ):
        data_format = (LAST, FIRST)[n // 2 % 2]
        x = (1, 2, 1, 3, 2) if data_format == LAST else (1, 2, 2, 1, 3)
        given = {"strides": strides, "padding": padding, "data_format": data_format}
        yield transposed(x, (*kernel, 2), 2 if n % 3 else None, **given)


def convolutions():
    for n, (k, s, padding) in enumerate(product(range(1, 6), range(1, 4), ("same", "valid"))):
        yield forward((2, 5 + n % 4, 2), (k, 2), strides=s, padding=padding)
    for n, (kernel, strides, padding) in enumerate(
        product([(1, 3), (2, 4)], [(1, 2), (3, 2)], ("same", "Valid"))
    ):
        x = ((1, 5, 4, 2), (1, 2, 4, 5))[n % 2]
        given = {"strides": strides, "padding": padding, "data_format": (LAST, FIRST)[n % 2]}
        yield forward(x, (*kernel, 2), 2, **given)
    for k, d, padding in product((1, 2, 4), (1, 2, 3), ("same", "causal")):
        yield forward((1, 11, 2), (k, 2), 2, padding=padding, dilation_rate=d)
    for k, s in product((2, 3), (2, 3)):
        given = {"strides": s, "padding": "CAUSAL"}
        yield forward((1, 7, 4), (k, 4), groups=2, **given)
        yield forward((1, 4, 7), (k, 4), groups=4, data_format=FIRST, **given)
    for groups, strides, padding in product((1, 2, 4), (1, 2), ("same", "valid")):
        given = {"strides": strides, "padding": padding, "groups": groups}
        yield forward((1, 4, 3, 4), (2, 3, 8), 8, **given)
        yield forward((1, 3, 3, 2, 4), (2, 3, 1, 4), **given)


def ups():
    scales = [(1, 1), (1, 2), (2, 1), (3, 2), (4, 5), (2, 7)]
    for n, (way, x, scale) in enumerate(
        product(WAYS, [(1, 1), (1, 4), (2, 3), (5, 2)], scales),
    ):
        word = way.upper() if n % 5 == 0 else way
        given = {"size": scale, "interpolation": word}
        if n % 3 == 0:
            yield UP, {"inputs": (1, 2, *x)}, given | {"data_format": FIRST}
        else:
            yield UP, {"inputs": (1, *x, 1)}, given
    for way in WAYS:
        values = tuple(0.1 * n**2 - n / 7 for n in range(12))
        for dtype in ("float32", "float64"):
            given = {"values": tuple(tuple((v,) for v in values[r:][:4]) for r in (0, 4, 8))}
            arrays = {"inputs": {"values": (given["values"],), "dtype": dtype}}
            yield UP, arrays, {"size": (3, 2), "interpolation": way}
    for size in (1, 4):
        yield UP, {"inputs": (2, 3, 2)}, {"size": size}
        yield (
            UP,
            {"inputs": (1, 2, 3, 1, 2)},
            {"size": (size, 2, 3), "data_format": "Channels_Last"},
        )


def layouts():
    """Yield empty batches, and data formats and words in any case."""
    for axes in (1, 2, 3):
        x, kernel = (0, *[3] * axes, 2), (*[3] * axes, 2)
        yield transposed(x, kernel, strides=2, padding="same")
        yield transposed(x, kernel, 2, strides=2, output_padding=1)
        yield UP, {"inputs": x}, {"size": 2}
    for data_format in ("CHANNELS_LAST", "Channels_last"):
        yield forward((1, 3, 2), (2, 2), padding="Same", data_format=data_format)
        yield transposed((1, 3, 2), (2, 2), padding="Same", data_format=data_format)
    yield transposed((1, 3, 2), (2, 2))
    yield forward((1, 3, 2), (2, 2))
    for way in WAYS:
        yield UP, {"inputs": (0, 2, 3, 1)}, {"size": 2, "interpolation": way}


def transposed_listing():
    squares = [(1, 1), (2, 2), (3, 3)]
    oblongs = [(1, 2), (3, 2), (2, 4)]
    grid = [
        *product(squares, [(k, k) for k in range(1, 7)], range(1, 6)),
        *product(oblongs, [(k, k) for k in range(1, 5)], range(1, 4)),
        *product(squares, [(2, 3), (3, 1), (4, 2)], (1, 2)),
    ]
    for x, kernel, s in grid:
        yield transposed((1, *x, 1), (*kernel, 1), strides=s, padding="same")


def convolution_listing():
    inputs = [(3, 3), (4, 4), (4, 5), (6, 3)]
    kernels = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (2, 3), (3, 1), (1, 4)]
    for x, kernel, s in product(inputs, kernels, (1, 2, 3)):
        yield forward((1, *x, 1), (*kernel, 1), strides=s, padding="same")


def refusals():
    x, w = (1, 4, 4, 2), (3, 3, 2, 2)
    arrays = {"inputs": x, "kernel": w}
    for given in (
        {"strides": 0},
        {"strides": (1, 0)},
        {"strides": (2, 2, 2)},
        {"padding": "full"},
        {"padding": "causal"},
        {"padding": None},
        {"data_format": "NHWC"},
        {"dilation_rate": 0},
    ):
        yield TRANSPOSED, arrays, given
        yield FORWARD, arrays, given
    yield TRANSPOSED, arrays, {"strides": (2,)}
    yield TRANSPOSED, arrays, {"strides": 2.0}
    for strides, padding, added in (
        (2, "valid", 2),
        (2, "valid", 3),
        ((2, 3), "valid", (1, 3)),
        (2, "same", 2),
        (2, "same", 3),
        (1, "valid", 1),
        (1, "same", 1),
        (2, "valid", -1),
        (2, "same", -1),
        (2, "valid", 1.0),
        (2, "valid", (1,)),
    ):
        given = {"strides": strides, "padding": padding, "output_padding": added}
        yield TRANSPOSED, arrays, given
    even = {"inputs": x, "kernel": (2, 4, 2, 2)}
    for added in (3, (2, 3), -1):
        yield TRANSPOSED, even, {"strides": 2, "padding": "same", "output_padding": added}
    for shapes in (
        {"inputs": (1, 4, 4, 3), "kernel": w},
        {"inputs": (1, 4, 2), "kernel": w},
        {"inputs": (1, 4), "kernel": (2, 4)},
        {"inputs": (1, 2, 2, 2, 2, 1), "kernel": (1, 1, 1, 1, 1, 1)},
    ):
        yield TRANSPOSED, shapes, {}
        yield FORWARD, shapes, {}
    yield FORWARD, {"inputs": (1, 4, 4, 4), "kernel": (3, 3, 2, 3)}, {}
    yield FORWARD, {"inputs": (1, 1, 1, 2), "kernel": (4, 1, 2, 2)}, {}
    for given in (
        {"groups": 0},
        {"groups": 2},
        {"groups": 4},
        {"groups": 3, "padding": "same"},
    ):
        yield FORWARD, arrays | {"bias": (2,)}, given
    for shape, given in (
        ((1, 3, 3, 1), {"size": 0}),
        ((1, 3, 3, 1), {"size": (2, -1)}),
        ((1, 3, 3, 1), {"size": (2,)}),
        ((1, 3, 3, 1), {"size": (2, 2, 2)}),
        ((1, 3, 3, 1), {"size": 2.0}),
        ((1, 3, 3, 1), {"size": 2, "interpolation": "linear"}),
        ((1, 3, 3, 1), {"size": 2, "interpolation": "lanczos"}),
        ((1, 3, 3, 1), {"size": 2, "data_format": "NCHW"}),
        ((1, 0, 3, 1), {"size": 2, "interpolation": "bilinear"}),
        ((1, 3, 1), {"size": (2,)}),
        ((1, 3, 1), {"size": 0}),
        ((1, 3, 1), {"size": 2, "interpolation": "bilinear"}),
        ((1, 3, 3, 3, 1), {"size": (2, 2)}),
        ((1, 3, 3, 3, 1), {"size": 2, "interpolation": "bilinear"}),
        ((3, 1), {"size": 2}),
    ):
        yield UP, {"inputs": shape}, given
