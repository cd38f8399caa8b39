"""Random geometries and arrays for tests of whatever computes the operator."""

from dataclasses import dataclass
from math import prod

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

repeatable = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The parent of every test's settings: the same examples in every run, however slow."""


@dataclass(frozen=True)
class Case:
    """A transposed convolution (and the convolution that it is the transpose of)."""

    batch: int
    groups: int
    in_channels: int  # of a group
    out_channels: int  # of a group
    spatial: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    biased: bool
    seed: int

    @property
    def rank(self):
        return len(self.kernel)

    @property
    def output(self):
        """The output's size, counted from the last contribution."""
        return tuple(
            (i - 1) * s + (k - 1) * d + 1 - begin - end + a
            for i, s, k, d, (begin, end), a in zip(
                self.spatial,
                self.stride,
                self.kernel,
                self.dilation,
                self.padding,
                self.output_padding,
                strict=True,
            )
        )

    @property
    def convolution(self):
        """The keywords of a convolution."""
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
        }

    @property
    def options(self):
        """The keywords of a transposed convolution."""
        return self.convolution | {"output_padding": self.output_padding}

    @property
    def x_shape(self):
        return (self.batch, self.groups * self.in_channels, *self.spatial)

    @property
    def w_shape(self):
        return (self.groups * self.in_channels, self.out_channels, *self.kernel)

    @property
    def y_shape(self):
        return (self.batch, self.groups * self.out_channels, *self.output)

    def arrays(self, *shapes, dtype=np.float64, whole=True):
        """Return random arrays of these shapes: small whole numbers, or normal ones."""
        rng = np.random.default_rng([self.seed, *map(prod, shapes)])
        draw = (lambda shape: rng.integers(-4, 5, shape)) if whole else rng.standard_normal
        return tuple(draw(shape).astype(dtype) for shape in shapes)

    def operands(self, *, dtype=np.float64, whole=True):
        """Return x, w and bias (or None) of the transposed convolution."""
        shapes = (self.x_shape, self.w_shape, (self.groups * self.out_channels,))
        x, w, bias = self.arrays(*shapes, dtype=dtype, whole=whole)
        return x, w, bias if self.biased else None

    def convolution_operands(self, *, dtype=np.float64, whole=True):
        """Return x, w and bias (or None) of the convolution, which turns outputs into inputs."""
        shapes = (self.y_shape, self.w_shape, (self.groups * self.in_channels,))
        x, w, bias = self.arrays(*shapes, dtype=dtype, whole=whole)
        return x, w, bias if self.biased else None


LARGEST = {
    1: {"size": 9, "kernel": 9, "stride": 6, "dilation": 4},
    2: {"size": 5, "kernel": 4, "stride": 4, "dilation": 3},
    3: {"size": 3, "kernel": 3, "stride": 3, "dilation": 2},
}


@st.composite
def cases(draw, rank=None, *, channels=2, groups=3, batch=2, **largest):
    """Draw a case with axes unlike each other, and padding of every kind.

    Parameters
    ----------
    rank : int, optional
        Otherwise 1 to 3.
    channels, groups, batch : int
        The largest; channels are of a group.
    size, kernel, stride, dilation : int
        The largest, instead of those in `LARGEST`.
    """
    rank = draw(st.integers(1, 3)) if rank is None else rank
    most = LARGEST[rank] | largest

    def each(strategies):
        return draw(st.tuples(*strategies))

    def up_to(name):
        return each([st.integers(1, most[name])] * rank)

    spatial, kernel, stride, dilation = map(up_to, ("size", "kernel", "stride", "dilation"))
    output_padding = each(
        st.integers(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)
    )
    lengths = [
        (i - 1) * s + (k - 1) * d + 1 + a
        for i, s, k, d, a in zip(spatial, stride, kernel, dilation, output_padding, strict=True)
    ]
    ends = symmetric if draw(st.booleans()) else asymmetric
    return Case(
        batch=draw(st.integers(1, batch)),
        groups=draw(st.integers(1, groups)),
        in_channels=draw(st.integers(1, channels)),
        out_channels=draw(st.integers(1, channels)),
        spatial=spatial,
        kernel=kernel,
        stride=stride,
        padding=each(map(ends, lengths)),
        output_padding=output_padding,
        dilation=dilation,
        biased=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def symmetric(length):
    """Draw the same padding for both ends, as PyTorch has it."""
    return st.integers(0, (length - 1) // 2).map(lambda p: (p, p))


@st.composite
def asymmetric(draw, length):
    """Draw a padding that leaves at least one output, and may reach beyond the full output."""
    begin = draw(st.integers(-3, length + 1))
    return begin, draw(st.integers(-3, length - 1 - begin))
