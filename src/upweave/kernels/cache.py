"""Files that save a later run some work: machine code, and networks once read.

What lies there is run as the user's own code. So the folder is the user's own, nobody else may
write there, and every file ends in a checksum. Where there is no such folder, nothing is kept.
"""

import hashlib
import logging
import os
import re
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from upweave.whole import whole_file

_log = logging.getLogger("upweave")

_MOST_BYTES = 256 << 20
_OURS = re.compile(r"[0-9a-f]{64}\.[a-z]+|\.upweave-[0-9a-f]+\.tmp")
_CHECKSUM_BYTES = hashlib.sha256().digest_size


def folder() -> Path | None:
    """Return where the files lie: `UPWEAVE_CACHE`, else where this system keeps such things.

    None where no folder of the user's is known.
    """
    named = os.environ.get("UPWEAVE_CACHE")
    if named:
        return Path(named).absolute()
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        # the XDG Base Directory Specification: relative paths are to be ignored
        base = base if os.path.isabs(base) else os.path.join(home, ".cache")
    return Path(base, "upweave") if os.path.isabs(base) else None


def key(*parts: str | bytes) -> str:
    """Return a name for what follows from these parts alone."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def load(name: str) -> bytes | None:
    """Return what was stored under a name, or None where there is nothing whole."""
    try:
        place = _checked_folder()
        with open(place / name, "rb") as file:
            _refuse_others(os.fstat(file.fileno()), place / name)
            held = file.read()
        data, checksum = held[:-_CHECKSUM_BYTES], held[-_CHECKSUM_BYTES:]
        if checksum != _checksum(name, data):
            _log.info("%s is damaged and will be replaced", place / name)
            return None
        os.utime(place / name)  # so that what is in use is not the oldest
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _tell(_reason(error))
        return None
    return data


def store(name: str, data: bytes) -> None:
    """Keep ``data`` under a name (a `key`, a dot and a kind) for later runs, where that can be."""
    try:
        place = _checked_folder(make=True)
        with whole_file(place / name) as file:
            if os.name == "posix":
                os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.write(_checksum(name, data))
        _make_room(place)
    except OSError as error:
        _tell(_reason(error))


def describe() -> str:
    """Return the folder and what it holds, or why it is not used."""
    try:
        sizes = [status.st_size for status, _ in _files(_checked_folder())]
    except FileNotFoundError:
        sizes = []
    except OSError as error:
        return f"none: {_reason(error)}"
    return f"{folder()} ({len(sizes)} files, {sum(sizes) / 1e6:.1f} MB)"


def _checksum(name: str, data: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + data).digest()


def _checked_folder(*, make: bool = False) -> Path:
    place = folder()
    if place is None:
        raise PermissionError("this user has no home folder")
    if make and not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
    _refuse_others(place.stat(), place)
    return place


def _refuse_others(status: os.stat_result, path: Path) -> None:
    """Raise where others may write, or have written."""
    if os.name != "posix":
        return  # Windows gives every user a folder that others may not write to
    if status.st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to another user")
    if status.st_mode & 0o022:
        raise PermissionError(f"others may write to {path}")


def _files(place: Path) -> list[tuple[os.stat_result, Path]]:
    """Return our own files, and nothing else that may lie in the folder."""
    found = []
    for path in place.iterdir():
        if _OURS.fullmatch(path.name):
            with suppress(FileNotFoundError):  # another process has made room, or ended writing
                found.append((path.stat(), path))
    return found


@cache
def _make_room(place: Path) -> None:
    """Remove the files not used for longest where all are too large; once a process is enough."""
    files = _files(place)
    total = sum(status.st_size for status, _ in files)
    for status, path in sorted(files, key=lambda file: file[0].st_mtime):
        if total <= _MOST_BYTES:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size


def _reason(error: OSError) -> str:
    return f"{folder()}: {error.strerror}" if error.strerror else str(error)


@cache
def _tell(reason: str) -> None:
    """Say once why nothing is kept."""
    _log.info("compiled kernels are kept in memory only: %s", reason)
