"""TensorFlow: `conv1d_transpose` to `conv3d_transpose` in a `tf.function`, with XLA and without.

Channels last, the only order that its own kernels have on a CPU. Depthwise layers are the gradient
of `depthwise_conv2d`, which is what TensorFlow has for them. Only layers: it reads no ONNX file.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import tensorflow as tf

from layers import LayerCase
from libraries import Case, Way, Ways

_CALLS = (tf.nn.conv1d_transpose, tf.nn.conv2d_transpose, tf.nn.conv3d_transpose)


def ways(case: Case, threads: int) -> Ways:
    """Return the layer with and without XLA."""
    if not isinstance(case, LayerCase):
        return {}
    _use(threads)
    return {
        "TensorFlow": partial(_prepare, case, xla=False),
        "TensorFlow XLA": partial(_prepare, case, xla=True),
    }


@cache
def _use(threads: int) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _prepare(case: LayerCase, *, xla: bool) -> Way:
    x = tf.constant(np.moveaxis(case.input(), 1, -1))
    w = tf.constant(np.moveaxis(case.weights(), (0, 1), (-1, -2)))
    layer = tf.function(_layer(case), jit_compile=xla)
    compiled = layer.get_concrete_function(x, w)
    return Way(lambda: compiled(x, w), lambda y: np.moveaxis(y.numpy(), -1, 1))


def _layer(case: LayerCase) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Return the layer as a function of x and w: "SAME" where that crops as it should."""
    g, inputs = case.geometry, case.layer.channels[0]
    same = _crops_as_same(case)
    size = case.output_size if same else g.full_size(case.layer.size)
    shape = (case.batch, *size, case.layer.channels[1])
    padding = "SAME" if same else "VALID"
    window = (
        ...,
        *(slice(b, b + n) for (b, _), n in zip(g.padding, case.output_size, strict=True)),
        slice(None),
    )

    if case.layer.groups == 1:
        call = _CALLS[g.ndim - 1]

        def full(x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
            return call(x, w, shape, g.stride, padding)

    elif case.layer.groups == inputs == case.layer.channels[1] and g.ndim == 2:
        strides = (1, *g.stride, 1)

        def full(x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
            # w (kh, kw, 1, C) in, (kh, kw, C, 1) wanted.
            w = tf.reshape(w, (*g.kernel, inputs, 1))
            return tf.nn.depthwise_conv2d_backprop_input(shape, w, x, strides, padding)

    else:
        raise NotImplementedError("TensorFlow has no transposed convolution in groups")
    return full if same else lambda x, w: full(x, w)[window]


def _crops_as_same(case: LayerCase) -> bool:
    """Tell whether "SAME" (s times as large, k - s cropped, the smaller half first) is meant."""
    g = case.geometry
    larger = tuple(i * s for i, s in zip(case.layer.size, g.stride, strict=True))
    begins = [max(k - s, 0) // 2 for k, s in zip(g.kernel, g.stride, strict=True)]
    return case.output_size == larger and begins == [begin for begin, _ in g.padding]
