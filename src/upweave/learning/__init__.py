"""How networks learn: recipes, training pairs, the loop, and ONNX files of the result."""
