"""The suite of `networks.py`: whole networks, with random weights, at sizes of pictures.

FSRCNN and weave-s are written to ONNX as upweave ships them, the others as PyTorch does. FLOP are
those of the convolutions, at the input's size, without what weave-s's fixed bicubic kernel adds.
"""

import io
import tempfile
import warnings
import zlib
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from upweave.learning import recipe
from upweave.learning.export import export
from upweave.learning.networks import Network, build
from upweave.nn import PReLU

Array = np.ndarray[Any, np.dtype[Any]]
SIZES = {"240p": (240, 432), "1080p": (1080, 1920), "4K": (2160, 3840)}


@dataclass(frozen=True)
class NetworkCase:
    """A network that makes pictures of a size; what every library is given of it.

    Attributes
    ----------
    network : str
        "fsrcnn", "weave-s", "espcn" or "srvgg".
    scale : int
    target : str
        One of `SIZES`: of the output.
    """

    network: str
    scale: int
    target: str
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{_TITLES[self.network]} ×{self.scale}, {self.target}")

    @property
    def output_shape(self) -> tuple[int, ...]:
        """(1, C, H, W)."""
        return (1, self._channels, *SIZES[self.target])

    def input(self) -> Array:
        """Return x (1, C, H / scale, W / scale) in [0, 1], float32."""
        height, width = SIZES[self.target]
        shape = (1, self._channels, height // self.scale, width // self.scale)
        return self._random().random(shape, np.float32)

    def module(self) -> nn.Module:
        """Return the network as PyTorch's module."""
        network = self._network()
        _use_the_fast_prelu(network)
        return network.eval()

    def model(self) -> bytes:
        """Return the network as an ONNX model."""
        if self.network not in _SHIPPED:
            return _exported(self.module(), torch.from_numpy(self.input()))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.onnx"
            export(self._shipped(), path, recipe.load(f"{self.network}-x{self.scale}"))
            return path.read_bytes()

    def truth(self) -> Array:
        """Return the output, by PyTorch in float64."""
        with torch.inference_mode():
            result: Array = self.module().double()(torch.from_numpy(self.input()).double()).numpy()
        return result

    def flop(self) -> int:
        """Return the useful floating-point operations."""
        kinds = (nn.Conv2d, nn.ConvTranspose2d)
        layers = (m for m in self.module().modules() if isinstance(m, kinds))
        weights: int = sum(layer.weight.numel() for layer in layers)
        height, width = SIZES[self.target]
        return 2 * weights * (height // self.scale) * (width // self.scale)

    def size(self) -> int:
        """Return the bytes of input, weights and output."""
        weights = sum(p.numel() for p in self.module().parameters())
        return 4 * (self.input().size + weights + prod(self.output_shape))

    def facts(self) -> dict[str, object]:
        """Return what the tables say of the case."""
        return {"scale": self.scale, "output": SIZES[self.target]}

    @property
    def _channels(self) -> int:
        return 3 if self.network == "srvgg" else 1

    def _network(self) -> nn.Module:
        if self.network in _SHIPPED:
            return self._shipped()
        torch.manual_seed(zlib.crc32(self.name.encode()))
        return _lively({"espcn": ESPCN, "srvgg": SRVGGNetCompact}[self.network](self.scale))

    def _shipped(self) -> Network:
        torch.manual_seed(zlib.crc32(self.name.encode()))
        network = build(recipe.load(f"{self.network}-x{self.scale}")).plain()
        nn.init.normal_(network.tail.weight, std=0.1)  # so that the tail's result shows
        return network

    def _random(self) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(self.name.encode()))


class ESPCN(nn.Sequential):
    """5×5, 3×3 and 3×3 convolutions, tanh between, and a pixel shuffle.

    W. Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network", CVPR 2016, arXiv:1609.05158.
    """

    def __init__(self, scale: int) -> None:
        super().__init__(
            nn.Conv2d(1, 64, 5, padding=2),
            nn.Tanh(),
            nn.Conv2d(64, 32, 3, padding=1),
            nn.Tanh(),
            nn.Conv2d(32, scale**2, 3, padding=1),
            nn.PixelShuffle(scale),
        )


class SRVGGNetCompact(nn.Module):
    """Real-ESRGAN's small network: 64 channels, 16 convolutions between the first and the last.

    X. Wang et al., "Real-ESRGAN", ICCV workshops 2021, arXiv:2107.10833, and its published code:
    RGB in and out, PReLU, a pixel shuffle, and the enlarged input (nearest neighbour) added.
    """

    def __init__(self, scale: int, width: int = 64, depth: int = 16) -> None:
        super().__init__()
        self.scale = scale
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        layers += [nn.Conv2d(width, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)]
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Enlarge (N, 3, H, W)."""
        result: Tensor = self.body(x) + functional.interpolate(x, scale_factor=self.scale)
        return result


def _lively(network: nn.Module) -> nn.Module:
    """Draw weights that keep the signal's size, so that an error in any layer shows at the end."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, a=0.25)  # PReLU's first slope
    return network


def _use_the_fast_prelu(network: nn.Module) -> None:
    """Replace the form of PReLU that trains fast by PyTorch's own, which is faster forward."""
    for name, child in network.named_children():
        if isinstance(child, PReLU):
            plain = nn.PReLU(child.num_parameters)
            plain.load_state_dict(child.state_dict())
            setattr(network, name, plain)
        else:
            _use_the_fast_prelu(child)


def _exported(network: nn.Module, x: Tensor) -> bytes:
    file = io.BytesIO()
    # What it takes is written as paths alone, but a file will do.
    target: Any = file
    with warnings.catch_warnings():
        # This exporter needs no further package, and says that it will go.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (x,),
            target,
            dynamo=False,
            opset_version=17,
            input_names=["input"],
            output_names=["output"],
        )
    return file.getvalue()


_TITLES = {"fsrcnn": "FSRCNN", "weave-s": "weave-s", "espcn": "ESPCN", "srvgg": "SRVGGNetCompact"}
_SHIPPED = ("fsrcnn", "weave-s")

CASES = (
    *(NetworkCase("fsrcnn", 4, target) for target in SIZES),
    NetworkCase("fsrcnn", 3, "1080p"),
    NetworkCase("fsrcnn", 2, "1080p"),
    *(NetworkCase("weave-s", 4, target) for target in SIZES),
    NetworkCase("weave-s", 3, "1080p"),
    NetworkCase("weave-s", 2, "1080p"),
    NetworkCase("espcn", 3, "1080p"),
    NetworkCase("espcn", 4, "4K"),
    NetworkCase("srvgg", 4, "240p"),
    NetworkCase("srvgg", 4, "1080p"),
    NetworkCase("srvgg", 2, "240p"),
)
