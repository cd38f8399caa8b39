"""The padding that ONNX calls "SAME"."""


def same_padding(size: int, stride: int, extent: int, *, upper: bool) -> tuple[int, int]:
    """Return the (begin, end) padding of a convolution that gives ``ceil(size / stride)`` outputs.

    `extent` is that of the dilated kernel. An odd zero is at the end with `upper` ("SAME_UPPER"),
    else at the begin. Where a stride larger than the kernel makes the padding negative, it crops at
    both ends, but one element less than that, as ONNX Runtime does.
    """
    total = (-(-size // stride) - 1) * stride + extent - size
    if total < 0:
        total += 1
    begin = int((total + (not upper)) / 2)  # rounded toward 0
    return begin, total - begin
