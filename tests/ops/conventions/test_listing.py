"""Two listings known from tutorials beside Keras' "same", whose results are golden vectors.

Both are written here afresh, with what they do: a transposed convolution and a convolution of one
square channel, with the padding "same" worked out from one kernel size and, in the first, from one
input size. Ours gives Keras' result in every case; the listings do so in some.

- Transposed convolution: the full output is cropped by ``floor((k - s) / 2)`` at the begin and by
  the rest at the end. That is Keras' crop as long as the kernel is at least the stride, an odd one
  at the end included. With a smaller kernel the crop is negative: Keras puts all the missing zeros
  at the end, while a slice with a negative start counts from the end of the axis and leaves next to
  nothing of it. And where height and width differ, of input or kernel, one is taken for the other.
- Convolution: both ends are padded by ``ceil((k - 1) / 2)``, whatever the input's size is. Keras
  pads by ``(ceil(n / s) - 1) s + k - n`` in all, with an odd one at the end. That is the same for
  an odd kernel if the stride is 1, or divides n - 1; otherwise the listing is one output too long,
  or begins one input too early. A kernel's width is taken to be its height.
"""

from collections import Counter

import numpy as np

from comparison import assert_equal_exactly
from upweave.ops.conventions import keras
from vectors import storage


def transposed_listing(x, kernel, s):
    """Return the tutorial's transposed convolution of an (H, W) picture."""
    n, k = x.shape[0], kernel.shape[0]  # one axis' sizes for both
    full = np.zeros(((n - 1) * s + k,) * 2)
    for row, column, i, j in np.ndindex(n, n, k, k):
        full[row * s + i, column * s + j] += x[row, column] * kernel[i, j]
    begin = (k - s) // 2
    end = k - s - begin
    return full[begin : len(full) - end, begin : len(full) - end]


def convolution_listing(x, kernel, s):
    """Return the tutorial's convolution of an (H, W) picture."""
    k = kernel.shape[0]  # one axis' size for both
    padded = np.pad(x, int(np.ceil((k - 1) / 2)))
    height, width = ((size - k) // s + 1 for size in padded.shape)
    y = np.zeros((height, width))
    for row, column, i, j in np.ndindex(height, width, k, k):
        y[row, column] += padded[row * s + i, column * s + j] * kernel[i, j]
    return y


def compared(name, listing):
    """Yield the sizes of every golden case of a listing, and what becomes of the listing there."""
    for vector in storage.load("keras"):
        case, want = vector.case, vector.result
        if case.source != f"ours: {name} listing":
            continue
        operands = case.operands()
        function = getattr(keras, case.function)
        assert_equal_exactly(function(**operands, **case.arguments), want)
        x, kernel = operands["inputs"][0, :, :, 0], operands["kernel"][:, :, 0, 0]
        try:
            got = listing(x, kernel, case.arguments["strides"])
        except IndexError:
            outcome = "an index out of range"
        else:
            same = got.shape == want.shape[1:3]
            same_values = same and np.array_equal(got, want[0, :, :, 0])
            outcome = "equal" if same_values else "other values" if same else "another size"
        yield x.shape, kernel.shape, case.arguments["strides"], outcome


def is_square(shape):
    return shape[0] == shape[1]


def test_the_transposed_listing_is_keras_only_for_squares_and_kernels_from_the_stride_on():
    outcomes = Counter()
    for x, kernel, s, outcome in compared("transposed", transposed_listing):
        kind = "k >= s" if kernel[0] >= s else "k < s"
        if not is_square(x):
            kind = "oblong input"
        elif not is_square(kernel):
            kind = "oblong kernel"
        outcomes[kind, outcome] += 1
    assert outcomes == {
        ("k >= s", "equal"): 60,
        ("k < s", "another size"): 30,
        ("oblong input", "another size"): 24,
        ("oblong input", "an index out of range"): 12,
        ("oblong kernel", "other values"): 5,
        ("oblong kernel", "an index out of range"): 12,
        ("oblong kernel", "equal"): 1,  # of a single input, Keras crops what the listing forgets
    }


def test_the_convolution_listing_is_keras_only_where_that_pads_both_ends_so():
    outcomes = Counter()
    for x, kernel, s, outcome in compared("convolution", convolution_listing):
        begins_alike = is_square(kernel) and all(
            max((-(-n // s) - 1) * s + k - n, 0) // 2 == -(-(k - 1) // 2)
            for n, k in zip(x, kernel, strict=True)
        )
        odd = is_square(kernel) and kernel[0] % 2 == 1
        assert (outcome == "equal") == (odd and begins_alike), (x, kernel, s)
        kind = "oblong" if not is_square(kernel) else "odd" if odd else "even"
        outcomes[kind, outcome] += 1
    assert outcomes == {
        ("odd", "equal"): 24,
        ("odd", "other values"): 12,
        ("even", "another size"): 18,
        ("even", "other values"): 6,
        ("oblong", "another size"): 9,
        ("oblong", "other values"): 15,
        ("oblong", "an index out of range"): 12,
    }
