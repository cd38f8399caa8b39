"""From the weights and arguments of a framework to a layer in our form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from upweave.ops._checks import Floats, each
from upweave.ops.conventions import tensorflow
from upweave.ops.conventions._layer import Layer
from upweave.ops.conventions._targets import Given
from upweave.ops.conventions.jax import convolutions as jax
from upweave.ops.conventions.keras import convolutions as keras
from upweave.ops.conventions.keras._words import is_channels_first
from upweave.ops.conventions.onnx import convolutions as onnx
from upweave.ops.conventions.torch import convolutions as torch

Arguments = Mapping[str, Any]
Shape = Sequence[int] | None


def of_torch(kernel: Floats, arguments: Arguments, shape: Shape) -> Given:
    """Read what ``torch.nn.functional.conv_transpose1d``, ``2d`` or ``3d`` takes."""
    _check_names(arguments, ("stride", "padding", "output_padding", "groups", "dilation"))
    layer = torch.layer_of(kernel, **arguments)
    return Given(layer, False, *_batch_and_size(shape, layer, False))


def of_onnx(kernel: Floats, arguments: Arguments, shape: Shape) -> Given:
    """Read what ONNX's ``ConvTranspose`` takes."""
    cropped = ("auto_pad", "output_padding", "output_shape", "pads")
    _check_names(arguments, ("dilations", "group", "kernel_shape", "strides", *cropped))
    size = None if shape is None else tuple(shape)[2:]
    if size is None and arguments.get("output_shape") is not None:
        raise ValueError(
            "input_shape: got None; the shape of the input, as output_shape is given, would do"
        )
    layer = onnx.layer_of(kernel, size, **arguments)
    return Given(layer, False, *_batch_and_size(shape, layer, False))


def of_keras(kernel: Floats, arguments: Arguments, shape: Shape) -> Given:
    """Read what ``keras.ops.conv_transpose`` takes."""
    window = {name: value for name, value in arguments.items() if name != "data_format"}
    known = ("strides", "padding", "output_padding", "dilation_rate")
    _check_names(arguments, (*known, "data_format"))
    last = not is_channels_first(arguments.get("data_format"))
    layer = keras.layer_of(kernel, **window)
    return Given(layer, last, *_batch_and_size(shape, layer, last))


def of_tensorflow(kernel: Floats, arguments: Arguments, shape: Shape) -> Given:
    """Read what ``tf.nn.conv_transpose`` takes, which says the input's shape, too."""
    known = ("output_shape", "strides", "padding", "data_format", "dilations")
    _check_names(arguments, known)
    if "output_shape" not in arguments or "strides" not in arguments:
        raise TypeError(f"arguments: got {list(arguments)}; output_shape and strides too would do")
    layer = tensorflow.layer_of(kernel, **arguments)
    first = (arguments.get("data_format") or "").startswith("NC")
    size = tensorflow.input_size_of(kernel, **arguments)
    return Given(layer, not first, int(arguments["output_shape"][0]), size)


def of_jax(kernel: Floats, arguments: Arguments, shape: Shape) -> Given:
    """Read what ``jax.lax.conv_transpose`` takes."""
    layout = ("dimension_numbers", "transpose_kernel")
    window = ("strides", "padding", "rhs_dilation", "use_consistent_padding")
    _check_names(arguments, (*window, *layout))
    if "strides" not in arguments or "padding" not in arguments:
        raise TypeError(f"arguments: got {list(arguments)}; strides and padding too would do")
    layer = jax.layer_of(kernel, **arguments)
    batch, channels, *space = jax.input_axes(kernel.ndim, arguments.get("dimension_numbers"))
    last = channels == kernel.ndim - 1
    if shape is None:
        return Given(layer, last)
    sizes = _sizes(shape, layer)
    return Given(layer, last, sizes[batch], tuple(sizes[axis] for axis in space))


def _batch_and_size(
    shape: Shape, layer: Layer, last: bool
) -> tuple[int | None, tuple[int, ...] | None]:
    if shape is None:
        return None, None
    batch, *sizes = _sizes(shape, layer)
    return batch, tuple(sizes[:-1] if last else sizes[1:])


def _sizes(shape: Sequence[int], layer: Layer) -> tuple[int, ...]:
    return each("input_shape", shape, layer.geometry.ndim + 2, 0)


def _check_names(arguments: Arguments, known: Sequence[str]) -> None:
    for name in arguments:
        if name in ("bias", "B"):
            raise TypeError(
                f"arguments: got {name!r}; a list of kernel and bias as weights would do"
            )
        if name not in known:
            raise TypeError(f"arguments: got {name!r}; {', '.join(known)} would do")
