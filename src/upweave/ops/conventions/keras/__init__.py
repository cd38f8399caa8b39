"""Keras' words: ``keras.ops`` of Keras 3 and its up-sampling layers, on NumPy arrays.

Names, order and defaults of the arguments are Keras', and so are layouts and results; Keras itself
is not needed. Arrays are of float32 or float64, and all of one call of one type; `bias`, and the
`groups` of `conv`, are those of Keras' layers. Words are taken in any case, as Keras does.
`data_format` None is "channels_last".

Results are those of the TensorFlow backend. What only that backend cannot do (dilation with
strides, or with float64) is computed as Keras' other backends do. What Keras' rules refuse is
refused: TypeError for what is no such array or no whole number, ValueError for shapes and values
that do not fit; the message names the argument, what it got and what would do.
"""

from upweave.ops.conventions.keras.convolutions import conv, conv_transpose
from upweave.ops.conventions.keras.convolutions import layer_of as layer_of
from upweave.ops.conventions.keras.resizing import up_sampling

__all__ = ["conv", "conv_transpose", "up_sampling"]
