"""How is a layer fast? Kernels written for the layer at hand, as LLVM IR, and compiled.

schedule (numbers) -> emit (LLVM IR text) -> jit (machine code) -> layer and tiles (programs of
instructions, and the threads that run them) -> slabs, rectangles and operator (whole maps) -> call
(NumPy arrays in and out). What comes out must equal `upweave.ops.reference`.
"""

from upweave.kernels.call import ConvTranspose, conv, conv_transpose

__all__ = ["ConvTranspose", "conv", "conv_transpose"]
