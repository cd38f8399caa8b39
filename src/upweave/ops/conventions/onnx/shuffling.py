"""ONNX's DepthToSpace."""

from __future__ import annotations

import numpy as np

from upweave.ops import _checks
from upweave.ops._checks import Floats
from upweave.ops.conventions.onnx._attributes import Word, word


def depth_to_space(input: Floats, *, blocksize: int, mode: Word = "DCR") -> Floats:
    """Return ONNX's DepthToSpace: channels rearranged into blocks of pixels.

    Parameters
    ----------
    input : array of shape (N, C * blocksize**2, H, W)
    blocksize : int
        At least 1.
    mode : "DCR" or "CRD"
        The order of the channels: by place in the block, then by channel of the result (as in
        TensorFlow), or the other way round (PyTorch's pixel shuffle).

    Returns
    -------
    array of shape (N, C, H * blocksize, W * blocksize)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://onnx.ai/onnx/operators/onnx__DepthToSpace.html

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(8.0).reshape(1, 8, 1, 1)
    >>> depth_to_space(x, blocksize=2)[0].tolist()
    [[[0.0, 2.0], [4.0, 6.0]], [[1.0, 3.0], [5.0, 7.0]]]
    >>> depth_to_space(x, blocksize=2, mode="CRD")[0].tolist()
    [[[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0], [6.0, 7.0]]]
    """
    _checks.check_floats(input=input)
    if input.ndim != 4:
        raise ValueError(f"input: got the shape {input.shape}; 4 axes, (N, C, H, W), would do")
    r = _checks.whole("blocksize", blocksize, 1)
    n, channels, height, width = input.shape
    if channels % r**2:
        raise ValueError(
            f"input: got {channels} channels in the shape {input.shape}; "
            f"a multiple of {r**2}, the square of blocksize, would do"
        )
    c = channels // r**2
    if word("mode", mode, ("DCR", "CRD")) == "DCR":
        blocks = input.reshape(n, r, r, c, height, width).transpose(0, 3, 4, 1, 5, 2)
    else:
        blocks = input.reshape(n, c, r, r, height, width).transpose(0, 1, 4, 2, 5, 3)
    return np.array(blocks, order="C").reshape(n, c, height * r, width * r)
