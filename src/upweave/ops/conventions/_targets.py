"""From a layer in our form to the weights and arguments of a framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from upweave.ops import _windows
from upweave.ops._checks import Floats
from upweave.ops._windows import Axis, Fitted, NoFitError, Value, Way, Word, axes_of, fit
from upweave.ops.conventions._layer import Layer


@dataclass(frozen=True)
class Given:
    """What a source's arguments say.

    Attributes
    ----------
    layer : Layer
    channels_last : bool
        Where the source has the channels of its data.
    batch : int, optional
        Of the input, where it is known; so is `size`, its spatial size.
    size : tuple of int, optional
    """

    layer: Layer
    channels_last: bool
    batch: int | None = None
    size: tuple[int, ...] | None = None


Written = tuple[Floats, dict[str, Any]]
"""A kernel in the framework's layout, and its other arguments."""


class NoWayError(Exception):
    """The framework has no layer with this window.

    Attributes
    ----------
    nearest : (kernel, arguments)
        A layer with a longer result, which holds the wanted one.
    crop : tuple of (begin, end)
        What to cut from that result's ends, per spatial axis.
    """

    def __init__(self, why: str, nearest: Written, crop: tuple[Value, ...]) -> None:
        super().__init__(why)
        self.nearest = nearest
        self.crop = crop


def to_torch(given: Given) -> Written:
    """Return what ``torch.nn.functional.conv_transpose1d``, ``2d`` or ``3d`` takes."""
    layer, _, values = _fitted(given.layer, {"": _windows.torch})
    padding, output_padding = zip(*values, strict=True)
    return layer.w, {
        "stride": layer.geometry.stride,
        "padding": padding,
        "output_padding": output_padding,
        "groups": layer.groups,
        "dilation": layer.geometry.dilation,
    }


def to_onnx(given: Given) -> Written:
    """Return what ONNX's ``ConvTranspose`` takes."""
    layer, _, values = _fitted(given.layer, {"": _windows.onnx})
    begins, ends, output_padding = zip(*values, strict=True)
    return layer.w, {
        "dilations": layer.geometry.dilation,
        "group": layer.groups,
        "kernel_shape": layer.geometry.kernel,
        "output_padding": output_padding,
        "pads": begins + ends,
        "strides": layer.geometry.stride,
    }


def to_keras(given: Given) -> Written:
    """Return what ``keras.ops.conv_transpose`` takes, or raise `NoWayError`."""

    def written(layer: Layer, padding: str, added: Value | None) -> Written:
        return _kernel_last(layer.w), {
            "strides": layer.geometry.stride,
            "padding": padding,
            "output_padding": added,
            "data_format": "channels_last" if given.channels_last else "channels_first",
            "dilation_rate": layer.geometry.dilation,
        }

    layer = _ungrouped(given.layer)
    try:
        layer, (word, padded), values = _fitted_without_zeros(layer, _windows.KERAS)
    except NoFitError:
        whole, crop = _before_a_crop(layer)
        nearest = written(whole, "valid", (0,) * layer.geometry.ndim)
        raise NoWayError(_why_not("keras", layer, crop), nearest, crop) from None
    return written(layer, word, tuple(added for (added,) in values) if padded else None)


def to_tensorflow(given: Given) -> Written:
    """Return what ``tf.nn.conv_transpose`` takes for the known input, or raise `NoWayError`."""
    if given.size is None or given.batch is None:
        raise ValueError(
            "input_shape: got None; the shape of the input, as TensorFlow's arguments hold that "
            "of the output, would do"
        )
    batch, inputs = given.batch, given.size

    def written(layer: Layer, padding: object) -> Written:
        axes = layer.geometry.ndim
        shape = _around(given, (batch,), layer.size(inputs), (layer.out_channels,))
        return _kernel_last(layer.w), {
            "output_shape": shape,
            "strides": layer.geometry.stride,
            "padding": padding,
            "data_format": _letters(given, "DHW"[-axes:]),
            "dilations": layer.geometry.dilation,
        }

    layer = given.layer if given.layer.geometry.ndim < 3 else _ungrouped(given.layer)
    ways = _windows.TENSORFLOW_2D if layer.geometry.ndim == 2 else _windows.TENSORFLOW
    try:
        layer, word, values = _fitted_without_zeros(layer, ways)
    except NoFitError:
        whole, crop = _before_a_crop(layer)
        raise NoWayError(
            _why_not("tensorflow", layer, crop), written(whole, "VALID"), crop
        ) from None
    if word == "EXPLICIT":
        return written(layer, _around(given, ((0, 0),), values, ((0, 0),)))
    return written(layer, word)


def to_jax(given: Given) -> Written:
    """Return what ``jax.lax.conv_transpose`` takes."""
    layer, way, values = _fitted(_ungrouped(given.layer), _windows.JAX)
    space = "HWD"[: layer.geometry.ndim]
    data = _letters(given, space)
    return _kernel_last(layer.w), {
        "strides": layer.geometry.stride,
        "padding": tuple(values) if any(values) else way,
        "rhs_dilation": layer.geometry.dilation,
        "dimension_numbers": (data, f"{space}IO", data),
        "transpose_kernel": True,
    }


