"""The integers of a transposed convolution: sizes, windows and phases, along every axis.

One axis has the letters of arXiv:1603.07285 ("A guide to convolution arithmetic"): input size i,
output size o, kernel k, stride s, padding p, output padding a; and dilation d. The guide's
relations are for equal padding at both ends and, from 6 to 14, without dilation; here p is a
pair (begin, end).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from upweave.ops.axes import (
    GeometryError,
    PaddingPerAxis,
    PerAxis,
    padding_per_axis,
    per_axis,
)

if TYPE_CHECKING:
    from upweave.ops.solving import Solution


@dataclass(frozen=True)
class Phase:
    """The taps that reach every s-th output of an axis.

    Output ``o`` with ``o + begin = q * s + index`` receives the sum over ``n`` of
    ``x[q - shifts[n]] * w[taps[n]]``.

    Attributes
    ----------
    index : int
        0 to s - 1.
    taps : tuple of int
        Ascending. None where the index is no multiple of gcd(d, s), or the kernel is too short.
    shifts : tuple of int
        One for each tap.
    """

    index: int
    taps: tuple[int, ...]
    shifts: tuple[int, ...]


@dataclass(frozen=True, init=False)
class Geometry:
    """Where a transposed convolution puts each product of an input and a tap.

    Along one axis, the full output has the size ``(i - 1) * s + d * (k - 1) + 1``, and input ``j``
    times tap ``t`` falls on ``j * s + t * d`` of it. The output is the window that leaves out
    ``begin`` and ``end - a`` of its ends; where these are negative, it is longer than the full
    output, and zero there.

    The same geometry describes the convolution whose transpose this is, with stride s, padding p
    and dilation d.

    Parameters
    ----------
    kernel : int or sequence of int
        Taps, at least 1 on each axis. The number of values is the number of axes; an int is 1-D.
    stride, dilation : int or sequence of int
        At least 1. An int is for every axis.
    padding : int or sequence of int or of (begin, end)
        Cropped from the full output; may be negative. An int is for both ends.
    output_padding : int or sequence of int
        Added at the end, 0 to max(stride, dilation) - 1 as in PyTorch.

    Attributes
    ----------
    kernel, stride, output_padding, dilation : tuple of int
        One value per axis.
    padding : tuple of (int, int)
        A (begin, end) per axis.

    Raises
    ------
    TypeError
        If a value is not a whole number.
    GeometryError
        If a value is out of its range, or there is not one per axis.

    Examples
    --------
    >>> g = Geometry(kernel=(3, 3), stride=2, padding=1, output_padding=1)
    >>> g.output_size((64, 48))
    (128, 96)
    >>> g.phases(0)
    (Phase(index=0, taps=(0, 2), shifts=(0, 1)), Phase(index=1, taps=(1,), shifts=(0,)))
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]

    def __init__(
        self,
        kernel: PerAxis,
        stride: PerAxis = 1,
        padding: PaddingPerAxis = 0,
        output_padding: PerAxis = 0,
        dilation: PerAxis = 1,
    ) -> None:
        axes = len(kernel) if isinstance(kernel, Sequence) else 1
        if axes == 0:
            raise GeometryError(f"kernel: got {kernel!r}; at least one axis is needed")
        values = {
            "kernel": per_axis("kernel", kernel, axes, least=1),
            "stride": per_axis("stride", stride, axes, least=1),
            "padding": padding_per_axis(padding, axes),
            "output_padding": per_axis("output_padding", output_padding, axes, least=0),
            "dilation": per_axis("dilation", dilation, axes, least=1),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        for axis, (s, a, d) in enumerate(
            zip(self.stride, self.output_padding, self.dilation, strict=True)
        ):
            if a >= max(s, d):
                raise GeometryError(
                    f"output_padding: got {a} on axis {axis} with stride {s} and dilation {d}; "
                    f"less than the larger of these, so at most {max(s, d) - 1}, would do"
                )

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.kernel)

    def full_size(self, input_size: PerAxis) -> tuple[int, ...]:
        """Return the size of the full output, before cropping.

        Parameters
        ----------
        input_size : int or sequence of int
            Size of the input, at least 1 on each axis.

        Raises
        ------
        GeometryError
            If a size is less than 1.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2, padding=1).full_size(4)
        (9,)
        """
        sizes = per_axis("input_size", input_size, self.ndim, least=1)
        # Relation 12: o = s (i - 1) + k, with the k of a dilated kernel, d (k - 1) + 1.
        return tuple(
            s * (i - 1) + extent
            for i, s, extent in zip(sizes, self.stride, self._extents(), strict=True)
        )

    def output_size(self, input_size: PerAxis) -> tuple[int, ...]:
        """Return the size of the transposed convolution's output.

        Parameters
        ----------
        input_size : int or sequence of int
            Size of the input, at least 1 on each axis.

        Raises
        ------
        GeometryError
            If a size is less than 1, or the padding crops all of the output.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2, padding=1).output_size(4)
        (7,)
        """
        # Relation 14: o = s (i - 1) + a + k - 2p, with begin + end for 2p.
        limits = [
            full + a
            for full, a in zip(self.full_size(input_size), self.output_padding, strict=True)
        ]
        for axis, (limit, padding) in enumerate(zip(limits, self.padding, strict=True)):
            if limit - sum(padding) < 1:
                raise GeometryError(
                    f"padding: got {padding} on axis {axis}, which leaves nothing of the "
                    f"{limit} outputs; begin + end of at most {limit - 1} would do"
                )
        return tuple(n - sum(padding) for n, padding in zip(limits, self.padding, strict=True))

    def window(self, input_size: PerAxis) -> tuple[tuple[int, int], ...]:
        """Return the (start, size) of the output in the full output; zeros where it is outside.

        Parameters
        ----------
        input_size : int or sequence of int
            Size of the input, at least 1 on each axis.

        Raises
        ------
        GeometryError
            As `output_size`.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2, padding=((0, 1),)).window(4)
        ((0, 8),)
        """
        sizes = self.output_size(input_size)
        return tuple((begin, n) for (begin, _), n in zip(self.padding, sizes, strict=True))

    def input_size(self, output_size: PerAxis) -> tuple[int, ...]:
        """Return the size that the *convolution* of this geometry makes of `output_size`.

        It is the i of which the transposed convolution makes `output_size` with one a < s, where
        there is one. (PyTorch allows a >= s if d > s; such an a adds a // s to the i found here.)

        Parameters
        ----------
        output_size : int or sequence of int
            Size of the convolution's input, at least 1 on each axis.

        Raises
        ------
        GeometryError
            If a size is less than 1, or too small for the kernel.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2, padding=1).input_size((7,))
        (4,)
        """
        sizes = per_axis("output_size", output_size, self.ndim, least=1)
        found = []
        for axis, (n, (begin, end), s, extent) in enumerate(
            zip(sizes, self.padding, self.stride, self._extents(), strict=True)
        ):
            if n + begin + end < extent:
                raise GeometryError(
                    f"size {n} on axis {axis}: too small for a convolution of kernel "
                    f"{self.kernel[axis]}, dilation {self.dilation[axis]} and padding "
                    f"{(begin, end)}; at least {extent - begin - end} would do"
                )
            # Relations 6 and 15: the convolution's output is floor((n + 2p - k) / s) + 1.
            found.append((n + begin + end - extent) // s + 1)
        return tuple(found)

    def input_sizes(self, output_size: PerAxis) -> tuple[range, ...]:
        """Return, for each axis, the input sizes of which the layer makes `output_size`.

        Parameters
        ----------
        output_size : int or sequence of int
            Size of the transposed convolution's output, at least 1 on each axis.

        Returns
        -------
        tuple of range
            A single size, or none.

        Raises
        ------
        GeometryError
            If a size is less than 1.

        Examples
        --------
        >>> g = Geometry(kernel=3, stride=2, padding=1)
        >>> g.input_sizes(7), g.input_sizes(8)
        ((range(4, 5),), (range(0, 0),))
        """
        sizes = per_axis("output_size", output_size, self.ndim, least=1)
        found = []
        for n, (begin, end), a, s, extent in zip(
            sizes, self.padding, self.output_padding, self.stride, self._extents(), strict=True
        ):
            # Relation 14, o = s (i - 1) + a + k - 2p, solved for i.
            steps, rest = divmod(n + begin + end - a - extent, s)
            exists = rest == 0 and steps >= 0
            found.append(range(steps + 1, steps + 2) if exists else range(0))
        return tuple(found)

    def convolution_input_sizes(self, output_size: PerAxis) -> tuple[range, ...]:
        """Return, for each axis, the sizes of which the *convolution* makes `output_size`.

        It is the inverse of `input_size`, which rounds: s sizes have the same output.

        Parameters
        ----------
        output_size : int or sequence of int
            Size of the convolution's output, at least 1 on each axis.

        Returns
        -------
        tuple of range
            Sizes of at least 1; fewer than s, possibly none, where large padding leaves no more.

        Raises
        ------
        GeometryError
            If a size is less than 1.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2, padding=1).convolution_input_sizes(4)
        (range(7, 9),)
        """
        sizes = per_axis("output_size", output_size, self.ndim, least=1)
        # Relation 6: o = floor((i + 2p - k) / s) + 1, so i begins at s (o - 1) + k - 2p.
        firsts = [
            s * (n - 1) + extent - begin - end
            for n, (begin, end), s, extent in zip(
                sizes, self.padding, self.stride, self._extents(), strict=True
            )
        ]
        return tuple(
            range(max(first, 1), max(first + s, 1))
            for first, s in zip(firsts, self.stride, strict=True)
        )

    @staticmethod
    def solve(
        input_size: PerAxis,
        output_size: PerAxis,
        *,
        kernel: PerAxis | None = None,
        stride: PerAxis | None = None,
        padding: PaddingPerAxis | None = None,
        output_padding: PerAxis | None = None,
        dilation: PerAxis | None = None,
    ) -> list[Solution]:
        """Return transposed convolutions that turn one size into another, the simplest first.

        What is searched, and in which order it is listed, says `upweave.ops.solving.solve`, which
        this is.

        Parameters
        ----------
        input_size, output_size, kernel, stride, padding, output_padding, dilation
            As that function takes them; its errors are the same, too.

        Examples
        --------
        >>> Geometry.solve(64, 128)[0].torch
        'kernel_size=2, stride=2'
        """
        from upweave.ops.solving import solve  # noqa: PLC0415  (which needs this module)

        return solve(
            input_size,
            output_size,
            kernel=kernel,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            dilation=dilation,
        )

    def phases(self, axis: int) -> tuple[Phase, ...]:
        """Return the s phases of an axis, by index.

        Parameters
        ----------
        axis : int
            0 to ``ndim - 1``.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2).phases(0)[1]
        Phase(index=1, taps=(1,), shifts=(0,))
        """
        k, s, d = self.kernel[axis], self.stride[axis], self.dilation[axis]
        # Input j and tap t fall on j s + t d = q s + r, so t d mod s = r and j = q - t d // s.
        found: list[list[int]] = [[] for _ in range(s)]
        for t in range(k):
            found[t * d % s].append(t)
        return tuple(
            Phase(r, tuple(taps), tuple(t * d // s for t in taps)) for r, taps in enumerate(found)
        )

    def taps_per_phase(self, axis: int) -> tuple[int, ...]:
        """Return how many taps each phase of an axis has; unequal numbers make a checkerboard.

        Parameters
        ----------
        axis : int
            0 to ``ndim - 1``.

        Examples
        --------
        >>> Geometry(kernel=3, stride=2).taps_per_phase(0)
        (2, 1)
        """
        return tuple(len(phase.taps) for phase in self.phases(axis))

    def _extents(self) -> tuple[int, ...]:
        """Return the size of the dilated kernel, d (k - 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
