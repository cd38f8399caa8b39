"""The suite of `operators.py`: transposed convolutions of published networks.

The layers have no bias, since some libraries take it in the same call and others do not. Weights
and inputs are random, the same for every library.
"""

import zlib
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

import upweave as uw

Array = np.ndarray[Any, np.dtype[Any]]
Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """A transposed convolution of a published network.

    Attributes
    ----------
    name, source : str
        The network and the place in it; who published it and where.
    channels : (C_in, C_out)
    size : tuple of int
        Of the input, one value per axis.
    kernel, stride, padding, output_padding : int
        The same on every axis.
    groups : int
    batches : tuple of int
        Each one is a case.
    """

    name: str
    source: str
    channels: tuple[int, int]
    size: Sizes
    kernel: int
    stride: int
    padding: int = 0
    output_padding: int = 0
    groups: int = 1
    batches: Sizes = (1,)


@dataclass(frozen=True)
class LayerCase:
    """A layer at one batch size; what every library is given of it.

    Attributes
    ----------
    layer : Layer
    batch : int
    """

    layer: Layer
    batch: int
    name: str = field(init=False)

    def __post_init__(self) -> None:
        suffix = f", batch {self.batch}" if self.batch > 1 else ""
        object.__setattr__(self, "name", self.layer.name + suffix)

    @property
    def geometry(self) -> uw.Geometry:
        """Kernel, stride and padding."""
        layer = self.layer
        axes = len(layer.size)
        return uw.Geometry(
            (layer.kernel,) * axes, layer.stride, layer.padding, layer.output_padding
        )

    @property
    def output_size(self) -> Sizes:
        """Of the output, one value per axis."""
        return self.geometry.output_size(self.layer.size)

    @property
    def output_shape(self) -> Sizes:
        """(N, C_out, *spatial)."""
        return (self.batch, self.layer.channels[1], *self.output_size)

    def input(self) -> Array:
        """Return x (N, C_in, *spatial), float32."""
        shape = (self.batch, self.layer.channels[0], *self.layer.size)
        return self._random("x").standard_normal(shape, np.float32)

    def weights(self) -> Array:
        """Return w (C_in, C_out / groups, *kernel), float32."""
        (inputs, outputs), groups = self.layer.channels, self.layer.groups
        shape = (inputs, outputs // groups, *self.geometry.kernel)
        return self._random("w").standard_normal(shape, np.float32)

    def truth(self) -> Array:
        """Return the output by the definition, in float64."""
        g = self.geometry
        return uw.reference.scatter(
            self.input().astype(np.float64),
            self.weights().astype(np.float64),
            stride=g.stride,
            padding=g.padding,
            output_padding=g.output_padding,
            groups=self.layer.groups,
        )

    def flop(self) -> int:
        """Return the useful floating-point operations: products that reach the output, and sums."""
        g = self.geometry
        met = prod(map(_met, self.layer.size, self.output_size, g.kernel, g.stride, g.padding))
        inputs, outputs = self.layer.channels
        return 2 * self.batch * inputs * outputs // self.layer.groups * met

    def size(self) -> int:
        """Return the bytes of input, weights and output."""
        (inputs, outputs), layer = self.layer.channels, self.layer
        weights = inputs * outputs // layer.groups * prod(self.geometry.kernel)
        x = self.batch * inputs * prod(layer.size)
        return 4 * (x + weights + prod(self.output_shape))

    def module(self) -> Any:  # noqa: ANN401  (torch is imported where it is installed)
        """Return the layer as PyTorch's module."""
        import torch  # noqa: PLC0415

        layer = self.layer
        kinds = (torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d, torch.nn.ConvTranspose3d)
        module = kinds[len(layer.size) - 1](
            *layer.channels,
            layer.kernel,
            layer.stride,
            layer.padding,
            layer.output_padding,
            layer.groups,
            bias=False,
        )
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(self.weights()))
        return module.eval()

    def model(self) -> bytes:
        """Return the layer as an ONNX model."""
        from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

        layer, axes = self.layer, len(self.layer.size)
        node = helper.make_node(
            "ConvTranspose",
            ["input", "w"],
            ["output"],
            kernel_shape=[layer.kernel] * axes,
            strides=[layer.stride] * axes,
            pads=[layer.padding] * 2 * axes,
            output_padding=[layer.output_padding] * axes,
            group=layer.groups,
        )
        shapes = {"input": self.input().shape, "output": self.output_shape}
        ends = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        ]
        graph = helper.make_graph(
            [node], "layer", ends[:1], ends[1:], [numpy_helper.from_array(self.weights(), "w")]
        )
        opset = helper.make_opsetid("", 17)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
        return bytes(model.SerializeToString())

    def facts(self) -> dict[str, object]:
        """Return what the tables say of the case."""
        layer = self.layer
        return {
            "source": layer.source,
            "batch": self.batch,
            "channels": layer.channels,
            "size": layer.size,
            "kernel": layer.kernel,
            "stride": layer.stride,
            "padding": layer.padding,
            "output_padding": layer.output_padding,
            "groups": layer.groups,
        }

    def _random(self, what: str) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(f"{self.name} {what}".encode()))


def _met(size: int, output: int, kernel: int, stride: int, padding: tuple[int, int]) -> int:
    """Return how many products of an input and a tap fall on the output, along one axis."""
    places = np.add.outer(np.arange(size) * stride, np.arange(kernel)) - padding[0]
    return int(np.count_nonzero((places >= 0) & (places < output)))


