"""PyTorch's words: functions of ``torch.nn.functional``, on NumPy arrays.

Names, order and defaults of the arguments are PyTorch's, and so are layouts and results; PyTorch
itself is not needed. Arrays are of float32 or float64, and all of one call of one type. An input
without a batch axis gives a result without one.

What PyTorch refuses is refused: TypeError for what is no such array or no whole number, ValueError
for shapes and values that do not fit; the message names the argument, what it got and what would
do. A little more is refused: weights without any channels; kernels and strides below 1 of the
unpoolings; a transposed convolution that leaves nothing of an axis, which PyTorch computes in some
types and not in others; and in an empty batch what is refused in any other.

In two places the rule is kept where PyTorch's code for CPUs is known to miss it: `pixel_unshuffle`
gives an empty array the shape that is documented, not the shape it has; and `interpolate` with
`antialias` to a width of 1 weighs each row for itself, not all rows as the first.
"""

from upweave.ops.conventions.torch.convolutions import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from upweave.ops.conventions.torch.interpolation import interpolate
from upweave.ops.conventions.torch.shuffles import pixel_shuffle, pixel_unshuffle
from upweave.ops.conventions.torch.unpooling import max_unpool1d, max_unpool2d, max_unpool3d

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "interpolate",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "pixel_shuffle",
    "pixel_unshuffle",
]
