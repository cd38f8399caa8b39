"""A comparison as one HTML page that needs nothing else: the pictures are in it."""

from __future__ import annotations

import base64
import html
import json
import math
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import files
from upweave.pictures.comparison import Comparison
from upweave.pictures.formats import FORMATS

__all__ = ["MOST", "page"]

MOST = 500_000
"""Pixels of a picture that the page shows; of a larger one it has the middle."""

Bytes = NDArray[np.uint8]


def page(comparison: Comparison, name: str) -> str:
    """Return the page.

    Parameters
    ----------
    comparison : Comparison
    name : str
        Of the picture.
    """
    height, width = comparison.original.shape[:2]
    rows, columns = _middle(height, width)
    shown = [("original", comparison.original)]
    shown += [(way.score.name, way.pixels) for way in comparison.ways]
    pictures = {title: _uri(pixels[rows, columns]) for title, pixels in shown}
    scores = [
        {
            "name": way.score.name,
            "psnr": round(way.score.psnr, 2) if math.isfinite(way.score.psnr) else None,
            "ssim": round(way.score.ssim, 4),
            "milliseconds": round(1e3 * way.seconds, 1),
        }
        for way in comparison.ways
    ]
    part = (rows.stop - rows.start, columns.stop - columns.start)
    values = {
        "name": html.escape(name),
        "scale": str(comparison.scale),
        "size": f"{width} × {height}",
        "part": ""
        if part == (height, width)
        else f"Shown is the middle, {part[1]} × {part[0]} pixels; the scores are of the whole.",
        "data": _in_script({"pictures": pictures, "scores": scores}),
    }
    text = resources.files("upweave.pictures").joinpath("comparison_page.html").read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{{ {key} }}}}", value)
    return text


def _middle(height: int, width: int) -> tuple[slice, slice]:
    """Return rows and columns of at most `MOST` pixels, of the picture's proportions."""
    share = min(1.0, math.sqrt(MOST / (height * width)))
    found = []
    for size in (height, width):
        kept = max(1, math.floor(size * share))
        found.append(slice((size - kept) // 2, (size - kept) // 2 + kept))
    return found[0], found[1]


def _uri(pixels: Bytes) -> str:
    encoded = files.encode(files.Picture(pixels), FORMATS["png"])
    return f"data:image/png;base64,{base64.b64encode(encoded).decode()}"


def _in_script(value: object) -> str:
    """Return JSON that cannot end the script element that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
