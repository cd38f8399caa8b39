"""The operator in JAX's words: `jax.lax`'s names, order, defaults and layouts.

lhs : array of float32 or float64
    Batch, channels and spatial axes in the order that `dimension_numbers` says.
rhs : array of the type of `lhs`
    Output channels, input channels and kernel axes, likewise.
strides, window_strides, lhs_dilation, rhs_dilation : sequence of int
    One value of at least 1 per spatial axis; a single number is not enough. Dilations may be None,
    which is 1.
dimension_numbers : three strings, three tuples of int, or None
    Of `lhs`, `rhs` and the result. A string has a letter per axis: N for the batch, C for channels
    (O for output and I for input channels of `rhs`), and any others for the spatial axes, in whose
    order in the second string the other arguments have their values. A tuple of int, as in
    ``jax.lax.ConvDimensionNumbers``, has the positions of batch, channels (of `rhs`: output
    channels, input channels) and spatial axes.
result : array of the type of `lhs`

Sizes may be 0, but not those of the kernel. An output that has no positive size is empty, as long
as negative padding crops no more than there is. TypeError and ValueError say what does not fit; the
message names the argument, what it got and what would do.
"""

from upweave.ops.conventions.jax.convolutions import conv_general_dilated, conv_transpose

__all__ = ["conv_general_dilated", "conv_transpose"]
