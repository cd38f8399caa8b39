"""A transposed convolution carried from one framework to another, with an equal result.

Whatever the framework, the layer is a scatter of its weights and a window of that. The source's
arguments say which; the target's are sought that say the same. Two means make many layers equal
that do not look so: groups, where the target has none, become one kernel with zeros between the
groups; and a window that the target cannot cut is moved by taps of zero at the kernel's ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from upweave.ops._checks import Floats, check_bias, check_floats, one_of, what
from upweave.ops.conventions import _sources, _targets

__all__ = ["Conversion", "ConversionError", "convert"]

Weights = Floats | Sequence[Floats]

_READERS = {
    "torch": _sources.of_torch,
    "keras": _sources.of_keras,
    "tensorflow": _sources.of_tensorflow,
    "onnx": _sources.of_onnx,
    "jax": _sources.of_jax,
}
_WRITERS = {
    "torch": _targets.to_torch,
    "keras": _targets.to_keras,
    "tensorflow": _targets.to_tensorflow,
    "onnx": _targets.to_onnx,
    "jax": _targets.to_jax,
}


class Conversion(NamedTuple):
    """A layer in the target's words.

    Attributes
    ----------
    weights : array, or list of arrays
        As they were given, the kernel in the target's layout.
    arguments : dict
        What else the target's function takes, apart from its input.
    """

    weights: Weights
    arguments: dict[str, Any]


class ConversionError(ValueError):
    """The target has no layer with an equal result.

    Attributes
    ----------
    nearest : Conversion
        A layer of the target with a longer result, which holds the wanted one.
    crop : tuple of (begin, end)
        What to cut from that result's ends, per spatial axis.
    """

    def __init__(
        self, message: str, nearest: Conversion, crop: tuple[tuple[int, ...], ...]
    ) -> None:
        super().__init__(message)
        self.nearest = nearest
        self.crop = crop


def convert(
    weights: Weights,
    arguments: Mapping[str, Any],
    source: str,
    target: str,
    *,
    input_shape: Sequence[int] | None = None,
) -> Conversion:
    """Carry the weights and arguments of a transposed convolution to another framework.

    Parameters
    ----------
    weights : array, or sequence of the kernel and possibly the bias
        The kernel in the source's layout. The bias is the same vector everywhere; where the
        target's function takes none (TensorFlow, JAX), add it to the result.
    arguments : mapping
        What else the source's function takes, by its names: ``conv_transpose`` of the source's
        module in `upweave.conventions`, or ``conv_transpose1d``, ``2d`` or ``3d`` of PyTorch's.
    source, target : str
        "torch", "keras", "tensorflow", "onnx" or "jax".
    input_shape : sequence of int, optional
        The whole shape of the source's input. It is needed where the target is TensorFlow, whose
        arguments hold the shape of the output, unless the source is TensorFlow too; and for ONNX's
        ``output_shape``. Such a conversion is for inputs of this shape.

    Returns
    -------
    Conversion
        A pair ``(weights, arguments)``. Channels stay first or last as they are in the source,
        if the target can have them so; PyTorch and ONNX have them first.

    Raises
    ------
    ConversionError
        If the target has no such layer; only Keras lacks some. The message says why and what is
        nearest, which the error holds as `nearest` and `crop`.
    TypeError, ValueError
        If the source refuses weights or arguments, or the input's shape is needed.

    Notes
    -----
    The results are equal where all values are finite: zero times infinity is not a number.

    Examples
    --------
    Keras crops the odd one of "same" at the end, which PyTorch cannot; a tap of zero at the
    beginning makes the crop equal at both ends:

    >>> import numpy as np
    >>> kernel = np.ones((3, 3, 8, 4), np.float32)
    >>> weights, arguments = convert(kernel, {"strides": 2, "padding": "same"}, "keras", "torch")
    >>> weights.shape
    (4, 8, 4, 4)
    >>> arguments["stride"], arguments["padding"], arguments["output_padding"]
    ((2, 2), (1, 1), (0, 0))
    """
    read = _READERS[one_of("source", source, tuple(_READERS))]
    write = _WRITERS[one_of("target", target, tuple(_WRITERS))]
    kernel, *bias = _parts(weights)
    given = read(kernel, arguments, input_shape)
    for vector in bias:
        check_floats(weights=kernel, bias=vector)
        check_bias("bias", vector, given.layer.out_channels)

    def with_bias(written: _targets.Written) -> Conversion:
        converted, made = written
        alone = isinstance(weights, np.ndarray)
        return Conversion(converted if alone else [converted, *bias], made)

    try:
        return with_bias(write(given))
    except _targets.NoWayError as none:
        raise ConversionError(str(none), with_bias(none.nearest), none.crop) from None


def _parts(weights: Weights) -> Sequence[Floats]:
    """Return the kernel, and the bias if there is one."""
    if isinstance(weights, np.ndarray):
        return [weights]
    if isinstance(weights, Sequence) and len(weights) in (1, 2):
        return weights
    raise TypeError(
        f"weights: got {what(weights)}; a NumPy array, or a list of the kernel and possibly the "
        "bias, would do"
    )
