import numpy as np
import pytest

from comparison import assert_equal_exactly
from upweave.kernels import instructions, program
from upweave.kernels.instructions import Place
from upweave.kernels.tiles import TileProgram

LANES = (4, 8, 16)
CHANNELS, ROWS, COLUMNS = 3, 5, 37
SHAPE = (CHANNELS, ROWS, COLUMNS)
LEAST_NORMAL = float(np.finfo(np.float32).tiny)
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-40, 3e38, -3e38, LEAST_NORMAL]


def run(instruction, x, shape, lanes):
    """Return what an instruction makes of input and output, both whole buffers."""
    y = np.full(shape, np.nan, np.float32)
    rows = instruction[None]
    tiles = np.array([[rows.ctypes.data, 1, 0, 0]], np.int64)
    TileProgram(tiles, [], [rows], lanes).run(np.ascontiguousarray(x), y, 1)
    return y


def planes(buffer, first=0):
    return Place(buffer, first * ROWS * COLUMNS, ROWS * COLUMNS, COLUMNS)


def activated(kind, x, lanes, parameters=None):
    """Return a function of x, of the shape (channels, rows, columns)."""
    _, rows, columns = x.shape
    source, target = (Place(b, 0, rows * columns, columns) for b in (program.INPUT, program.OUTPUT))
    instruction = instructions.activate(kind, source, target, *x.shape, lanes, parameters)
    return run(instruction, x, x.shape, lanes)


def everything():
    """Return floats of all signs and exponents, and what is special, as three channels."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 1 << 32, 3 * 40_003, np.uint32)
    x = bits.view(np.float32)
    x[: len(SPECIAL)] = SPECIAL
    near = rng.uniform(-20, 20, 3 * 40_003).astype(np.float32)
    return np.concatenate([x, near]).reshape(3, 1, -1)


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize(
    ("kind", "ufunc"), [("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply)]
)
def test_combinations_are_numpys(rng, lanes, kind, ufunc):
    x = rng.standard_normal((2 * CHANNELS, ROWS, COLUMNS)).astype(np.float32)
    a, b, y = planes(program.INPUT), planes(program.INPUT, CHANNELS), planes(program.OUTPUT)
    instruction = instructions.combine(kind, a, b, y, *SHAPE, lanes)
    want = ufunc(x[:CHANNELS], x[CHANNELS:])
    assert_equal_exactly(run(instruction, x, SHAPE, lanes), want)
    same = Place(program.INPUT, b.offset, 0, COLUMNS)  # one plane for all channels
    instruction = instructions.combine(kind, a, same, y, *SHAPE, lanes)
    want = ufunc(x[:CHANNELS], x[CHANNELS : CHANNELS + 1])
    assert_equal_exactly(run(instruction, x, SHAPE, lanes), want)


FACTORS = np.array([[0.1, -2, 0], [0.25, -0.0, 1e3]], np.float32)
SIMPLE = {
    "relu": (None, lambda x: np.where(x < 0, np.float32(0), x)),
    "prelu": (FACTORS[0], lambda x: np.where(x < 0, x * FACTORS[0][:, None, None], x)),
    "clip": (np.float32([-0.5, 3e-6]), lambda x: np.clip(x, np.float32(-0.5), np.float32(3e-6))),
}


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("kind", SIMPLE)
def test_functions_without_rounding_are_numpys(lanes, kind):
    x = everything()
    parameters, function = SIMPLE[kind]
    with np.errstate(all="ignore"):
        want = function(x)
    normal = ~(np.abs(x) < LEAST_NORMAL)  # others count as zeros in compiled code
    want[normal & (np.abs(want) < LEAST_NORMAL)] = 0
    got = activated(kind, x, lanes, parameters)
    np.testing.assert_array_equal(got[normal], want[normal])


@pytest.mark.parametrize("lanes", LANES)
def test_affine_is_one_fused_multiply_add(rng, lanes):
    x = rng.standard_normal(SHAPE).astype(np.float32)
    scale, shift = FACTORS.astype(np.float64)[:, :, None, None]
    want = (x * scale + shift).astype(np.float32)  # twice the digits: rounded once
    assert_equal_exactly(activated("affine", x, lanes, FACTORS), want)


CURVES = {
    "sigmoid": lambda x: np.where(x < 0, np.exp(x), 1) / (1 + np.exp(-np.abs(x))),
    "tanh": np.tanh,
}


@pytest.mark.parametrize("kind", CURVES)
def test_sigmoid_and_tanh_are_within_two_ulps(kind):
    x = everything()
    got = activated(kind, x, 16)
    assert_equal_exactly(np.isnan(got), np.isnan(x))
    with np.errstate(all="ignore"):
        want = CURVES[kind](x.astype(np.float64))
        ulp = np.exp2(np.floor(np.log2(np.abs(want))) - 23)
        off = np.abs(got - want) / ulp
    normal = (np.abs(want) >= LEAST_NORMAL) & ~(np.abs(x) < LEAST_NORMAL)
    assert off[normal].max() <= 2
    flushed = np.abs(want) < LEAST_NORMAL
    assert (np.abs(got[flushed]) <= LEAST_NORMAL).all()


@pytest.mark.parametrize("kind", CURVES)
def test_sigmoid_and_tanh_at_their_ends(kind):
    x = np.float32([np.inf, 200, -np.inf, -200, 0]).reshape(1, 1, -1)
    low, middle = (0, 0.5) if kind == "sigmoid" else (-1, 0)
    assert activated(kind, x, 4).ravel().tolist() == [1, 1, low, low, middle]
    assert np.signbit(activated("tanh", -x[..., 4:], 4)).all()


@pytest.mark.parametrize("kind", CURVES)
def test_sigmoid_and_tanh_have_the_same_bits_at_all_widths(kind):
    x = everything()
    results = [activated(kind, x, lanes).view(np.uint32) for lanes in LANES]
    for other in results[1:]:
        assert_equal_exactly(other[~np.isnan(x)], results[0][~np.isnan(x)])


@pytest.mark.parametrize("kind", CURVES)
def test_sigmoid_and_tanh_never_fall(kind):
    x = np.linspace(-12, 12, 20_001, dtype=np.float32).reshape(1, 1, -1)
    y = activated(kind, x, 16).ravel()
    steps = np.diff(y)
    assert (steps >= -4 * np.spacing(np.abs(y[1:]))).all()
    assert (y[1:] - y[0] >= 0).all()
