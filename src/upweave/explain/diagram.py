"""A network drawn from left to right: a box for each layer, arcs over what they skip.

A box is as high as the square root of its channels; what it does, its shape and its cost stand
below it, in rows that all boxes share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from upweave.explain.boxes import Box, Network, boxes
from upweave.explain.drawing import COLOURS
from upweave.explain.stills import any_letters

__all__ = ["draw"]

# All lengths are inches, all sizes of letters points.
_WIDTH, _HEIGHT = 0.3, 0.14  # of a box, of one channel
_COLUMN, _GAP = 0.6, 0.16  # the least width of a column, and what is left between their texts
_MARGIN, _LINE = 0.15, 0.15
_ARC, _APART = 0.24, 0.08  # between arcs over each other, between their ends and a box's middle
_ABOVE = 0.12  # the boxes, where arcs begin to bend
_SMALL, _TEXT, _TITLE = 6, 7, 11
_INK, _ARCS = "#444444", "#b3541e"
_FILLS = {
    "Conv": COLOURS["input"],
    "ConvTranspose": COLOURS["kernel"],
    "DepthToSpace": COLOURS["output"],
    "Resize": COLOURS["output"],
    "input": "white",
}
_WIDER = 1.06  # letters drawn by dots than letters as they are designed
_NOTE = "Heights: square roots of channels. Outputs: channels × rows × columns."

Arc = tuple[int, int]
"""The places of two boxes, not neighbours, the second of which reads the first."""


def draw(network: Network, name: str) -> Figure:
    """Return a diagram of a network.

    Parameters
    ----------
    network : Network
        As `upweave.engine.onnx_summary.summarize` returns it, for an input of some size.
    name : str
        What to call it.

    Returns
    -------
    Figure
        Each text below a box has the ``gid`` "HEADING-BOX-LINE", where the input is box 0; each
        box "box-NUMBER"; each arrow "arrow-FROM-TO" or, where it passes over other boxes,
        "arc-FROM-TO". The titles have "title" and "totals".
    """
    title = "".join(c if c.isprintable() else " " for c in name)
    totals = (
        f"{network.parameters:,} parameters, "
        f"{float(network.multiply_adds):,.0f} multiply-adds for a pixel of the input"
    )
    layout = _Layout(tuple(boxes(network)), title, totals)
    figure = Figure(figsize=(layout.across, layout.total), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, layout.across), ylim=(0, layout.total))
    axes.set_axis_off()
    _draw_boxes(axes, layout)
    _draw_arcs(axes, layout)
    _draw_texts(axes, layout)
    return figure


@dataclass(frozen=True)
class _Layout:
    """Where everything goes: titles, arcs, boxes and rows of texts, from above.

    Attributes
    ----------
    boxes : tuple of Box
    title, totals : str
    """

    boxes: tuple[Box, ...]
    title: str
    totals: str

    @cached_property
    def rows(self) -> dict[str, int]:
        """The headings under which anything is said, and how many lines that takes."""
        cells = [box.cells() for box in self.boxes]
        lines = {heading: max(len(each[heading]) for each in cells) for heading in cells[0]}
        return {heading: count for heading, count in lines.items() if count}

    @cached_property
    def edges(self) -> list[float]:
        """Where the boxes' columns begin and end."""
        head = max(_wide(heading, _TEXT) for heading in self.rows) + _GAP
        return list(accumulate(map(_column, self.boxes), initial=_MARGIN + head))

    @cached_property
    def centres(self) -> list[float]:
        """The middles of the boxes' columns."""
        return [(start + end) / 2 for start, end in pairwise(self.edges)]

    @cached_property
    def levels(self) -> dict[Arc, int]:
        """How far up each arc goes."""
        return _levels({(a, b) for b, box in enumerate(self.boxes) for a in box.reads if b - a > 1})

    @cached_property
    def lines(self) -> float:
        """The height of the first line of texts."""
        return 2 * _MARGIN + sum(self.rows.values()) * _LINE

    @cached_property
    def highest(self) -> float:
        """The height of the highest box."""
        return max(map(_high, self.boxes))

    @property
    def middle(self) -> float:
        """The height of the boxes' middles."""
        return self.lines + _LINE + _MARGIN + self.highest / 2

    @property
    def shelf(self) -> float:
        """Where arcs begin to bend."""
        return self.middle + self.highest / 2 + _ABOVE

    @property
    def across(self) -> float:
        """The figure's width."""
        lines = (
            _wide(self.title, _TITLE, bold=True),
            _wide(self.totals, _TEXT),
            _wide(_NOTE, _SMALL),
        )
        return _MARGIN + max(self.edges[-1], _MARGIN + max(lines))

    @property
    def total(self) -> float:
        """The figure's height."""
        arcs = _ARC * (1 + max(self.levels.values(), default=-1))
        return self.shelf + arcs + 2 * _MARGIN + 3 * _LINE


