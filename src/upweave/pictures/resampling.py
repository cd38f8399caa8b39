"""Pictures resampled to any size, by libvips."""

from __future__ import annotations

import numpy as np

from upweave.pictures import colour
from upweave.pictures.enlarger import Pixels

__all__ = ["resample"]


def resample(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Return a picture made smaller, antialiased, by Lanczos' kernel of three lobes.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, C)
        uint8, uint16, or float32 in [0, 1]. The second or fourth channel is alpha, and weighs the
        colour.
    size : (height, width)
        Of the result.

    Returns
    -------
    ndarray
        Of the same type; ``image`` itself where it has the size.
    """
    if image.shape[:2] == size:
        return image
    import pyvips  # noqa: PLC0415  (loading libvips takes time that few calls need)

    values = colour.to_unit(image)
    height, width, bands = np.atleast_3d(values).shape
    colours, alpha = colour.apart(values)
    if alpha is not None:
        values = np.concatenate([np.atleast_3d(colours) * alpha[..., None], alpha[..., None]], 2)
    values = np.ascontiguousarray(values)
    small = pyvips.Image.new_from_memory(values.data, width, height, bands, "float").resize(
        size[1] / width, vscale=size[0] / height, kernel="lanczos3"
    )
    result = np.frombuffer(small.write_to_memory(), np.float32).reshape(*size, *image.shape[2:])
    result = result.copy()
    if alpha is not None:
        weight = np.maximum(result[..., -1:], np.finfo(np.float32).tiny)
        result[..., :-1] = np.where(result[..., -1:] > 0, result[..., :-1] / weight, 0)
    return colour.rounded(result, image.dtype)
