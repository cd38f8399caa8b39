"""The two rearrangements of channels and pixels, in PyTorch's words."""

from __future__ import annotations

from math import prod

import numpy as np

from upweave.ops._checks import Floats, check_floats, whole


def pixel_shuffle(input: Floats, upscale_factor: int) -> Floats:
    """Return the channels rearranged into r x r blocks of pixels, r being `upscale_factor`.

    Parameters
    ----------
    input : array of shape (*, C * r * r, H, W)
    upscale_factor : int
        At least 1.

    Returns
    -------
    array of shape (*, C, H * r, W * r)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html

    Examples
    --------
    >>> import numpy as np
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    r = _factor("upscale_factor", upscale_factor, input)
    *batch, channels, height, width = input.shape
    if channels % r**2:
        raise ValueError(
            f"input: got {channels} channels in the shape {input.shape}; "
            f"a multiple of {r**2}, the square of upscale_factor, would do"
        )
    n, c = prod(batch), channels // r**2
    blocks = input.reshape(n, c, r, r, height, width).transpose(0, 1, 4, 2, 5, 3)
    return np.array(blocks, order="C").reshape(*batch, c, height * r, width * r)


def pixel_unshuffle(input: Floats, downscale_factor: int) -> Floats:
    """Return r x r blocks of pixels rearranged into channels, r being `downscale_factor`.

    Parameters
    ----------
    input : array of shape (*, C, H * r, W * r)
    downscale_factor : int
        At least 1.

    Returns
    -------
    array of shape (*, C * r * r, H, W)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html

    Examples
    --------
    >>> import numpy as np
    >>> pixel_unshuffle(np.arange(4.0).reshape(1, 2, 2), 2).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    r = _factor("downscale_factor", downscale_factor, input)
    *batch, c, height, width = input.shape
    if height % r or width % r:
        raise ValueError(
            f"input: got the size {height} x {width}; multiples of {r}, downscale_factor, would do"
        )
    blocks = input.reshape(prod(batch), c, height // r, r, width // r, r)
    channels = np.array(blocks.transpose(0, 1, 3, 5, 2, 4), order="C")
    return channels.reshape(*batch, c * r**2, height // r, width // r)


def _factor(name: str, value: int, input: Floats) -> int:
    """Check the arguments of a shuffle and return its factor."""
    check_floats(input=input)
    if input.ndim < 3:
        raise ValueError(
            f"input: got the shape {input.shape}; at least 3 axes, (*, C, H, W), would do"
        )
    return whole(name, value, 1)
