"""Frames written to files: still (PNG, SVG, PDF: all of them on a sheet) or moving (GIF, WebP)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from upweave.explain.drawing import draw, sheet
from upweave.explain.frames import Frame
from upweave.explain.stills import STILL, save_figure, still
from upweave.whole import whole_file

__all__ = ["MOVING", "save"]

MOVING = (".gif", ".webp")
_MILLISECONDS, _LAST = 900, 2500


def save(frames: Sequence[Frame], path: Path) -> None:
    """Write frames to a file, whole or not at all.

    Parameters
    ----------
    frames : sequence of Frame
    path : Path
        Ends in one of `MOVING` or `stills.STILL`; replaced if there.

    Raises
    ------
    ValueError
        Where it ends in anything else.
    OSError
        Where it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix in STILL:
        save_figure(sheet(frames), path)
    elif suffix in MOVING:
        content = _moving(frames, suffix[1:])
        with whole_file(path) as file:
            file.write(content)
    else:
        raise ValueError(f"{path}: the name must end in {', '.join(STILL + MOVING)}")


def _moving(frames: Sequence[Frame], kind: str) -> bytes:
    """Return an animation that repeats, in which the last frame stays longer."""
    pictures = [Image.open(io.BytesIO(still(draw(frame), "png"))) for frame in frames]
    width, height = (max(picture.size[n] for picture in pictures) for n in (0, 1))
    canvases = []
    for picture in pictures:
        canvas = Image.new("RGB", (width, height), "white")
        canvas.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        canvases.append(canvas)
    file = io.BytesIO()
    canvases[0].save(
        file,
        kind,
        save_all=True,
        append_images=canvases[1:],
        duration=[_MILLISECONDS] * (len(canvases) - 1) + [_LAST],
        loop=0,
    )
    return file.getvalue()
