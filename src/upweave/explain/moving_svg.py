"""Figures that follow one another in one SVG file, by its own style sheet and no script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

from matplotlib.figure import Figure

from upweave.explain.stills import still

__all__ = ["join"]

_POINTS = 72  # an inch: matplotlib's unit in SVG
_OPENING = re.compile(r"^.*?<svg [^>]*>", re.DOTALL)
_NAMES = re.compile(r'((?<=\sid=")|(?<=url\(#)|(?<=href="#))')


def join(figures: Sequence[Figure], milliseconds: Sequence[int]) -> bytes:
    """Return an SVG file that shows each figure for its time, again and again.

    The last one stays for readers who have asked their system for less motion.
    """
    sizes = [[_POINTS * float(inches) for inches in f.get_size_inches()] for f in figures]
    width, height = (max(size[axis] for size in sizes) for axis in (0, 1))
    times = list(accumulate(milliseconds, initial=0))
    rules = [".frame{visibility:hidden}"]
    groups = []
    for n, (figure, size, span) in enumerate(zip(figures, sizes, pairwise(times), strict=True)):
        rules.append(_rule(n, *span, times[-1]))
        place = (width - size[0]) / 2, (height - size[1]) / 2
        groups.append(f'<g class="frame" id="frame{n}">{_nested(figure, n, place, size)}</g>\n')
    rules.append(
        "@media(prefers-reduced-motion:reduce){.frame{animation:none!important}"
        f"#frame{len(figures) - 1}{{visibility:visible}}}}"
    )
    style = "\n".join(rules)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {width:g} {height:g}">\n'
        f'<style>\n{style}\n</style>\n<rect width="100%" height="100%" fill="white"/>\n'
        f"{''.join(groups)}</svg>\n"
    ).encode()


def _rule(number: int, begin: int, end: int, total: int) -> str:
    """Return the rule by which a figure is seen from one moment to another of the whole time."""
    first, last = (f"{100 * moment / total:.4f}%" for moment in (begin, end))
    hidden = "0%{visibility:hidden}" if begin else ""
    return (
        f"@keyframes frame{number}{{{hidden}{first}{{visibility:visible}}"
        f"{last}{{visibility:hidden}}}}\n"
        f"#frame{number}{{animation:frame{number} {total}ms step-end infinite}}"
    )


def _nested(figure: Figure, number: int, place: tuple[float, float], size: Sequence[float]) -> str:
    """Return a figure as an element of another, its names made unlike those of its neighbours."""
    x, y = (f"{n:g}" for n in place)
    width, height = (f"{n:g}" for n in size)
    opening = (
        f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    )
    whole = still(figure, "svg").decode()
    return _OPENING.sub(opening, _NAMES.sub(f"frame{number}-", whole), count=1)
