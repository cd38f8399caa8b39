"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["remove_unfinished", "whole_file"]

_START, _END = ".upweave-", ".tmp"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for writing under another name, and rename it when the block has ended well.

    Otherwise nothing of it is left, and a file that was there before stays as it was.
    """
    # Beside the target, so that renaming it cannot fail half-way; its own short name, as the
    # target's may be as long as the file system allows.
    temporary = path.parent / f"{_START}{secrets.token_hex(8)}{_END}"
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_unfinished(folder: Path) -> None:
    """Remove what killed writers left in a folder and those in it; nobody may be writing there."""
    for path in folder.rglob(f"{_START}*{_END}"):
        path.unlink(missing_ok=True)
