"""Scores as CSV and JSON, and pictures of what they are made of."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import files, scores
from upweave.pictures.enlarger import Enlarger
from upweave.pictures.scores import Judged, Score, mean
from upweave.pictures.strips import side_by_side

__all__ = ["Scores", "as_csv", "as_json", "error_map", "judge_set", "strip"]

FULL = 32
"""Error that is black or white in a map, of 255."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Scores:
    """The scores of one enlarger on one set."""

    benchmark: str
    model: str
    scale: int
    pictures: list[Score]

    @property
    def mean(self) -> Score:
        """Over all pictures."""
        return mean(self.pictures)


def judge_set(
    enlargers: list[Enlarger],
    folder: Path,
    pictures: Path | None,
    progress: Callable[[float], object],
) -> list[Scores]:
    """Score enlargers of one scale on the set in ``folder``.

    Parameters
    ----------
    enlargers : list of Enlarger
        At least one.
    folder : Path
    pictures : Path or None
        Where, in a folder of the set's name and scale, a strip of each picture and a map of each
        enlarger's errors are written.
    progress : callable
        Called after each picture with the share done.

    Raises
    ------
    PictureError, ValueError
        As `scores.pairs` and `scores.judge`.
    """
    scale = enlargers[0].scale
    found = [Scores(folder.name, enlarger.name, scale, []) for enlarger in enlargers]
    pairs = scores.pairs(folder, scale)
    for number, pair in enumerate(pairs):
        row = [scores.judge(enlarger, pair) for enlarger in enlargers]
        for some, judged in zip(found, row, strict=True):
            some.pictures.append(judged.score)
        if pictures is not None:
            _draw(pictures / f"{folder.name}-x{scale}", enlargers, row)
        progress((number + 1) / len(pairs))
    return found


def _draw(folder: Path, enlargers: list[Enlarger], row: list[Judged]) -> None:
    """Write the strip of a picture, and a map of each enlarger's errors."""
    picture = row[0].score.name
    drawn = {f"{picture}.png": strip(row)}
    for enlarger, judged in zip(enlargers, row, strict=True):
        drawn[f"{picture}-{enlarger.name}-error.png"] = error_map(judged)
    folder.mkdir(parents=True, exist_ok=True)
    for name, pixels in drawn.items():
        files.write(folder / name, files.Picture(pixels), overwrite=True)


def as_csv(results: list[Scores]) -> str:
    """Return a line for each set, model and picture, and one for each mean."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("set", "scale", "model", "picture", "psnr", "ssim"))
    for some in results:
        for score in (*some.pictures, some.mean):
            what = some.benchmark, some.scale, some.model, score.name
            rows.writerow((*what, repr(score.psnr), repr(score.ssim)))
    return text.getvalue()


def as_json(results: list[Scores]) -> str:
    """Return a list of objects, one for each set and model; an infinite PSNR is null."""
    content = [
        {
            "set": some.benchmark,
            "scale": some.scale,
            "model": some.model,
            "mean": _values(some.mean),
            "pictures": {score.name: _values(score) for score in some.pictures},
        }
        for some in results
    ]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _values(score: Score) -> dict[str, float | None]:
    return {"psnr": score.psnr if math.isfinite(score.psnr) else None, "ssim": score.ssim}


def error_map(judged: Judged) -> Pixels:
    """Return the error as a picture (H, W): grey where there is none, lighter where it is above.

    Black and white are errors of `FULL` and more.
    """
    return np.clip(128 + judged.error * (127.5 / FULL), 0, 255).round().astype(np.uint8)


def strip(judged: list[Judged]) -> Pixels:
    """Return pictures side by side (H, W, 3): the input's pixels, every result, the original."""
    first = judged[0]
    factor = first.result.shape[0] // first.low.shape[0]
    blocks = first.low.repeat(factor, axis=0).repeat(factor, axis=1)
    return side_by_side([blocks, *(one.result for one in judged), first.original])