def _fitted(layer: Layer, ways: Mapping[Word, Way]) -> tuple[Layer, Word, list[Value]]:
    """Return the layer with zeros among its taps, the way that does, and its values per axis."""
    way, fitted = fit(axes_of(layer.geometry), ways)
    return _with_zero_taps(layer, fitted), way, [one.value for one in fitted]


def _with_zero_taps(layer: Layer, fitted: Sequence[Fitted]) -> Layer:
    """Return the layer with the zeros among its taps that its axes have got."""
    w, g = layer.w, layer.geometry
    axes = [axis for axis, _ in fitted]
    for n, (before, after) in enumerate(zip(axes_of(g), axes, strict=True)):
        w = _with_zeros(w, n + 2, before, after)
    crop = [(axis.begin, axis.end) for axis in axes]
    return Layer.cropped(w, g.stride, [axis.dilation for axis in axes], crop, layer.groups)


def _with_zeros(w: Floats, at: int, before: Axis, after: Axis) -> Floats:
    """Return the weights with zeros among the taps of one axis."""
    apart = before.dilation // after.dilation
    first = (after.begin - before.begin) // after.dilation
    padded = np.zeros((*w.shape[:at], after.kernel, *w.shape[at + 1 :]), w.dtype)
    taps = (slice(None),) * at + (slice(first, first + (before.kernel - 1) * apart + 1, apart),)
    padded[taps] = w
    return padded


def _fitted_without_zeros(
    layer: Layer, ways: Mapping[Word, Way]
) -> tuple[Layer, Word, list[Value]]:
    """Do as `_fitted`, if need be without the zeros that the kernel's ends have already."""
    try:
        return _fitted(layer, ways)
    except NoFitError:
        return _fitted(_trimmed(layer), ways)


def _before_a_crop(layer: Layer) -> tuple[Layer, tuple[Value, ...]]:
    """Return the layer of the full output, and what to cut from its ends."""
    layer, _, crop = _fitted(layer, {"": _windows.cropped})
    g = layer.geometry
    uncut = [(0, 0)] * g.ndim
    return Layer.cropped(layer.w, g.stride, g.dilation, uncut, layer.groups), tuple(crop)


def _why_not(target: str, layer: Layer, crop: Sequence[Value]) -> str:
    axes = axes_of(layer.geometry)
    sizes = dict.fromkeys(f"{axis.stride}*i{axis.reach - axis.stride:+d}" for axis in axes)
    cuts = ", ".join(f"{begin}:{-end or ''}" for begin, end in crop)
    return (
        f'target: got "{target}" for a layer that crops to {" and ".join(sizes)} outputs of i '
        f"inputs, but {target} crops no axis or, with strides s, all to between s*(i-1) and s*i; "
        f'"valid" padding, then [{cuts}] of the spatial axes, would do'
    )


def _ungrouped(layer: Layer) -> Layer:
    """Return the layer as one group, its weights zero from each group's inputs to the others."""
    groups, w = layer.groups, layer.w
    rows, columns = w.shape[0] // groups, w.shape[1]
    dense = np.zeros((w.shape[0], columns * groups, *w.shape[2:]), w.dtype)
    for n in range(groups):
        inputs = slice(n * rows, (n + 1) * rows)
        dense[inputs, n * columns : (n + 1) * columns] = w[inputs]
    return Layer(dense, layer.geometry)


def _trimmed(layer: Layer) -> Layer:
    """Return the layer without taps at its kernel's ends that are zero: they do nothing."""
    w, g = layer.w, layer.geometry
    crop = []
    for axis, (begin, end) in enumerate(g.padding, start=2):
        others = tuple(n for n in range(w.ndim) if n != axis)
        used = np.flatnonzero(w.any(axis=others))
        first, last = (used[0], used[-1]) if len(used) else (0, 0)
        after, d = w.shape[axis] - 1 - last, g.dilation[axis - 2]
        w = np.take(w, range(first, last + 1), axis)
        crop.append((begin - int(first) * d, end - int(after) * d))
    return Layer.cropped(w, g.stride, g.dilation, crop, layer.groups)


def _kernel_last(w: Floats) -> Floats:
    """Return (C_in, C_out, *kernel) as (*kernel, C_out, C_in)."""
    return np.ascontiguousarray(np.moveaxis(w, (0, 1), (-1, -2)))


def _around(
    given: Given, batch: Sequence[Any], space: Sequence[Any], channels: Sequence[Any]
) -> tuple[Any, ...]:
    """Return one value per axis of the data, in the order of its axes."""
    return (*batch, *space, *channels) if given.channels_last else (*batch, *channels, *space)


def _letters(given: Given, space: str) -> str:
    return "".join(_around(given, ("N",), space, ("C",)))
