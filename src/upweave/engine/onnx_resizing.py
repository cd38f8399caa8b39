"""ONNX's Resize by a whole factor, as a transposed convolution of edge-padded pixels.

The kernel is read off what the definition makes of single pixels, and holds only if it gives all
that the definition does, at the borders too.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from upweave.engine.errors import ModelError
from upweave.engine.onnx_node import Node

_LONG = 9  # pixels of a line whose middle the border does not reach
_COORDINATES = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "asymmetric")
"""Where outputs lie at the same distances from every pixel, however many there are."""
_LEAST = 1e-12  # weights below are rounding errors

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Upsampling:
    """A transposed convolution of one axis that enlarges by a whole factor.

    Attributes
    ----------
    taps : array of float64
    scale : int
    halo : (int, int)
        Edge pixels to repeat before the first and after the last.
    crop : (int, int)
        The padding: what to cut from the full output.
    """

    taps: Doubles
    scale: int
    halo: tuple[int, int]
    crop: tuple[int, int]


@dataclass(frozen=True)
class _Method:
    """The attributes of a Resize node that choose its weights."""

    mode: str
    coordinates: str
    rounding: str
    slope: float
    exclude_outside: int
    antialias: int

    def of_pixels(self, size: int, scale: int) -> Doubles:
        """Return what each of `size` pixels gives to each output."""
        from upweave.ops.conventions.onnx import resize  # noqa: PLC0415  (few networks need it)

        given: Doubles = resize(
            np.eye(size),
            None,
            [scale],
            axes=[1],
            mode=self.mode,
            coordinate_transformation_mode=self.coordinates,
            nearest_mode=self.rounding,
            cubic_coeff_a=self.slope,
            exclude_outside=self.exclude_outside,
            antialias=self.antialias,
        ).astype(np.float64)
        return given


def resizing(node: Node, factors: tuple[int, int]) -> tuple[Upsampling, Upsampling]:
    """Return the upsamplings of rows and columns by `factors` that a Resize node stands for.

    Raises
    ------
    ModelError, ValueError
        Where the node's attributes are of no such upsampling.
    """
    method = _Method(
        node.text("mode", "nearest"),
        node.text("coordinate_transformation_mode", "half_pixel"),
        node.text("nearest_mode", "round_prefer_floor"),
        float(node.attributes.get("cubic_coeff_a", -0.75)),
        int(node.attributes.get("exclude_outside", 0)),
        int(node.attributes.get("antialias", 0)),
    )
    rows, columns = (_upsampling(method, factor) for factor in factors)
    if rows is None or columns is None or method.coordinates not in _COORDINATES:
        how = f"{method.mode} by {method.coordinates}"
        how += f" and {method.rounding}" if method.mode == "nearest" else ""
        how += ", without the pixels outside," if method.exclude_outside else ""
        raise ModelError(f"{node}: {how} is no fixed kernel over edge-padded pixels")
    return rows, columns


@cache
def _upsampling(method: _Method, scale: int) -> Upsampling | None:
    """Return the upsampling of an axis, or None where there is no fixed kernel."""
    if scale == 1:
        return Upsampling(np.ones(1), 1, (0, 0), (0, 0))
    middle = _LONG // 2
    outputs = slice(middle * scale, (middle + 1) * scale)
    with np.errstate(all="ignore"):  # the model chooses the cubic's slope: seen below
        alone = method.of_pixels(_LONG, scale)
    if not np.isfinite(alone).all():
        return None
    weights = alone[:, outputs]
    weights[np.abs(weights) < _LEAST] = 0
    used = np.flatnonzero(weights.any(axis=1)) - middle
    if not used.size:
        return None
    before, after = max(0, -int(used[0])), max(0, int(used[-1]))
    for size in (1, 2, _LONG):
        want, got = method.of_pixels(size, scale), _of_padded(weights, size, scale)
        if want.shape != got.shape or not np.allclose(want, got, rtol=0, atol=1e-9):
            return None
    taps = weights[middle - before : middle + after + 1][::-1].ravel()
    filled = np.flatnonzero(taps)
    first, last = int(filled[0]), int(filled[-1])
    begin = (before + after) * scale - first
    end = (before + after - 1) * scale + last + 1 - first - begin
    return Upsampling(taps[first : last + 1], scale, (before, after), (begin, end))


def _of_padded(weights: Doubles, size: int, scale: int) -> Doubles:
    """Return what each of `size` pixels gives by weights, its neighbours beyond the edge repeated.

    `weights` has the shape (pixels around the middle one, outputs of a pixel).
    """
    result = np.zeros((size, size, scale))
    middle = len(weights) // 2
    for pixel in range(size):
        for neighbour, weight in enumerate(weights, pixel - middle):
            result[min(max(neighbour, 0), size - 1), pixel] += weight
    return result.reshape(size, size * scale)
