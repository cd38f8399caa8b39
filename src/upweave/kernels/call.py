"""The operator on NumPy arrays: generated kernels where there are some, the reference elsewhere."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.kernels import host
from upweave.kernels.layer import why_not
from upweave.kernels.operator import PLANS_KEPT, LayerOperator
from upweave.kernels.slabs import as_volumes, convolution_slabs, expanded, transposed_slabs
from upweave.kernels.tiles import empty
from upweave.ops import reference
from upweave.ops._arguments import check_arrays, check_input, check_weights
from upweave.ops._checks import whole
from upweave.ops.axes import PaddingPerAxis, PerAxis
from upweave.ops.geometry import Geometry

_log = logging.getLogger("upweave")

Array = npt.NDArray[Any]


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

    Notes
    -----
    Where it is less work, minimal filters compute groups of rows, which rounds otherwise than the
    definition does, by little (docs/speed.md). It depends on the layer and on the input's shape.

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
        reason = _why_reference(w, self.geometry, transposed=True)
        if reason is None:
            self._operator = _transposed(w, bias, self.geometry, groups)
        self.plan = _plan(reason, w.itemsize)
        self._shape = lru_cache(maxsize=PLANS_KEPT)(self._output_shape)

    def __call__(self, x: Array, *, out: Array | None = None, threads: int | None = None) -> Array:
        """Return the transposed convolution of `x`.

        Parameters
        ----------
        x : array of shape (N, C_in, *spatial), of the weights' dtype
            Read where it lies if its channels, or its columns, follow one another in memory (so
            ``np.moveaxis(y, -1, 1)`` of an array with channels last); else copied first.
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
        threads = host.default_threads() if threads is None else whole("threads", threads, 1)
        shape = self._shape(x.shape)
        if self.plan.way == "kernels":
            return _run(self._operator, x, shape, out, threads)
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

    def _output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        channels = self._w.shape[1] * self._groups
        return (shape[0], channels, *self.geometry.output_size(shape[2:]))


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
    if _why_reference(w, geometry, transposed=False) is None:
        operator = _convolution(w, bias, geometry, groups)
        shape = (x.shape[0], w.shape[0], *geometry.input_size(x.shape[2:]))
        return _run(operator, x, shape, None, host.default_threads())
    return reference.conv(
        x, w, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def _transposed(w: Array, bias: Array | None, geometry: Geometry, groups: int) -> LayerOperator:
    volumes = as_volumes(geometry)
    slabs = transposed_slabs(expanded(w), bias, volumes, groups)
    return LayerOperator(slabs, bias, volumes.output_size)


def _convolution(w: Array, bias: Array | None, geometry: Geometry, groups: int) -> LayerOperator:
    volumes = as_volumes(geometry)
    slabs = convolution_slabs(expanded(w), bias, volumes, groups)
    return LayerOperator(slabs, bias, volumes.input_size)


def _why_reference(w: Array, geometry: Geometry, *, transposed: bool) -> str | None:
    """Return why a layer has no generated kernel, or None."""
    if geometry.ndim > 3:
        return f"{geometry.ndim}-D layers have no kernels"
    return host.why_not() or why_not(geometry, transposed=transposed)


def _plan(reason: str | None, itemsize: int) -> Plan:
    if reason is not None:
        _log.info("a transposed convolution runs by the reference: %s", reason)
        return Plan("reference", reason)
    return Plan("kernels", f"{host.lanes(itemsize)} lanes, {host.registers()} registers")


def _run(
    operator: LayerOperator,
    x: Array,
    shape: tuple[int, ...],
    out: Array | None,
    threads: int,
) -> Array:
    _check_out(out, shape, x)
    direct = out is not None and out.flags.c_contiguous
    result = out if out is not None and direct else empty(shape, x.dtype)
    if result.size:
        operator(expanded(x), expanded(result), threads)
    return result if direct or out is None else _into(out, result, x)


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
