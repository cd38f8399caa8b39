"""Frames drawn with matplotlib: one at a time, or all of them on a sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from upweave.explain.frames import Cell, Frame, Mark, Panel

__all__ = ["COLOURS", "draw", "sheet"]

_CELL = 0.42  # inches that a cell takes, in a panel that is not shrunk
_LARGEST = 4.2  # inches of a panel's longer side
_GAP, _TITLE, _CAPTION = 0.4, 0.4, 0.45
_CHARACTER = 0.068  # inches of a title's
_NARROWEST = 4.6  # inches of a frame, for its caption
_TALLEST = 1.6  # times as high as wide may a sheet become before it gets another column

# Okabe and Ito's colours for those who see fewer (Color Universal Design, 2008), made lighter.
COLOURS: dict[Mark, str] = {
    "input": "#9ed3f5",
    "kernel": "#f7d08a",
    "output": "#93dcc4",
    "zero": "#d5d5d5",
}
_FEWEST_POINTS = 4.5


def draw(frame: Frame) -> Figure:
    """Return a figure of a frame: its panels from left to right, its caption below."""
    return sheet([frame])


def sheet(frames: Sequence[Frame]) -> Figure:
    """Return a figure of frames, in reading order, in as many columns as suit a page."""
    sizes = [_size(frame) for frame in frames]
    wide = max(size[1] for size in sizes)
    columns = 1
    while sum(_rows(sizes, columns)) > _TALLEST * columns * wide:
        columns += 1
    heights = _rows(sizes, columns)
    figure = Figure(figsize=(columns * wide, sum(heights)), facecolor="white")
    for number, frame in enumerate(frames):
        row, column = divmod(number, columns)
        below = sum(heights[row + 1 :])
        _place(figure, frame, column * wide, below, (heights[row], wide))
    return figure


def _rows(sizes: list[tuple[float, float]], columns: int) -> list[float]:
    """Return how high each row of a sheet is."""
    starts = range(0, len(sizes), columns)
    return [max(high for high, _ in sizes[n : n + columns]) for n in starts]


def _size(frame: Frame) -> tuple[float, float]:
    """Return the inches, down and across, that a frame takes."""
    panels = [_inches(panel) for panel in frame.panels]
    across = sum(slot for _, _, slot in panels) + _GAP * (len(panels) + 1)
    caption = (len(frame.caption) + 6) * _CHARACTER * 1.2
    return max(h for h, _, _ in panels) + _TITLE + _CAPTION, max(across, caption, _NARROWEST)


def _inches(panel: Panel) -> tuple[float, float, float]:
    """Return height and width of a panel, and the width that it takes with its title."""
    rows, columns = panel.values.shape[:2]
    cell = min(_CELL, _LARGEST / max(rows, columns))
    return rows * cell, columns * cell, max(columns * cell, len(_title(panel)) * _CHARACTER)


def _place(
    figure: Figure, frame: Frame, left: float, bottom: float, size: tuple[float, float]
) -> None:
    """Draw a frame into a part of a figure, all in inches."""
    across, total = figure.get_size_inches()
    high, wide = size
    panels = [_inches(panel) for panel in frame.panels]
    x = left + (wide - sum(slot for _, _, slot in panels) - _GAP * (len(panels) - 1)) / 2
    middle = bottom + _CAPTION + (high - _TITLE - _CAPTION) / 2
    for panel, (down, width, slot) in zip(frame.panels, panels, strict=True):
        start = x + (slot - width) / 2
        place = (start / across, (middle - down / 2) / total, width / across, down / total)
        _grid(figure.add_axes(place), panel, down / panel.values.shape[0])
        x += slot + _GAP
    figure.text(
        (left + wide / 2) / across,
        (bottom + _CAPTION / 2) / total,
        frame.caption,
        ha="center",
        va="center",
        fontsize=10,
    )


def _title(panel: Panel) -> str:
    rows, columns = panel.values.shape[:2]
    return f"{panel.title}, {rows} × {columns}"


def _grid(axes: Axes, panel: Panel, cell: float) -> None:
    rows, columns = panel.values.shape[:2]
    axes.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    axes.set_title(_title(panel), fontsize=8)
    colours = _colours(panel)
    numbers = panel.values if panel.values.ndim == 2 else np.full((rows, columns), np.nan)
    texts = {place: _text(value) for place, value in np.ndenumerate(numbers)}
    points = min(11.0, 72 * cell * 0.9 / max(1, *map(len, texts.values())) / 0.6)
    for (row, column), text in texts.items():
        colour = colours[row, column]
        axes.add_patch(
            Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="#777777", linewidth=0.6)
        )
        if points >= _FEWEST_POINTS:
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=points)


def _colours(panel: Panel) -> dict[Cell, object]:
    """Return what each cell is filled with."""
    rows, columns = panel.values.shape[:2]
    found: dict[Cell, object] = {}
    shades = colormaps["Blues"]
    least, most = (f(panel.values, initial=0) for f in (np.nanmin, np.nanmax))
    for cell in np.ndindex(rows, columns):
        if panel.values.ndim == 3:
            found[cell] = tuple(panel.values[cell])
        elif panel.shaded:
            found[cell] = shades(0.6 * (panel.values[cell] - least) / max(most - least, 1e-9))
        else:
            mark = panel.marks.get(cell)
            found[cell] = "white" if mark is None else COLOURS[mark]
    return found


def _text(value: float) -> str:
    if np.isnan(value):
        return ""
    text = f"{value:g}"
    return text if len(text) <= 5 else f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"
