"""The operator in PyTorch: layers that take the place of ``torch.nn``'s."""

from __future__ import annotations

from upweave.nn.layers import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, accelerate
from upweave.nn.prelu import PReLU

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "PReLU", "accelerate"]
