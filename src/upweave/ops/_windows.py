"""How a framework says where a transposed convolution's output lies, if it can; and zero taps.

A layer is the same to every input if three things are: its stride, the response to a single input
(its taps, and where the first of them falls on the output), and its reach, the size of the output
of a single input. Taps of zero at the kernel's ends change none of the three, but move the window
relative to the kernel's end; so with them, a framework can often say what it could not without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple, TypeVar

from upweave.ops.geometry import Geometry


@dataclass(frozen=True)
class Axis:
    """One axis of a layer.

    Attributes
    ----------
    kernel, stride, dilation : int
    begin, end : int
        What is cropped from the full output; zeros are added where it is negative.
    """

    kernel: int
    stride: int
    dilation: int
    begin: int
    end: int

    @property
    def extent(self) -> int:
        """Size of the dilated kernel."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def reach(self) -> int:
        """Size of the output of a single input; each further input adds a stride."""
        return self.extent - self.begin - self.end

    def with_zeros(self, before: int, after: int) -> Axis:
        """Return the same layer with so many taps of zero at the kernel's ends."""
        d = self.dilation
        return replace(
            self,
            kernel=before + self.kernel + after,
            begin=self.begin + before * d,
            end=self.end + after * d,
        )

    def dense(self) -> Axis:
        """Return the same layer with zeros in the kernel in the place of its dilation."""
        return replace(self, kernel=self.extent, dilation=1)


def axes_of(geometry: Geometry) -> list[Axis]:
    """Return the axes of a geometry; output padding is a smaller crop of the end."""
    return [
        Axis(k, s, d, begin, end - a)
        for k, s, d, (begin, end), a in zip(
            geometry.kernel,
            geometry.stride,
            geometry.dilation,
            geometry.padding,
            geometry.output_padding,
            strict=True,
        )
    ]


Word = TypeVar("Word")
Value = tuple[int, ...]
Way = Callable[[Axis], Value | None]
"""From an axis to the numbers that say its window in one way, or None where it cannot be said."""


def torch(axis: Axis) -> Value | None:
    """Return the padding of both ends and the output padding."""
    added = axis.begin - axis.end
    legal = axis.begin >= 0 and 0 <= added < max(axis.stride, axis.dilation)
    return (axis.begin, added) if legal else None


def onnx(axis: Axis) -> Value | None:
    """Return the pads of begin and end and the output padding, less than the stride."""
    added = max(-axis.end, 0)
    legal = axis.begin >= 0 and added < axis.stride
    return (axis.begin, max(axis.end, 0), added) if legal else None


def same(axis: Axis) -> Value | None:
    """Return () where "same" of Keras and JAX says it: a stride of output for every input."""
    begin = max((axis.extent - axis.stride) // 2, 0)
    return () if (axis.begin, axis.reach) == (begin, axis.stride) else None


def valid(axis: Axis) -> Value | None:
    """Return () where "valid" of Keras and JAX says it: no crop, and at least a stride."""
    whole = (0, max(axis.extent, axis.stride))
    return () if (axis.begin, axis.reach) == whole else None


def keras_same_padded(axis: Axis) -> Value | None:
    """Return the output padding of Keras's "same"."""
    added = axis.reach - axis.extent % 2
    legal = 0 <= added < axis.stride and axis.begin == max(axis.extent - axis.reach, 0) // 2
    return (added,) if legal else None


def keras_valid_padded(axis: Axis) -> Value | None:
    """Return the output padding of Keras's "valid"."""
    added = axis.reach - axis.extent
    return (added,) if axis.begin == 0 and 0 <= added < axis.stride else None


KERAS: Mapping[tuple[str, bool], Way] = {
    ("same", False): same,
    ("valid", False): valid,
    ("same", True): keras_same_padded,
    ("valid", True): keras_valid_padded,
}
"""By the padding's word, and by whether an output padding is given."""


def tensorflow_same(axis: Axis) -> Value | None:
    """Return () where TensorFlow's "SAME" says it, whose output may be up to s - 1 smaller."""
    begin = max(axis.extent - axis.reach, 0) // 2
    return () if axis.begin == begin and 1 <= axis.reach <= axis.stride else None


def tensorflow_valid(axis: Axis) -> Value | None:
    """Return () where TensorFlow's "VALID" says it, whose output may be up to s - 1 larger."""
    return () if axis.begin == 0 and 0 <= axis.reach - axis.extent < axis.stride else None


def tensorflow_explicit(axis: Axis) -> Value | None:
    """Return the explicit padding of begin and end; up to s - 1 zeros follow by the size."""
    legal = axis.begin >= 0 and -axis.end < axis.stride
    return (axis.begin, max(axis.end, 0)) if legal else None


TENSORFLOW: Mapping[str, Way] = {"SAME": tensorflow_same, "VALID": tensorflow_valid}
TENSORFLOW_2D = {**TENSORFLOW, "EXPLICIT": tensorflow_explicit}
"""Explicit padding is for two axes."""


def jax_pads(axis: Axis) -> Value:
    """Return JAX's padding of the input with zeros inserted: any window can be said."""
    return axis.extent - 1 - axis.begin, axis.extent - 1 - axis.end


JAX: Mapping[str, Way] = {"SAME": same, "VALID": valid, "PADS": jax_pads}


def cropped(axis: Axis) -> Value | None:
    """Return what to cut from the ends of the full output, where that is all."""
    return (axis.begin, axis.end) if min(axis.begin, axis.end) >= 0 else None


def said(axes: Sequence[Axis], way: Way) -> list[Value] | None:
    """Return the numbers of every axis, or None where one cannot be said."""
    values = [value for axis in axes if (value := way(axis)) is not None]
    return values if len(values) == len(axes) else None


class Fitted(NamedTuple):
    """An axis, possibly with zeros among its taps, and the numbers that say its window."""

    axis: Axis
    value: Value


class NoFitError(Exception):
    """No way of a framework says the windows of a layer."""


def fit(axes: Sequence[Axis], ways: Mapping[Word, Way]) -> tuple[Word, list[Fitted]]:
    """Return the first of the ways that does on all axes with the fewest taps, and the axes so.

    Raises
    ------
    NoFitError
        If none does, with any number of zeros.
    """
    found = []
    for word, way in ways.items():
        fitted = [one for axis in axes if (one := _with_fewest_zeros(axis, way)) is not None]
        if len(fitted) == len(axes):
            found.append((word, fitted))
    if not found:
        raise NoFitError
    return min(found, key=lambda one: prod(fitted.axis.kernel for fitted in one[1]))


def _with_fewest_zeros(axis: Axis, way: Way) -> Fitted | None:
    for candidate in _candidates(axis):
        value = way(candidate)
        if value is not None:
            return Fitted(candidate, value)
    return None


def _candidates(axis: Axis) -> Iterator[Axis]:
    """Yield the axis with more and more zeros, first at the ends, then within the kernel too."""
    # Moving the window to an end or to the middle of the kernel takes no more zeros than these.
    most = abs(axis.begin) + abs(axis.end) + 2
    for start in dict.fromkeys((axis, axis.dense())):
        for zeros in range(most + 1):
            for before in range(zeros + 1):
                yield start.with_zeros(before, zeros - before)
