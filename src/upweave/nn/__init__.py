"""The operator in PyTorch: layers that take the place of ``torch.nn``'s."""

from __future__ import annotations

from upweave.nn.layers import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, accelerate

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "accelerate"]
