"""Frames written to files: still (a sheet of all), or moving."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from upweave.explain import moving_svg
from upweave.explain.drawing import draw, sheet
from upweave.explain.frames import Frame
from upweave.explain.stills import STILL, still
from upweave.whole import whole_file

__all__ = ["MOVING", "encoded", "save"]

MOVING = (".gif", ".webp", ".mp4")
_MILLISECONDS, _LAST = 900, 2500
_RATE = 10  # pictures of a film, a second


def save(frames: Sequence[Frame], path: Path, *, moving: bool = False) -> None:
    """Write frames to a file, whole or not at all.

    Parameters
    ----------
    frames : sequence of Frame
    path : Path
        Ends in one of `MOVING` or `stills.STILL`; replaced if there.
    moving : bool
        Let what ends in ".svg" move too.

    Raises
    ------
    ValueError
        Where it ends in anything else, or cannot move and should.
    ModuleNotFoundError
        Where it ends in ".mp4" and PyAV is not installed.
    OSError
        Where it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in STILL + MOVING:
        raise ValueError(f"{path}: the name must end in {', '.join(STILL + MOVING)}")
    if moving and suffix not in (*MOVING, ".svg"):
        raise ValueError(f"{path}: cannot move; a name in {', '.join(MOVING)} or .svg can")
    if moving and suffix == ".svg":
        content = moving_svg.join([draw(frame) for frame in frames], _durations(frames))
    else:
        content = encoded(frames, suffix[1:])
    with whole_file(path) as file:
        file.write(content)


def encoded(frames: Sequence[Frame], kind: str) -> bytes:
    """Return frames as a file: a sheet ("png", "svg", "pdf"), or moving ("gif", "webp", "mp4")."""
    return still(sheet(frames), kind) if f".{kind}" in STILL else _moving(frames, kind)


def _moving(frames: Sequence[Frame], kind: str) -> bytes:
    """Return an animation that repeats, in which the last frame stays longer."""
    pictures = [Image.open(io.BytesIO(still(draw(frame), "png"))) for frame in frames]
    width, height = (max(picture.size[n] for picture in pictures) for n in (0, 1))
    canvases = []
    for picture in pictures:
        canvas = Image.new("RGB", (width, height), "white")
        canvas.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        canvases.append(canvas)
    durations = _durations(frames)
    if kind == "mp4":
        return _film(canvases, durations)
    file = io.BytesIO()
    canvases[0].save(
        file, kind, save_all=True, append_images=canvases[1:], duration=durations, loop=0
    )
    return file.getvalue()


def _durations(frames: Sequence[Frame]) -> list[int]:
    return [_MILLISECONDS] * (len(frames) - 1) + [_LAST]


def _film(pictures: Sequence[Image.Image], durations: Sequence[int]) -> bytes:
    """Return an H.264 film, in which each picture is seen for so many milliseconds."""
    import av  # noqa: PLC0415  (of the extra `video`, which nothing else needs)

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=_RATE, options={"crf": "18"})
        # Chroma has half the size, so sides are even.
        stream.width, stream.height = (side + side % 2 for side in pictures[0].size)
        stream.pix_fmt = "yuv420p"
        for picture, duration in zip(pictures, durations, strict=True):
            whole = Image.new("RGB", (stream.width, stream.height), "white")
            whole.paste(picture)
            for _ in range(duration * _RATE // 1000):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(whole), "rgb24")))
        film.mux(stream.encode(None))
    return file.getvalue()
