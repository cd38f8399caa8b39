"""The networks of one family, loaded when their scale is first needed, in the manner asked for."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from upweave.pictures import models
from upweave.pictures.enlarger import Enlarger
from upweave.pictures.faithful import Faithful
from upweave.pictures.job import Manner
from upweave.pictures.manners import Blended, Turned, Wrapped
from upweave.pictures.models import Runtime
from upweave.pictures.upscale import Upscaler, load

__all__ = ["Family", "in_manner"]


def in_manner(upscaler: Upscaler, manner: Manner) -> Enlarger:
    """Return a network that works in a manner."""
    enlarger: Enlarger = upscaler
    if manner.turns:
        enlarger = Turned(enlarger)
    if manner.strength < 1:
        enlarger = Blended(enlarger, manner.strength)
    if manner.fidelity:
        enlarger = Faithful(enlarger)
    return Wrapped(enlarger, upscaler.radius) if manner.wrap else enlarger


class Family(Mapping[int, Enlarger]):
    """Enlargers by their scales.

    Parameters
    ----------
    names : mapping of int to str
        What `upscale.load` takes, by scale.
    manner : Manner
    runtime : {"upweave", "onnxruntime"}

    Attributes
    ----------
    names : dict of int to str
    """

    def __init__(self, names: Mapping[int, str], manner: Manner, runtime: Runtime) -> None:
        self.names = dict(names)
        self._manner, self._runtime = manner, runtime
        self._loaded: dict[int, Enlarger] = {}
        self._lock = threading.Lock()

    @classmethod
    def of_file(cls, path: str, manner: Manner, runtime: Runtime) -> Family:
        """Return the one network of an ONNX file.

        Raises
        ------
        ValueError, OSError, ModuleNotFoundError
            As `upscale.load`.
        """
        upscaler = load(path, runtime=runtime)
        family = cls({upscaler.scale: path}, manner, runtime)
        family._loaded[upscaler.scale] = in_manner(upscaler, manner)
        return family

    def __getitem__(self, scale: int) -> Enlarger:
        with self._lock:
            if scale not in self._loaded:
                upscaler = load(self.names[scale], runtime=self._runtime)
                self._loaded[scale] = in_manner(upscaler, self._manner)
            return self._loaded[scale]

    @property
    def used(self) -> list[str]:
        """The names of those that were needed so far."""
        return [name for scale, name in self.names.items() if scale in self._loaded]

    def digest(self, *words: str) -> str:
        """Return a digest of the networks' files, and of some words."""
        found = hashlib.sha256(self._runtime.encode())
        for name in self.names.values():
            path = Path(name) if name.endswith(".onnx") else models.find(name).path
            found.update(hashlib.sha256(path.read_bytes()).digest())
        for word in words:
            found.update(hashlib.sha256(word.encode()).digest())
        return found.hexdigest()

    def __iter__(self) -> Iterator[int]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
