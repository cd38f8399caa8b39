"""The convolution and the transposed convolution in each of its forms, step by step.

All take a map (H, W) and a kernel (K_h, K_w), one channel of each. Every number shown is one that
`upweave.ops.reference` returns: for the whole, or for the part of the input that a step has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Literal

import numpy as np

from upweave.explain.frames import Cell, Frame, Mark, Panel, Part, Steps, cells, marked, moved
from upweave.explain.maps import Map, convolved, scattered
from upweave.ops import reference
from upweave.ops.geometry import Geometry, Phase

__all__ = ["FORMS", "convolution", "matrix", "phases", "scatter", "zero_insertion"]


def convolution(x: Map, w: Map, geometry: Geometry) -> Steps:
    """Return a frame for every output of the convolution: the window that it sees, and its sum.

    Parameters
    ----------
    x : ndarray, shape (H, W)
    w : ndarray, shape (K_h, K_w)
    geometry : Geometry
        Of two axes; the convolution has no output padding.
    """
    y = convolved(x, w, geometry)
    padded = convolved(x, np.ones((1, 1)), Geometry((1, 1), padding=geometry.padding))
    around = _outside(padded.shape, geometry.padding, x.shape)
    title = "input, padded" if any(map(any, geometry.padding)) else "input"
    (top, _), (left, _) = geometry.padding
    window = _Window(
        lambda o: [_strided(o, geometry, t) for t in _all(w)],
        moved("input", _inside({(i + top, j + left): (i, j) for i, j in _all(x)}, padded)),
        moved("kernel", _all(w)),
    )
    return _sliding(window, padded, w, y, around, title)


def scatter(x: Map, w: Map, geometry: Geometry) -> Steps:
    """Return a frame for every input: its value times the kernel, added where it falls."""
    size = geometry.output_size(x.shape)

    def step(number: int, cell: Cell) -> Frame:
        falls = [_fallen(cell, tap, geometry) for tap in _all(w)]
        inside = [o for o in falls if all(0 <= n < m for n, m in zip(o, size, strict=True))]
        seen = np.nan_to_num(_until(x, number))
        return Frame(
            (
                _whole("input", x, marked("input", [cell])),
                Panel(
                    f"{_number(x[cell])} × kernel",
                    x[cell] * w,
                    marked("kernel", _all(w)),
                    parts=moved("kernel", _all(w)),
                ),
                Panel(
                    "output so far",
                    scattered(seen, w, geometry),
                    marked("output", inside),
                    parts=moved("output", cells(*map(range, size))),
                ),
            ),
            f"The value {_number(x[cell])} times the kernel is added at "
            f"row {falls[0][0]}, column {falls[0][1]}" + _cropped(falls, inside),
        )

    return Steps([partial(step, n, cell) for n, cell in enumerate(_all(x))])


def zero_insertion(x: Map, w: Map, geometry: Geometry) -> Steps:
    """Return the four steps: zeros between, zeros around, the kernel flipped, a convolution."""
    z = [s - 1 for s in geometry.stride]
    one = np.ones((1, 1))
    bed = Geometry((1, 1), geometry.stride)
    spread = scattered(x, one, bed)
    inserted = set(cells(*map(range, spread.shape))) - {
        (i * geometry.stride[0], j * geometry.stride[1]) for i, j in _all(x)
    }
    around = [
        (d * (k - 1) - begin, d * (k - 1) - end + a)
        for d, k, (begin, end), a in zip(
            geometry.dilation,
            geometry.kernel,
            geometry.padding,
            geometry.output_padding,
            strict=True,
        )
    ]
    flipped = np.flip(w)
    same = Geometry(kernel=w.shape, padding=around, dilation=geometry.dilation)
    ready = convolved(spread, one, Geometry((1, 1), padding=around))
    (top, _), (left, _) = around
    zeros = [(i + top, j + left) for i, j in inserted]
    zeros += _outside(ready.shape, around, spread.shape)
    apart = {(i * geometry.stride[0], j * geometry.stride[1]): (i, j) for i, j in _all(x)}
    inputs = moved("input", apart)
    in_all = {(i + top, j + left): shown for (i, j), shown in apart.items()}
    framed = moved("input", _inside(in_all, ready))
    turned = moved(
        "kernel", {tuple(k - 1 - n for k, n in zip(w.shape, t, strict=True)): t for t in _all(w)}
    )
    between = Panel("zeros between", spread, marked("zero", inserted), parts=inputs)
    steps = [
        Frame((_whole("input", x),), "1. The input."),
        Frame(
            (_whole("input", x), between),
            f"2. z = s − 1 = {_each(z)} zeros between neighbours.",
        ),
        Frame(
            (between, Panel("and around", ready, marked("zero", zeros), parts=framed)),
            f"3. p' = d (k − 1) − p = {_each(n for n, _ in around)} zeros before, "
            f"{_each(n for _, n in around)} after"
            + (" (below zero: rows and columns cut off)." if min(map(min, around)) < 0 else "."),
        ),
        Frame(
            (_whole("kernel", w), Panel("flipped", flipped, parts=turned)),
            "4. The flipped kernel slides over it at stride 1.",
        ),
    ]
    y = scattered(x, w, geometry)
    return Steps([partial(_same, frame) for frame in steps]) + _sliding(
        _Window(lambda o: [_strided(o, same, t) for t in _all(w)], framed, turned),
        ready,
        flipped,
        y,
        zeros,
        "zeros between and around",
        "flipped kernel",
    )


def matrix(x: Map, w: Map, geometry: Geometry) -> Steps:
    """Return a frame for every output: a row of the convolution's matrix, transposed, times x."""
    size = geometry.output_size(x.shape)
    y = scattered(x, w, geometry)
    whole = reference.convolution_matrix(
        w[np.newaxis, np.newaxis],
        size,
        stride=geometry.stride,
        padding=geometry.padding,
        dilation=geometry.dilation,
    )
    # The convolution makes more than x of this size if a >= s: those are zeros here.
    inputs = np.zeros(geometry.input_size(size))
    inputs[: x.shape[0], : x.shape[1]] = x
    column = inputs.reshape(-1, 1)
    first = Frame(
        (Panel("matrix of the convolution", whole),),
        f"The convolution takes {_size(size)} to {_size(x.shape)}: a row for each of its outputs.",
    )
    transposed = whole.T
    wide = inputs.shape[1]
    flat_inputs = moved("input", {(i * wide + j, 0): (i, j) for i, j in _all(x)})
    flat_outputs = moved("output", {(n, 0): cell for n, cell in enumerate(_all(y))})

    def step(n: int, cell: Cell) -> Frame:
        used = [k for k in range(len(column)) if transposed[n, k]]
        return Frame(
            (
                Panel("its transpose", transposed, marked("kernel", [(n, k) for k in used])),
                Panel("input", column, marked("input", [(k, 0) for k in used]), parts=flat_inputs),
                Panel(
                    "output",
                    _until(y.reshape(-1, 1), n),
                    marked("output", [(n, 0)]),
                    parts=flat_outputs,
                ),
                _mapped("as a map", y, n, cell),
            ),
            _sum([(transposed[n, k], column[k, 0]) for k in used], y[cell]),
        )

    return Steps([partial(_same, first), *(partial(step, n, c) for n, c in enumerate(_all(y)))])


