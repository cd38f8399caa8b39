"""What a run over many pictures has done, so that a later run goes on where it ended.

A journal is a text file beside the folder of results; each line is a JSON object. "begun" names a
result before it is written, "failed" one that is not, "done" one that is, with the states of both
files and the settings.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

__all__ = ["BusyError", "Journal", "journal_of", "state_of"]

State = list[int]


class BusyError(OSError):
    """Another process is writing to the same folder. One line."""


def journal_of(folder: Path) -> Path:
    """Return where the journal of a folder of results lies: beside it."""
    return folder.parent / f"{folder.name}.upweave.jsonl"


class Journal:
    """The journal of a folder of results, open and locked until it is closed.

    Parameters
    ----------
    folder : Path
        Of the results.
    settings : str
        A digest of whatever decides what a result is.

    Raises
    ------
    BusyError
        Where another process has it open.
    OSError
        Where it cannot be written.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        self._folder = folder
        self._settings = settings
        path = journal_of(folder)
        self._file = path.open("a+b")
        if not _lock(self._file):
            self._file.close()
            raise BusyError(f"{folder}: another upweave is writing there; wait for it")
        self._file.seek(0)
        self._done: dict[str, dict[str, Any]] = {}
        self._begun: set[str] = set()
        text = self._file.read()
        for line in text.splitlines():
            self._note(line)
        if not text.endswith(b"\n"):  # a line that a killed process left unfinished
            self._file.write(b"\n")

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()  # and with it, the lock

    def _note(self, line: bytes) -> None:
        """Take in a line; one that a killed process left unfinished tells nothing."""
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if isinstance(entry, dict) and isinstance(name := entry.get("done"), str):
            self._done[name] = entry
            self._begun.discard(name)
        elif isinstance(entry, dict) and isinstance(name := entry.get("begun"), str):
            self._begun.add(name)
        elif isinstance(entry, dict) and isinstance(name := entry.get("failed"), str):
            self._begun.discard(name)

    def is_done(self, source: Path, target: Path) -> bool:
        """Tell whether a result is there, made of this source, as it is, with these settings."""
        entry = self._done.get(self._name(target))
        wanted = {
            "source": str(source.absolute()),
            "from": state_of(source),
            "to": state_of(target),
        }
        return (
            entry is not None
            and wanted["to"] is not None
            and entry == {"done": self._name(target), "settings": self._settings, **wanted}
        )

    def is_ours(self, target: Path) -> bool:
        """Tell whether a file is a result of such runs, unchanged since, and may be replaced."""
        name = self._name(target)
        if name in self._begun:
            return True
        return name in self._done and self._done[name].get("to") == state_of(target)

    def begin(self, target: Path) -> None:
        """Note that a result is about to be made."""
        self._write({"begun": self._name(target)})

    def fail(self, target: Path) -> None:
        """Note that a result was not made, and nothing of it written."""
        self._write({"failed": self._name(target)})

    def end(self, source: Path, state: State | None, target: Path) -> None:
        """Note that a result is there, made of a source that was in ``state`` (`state_of`)."""
        self._write(
            {
                "done": self._name(target),
                "settings": self._settings,
                "source": str(source.absolute()),
                "from": state,
                "to": state_of(target),
            }
        )

    def _name(self, target: Path) -> str:
        return os.path.relpath(target, self._folder)

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry).encode() + b"\n")  # appended as one piece
        self._file.flush()


def state_of(path: Path) -> State | None:
    """Return the size and the time of change of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]


def _lock(file: BinaryIO) -> bool:
    """Lock an open file for this process, until it is closed or the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  (of this system alone)

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  (of other systems alone)

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
