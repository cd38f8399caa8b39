"""The libraries that are compared, one module each, behind one interface.

A library's module has the function ``ways(case, threads)``. It returns the ways that the library
knows to run a case, each one by its name and as a function that prepares it: weights and input in
the library's own layout, before any time is taken. What it raises is why the library cannot.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Way:
    """A prepared run.

    Attributes
    ----------
    run : callable
        What is timed. It returns when the result is there.
    array : callable
        Takes what `run` returned; returns it as an array, channels first.
    """

    run: Callable[[], Any]
    array: Callable[[Any], Array]


class Case(Protocol):
    """What a library gets to know."""

    @property
    def name(self) -> str:
        """In the tables."""

    @property
    def output_shape(self) -> tuple[int, ...]:
        """(N, C, *spatial)."""

    def input(self) -> Array:
        """Return x (N, C, *spatial), float32."""

    def module(self) -> Any:  # noqa: ANN401
        """Return a PyTorch module."""

    def model(self) -> bytes:
        """Return an ONNX model of input "input" and output "output"."""


Ways = dict[str, Callable[[], Way]]

OURS = "upweave"
# Name in the tables -> module here, distribution.
_LIBRARIES = {
    OURS: ("ours", "upweave"),
    "PyTorch": ("pytorch", "torch"),
    "ONNX Runtime": ("onnx_runtime", "onnxruntime"),
    "OpenVINO": ("open_vino", "openvino"),
    "JAX": ("with_jax", "jax"),
    "TensorFlow": ("with_tensorflow", "tensorflow"),
}


def installed() -> dict[str, str]:
    """Return the version of each library that is installed."""
    found = {name: names[1] for name, names in _LIBRARIES.items() if find_spec(names[1])}
    return {name: version(distribution) for name, distribution in found.items()}


def missing() -> list[str]:
    """Return the libraries that are not installed."""
    return [name for name in _LIBRARIES if name not in installed()]


def ways(library: str, case: Case, threads: int) -> Ways:
    """Return a library's ways to run a case; none where it has none for such a case."""
    module = import_module(f"libraries.{_LIBRARIES[library][0]}")
    found: Ways = module.ways(case, threads)
    return found