def phases(x: Map, w: Map, geometry: Geometry) -> Steps:
    """Return a frame for every phase: the taps that it has, and the outputs that they make."""
    y = scattered(x, w, geometry)
    pairs = list(product(geometry.phases(0), geometry.phases(1)))

    def where(down: Phase, across: Phase) -> tuple[slice, slice]:
        (top, _), (left, _) = geometry.padding
        rows, columns = geometry.stride
        return (
            slice((down.index - top) % rows, None, rows),
            slice((across.index - left) % columns, None, columns),
        )

    def step(number: int) -> Frame:
        down, across = pairs[number]
        place = where(down, across)
        taps = cells(down.taps, across.taps)
        outputs = cells(*(range(n)[part] for n, part in zip(y.shape, place, strict=True)))
        shown = np.full(y.shape, np.nan)
        for known in pairs[: number + 1]:
            shown[where(*known)] = y[where(*known)]
        small = y[place] if outputs else np.full((1, 1), np.nan)
        kernel = w[np.ix_(down.taps, across.taps)] if taps else np.zeros((1, 1))
        return Frame(
            (
                _whole("input", x, marked("input", _all(x))),
                _whole("kernel", w, marked("kernel", taps)),
                Panel(
                    f"taps of phase {down.index}, {across.index}",
                    kernel,
                    parts=moved("kernel", _placed(kernel, taps)),
                ),
                Panel("their convolution", small, parts=moved("output", _placed(small, outputs))),
                Panel(
                    "output, woven",
                    shown,
                    marked("output", outputs),
                    parts=moved("output", _all(y)),
                ),
            ),
            f"Phase ({down.index}, {across.index}): {len(taps)} of {w.size} taps, an ordinary "
            f"convolution; its outputs lie {_each(geometry.stride)} apart.",
        )

    return Steps([partial(step, n) for n in range(len(pairs))])


