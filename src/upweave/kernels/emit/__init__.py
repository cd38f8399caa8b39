"""What the processor is to run, as LLVM IR text. Only `upweave.kernels.jit` compiles it."""
