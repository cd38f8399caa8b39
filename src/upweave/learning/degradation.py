"""How photographs get worse on their way: blur, reduction, noise, JPEG; in random strengths.

The first-order model of X. Wang et al., "Real-ESRGAN", ICCV Workshops 2021 (arXiv:2107.10833,
section 3.1 and 4.1), with milder noise and blur, and a share of pictures that are only reduced: a
network that expects the worst smears what is sharp.
"""

from __future__ import annotations

import numpy as np
import pyvips
from numpy.typing import NDArray

from upweave.ops.interpolation import reduce

__all__ = ["blur", "degrade", "jpeg", "noise"]

Pixels = NDArray[np.uint8]

CLEAN = 0.1
"""Share of pictures that are reduced and nothing else."""
BLURRED, NOISY, COMPRESSED = 0.6, 0.5, 0.8
"""Shares of the others that are blurred, noisy, and saved as JPEG."""
WIDTHS = 0.2, 2.4
"""Standard deviations of the blur along its two axes, in pixels of the original."""
LEVELS = 1.0, 15.0
"""Standard deviation of Gaussian noise, of 255."""
POISSON = 0.05, 1.5
"""Scale of Poisson noise, whose variance is the value (of 255) times the scale."""
GREY_NOISE = 0.4
"""Share of noise that is equal in red, green and blue."""
QUALITIES = 30, 96
"""Of JPEG; the upper end is not reached."""


def degrade(rgb: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """Return a picture reduced, and worse by what chance decides.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        Height and width are multiples of the scale.
    scale : int
    random : Generator

    Returns
    -------
    ndarray of uint8, shape (H / scale, W / scale, 3)
    """
    if random.random() < CLEAN:
        return reduce(rgb, scale)
    if random.random() < BLURRED:
        along, across = random.uniform(*WIDTHS, 2)
        rgb = blur(rgb, along, across, random.uniform(0, np.pi))
    low = _reduced(rgb, scale, random)
    if random.random() < NOISY:
        low = _some_noise(low, random)
    if random.random() < COMPRESSED:
        low = jpeg(low, int(random.integers(*QUALITIES)))
    return low


def _reduced(rgb: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """Reduce by the mean of areas, by linear or by cubic interpolation over a wider support."""
    method = random.integers(3)
    if method == 0:
        return reduce(rgb, scale)
    image = pyvips.Image.new_from_array(rgb)
    if method == 1:
        low: Pixels = image.shrink(scale, scale).numpy()
        return low
    low = image.resize(1 / scale, kernel="linear").numpy()
    return low


def _some_noise(rgb: Pixels, random: np.random.Generator) -> Pixels:
    if random.random() < 0.5:
        widths = np.full(rgb.shape, random.uniform(*LEVELS))
    else:
        widths = np.sqrt(rgb * random.uniform(*POISSON))
    return noise(rgb, widths, random, grey=random.random() < GREY_NOISE)


def blur(rgb: Pixels, along: float, across: float, angle: float = 0.0) -> Pixels:
    """Blur by a Gaussian kernel whose two axes are turned by an angle.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
    along, across : float
        Standard deviations, in pixels.
    angle : float
        In radians, of the first axis against the rows.
    """
    radius = int(np.ceil(3 * max(along, across)))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    cos, sin = np.cos(angle), np.sin(angle)
    distance = ((cos * x + sin * y) / along) ** 2 + ((cos * y - sin * x) / across) ** 2
    kernel = np.exp(-distance / 2)
    image = pyvips.Image.new_from_array(rgb)
    mask = pyvips.Image.new_from_array((kernel / kernel.sum()).tolist())
    blurred: Pixels = image.conv(mask, precision="float").rint().cast("uchar").numpy()
    return blurred


def noise(
    rgb: Pixels, widths: NDArray[np.float64], random: np.random.Generator, *, grey: bool = False
) -> Pixels:
    """Add normal noise of a standard deviation (of 255) that may differ from value to value.

    With ``grey``, that of red, green and blue is one.
    """
    shape = (*rgb.shape[:2], 1) if grey else rgb.shape
    return np.clip(np.round(rgb + widths * random.standard_normal(shape)), 0, 255).astype(np.uint8)


def jpeg(rgb: Pixels, quality: int) -> Pixels:
    """Return what is left of a picture after it was saved as JPEG, chroma halved as cameras do."""
    encoded = pyvips.Image.new_from_array(rgb).jpegsave_buffer(Q=quality, subsample_mode="on")
    decoded: Pixels = pyvips.Image.new_from_buffer(encoded, "").numpy()
    return decoded
