import numpy as np

from upweave.explain.upsamplers import upsamplers


def test_results_are_those_of_the_kernels_beside_them():
    x = np.random.default_rng(1).integers(0, 9, (3, 4)).astype(float)
    reach = 3  # pixels that are repeated around the map
    for frame in upsamplers(x, 3)[:4]:
        _, kernel, result = frame.panels
        size = kernel.values.shape[0]
        padded = np.pad(x, reach, "edge")
        full = np.zeros([3 * (n - 1) + size for n in padded.shape])
        for row, column in np.ndindex(padded.shape):
            place = np.s_[3 * row : 3 * row + size, 3 * column : 3 * column + size]
            full[place] += padded[row, column] * kernel.values
        # A kernel stands over the middle of its pixel's three outputs; a nail, on the first.
        start = 3 * reach + max(0, size - 3) // 2
        rows, columns = (slice(start, start + n) for n in result.values.shape)
        assert np.allclose(full[rows, columns], result.values)


def test_unpooling_puts_the_largest_back():
    before, small, back = upsamplers(np.ones((2, 3)))[-1].panels
    for row, column in np.ndindex(2, 3):
        block = before.values[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert small.values[row, column] == block.max()
        returned = back.values[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert returned.sum() == block.max()
        assert returned.reshape(-1)[block.argmax()] == block.max()