def _column(box: Box) -> float:
    """Return how wide a box's column has to be."""
    texts = [line for lines in box.cells().values() for line in lines]
    return max(_COLUMN, *(_wide(text, _TEXT) + _GAP for text in texts))


def _wide(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text."""
    if not text.strip():
        return 0.0
    prop = FontProperties(weight="bold" if bold else "normal")
    with any_letters():
        path = TextPath((0, 0), text.replace("$", r"\$"), size=size, prop=prop)
    return _WIDER * float(path.get_extents().x1) / 72


def _high(box: Box) -> float:
    return _HEIGHT * math.sqrt(box.shape[0])


def _levels(arcs: set[Arc]) -> dict[Arc, int]:
    """Return how far up each arc goes, so that it passes over the shorter ones that it meets."""
    levels: dict[Arc, int] = {}
    for source, target in sorted(arcs, key=lambda arc: (arc[1] - arc[0], arc)):
        met = [level for (a, b), level in levels.items() if a < target and source < b]
        levels[source, target] = max(met, default=-1) + 1
    return levels


def _draw_boxes(axes: Axes, layout: _Layout) -> None:
    """Draw the boxes, and arrows between neighbours."""
    for n, (box, x) in enumerate(zip(layout.boxes, layout.centres, strict=True)):
        corner, high = (x - _WIDTH / 2, layout.middle - _high(box) / 2), _high(box)
        fill = _FILLS.get(box.operators[0], COLOURS["zero"])
        axes.add_patch(
            Rectangle(corner, _WIDTH, high, facecolor=fill, edgecolor=_INK, lw=0.8, gid=f"box-{n}")
        )
        if n - 1 in box.reads:
            ends = (layout.centres[n - 1] + _WIDTH / 2, x - _WIDTH / 2)
            path = Path([(end, layout.middle) for end in ends])
            _arrow(axes, path, _INK, f"arrow-{n - 1}-{n}")


def _draw_arcs(axes: Axes, layout: _Layout) -> None:
    """Draw an arrow for each arc: straight up to the shelf, over it, and down."""
    for (source, target), level in layout.levels.items():
        start, end = layout.centres[source] + _APART, layout.centres[target] - _APART
        first, last = (layout.middle + _high(layout.boxes[n]) / 2 for n in (source, target))
        # the peak of a cubic is at 3/4 of its controls
        shelf, controls = layout.shelf, layout.shelf + (level + 1) * _ARC / 0.75
        points = [(start, first), (start, shelf), (start, controls)]
        points += [(end, controls), (end, shelf), (end, last)]
        codes = [Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO]
        _arrow(axes, Path(points, codes), _ARCS, f"arc-{source}-{target}")


def _arrow(axes: Axes, path: Path, colour: str, gid: str) -> None:
    arrow = FancyArrowPatch(
        path=path, arrowstyle="-|>", mutation_scale=6, color=colour, linewidth=0.9, gid=gid
    )
    axes.add_patch(arrow)


def _draw_texts(axes: Axes, layout: _Layout) -> None:
    """Write the titles, and what is said of the boxes, a row for each heading."""
    top = layout.total - _MARGIN
    _text(axes, _MARGIN, top - _LINE, layout.title, size=_TITLE, weight="bold", gid="title")
    _text(axes, _MARGIN, top - 2.4 * _LINE, layout.totals, gid="totals")
    _text(axes, _MARGIN, _MARGIN, _NOTE, size=_SMALL, color=_INK)
    y = layout.lines
    for heading, lines in layout.rows.items():
        _text(axes, _MARGIN, y, heading, color=_INK)
        for n, (box, x) in enumerate(zip(layout.boxes, layout.centres, strict=True)):
            for line, text in enumerate(box.cells()[heading]):
                _text(axes, x, y - line * _LINE, text, ha="center", gid=f"{heading}-{n}-{line}")
        y -= lines * _LINE


def _text(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:  # noqa: ANN401
    axes.text(x, y, text, **{"size": _TEXT, "parse_math": False, **style})
