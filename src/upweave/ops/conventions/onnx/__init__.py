"""ONNX's words: its operators as functions, on NumPy arrays.

Inputs are positional arguments, attributes are keywords, under the names of the specification.
Attributes are as a node has them: lists or tuples of whole numbers, and words as str or bytes.
Arrays are of float32 or float64, and all of one call of one type.

The specification leaves questions open, and here ONNX Runtime answers them: results are its results
to the last bit where every sum is exact, and what its rules refuse is refused. Where one of ONNX's
own node tests wants another result than ONNX Runtime, the test is followed; each function names
these places. What ONNX Runtime only has no code for (float64, cubic over one axis, dilation with
"SAME_UPPER") is computed by the specification.

TypeError is for what is no such array or no whole number, ValueError for shapes and values that do
not fit; the message names the argument, what it got and what would do.
"""

from upweave.ops.conventions.onnx.convolutions import conv, conv_transpose
from upweave.ops.conventions.onnx.resizing import resize
from upweave.ops.conventions.onnx.shuffling import depth_to_space
from upweave.ops.conventions.onnx.unpooling import max_unpool

__all__ = ["conv", "conv_transpose", "depth_to_space", "max_unpool", "resize"]
