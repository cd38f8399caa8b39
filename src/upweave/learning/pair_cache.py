"""Training pairs, decoded once: a file that is mapped into memory, and an index beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from upweave.learning.data import DataError, read_rgb
from upweave.learning.pairs import Form, Maps, Pair, make_pairs
from upweave.whole import whole_file

__all__ = ["PairFile", "open_pairs"]

_VALUES, _INDEX = "pairs.f32", "pairs.json"
_FORMAT = 2


class PairFile:
    """The pairs of a folder, read from disk where and when they are looked at.

    Pickled, it is the folder's name: processes that load batches share one copy in memory.

    Attributes
    ----------
    pairs : list of Pair
    names : list of str
        The picture that each is of.
    skipped : dict
        Names of pictures that gave none, and why.
    digest : str
        Of all the pictures (`upweave.learning.data.digest`).
    """

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / _INDEX).read_text())
        values = np.memmap(folder / _VALUES, np.float32, "r") if index["pairs"] else None
        form = Form(**index["key"]["form"])
        self.folder = folder
        self.pairs = [
            Pair(_maps(values, low), _maps(values, entry["high"]), form)
            for entry in index["pairs"]
            for low in entry["lows"]
        ]
        self.names: list[str] = [entry["name"] for entry in index["pairs"] for _ in entry["lows"]]
        self.skipped: dict[str, str] = index["skipped"]
        self.digest: str = index["key"]["digest"]

    def __reduce__(self) -> tuple[type[PairFile], tuple[Path]]:
        return PairFile, (self.folder,)


def open_pairs(folder: Path, paths: Sequence[Path], digest: str, form: Form) -> PairFile:
    """Open the folder's pairs, made first unless they are there and of these very pictures.

    Pictures that cannot be read, or are too small to be reduced, are left out; `PairFile.skipped`
    names them.

    Parameters
    ----------
    folder : Path
    paths : sequence of Path
        The pictures.
    digest : str
        Of their contents (`upweave.learning.data.digest`).
    form : Form
    """
    key = {"format": _FORMAT, "digest": digest, "form": asdict(form)}
    if not _is_of(folder, key):
        _make(folder, paths, form, key)
    return PairFile(folder)


def _is_of(folder: Path, key: dict[str, Any]) -> bool:
    """Tell whether the folder's file is whole and was made with this key."""
    try:
        index = json.loads((folder / _INDEX).read_text())
        size = (folder / _VALUES).stat().st_size
    except (OSError, ValueError):
        return False
    return bool(index["key"] == key and size == index["bytes"])


def _make(folder: Path, paths: Sequence[Path], form: Form, key: dict[str, Any]) -> None:
    """Decode the pictures, one in memory at a time; the index is written last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _INDEX).unlink(missing_ok=True)
    entries, skipped = [], {}
    with whole_file(folder / _VALUES) as file:
        for number, path in enumerate(paths):
            try:
                pairs = make_pairs(read_rgb(path), form, number)
            except (DataError, ValueError) as error:
                skipped[str(path)] = str(error).removeprefix(f"{path}: ")
                continue
            lows, high = [_append(file, p.low) for p in pairs], _append(file, pairs[0].high)
            entries.append({"name": str(path), "lows": lows, "high": high})
        size = file.tell()
    index = {"key": key, "bytes": size, "pairs": entries, "skipped": skipped}
    with whole_file(folder / _INDEX) as file:
        file.write(json.dumps(index, indent=1).encode())


def _append(file: BinaryIO, maps: Maps) -> dict[str, Any]:
    """Write maps and return where they are: values before them, and their shape."""
    place = {"start": file.tell() // maps.itemsize, "shape": list(maps.shape)}
    file.write(maps.tobytes())
    return place


def _maps(values: Maps | None, place: dict[str, Any]) -> Maps:
    assert values is not None
    start, shape = place["start"], tuple(place["shape"])
    maps: Maps = values[start : start + int(np.prod(shape))].reshape(shape)
    return maps.view(np.ndarray)
