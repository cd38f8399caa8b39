"""Draws quality against cost: PSNR over multiply-adds and, where measured, over the time."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

import quality
from published import NETWORKS

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "quality.png"
SHOWN = "BSD100"  # the set with the most pictures
MARKERS = {"luma": "o", "RGB": "s"}
OURS, OTHERS = "#0072b2", "#555555"


@dataclass(frozen=True)
class Point:
    """A network in a panel."""

    label: str
    sees: str
    x: float
    psnr: float
    ours: bool


def draw(found: dict[str, Any], target: Path) -> None:
    """Draw what `quality.measured` has found, and what others have published."""
    names = quality.labels(found)
    bicubic, *rows = found["networks"]
    ours = [(name, row, row["scores"][SHOWN][0]) for name, row in zip(names[1:], rows, strict=True)]
    costs = [Point(n, r["sees"], r["multiply_adds"], psnr, True) for n, r, psnr in ours]
    costs += [
        Point(other.name, other.sees, cost, other.scores[SHOWN][0], False)
        for other in NETWORKS
        if (cost := other.multiply_adds) is not None
    ]
    times = [Point(n, r["sees"], 1e3 * r["seconds"], p, True) for n, r, p in ours if "seconds" in r]
    widths = [2, 1] if times else [1]
    figure, panels = plt.subplots(
        1,
        len(widths),
        figsize=(9.5 if times else 7, 4.6),
        width_ratios=widths,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    _panel(panels[0, 0], costs, "multiply-adds for a pixel of the input", bicubic["scores"])
    panels[0, 0].set_ylabel(f"PSNR on {SHOWN} ×{quality.SCALE}, dB")
    _legend(panels[0, 0], costs)
    if times:
        threads = found["about"]["threads"]
        _panel(panels[0, 1], times, f"ms to 1920 × 1080, {threads} threads", bicubic["scores"])
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes, points in zip(panels[0], (costs, times), strict=False):
        _label(axes, points)
    target.parent.mkdir(exist_ok=True)
    figure.savefig(target, dpi=110)
    plt.close(figure)


def _panel(axes: Axes, points: list[Point], title: str, bicubic: dict[str, Any]) -> None:
    axes.axhline(bicubic[SHOWN][0], color="0.6", linestyle="--", linewidth=1)
    for point in points:
        axes.plot(point.x, point.psnr, **_style(point.sees, ours=point.ours))
    axes.set(xscale="log", xlabel=title)
    axes.set_xlim(min(p.x for p in points) / 2.5, max(p.x for p in points) * 2.5)
    axes.grid(visible=True, which="major", color="0.9")
    axes.set_axisbelow(True)


def _style(sees: str, *, ours: bool) -> dict[str, Any]:
    """Return how a point is drawn: ours filled, others hollow."""
    colour = OURS if ours else OTHERS
    fill = colour if ours else "white"
    return {"marker": MARKERS[sees], "color": colour, "markerfacecolor": fill, "linestyle": "none"}


def _legend(axes: Axes, points: list[Point]) -> None:
    for ours, sees in sorted({(point.ours, point.sees) for point in points}, reverse=True):
        whose = "ours" if ours else "published"
        axes.plot([], [], **_style(sees, ours=ours), label=f"{whose}, {sees}")
    axes.plot([], [], color="0.6", linestyle="--", linewidth=1, label="bicubic interpolation")
    axes.legend(loc="lower right", fontsize=8)


def _label(axes: Axes, points: Iterable[Point]) -> None:
    """Write each point's name beside it, where it meets no other name and no point."""
    scale = axes.figure.dpi / 72
    spots = {p: axes.transData.transform((p.x, p.psnr)) for p in points}
    taken = [
        Bbox.from_bounds(x - 4 * scale, y - 4 * scale, 8 * scale, 8 * scale)
        for x, y in spots.values()
    ]
    legend = axes.get_legend()
    if legend is not None:
        taken.append(legend.get_window_extent())
    inside = axes.get_window_extent()
    for point in sorted(spots, key=lambda p: p.psnr):
        text = axes.annotate(
            point.label,
            (point.x, point.psnr),
            (0, 0),
            textcoords="offset points",
            fontsize=8,
            color=OURS if point.ours else OTHERS,
        )
        for (dx, ha), (dy, va) in _places():
            text.set(ha=ha, va=va)
            text.xyann = (dx, dy)
            box = text.get_window_extent()
            clear = not any(box.overlaps(other) for other in taken)
            if clear and inside.containsx(box.x0) and inside.containsx(box.x1):
                break
        taken.append(text.get_window_extent())


def _places() -> Iterable[tuple[tuple[float, str], tuple[float, str]]]:
    """Return offsets and alignments of a name, from the best on."""
    yield from product([(6, "left"), (-6, "right")], [(0, "center")])
    for away in (6, 11, 16, 21):
        yield from product(
            [(0, "center"), (5, "left"), (-5, "right")], [(away, "bottom"), (-away, "top")]
        )
