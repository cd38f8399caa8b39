"""What the attributes of a node say of its geometry, in the words of `Geometry`."""

from upweave.engine.errors import ModelError, shown
from upweave.engine.onnx_node import Node
from upweave.kernels.layer import why_not
from upweave.ops.geometry import Geometry

SAME = ("SAME_UPPER", "SAME_LOWER")
_EDGE_FIELDS = 4  # pads of a plane: top, left, bottom, right


def runnable(node: Node, geometry: Geometry, *, transposed: bool = True) -> Geometry:
    """Return a geometry for which there are kernels, before any weights are made for it."""
    reason = why_not(geometry, transposed=transposed)
    if reason is not None:
        raise ModelError(f"{node}: {reason}")
    return geometry


def layer_geometry(node: Node, kernel: tuple[int, ...], *, transposed: bool) -> Geometry:
    """Return the geometry of a Conv or ConvTranspose node with weights of a (kh, kw) kernel.

    Raises
    ------
    ModelError, ValueError
        Where the attributes do not fit, or there are no kernels for them.

    Notes
    -----
    The padding of a strided convolution with auto_pad SAME depends on the size of its input. It is
    a `SamePad` of its own; the geometry has none.
    """
    attributes = node.attributes
    given = tuple(attributes.get("kernel_shape", kernel))
    if given != tuple(kernel):
        raise ModelError(f"{node}: kernel_shape {given}, but the weights have {tuple(kernel)}")
    if "output_shape" in attributes:
        raise ModelError(f"{node} fixes output_shape; the engine runs any size: give pads")
    stride = tuple(attributes.get("strides", (1, 1)))
    dilation = tuple(attributes.get("dilations", (1, 1)))
    output_padding = tuple(attributes.get("output_padding", (0, 0)))
    pads = list(attributes.get("pads", [0] * _EDGE_FIELDS))
    if len(pads) != _EDGE_FIELDS or len(stride) != 2 or len(dilation) != 2:
        raise ModelError(f"{node}: strides {stride}, dilations {dilation}, pads {pads} are not 2-D")
    mode = node.text("auto_pad", "NOTSET")
    padding = tuple(zip(pads[:2], pads[2:], strict=True))
    if not transposed and mode in SAME and stride != (1, 1):
        padding = ((0, 0), (0, 0))
    elif mode != "NOTSET":
        padding = tuple(
            _auto_pad(node, mode, k, s, d, a, transposed=transposed)
            for k, s, d, a in zip(kernel, stride, dilation, output_padding, strict=True)
        )
    geometry = Geometry(kernel, stride, padding, output_padding, dilation)
    return runnable(node, geometry, transposed=transposed)


def _auto_pad(
    node: Node, mode: str, k: int, s: int, d: int, a: int, *, transposed: bool
) -> tuple[int, int]:
    """Return the (begin, end) padding that ONNX's auto_pad stands for along an axis, at any size.

    SAME makes the output as large as the input (a convolution of stride 1) or s times as large (a
    transposed one); what is too much is halved, the odd one at the end (UPPER) or the start. Where
    a transposed convolution gives too little, ONNX Runtime lets it be.
    """
    if mode == "VALID":
        return 0, 0
    if mode not in SAME:
        raise ModelError(f"{node}: auto_pad {shown(mode)}")
    spread = d * (k - 1) + 1
    total = max(spread - s + a, 0) if transposed else spread - 1
    small, large = total // 2, total - total // 2
    return (small, large) if mode == "SAME_UPPER" else (large, small)
