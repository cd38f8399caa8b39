"""What it costs to compute a transposed convolution by zero insertion instead of by its phases.

``python benchmarks/zero_insertion.py``: the same compiled kernels convolve an input with zeros
between its values and around it by the flipped kernel, or compute the phases. Both make the same;
they take turns, and the medians are printed. The zeros are in place before the clock starts.
"""

import time
from statistics import median

import numpy as np
from numpy.typing import NDArray

import upweave as uw

CHANNELS, SIDE, ROUNDS = 32, 96, 41


def main() -> None:
    """Measure and print the table."""
    print("| stride, kernel | phases | zero insertion | times as long |")
    print("|---|---:|---:|---:|")
    for stride in (2, 3, 4):
        phases, inserted = _measure(stride, 2 * stride)
        print(
            f"| {stride}, {2 * stride} | {1e3 * phases:.2f} ms | {1e3 * inserted:.2f} ms "
            f"| {inserted / phases:.1f} |"
        )


def _measure(stride: int, kernel: int) -> tuple[float, float]:
    """Return the seconds of both ways."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, CHANNELS, SIDE, SIDE)).astype(np.float32)
    w = rng.normal(size=(CHANNELS, CHANNELS, kernel, kernel)).astype(np.float32)
    spread = _spread(x, stride, kernel)
    by_phases = uw.ConvTranspose(w, stride=stride)
    # At stride 1, cropped, it is the ordinary convolution by the flipped kernel.
    by_insertion = uw.ConvTranspose(w, stride=1, padding=kernel - 1)
    ways = (lambda: by_phases(x), lambda: by_insertion(spread))
    first, second = (way() for way in ways)
    np.testing.assert_allclose(first, second, rtol=1e-3, atol=1e-3)
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for way, seconds in zip(ways, taken, strict=True):
            begin = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - begin)
    return median(taken[0]), median(taken[1])


def _spread(x: NDArray[np.float32], stride: int, kernel: int) -> NDArray[np.float32]:
    """Return an input with zeros between its values and around them."""
    edge, side = kernel - 1, (SIDE - 1) * stride + 1
    spread = np.zeros((1, CHANNELS, side + 2 * edge, side + 2 * edge), np.float32)
    spread[:, :, edge : edge + side : stride, edge : edge + side : stride] = x
    return spread


if __name__ == "__main__":
    main()
