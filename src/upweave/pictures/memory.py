"""How much memory a picture will take, and sharing what there is among those in work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upweave.pictures.picture import Header, PictureError

__all__ = ["Budget", "available", "needed"]


def needed(
    header: Header, size: tuple[int, int], network_size: tuple[int, int], copies: int = 0
) -> int:
    """Return about how many bytes enlarging a picture takes, from reading to writing.

    Parameters
    ----------
    header : Header
        Of the picture.
    size, network_size : (height, width)
        Of a frame of the result, and of what the networks make of it before it is resampled.
    copies : int
        Of a frame of the result in float32, that some manner of working takes besides.

    Notes
    -----
    A luma network's planes take 16 bytes a pixel of the picture and 4 of the result; the result is
    there twice, as pixels and for the encoder. Whole runs over pictures of 1.5 and 12 megapixels,
    grey, RGB and RGBA, in each manner of working, took 0.5 to 1.0 times as much, less what a run
    over 16 x 16 pixels takes.
    """
    value = header.dtype.itemsize * header.channels
    low = header.size[0] * header.size[1]
    high, made = (height * width for height, width in (size, network_size))
    kept = header.frames * (low + 2 * high) * value
    floats = made * header.channels * 4
    resampled = 2 * floats if size != network_size else 0
    return kept + 16 * low + made * (4 + value) + resampled + copies * floats


def available() -> int | None:
    """Return how many bytes of memory are free on this machine; None where it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None


class Budget:
    """Memory that threads share: who needs more than is left waits.

    Parameters
    ----------
    total : int or None
        In bytes; None: no limit.
    """

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Hold so many bytes during the block.

        Raises
        ------
        PictureError
            Where it is more than there is in all.
        """
        if self._total is not None and amount > self._total:
            raise PictureError(
                f"needs about {_gigabytes(amount)} of memory, of {_gigabytes(self._total)} allowed"
            )
        with self._changed:
            self._changed.wait_for(
                lambda: self._total is None or self._used + amount <= self._total
            )
            self._used += amount
        try:
            yield
        finally:
            with self._changed:
                self._used -= amount
                self._changed.notify_all()


def _gigabytes(amount: int) -> str:
    return f"{amount / 1e9:.1f} GB"
