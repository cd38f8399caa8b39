"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["abandon", "check_place", "remove_unfinished", "whole_file"]

_START, _END = ".upweave-", ".tmp"
_unfinished: set[Path] = set()


def check_place(path: Path, *, overwrite: bool) -> None:
    """Refuse a file that could not be made, before any work is done.

    Raises
    ------
    FileExistsError, FileNotFoundError, PermissionError
        Where the file exists and may not be replaced, or its folder does not, or may not be written
        to. One line.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise FileExistsError(f"{path}: is a folder; name a file")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path}: exists already; give another name, or --overwrite")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"{path}: the folder {path.parent} may not be written to")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for writing under another name, and rename it when the block has ended well.

    Otherwise nothing of it is left, and a file that was there before stays as it was.
    """
    # Beside the target, so that renaming it cannot fail half-way; its own short name, as the
    # target's may be as long as the file system allows.
    temporary = path.parent / f"{_START}{secrets.token_hex(8)}{_END}"
    _unfinished.add(temporary)
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        _unfinished.discard(temporary)


def abandon() -> None:
    """Remove what threads of this process have not finished; they can then finish it no more."""
    for path in list(_unfinished):
        path.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what killed writers left in a folder and those in it; nobody may be writing there."""
    for path in folder.rglob(f"{_START}*{_END}"):
        path.unlink(missing_ok=True)
