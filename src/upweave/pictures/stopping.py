"""A wish to stop that reaches what libvips is doing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyvips

__all__ = ["Stop"]


class Stop(threading.Event):
    """An event that, when it is set, also ends libvips' work on the pictures at hand."""

    def __init__(self) -> None:
        super().__init__()
        self._images: dict[int, pyvips.Image] = {}

    def set(self) -> None:
        """Set the event; libvips ends with an error, soon."""
        super().set()
        for image in list(self._images.values()):
            image.set_kill(True)

    @contextmanager
    def ends(self, image: pyvips.Image) -> Iterator[None]:
        """Have libvips' work on a picture, in the block, end when the event is set.

        Raises
        ------
        InterruptedError
            In place of libvips' error, where it was set.
        """
        self._images[id(image)] = image
        try:
            if self.is_set():
                raise InterruptedError
            yield
        except Exception:
            if self.is_set():
                raise InterruptedError from None
            raise
        finally:
            del self._images[id(image)]
