"""PSNR and SSIM. Range and border are always stated by the caller, never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["luma", "psnr", "ssim"]

Array = NDArray[Any]


def luma(rgb: Array) -> NDArray[np.float64]:
    """Return the luma of BT.601 at studio range, as a float.

    Parameters
    ----------
    rgb : ndarray, shape (..., 3)
        R, G, B in 0 to 255.

    Returns
    -------
    ndarray of float64, shape (...)
        ``16 + (65.481 R + 128.553 G + 24.966 B) / 255``: 16 for black, 235 for white, not rounded.
    """
    if rgb.ndim < 1 or rgb.shape[-1] != 3:
        raise ValueError(f"rgb: got shape {rgb.shape}; expected (..., 3)")
    return 16 + rgb @ (np.array([65.481, 128.553, 24.966]) / 255)


def _scored(a: Array, b: Array, data_range: float, border: int) -> tuple[Array, Array]:
    """Check a pair of pictures and crop the border that is not scored."""
    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"a, b: got shapes {a.shape} and {b.shape}; expected one shape (H, W)")
    if not data_range > 0:
        raise ValueError(f"data_range: got {data_range}; expected a positive number, such as 255")
    if border < 0 or 2 * border >= min(a.shape):
        raise ValueError(f"border: got {border} for a picture of {a.shape[0]}×{a.shape[1]}")
    inside = (slice(border, a.shape[0] - border), slice(border, a.shape[1] - border))
    return a[inside].astype(np.float64), b[inside].astype(np.float64)


def psnr(a: Array, b: Array, *, data_range: float, border: int) -> float:
    """Peak signal-to-noise ratio in dB.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Two pictures of one channel, in the same range.
    data_range : float
        The peak: 255 for 8-bit values (also for luma of 16 to 235), 1 for values in [0, 1].
    border : int
        Pixels left out on each side.

    Returns
    -------
    float
        ``10 log10(data_range² / mean((a - b)²))``; infinite for equal pictures.
    """
    a, b = _scored(a, b, data_range, border)
    error = float(np.mean((a - b) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(data_range**2 / error))


def ssim(a: Array, b: Array, *, data_range: float, border: int) -> float:
    """Structural similarity, the mean over all whole windows.

    Parameters
    ----------
    a, b, data_range, border
        As `psnr`; what remains after the border must hold one window of 11×11.

    Returns
    -------
    float
        1 for equal pictures.

    Notes
    -----
    Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Trans. Image Processing 13 (2004), equation 13, with the authors'
    settings: Gaussian window 11×11 of standard deviation 1.5, K1 = 0.01, K2 = 0.03, moments
    weighted by the window (no n / (n - 1)).
    """
    a, b = _scored(a, b, data_range, border)
    if min(a.shape) < 11:
        raise ValueError(f"a, b: {a.shape[0]}×{a.shape[1]} scored pixels; expected 11×11 or more")
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_a, mean_b = _window(a), _window(b)
    variance_a = _window(a * a) - mean_a**2
    variance_b = _window(b * b) - mean_b**2
    covariance = _window(a * b) - mean_a * mean_b
    numerator = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    denominator = (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    return float(np.mean(numerator / denominator))


def _window(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian mean over each whole 11×11 window, one axis after the other."""
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    for _ in range(2):
        rows = picture.shape[0] - 10
        picture = sum(w * picture[t : t + rows] for t, w in enumerate(weights)).T
    return picture
