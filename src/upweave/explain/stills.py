"""Figures written to files: PNG, SVG, PDF."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from upweave.whole import whole_file

__all__ = ["STILL", "any_letters", "save_figure", "still"]

STILL = (".png", ".svg", ".pdf")
_DOTS = 110  # an inch
# Texts stay texts. Nothing random and no date: equal figures make equal files.
_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "upweave"}
_METADATA: dict[str, Any] = {"png": None, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure to a file, whole or not at all.

    Parameters
    ----------
    figure : Figure
    path : Path
        Ends in one of `STILL`; replaced if there.

    Raises
    ------
    ValueError
        Where it ends in anything else.
    OSError
        Where it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in STILL:
        raise ValueError(f"{path}: the name must end in {', '.join(STILL)}")
    content = still(figure, suffix[1:])
    with whole_file(path) as file:
        file.write(content)


def still(figure: Figure, kind: str) -> bytes:
    """Return a figure as a file of a kind: "png", "svg" or "pdf"."""
    file = io.BytesIO()
    with rc_context(_STYLE), any_letters():
        figure.savefig(file, format=kind, dpi=_DOTS, metadata=_METADATA[kind])
    return file.getvalue()


@contextmanager
def any_letters() -> Iterator[None]:
    """Let matplotlib draw, without a warning, a frame for each letter that its font lacks.

    A network's file may have any name. In SVG the letters themselves are kept.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
