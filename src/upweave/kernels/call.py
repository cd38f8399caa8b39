"""The operator on NumPy arrays: generated kernels where there are some, the reference elsewhere."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.kernels import host, instructions, program
from upweave.kernels.layer import Layer, why_not
from upweave.kernels.tiles import TileProgram, row_step
from upweave.ops import reference
from upweave.ops._arguments import check_arrays, check_input, check_weights
from upweave.ops.geometry import Geometry, PaddingPerAxis, PerAxis

_log = logging.getLogger("upweave")

Array = npt.NDArray[Any]

PLANS_KEPT = 8
"""Plans for so many sizes of input are kept; a plan takes longer to make than to run."""
_TILE_BYTES = 384 * 1024  # of a tile's input, to stay in the second-level cache
_TILES_PER_THREAD = 4  # so that threads end together
_WIDEST = 512  # input positions a tile


@dataclass(frozen=True)
class Plan:
    """Which way an operator runs.

    Attributes
    ----------
    way : str
        "kernels" (generated machine code) or "reference" (NumPy, the definition).
    why : str
        The reason, or the kernel's numbers.
    """

    way: str
    why: str

    def __str__(self) -> str:
        return f"{self.way}: {self.why}"


class PlaneOperator:
    """A layer on arrays (N, C, H, W) of float32, tile by tile.

    Parameters
    ----------
    layer : Layer
    output_size : callable
        From the input's (H, W) to the output's.
    """

    def __init__(
        self, layer: Layer, output_size: Callable[[tuple[int, ...]], tuple[int, ...]]
    ) -> None:
        self._layer = layer
        self._output_size = output_size
        self._planned = lru_cache(maxsize=PLANS_KEPT)(self._plan)

    def __call__(self, x: Array, out: Array, threads: int) -> None:
        """Compute `out` (C-contiguous) from `x`."""
        n, _, height, width = x.shape
        plan = self._planned(n, height, width, threads)
        plan.run(np.ascontiguousarray(x), out, threads)

    def _plan(self, n: int, height: int, width: int, threads: int) -> TileProgram:
        layer = self._layer
        out_height, out_width = self._output_size((height, width))
        row_size, column_size = self._tile(n, (out_height, out_width), threads)
        programs: list[instructions.Integers] = []
        keep: list[object] = [layer]
        scratch = 0
        for top in range(0, out_height, row_size):
            for left in range(0, out_width, column_size):
                size = (min(row_size, out_height - top), min(column_size, out_width - left))
                rows, floats, held = self._tile_program((height, width), (top, left), size)
                programs.append(rows)
                keep.append(held)
                scratch = max(scratch, floats)
        x_step, y_step = layer.in_channels * height * width, layer.out_channels * out_height
        tiles = [
            (rows.ctypes.data, len(rows), image * x_step, image * y_step * out_width)
            for image in range(n)
            for rows in programs
        ]
        return TileProgram(np.array(tiles, np.int64), [scratch], [programs, keep], layer.lanes)

    def _tile(self, n: int, out: tuple[int, ...], threads: int) -> tuple[int, int]:
        """Choose the rows and columns of output a tile."""
        layer = self._layer
        stride_rows, stride_columns = len(layer.rows.phases), len(layer.columns.phases)
        per_position = 4 * layer.in_channels
        wide = min(_WIDEST, _TILE_BYTES // per_position)
        if out[0] == 1:  # lines are shared by their columns
            wide = min(wide, -(-out[1] * n // (stride_columns * threads * _TILES_PER_THREAD)))
        columns = min(out[1], stride_columns * max(wide // layer.lanes, 1) * layer.lanes)
        positions = columns // stride_columns + len(layer.columns.offsets)
        halo = len(layer.rows.offsets) - 1
        fitting = _TILE_BYTES // (per_position * positions) - halo
        strips = -(-out[1] // columns)
        shared = -(-out[0] * n * strips // (stride_rows * threads * _TILES_PER_THREAD))
        return stride_rows * max(1, min(fitting, shared)), columns

    def _tile_program(
        self, x_size: tuple[int, int], first: tuple[int, int], size: tuple[int, int]
    ) -> tuple[instructions.Integers, int, list[object]]:
        """Return the program of a rectangle of output, its scratch floats and what it points to."""
        layer = self._layer
        (top, bottom), (left, right) = (
            axis.needs(start, start + extent)
            for axis, start, extent in zip((layer.rows, layer.columns), first, size, strict=True)
        )
        row = row_step(right - left)
        channel = row * (bottom - top)
        tile = instructions.Place(program.SCRATCH, 0, channel, row)
        image = instructions.Place(program.INPUT, 0, x_size[0] * x_size[1], x_size[1])
        gather, held = instructions.copy(
            image,
            tile,
            layer.in_channels,
            inside(top, bottom, x_size[0]),
            inside(left, right, x_size[1]),
            layer.lanes,
        )
        out = self._output_size(x_size)
        y = instructions.Place(
            program.OUTPUT, first[0] * out[1] + first[1], out[0] * out[1], out[1]
        )
        compute = layer.instructions(tile.moved(-top * row - left), y, first, size)
        floats = layer.in_channels * channel + 2 * layer.lanes
        return np.stack([gather, *compute]), floats, held


def inside(start: int, stop: int, size: int) -> instructions.Integers:
    """Return the indices ``start … stop - 1``, those outside ``0 … size - 1`` as `FILL`.

    Examples
    --------
    >>> inside(-1, 3, 2).tolist() == [instructions.FILL, 0, 1, instructions.FILL]
    True
    """
    indices = np.arange(start, stop)
    return np.where((indices >= 0) & (indices < size), indices, instructions.FILL)


class ConvTranspose:
    """A transposed convolution, prepared once and called often.

    Parameters
    ----------
    w : array of shape (C_in, C_out / groups, *kernel), float32 or float64
    bias : array of shape (C_out,), optional
    stride, padding, output_padding, dilation : int, or one value an axis
        As in `Geometry`; padding also takes a (begin, end) pair an axis.
    groups : int

    Attributes
    ----------
    geometry : Geometry
    plan : Plan
        Which way it runs, and why.

    Raises
    ------
    GeometryError
        Where the numbers describe no transposed convolution.
    TypeError, ValueError
        Where an array does not fit; the message names it.

    Examples
    --------
    >>> w = np.ones((16, 3, 4, 4), np.float32)
    >>> op = ConvTranspose(w, stride=2, padding=1)
    >>> op(np.ones((1, 16, 5, 8), np.float32)).shape
    (1, 3, 10, 16)
    """

    def __init__(
        self,
        w: Array,
        bias: Array | None = None,
        *,
        stride: PerAxis = 1,
        padding: PaddingPerAxis = 0,
        output_padding: PerAxis = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
    ) -> None:
        check_weights(w, bias, groups, transposed=True)
        # copies: what the caller does to the arrays later is not our operator
        w, bias = w.copy(), None if bias is None else bias.copy()
        self._w, self._bias, self._groups = w, bias, groups
        self.geometry = Geometry(w.shape[2:], stride, padding, output_padding, dilation)
        planes = _geometry_of_planes(self.geometry)
        reason = _why_reference(w, planes)
        if reason is None:
            layer = Layer.transposed(_as_planes(w), bias, planes, groups)
            self._planes = PlaneOperator(layer, planes.output_size)
        self.plan = _plan(reason)

    def __call__(self, x: Array, *, out: Array | None = None, threads: int | None = None) -> Array:
        """Return the transposed convolution of `x`.

        Parameters
        ----------
        x : array of shape (N, C_in, *spatial), of the weights' dtype
        out : array, optional
            Where the result goes: of its shape and dtype, not overlapping `x`.
        threads : int, optional
            The default is every core that the process may use (`UPWEAVE_NUM_THREADS`).

        Returns
        -------
        array of shape (N, C_out, *geometry.output_size(spatial))

        Raises
        ------
        GeometryError
            Where the input's size leaves no output.
        TypeError, ValueError
            Where an array does not fit; the message names it.

        Examples
        --------
        >>> op = ConvTranspose(np.ones((1, 1, 2)), stride=2)
        >>> out = np.empty((1, 1, 4))
        >>> op(np.array([[[1.0, 2.0]]]), out=out).tolist()
        [[[1.0, 1.0, 2.0, 2.0]]]
        """
        g = self.geometry
        check_input(x, self._w, self._groups, transposed=True)
        threads = host.default_threads() if threads is None else at_least_one("threads", threads)
        shape = (x.shape[0], self._w.shape[1] * self._groups, *g.output_size(x.shape[2:]))
        if self.plan.way == "kernels":
            return _run(self._planes, x, shape, out, threads)
        result = reference.phases(
            x,
            self._w,
            self._bias,
            stride=g.stride,
            padding=g.padding,
            output_padding=g.output_padding,
            dilation=g.dilation,
            groups=self._groups,
        )
        return _into(out, result, x)


def conv_transpose(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Array:
    """Return the transposed convolution of `x`.

    Parameters
    ----------
    x : array of shape (N, C_in, *spatial), of the type of `w`
    w, bias, stride, padding, output_padding, dilation, groups
        As `ConvTranspose` takes them; prepare one where the same weights are used again.

    Returns
    -------
    array of shape (N, C_out, *output)

    Raises
    ------
    GeometryError, TypeError, ValueError
        As `ConvTranspose` and its calls do.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> conv_transpose(x, w, stride=2, padding=1, output_padding=1).tolist()
    [[[2.0, 13.0, 20.0, 30.0]]]
    """
    operator = ConvTranspose(
        w,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    return operator(x)


def conv(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Array:
    """Return the convolution (cross-correlation) of `x`.

    Parameters
    ----------
    x : array of shape (N, C_in, *spatial), float32 or float64
    w : array of shape (C_out, C_in / groups, *kernel)
    bias : array of shape (C_out,), optional
    stride, padding, dilation : int, or one value an axis
        Padding also takes a (begin, end) pair an axis.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *output)

    Raises
    ------
    GeometryError
        Where the numbers describe no convolution, or the input is too small for the kernel.
    TypeError, ValueError
        Where an array does not fit; the message names it.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[1.0, 10.0]]])
    >>> conv(x, w, stride=2).tolist()
    [[[21.0, 43.0]]]
    """
    check_arrays(x, w, bias, groups, transposed=False)
    geometry = Geometry(w.shape[2:], stride, padding, 0, dilation)
    planes = _geometry_of_planes(geometry)
    if _why_reference(w, planes) is None and set(geometry.stride) == {1}:
        layer = Layer.convolution(_as_planes(w), bias, planes, groups)
        operator = PlaneOperator(layer, planes.input_size)
        shape = (x.shape[0], w.shape[0], *geometry.input_size(x.shape[2:]))
        return _run(operator, x, shape, None, host.default_threads())
    return reference.conv(
        x, w, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def _geometry_of_planes(g: Geometry) -> Geometry:
    """Return a geometry of lines as one of planes with a single row; others as they are."""
    if g.ndim != 1:
        return g
    padding = ((0, 0), *g.padding)
    return Geometry(
        (1, *g.kernel), (1, *g.stride), padding, (0, *g.output_padding), (1, *g.dilation)
    )


def _as_planes(array: Array) -> Array:
    """Return the same values with a row axis, where there are only lines."""
    return array[:, :, None] if array.ndim == 3 else array


def _why_reference(w: Array, planes: Geometry) -> str | None:
    """Return why a layer has no generated kernel, or None."""
    if planes.ndim != 2:
        return f"{planes.ndim}-D layers have no kernels yet"
    if w.dtype != np.float32:
        return f"{w.dtype} layers have no kernels yet"
    return host.why_not() or why_not(planes)


def _plan(reason: str | None) -> Plan:
    if reason is not None:
        _log.info("a transposed convolution runs by the reference: %s", reason)
        return Plan("reference", reason)
    return Plan("kernels", f"{host.lanes()} lanes, {host.registers()} registers")


def _run(
    operator: PlaneOperator,
    x: Array,
    shape: tuple[int, ...],
    out: Array | None,
    threads: int,
) -> Array:
    _check_out(out, shape, x)
    direct = out is not None and out.flags.c_contiguous
    result = out if out is not None and direct else np.empty(shape, np.float32)
    if result.size:
        operator(_as_planes(x), _as_planes(result), threads)
    return result if direct or out is None else _into(out, result, x)


def at_least_one(name: str, value: int) -> int:
    """Return `value`, a count, or raise a `ValueError` that calls it `name` where it is below 1.

    Examples
    --------
    >>> at_least_one("threads", 2)
    2
    """
    if value < 1:
        raise ValueError(f"{name} is {value}; it takes 1 or more")
    return value


def _into(out: Array | None, result: Array, x: Array) -> Array:
    if out is None:
        return result
    _check_out(out, result.shape, x)
    out[...] = result
    return out


def _check_out(out: Array | None, shape: tuple[int, ...], x: Array) -> None:
    if out is None:
        return
    if out.shape != shape or out.dtype != x.dtype:
        raise ValueError(f"out is {out.dtype} {out.shape}; the result is {x.dtype} {shape}")
    if np.may_share_memory(out, x):
        raise ValueError("out overlaps x; give it memory of its own")