_FSRCNN = "Dong, Loy, Tang, ECCV 2016, arXiv:1608.00367"
_ESPCN = "Shi et al., CVPR 2016, arXiv:1609.05158; 3×3 and pixel shuffle as one layer"
_LAPSRN = "Lai et al., CVPR 2017, arXiv:1704.03915"
_DCGAN = "Radford, Metz, Chintala, ICLR 2016, arXiv:1511.06434"
_UNET = "Ronneberger, Fischer, Brox, MICCAI 2015, arXiv:1505.04597"
_PIX2PIX = "Isola et al., CVPR 2017, arXiv:1611.07004"
_CYCLEGAN = "Johnson et al., ECCV 2016, arXiv:1603.08155; Zhu et al., ICCV 2017, arXiv:1703.10593"
_FCN = "Long, Shelhamer, Darrell, CVPR 2015, arXiv:1411.4038"
_CENTERNET = "Zhou, Wang, Krähenbühl, 2019, arXiv:1904.07850; bilinear, a kernel a channel"
_POSE = "Xiao, Wu, Wei, ECCV 2018, arXiv:1804.06208"
_HIFIGAN = "Kong, Kim, Bae, NeurIPS 2020, arXiv:2010.05646; 256 frames"
_UNET3D = "Çiçek et al., MICCAI 2016, arXiv:1606.06650"
_BOTH = (1, 16)

LAYERS = (
    Layer("FSRCNN ×2 tail", _FSRCNN, (56, 1), (540, 960), 9, 2, 4, 1),
    Layer("FSRCNN ×3 tail", _FSRCNN, (56, 1), (360, 640), 9, 3, 3),
    Layer("FSRCNN ×4 tail", _FSRCNN, (56, 1), (270, 480), 9, 4, 4, 3),
    Layer("ESPCN ×3 tail", _ESPCN, (32, 1), (360, 640), 9, 3, 3),
    Layer("ESPCN ×4 tail", _ESPCN, (32, 1), (270, 480), 12, 4, 4),
    Layer(
        "SRResNet ×2 step",
        "Ledig et al., CVPR 2017, arXiv:1609.04802; 3×3 and pixel shuffle as one layer",
        (64, 64),
        (128, 128),
        6,
        2,
        2,
    ),
    Layer("LapSRN features", _LAPSRN, (64, 64), (128, 128), 4, 2, 1),
    Layer("LapSRN picture", _LAPSRN, (1, 1), (512, 512), 4, 2, 1),
    Layer("DCGAN 1", _DCGAN, (1024, 512), (4, 4), 5, 2, 2, 1, batches=_BOTH),
    Layer("DCGAN 2", _DCGAN, (512, 256), (8, 8), 5, 2, 2, 1, batches=_BOTH),
    Layer("DCGAN 3", _DCGAN, (256, 128), (16, 16), 5, 2, 2, 1, batches=_BOTH),
    Layer("DCGAN 4", _DCGAN, (128, 3), (32, 32), 5, 2, 2, 1, batches=_BOTH),
    Layer("U-Net deepest", _UNET, (1024, 512), (28, 28), 2, 2),
    Layer("U-Net last", _UNET, (128, 64), (196, 196), 2, 2),
    Layer("pix2pix 1024→256", _PIX2PIX, (1024, 256), (16, 16), 4, 2, 1, batches=_BOTH),
    Layer("pix2pix 256→64", _PIX2PIX, (256, 64), (64, 64), 4, 2, 1, batches=_BOTH),
    Layer("pix2pix last", _PIX2PIX, (128, 3), (128, 128), 4, 2, 1),
    Layer("CycleGAN u128", _CYCLEGAN, (256, 128), (64, 64), 3, 2, 1, 1),
    Layer("CycleGAN u64", _CYCLEGAN, (128, 64), (128, 128), 3, 2, 1, 1),
    Layer(
        "StyleGAN2 32→64",
        "Karras et al., CVPR 2020, arXiv:1912.04958",
        (512, 512),
        (32, 32),
        3,
        2,
    ),
    Layer("FCN-32s", _FCN, (21, 21), (16, 16), 64, 32, 16),
    Layer("FCN-8s last", _FCN, (21, 21), (64, 64), 16, 8, 4),
    Layer("FCN ×2", _FCN, (21, 21), (32, 32), 4, 2, 1),
    Layer("CenterNet ×2, 64", _CENTERNET, (64, 64), (64, 64), 4, 2, 1, groups=64),
    Layer(
        "CenterNet ×2, 256", _CENTERNET, (256, 256), (32, 32), 4, 2, 1, groups=256, batches=_BOTH
    ),
    Layer("pose head 1", _POSE, (2048, 256), (8, 6), 4, 2, 1),
    Layer("pose head 3", _POSE, (256, 256), (32, 24), 4, 2, 1, batches=_BOTH),
    Layer("HiFi-GAN V1 1", _HIFIGAN, (512, 256), (256,), 16, 8, 4),
    Layer("HiFi-GAN V1 2", _HIFIGAN, (256, 128), (2048,), 16, 8, 4),
    Layer("HiFi-GAN V1 3", _HIFIGAN, (128, 64), (16384,), 4, 2, 1),
    Layer("HiFi-GAN V1 4", _HIFIGAN, (64, 32), (32768,), 4, 2, 1),
    Layer(
        "inverse STFT",
        "Griffin, Lim, IEEE TASSP 1984; sizes of Vocos, Siuzdak, 2023, arXiv:2306.00814",
        (1026, 1),
        (256,),
        1024,
        256,
        384,
    ),
    Layer("3-D U-Net deepest", _UNET3D, (512, 512), (7, 9, 9), 2, 2),
    Layer("3-D U-Net middle", _UNET3D, (256, 256), (10, 14, 14), 2, 2),
    Layer("3-D U-Net last", _UNET3D, (128, 128), (16, 24, 24), 2, 2),
)

CASES = tuple(LayerCase(layer, batch) for layer in LAYERS for batch in layer.batches)
