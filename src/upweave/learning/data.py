"""Pictures to learn from: which there are, and how they are read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import colour, files

__all__ = [
    "EXCLUDED",
    "HELD_OUT",
    "DataError",
    "base_of",
    "digest",
    "find",
    "pictures_of",
    "read_rgb",
    "root",
    "validation",
]

HELD_OUT = tuple(f"train/General100/im_{n}.png" for n in range(10, 101, 10))
"""Never trained on: recipes are compared by their PSNR on these, the benchmarks stay unseen."""

EXCLUDED = ("train/T91/t65.png",)
"""The same picture as t36."""

SUFFIXES = {".png", ".jpg", ".jpeg"}


class DataError(ValueError):
    """Pictures that are not there or cannot be used; the message is one line."""


def root() -> Path:
    """Return the data folder that ``UPWEAVE_DATA`` names, or raise a `DataError`."""
    name = os.environ.get("UPWEAVE_DATA", "")
    if not name:
        raise DataError("UPWEAVE_DATA is not set: it names the folder that holds train/ and more")
    if not Path(name).is_dir():
        raise DataError(f"UPWEAVE_DATA: {name} is not a folder")
    return Path(name)


def base_of(folders: Sequence[str]) -> Path:
    """Return the folder below which training folders are looked for: `root`, if that is needed."""
    if all(Path(name).is_absolute() for name in folders) and not os.environ.get("UPWEAVE_DATA"):
        return Path.cwd()
    return root()


def find(folders: Sequence[str], base: Path) -> list[Path]:
    """List the training pictures in ``folders`` (below ``base``), in a fixed order.

    Leaves out `HELD_OUT` and `EXCLUDED`, and refuses the benchmark folder.
    """
    skipped = {(base / name).resolve() for name in (*HELD_OUT, *EXCLUDED)}
    benchmark = (base / "benchmark").resolve()
    found = []
    for name in folders:
        if (base / name).resolve().is_relative_to(benchmark):
            raise DataError(f"{name}: benchmarks are for scoring, never for training")
        found += [path for path in pictures_of(name, base) if path not in skipped]
    return found


def pictures_of(name: str, base: Path) -> list[Path]:
    """List the pictures of the folder ``name`` (below ``base``), sorted by name."""
    folder = (base / name).resolve()
    if not folder.is_dir():
        raise DataError(f"{name}: no such folder in {base}")
    pictures = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not pictures:
        raise DataError(f"{name}: no pictures ({', '.join(sorted(SUFFIXES))}) in {folder}")
    return pictures


def validation(folder: str, base: Path) -> list[Path]:
    """List the pictures of a validation folder; of none (""), the `HELD_OUT` that are there."""
    if folder:
        return pictures_of(folder, base)
    return [path for name in HELD_OUT if (path := base / name).is_file()]


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 over the files' names and contents, in the given order."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {path.parent.name}/{path.name}\n".encode())
    return total.hexdigest()


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Decode a picture to 8-bit RGB (H, W, 3); grey becomes RGB, an alpha channel is dropped."""
    try:
        pixels = files.read(path).pixels
    except (OSError, files.PictureError) as error:
        raise DataError(str(error)) from None
    if pixels.dtype != np.uint8:
        raise DataError(f"{path}: got {pixels.dtype} pixels; training takes 8-bit pictures")
    seen, _ = colour.apart(pixels)
    return np.stack([seen] * 3, axis=-1) if seen.ndim == 2 else seen
