"""The operator in the words of five libraries, on NumPy arrays, with their exact results.

Each module has one library's argument names, order, defaults and layouts: `torch`, `keras`,
`tensorflow`, `onnx`, `jax`. `convert` carries a layer from one to another.
"""

from upweave.ops.conventions import jax, keras, onnx, tensorflow, torch
from upweave.ops.conventions.conversion import Conversion, ConversionError, convert

__all__ = [
    "Conversion",
    "ConversionError",
    "convert",
    "jax",
    "keras",
    "onnx",
    "tensorflow",
    "torch",
]
