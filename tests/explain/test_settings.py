from itertools import product

import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d, conv_transpose2d, pad

from upweave.explain.maps import counted_up
from upweave.explain.settings import padded, settings
from upweave.ops.conventions import keras


@pytest.mark.parametrize("shape", [(4, 4), (5, 7)])
def test_both_operators_are_those_of_pytorch(shape):
    x = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    asked = list(product(range(1, 5), range(1, 4), ("valid", "same")))
    for frame, (k, s, word) in zip(settings(x, range(1, 5), range(1, 4)), asked, strict=True):
        (rows, up_rows), (columns, up_columns) = (padded(word, k, s, size) for size in shape)
        planes, w = torch.tensor(x)[None, None], torch.tensor(counted_up(k))[None, None]
        made = conv2d(pad(planes, (*columns, *rows)), w, stride=s)[0, 0]
        whole = conv_transpose2d(planes, w, stride=s)
        larger = pad(whole, [-m for m in (*up_columns, *up_rows)])[0, 0]
        assert np.array_equal(frame.panels[1].values, made)
        assert np.array_equal(frame.panels[2].values, larger)
        assert frame.caption.startswith(f"Kernel {k}, stride {s}, {word}: ")
        if word == "same":
            assert made.shape == tuple(-(-size // s) for size in shape)
            assert larger.shape == tuple(size * s for size in shape)
            last = counted_up(k)[..., None, None]  # as Keras has it: (*kernel, C_out, C_in)
            by_keras = keras.conv_transpose(x[None, ..., None], last, strides=s, padding=word)
            assert np.array_equal(larger, by_keras[0, ..., 0])
