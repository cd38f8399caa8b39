"""The operator in the words of other libraries, on NumPy arrays, with their exact results.

Each module has one library's argument names, order, defaults and layouts: `torch`.
"""

from upweave.ops.conventions import torch

__all__ = ["torch"]
