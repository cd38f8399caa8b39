"""Upsampling by transposed convolution: defined exactly, trained, and run fast on a CPU.

The public names are loaded when they are first used, so that ``import upweave`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upweave import engine, nn
    from upweave.kernels import ConvTranspose, conv, conv_transpose
    from upweave.ops import conventions, interpolation, reference
    from upweave.ops.axes import GeometryError
    from upweave.ops.geometry import Geometry
    from upweave.pictures.upscale import load

__all__ = [
    "ConvTranspose",
    "Geometry",
    "GeometryError",
    "__version__",
    "conv",
    "conv_transpose",
    "conventions",
    "engine",
    "interpolation",
    "load",
    "nn",
    "reference",
]

__version__ = "0.1.0"

# Name -> the module that has it, and its name there ("" where the module itself is meant).
_HOMES = {
    "ConvTranspose": ("upweave.kernels", "ConvTranspose"),
    "Geometry": ("upweave.ops.geometry", "Geometry"),
    "GeometryError": ("upweave.ops.axes", "GeometryError"),
    "conv": ("upweave.kernels", "conv"),
    "conv_transpose": ("upweave.kernels", "conv_transpose"),
    "conventions": ("upweave.ops.conventions", ""),
    "engine": ("upweave.engine", ""),
    "interpolation": ("upweave.ops.interpolation", ""),
    "load": ("upweave.pictures.upscale", "load"),
    "nn": ("upweave.nn", ""),
    "reference": ("upweave.ops.reference", ""),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever the name stands for)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, attribute = _HOMES[name]
    module = importlib.import_module(home)
    value = getattr(module, attribute) if attribute else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
