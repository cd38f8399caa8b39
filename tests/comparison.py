"""The one way in which two results are compared; both functions always assert."""

from collections.abc import Callable

import numpy as np


def assert_equal_exactly(got, want):
    """Assert equal shapes, types and values; NaN equals nothing."""
    _assert_alike(got, want)
    different = np.argwhere(got != want)
    assert not len(different), _describe(got, want, different)


def assert_within_bound(
    got, want, operator: Callable[..., np.ndarray], x, w, bias=None, *, together=(), **options
):
    """Assert that got and want differ by at most 4 n eps sum|x w| in each output.

    Both the n terms of an output and their sum|x w| come from `operator`, applied to ones and to
    absolute values: it is called as ``operator(x, w, bias, **options)`` in double precision. With
    axes `together`, they are the largest along these: minimal filters round groups of outputs.
    """
    _assert_alike(got, want)
    terms = operator(*(_double(a, np.ones_like) for a in (x, w, bias)), **options)
    sums = operator(*(_double(a, np.abs) for a in (x, w, bias)), **options)
    if together:
        terms, sums = (a.max(axis=together, keepdims=True) for a in (terms, sums))
    bound = 4 * terms * np.finfo(got.dtype).eps * sums
    difference = np.abs(got.astype(np.float64) - want)
    different = np.argwhere(~(difference <= bound))
    assert not len(different), _describe(got, want, different)


def _double(array, change):
    return None if array is None else change(array.astype(np.float64))


def _assert_alike(got, want):
    assert got.shape == want.shape, f"got the shape {got.shape}, want {want.shape}"
    assert got.dtype == want.dtype, f"got the type {got.dtype}, want {want.dtype}"


def _describe(got, want, different):
    at = tuple(int(n) for n in different[0])
    count = f"{len(different)} of {got.size} values differ"
    return f"{count}, the first at {at}: got {got[at]!r}, want {want[at]!r}"