Walkthrough = Callable[[Map, Map, Geometry], Steps]
FORMS: dict[str, Walkthrough] = {
    "convolution": convolution,
    "scatter": scatter,
    "zero-insertion": zero_insertion,
    "matrix": matrix,
    "phases": phases,
}
"""The walkthroughs by their names on the command line."""


@dataclass(frozen=True)
class _Window:
    """What slides: which cells an output sees, and what input and kernel show.

    Attributes
    ----------
    seen : callable
        Returns the cells that an output sees, in the order of the taps.
    inputs, taps : mapping of (row, column) to Part
    """

    seen: Callable[[Cell], list[Cell]]
    inputs: Mapping[Cell, Part]
    taps: Mapping[Cell, Part]


def _sliding(
    window: _Window,
    x: Map,
    w: Map,
    y: Map,
    zeros: list[Cell],
    title: str,
    kernel: str = "kernel",
) -> Steps:
    """Return a frame for every output of a convolution of ``x``, which is padded already."""

    def step(n: int, cell: Cell) -> Frame:
        seen = window.seen(cell)
        marks = marked("zero", zeros) | marked("input", seen)
        return Frame(
            (
                Panel(title, x, marks, parts=window.inputs),
                Panel(kernel, w, marked("kernel", _all(w)), parts=window.taps),
                _mapped("output", y, n, cell),
            ),
            _sum([(x[i], w[t]) for i, t in zip(seen, _all(w), strict=True)], y[cell]),
        )

    return Steps([partial(step, n, cell) for n, cell in enumerate(_all(y))])


def _same(frame: Frame) -> Frame:
    return frame


def _mapped(title: str, y: Map, last: int, cell: Cell) -> Panel:
    """Return the outputs up to the last that is known."""
    known = _until(y, last)
    return Panel(title, known, marked("output", [cell]), parts=moved("output", _all(y)))


def _all(values: Map) -> list[Cell]:
    return cells(*map(range, values.shape))


def _whole(
    kind: Literal["input", "kernel"], values: Map, marks: Mapping[Cell, Mark] | None = None
) -> Panel:
    """Return the input or the kernel as it is."""
    return Panel(kind, values, marks or {}, parts=moved(kind, _all(values)))


def _inside(places: Mapping[Cell, Cell], values: Map) -> dict[Cell, Cell]:
    """Return the places that are in a map."""
    there = set(_all(values))
    return {place: shown for place, shown in places.items() if place in there}


def _placed(values: Map, shown: list[Cell]) -> dict[Cell, Cell]:
    """Return the cells of a map and what they show, one after the other; nothing for nothing."""
    return dict(zip(_all(values), shown, strict=True)) if shown else {}


def _strided(cell: Cell, g: Geometry, tap: Cell) -> Cell:
    """Return the padded input that a tap of a convolution's output sees."""
    row, column = (
        o * s + t * d for o, s, t, d in zip(cell, g.stride, tap, g.dilation, strict=True)
    )
    return row, column


def _fallen(cell: Cell, tap: Cell, g: Geometry) -> Cell:
    """Return the output on which an input times a tap falls; it may lie outside."""
    row, column = (
        j * s + t * d - begin
        for j, s, t, d, (begin, _) in zip(cell, g.stride, tap, g.dilation, g.padding, strict=True)
    )
    return row, column


def _outside(
    shape: tuple[int, ...], around: Sequence[tuple[int, int]], inner: tuple[int, ...]
) -> list[Cell]:
    """Return the cells of a padded map that are padding."""
    (top, _), (left, _) = around
    inside = set(cells(range(top, top + inner[0]), range(left, left + inner[1])))
    return [cell for cell in cells(*map(range, shape)) if cell not in inside]


def _until(y: Map, last: int) -> Map:
    """Return the values up to the last that is known, NaN after it."""
    known = y.astype(np.float64).reshape(-1)
    known[last + 1 :] = np.nan
    return known.reshape(y.shape)


def _sum(products: list[tuple[float, float]], total: float) -> str:
    terms = " + ".join(f"{_number(a)}·{_number(b)}" for a, b in products if a and b)
    return f"{terms or '0'} = {_number(total)}"


def _cropped(falls: list[Cell], inside: list[Cell]) -> str:
    lost = len(falls) - len(inside)
    return f"; {lost} of {len(falls)} products fall into the padding." if lost else "."


def _number(value: float) -> str:
    return f"{value:g}"


def _each(numbers: Iterable[int]) -> str:
    """Return one number, where all are equal, or "a × b"."""
    found = list(numbers)
    return str(found[0]) if len(set(found)) == 1 else " × ".join(map(str, found))


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
