import multiprocessing
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly, assert_within_bound
from strategies import cases, repeatable
from upweave.kernels import ConvTranspose, conv, conv_transpose, pictures
from upweave.kernels.filter_choice import NONE
from upweave.ops import reference

WIDTHS = (1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 97, 193)
PLANES = cases(rank=2, channels=3, size=20)
LINES = cases(rank=1, channels=3, size=80, stride=8)
VOLUMES = cases(rank=3, channels=3, size=5)
EXAMPLES = 300
DTYPES = st.sampled_from([np.float32, np.float64])


def whole(rng, *shapes):
    """Return arrays of small whole numbers, of which float32 sums are exact."""
    return tuple(rng.integers(-4, 5, shape).astype(np.float32) for shape in shapes)


def normal(rng, *shapes):
    return tuple(rng.standard_normal(shape).astype(np.float32) for shape in shapes)


@settings(repeatable, max_examples=EXAMPLES)
@given(PLANES, DTYPES)
def test_transposed_convolutions_are_the_reference_on_whole_numbers(case, dtype):
    x, w, bias = case.operands(dtype=dtype)
    operator = ConvTranspose(w, bias, **case.options)
    assert operator.plan.way == "kernels"
    want = reference.scatter(x, w, bias, **case.options)
    assert_equal_exactly(operator(x), want)


@settings(repeatable, max_examples=EXAMPLES)
@given(PLANES, DTYPES)
def test_convolutions_are_the_reference_on_whole_numbers(case, dtype):
    x, w, bias = case.convolution_operands(dtype=dtype)
    got = conv(x, w, bias, **case.convolution)
    assert_equal_exactly(got, reference.conv(x, w, bias, **case.convolution))


@settings(repeatable, max_examples=EXAMPLES)
@given(cases(rank=2, channels=3, size=20, stride=1), DTYPES)
def test_convolutions_of_stride_one_are_the_reference_on_whole_numbers(case, dtype):
    x, w, bias = case.convolution_operands(dtype=dtype)
    got = conv(x, w, bias, **case.convolution)
    assert_equal_exactly(got, reference.conv(x, w, bias, **case.convolution))


@settings(repeatable, max_examples=EXAMPLES)
@given(LINES, st.integers(1, 4), DTYPES)
def test_lines_are_the_reference_on_whole_numbers(case, threads, dtype):
    check_transposed(case, threads, dtype)


@settings(repeatable, max_examples=EXAMPLES)
@given(VOLUMES, st.integers(1, 4), DTYPES)
def test_volumes_are_the_reference_on_whole_numbers(case, threads, dtype):
    check_transposed(case, threads, dtype)


def check_transposed(case, threads, dtype):
    x, w, bias = case.operands(dtype=dtype)
    operator = ConvTranspose(w, bias, **case.options)
    assert operator.plan.way == "kernels"
    want = reference.scatter(x, w, bias, **case.options)
    assert_equal_exactly(operator(x, threads=threads), want)
    out = np.empty((*want.shape[:-1], 2 * want.shape[-1]), dtype)[..., ::2]
    assert_equal_exactly(operator(x, out=out), want)


@settings(repeatable, max_examples=100)
@given(cases(rank=1, channels=3, size=80, stride=1) | cases(rank=3, channels=3, stride=1), DTYPES)
def test_convolutions_of_lines_and_volumes_are_the_reference_on_whole_numbers(case, dtype):
    x, w, bias = case.convolution_operands(dtype=dtype)
    got = conv(x, w, bias, **case.convolution)
    assert_equal_exactly(got, reference.conv(x, w, bias, **case.convolution))


@settings(repeatable, max_examples=60)
@given(cases(rank=2, channels=3, size=20, stride=1), st.booleans(), DTYPES)
def test_results_are_within_the_bound_on_normal_data(case, transposed, dtype):
    if transposed:
        operator, wanted, options = conv_transpose, reference.scatter, case.options
        operands = case.operands(dtype=dtype, whole=False)
    else:
        operator, wanted, options = conv, reference.conv, case.convolution
        operands = case.convolution_operands(dtype=dtype, whole=False)
    got, want = operator(*operands, **options), wanted(*operands, **options)
    assert_within_bound(got, want, wanted, *operands, **options)


def channels_last(x):
    """Return an equal array whose channels follow one another in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


@settings(repeatable, max_examples=200)
@given(
    LINES | PLANES | VOLUMES | cases(rank=2, channels=40, groups=2, size=12),
    st.booleans(),
    st.integers(1, 3),
    DTYPES,
)
def test_inputs_with_channels_last(case, transposed, threads, dtype):
    if transposed:
        x, w, bias = case.operands(dtype=dtype)
        operator = ConvTranspose(w, bias, **case.options)
        want = reference.scatter(x, w, bias, **case.options)
        assert_equal_exactly(operator(channels_last(x), threads=threads), want)
    else:
        x, w, bias = case.convolution_operands(dtype=dtype)
        got = conv(channels_last(x), w, bias, **case.convolution)
        assert_equal_exactly(got, reference.conv(x, w, bias, **case.convolution))


@pytest.mark.parametrize("channels", [8, 31, 70])
def test_channels_last_by_minimal_filters(rng, channels):
    x, w = normal(rng, (2, channels, 21, 37), (channels, 24, 4, 4))
    operator = ConvTranspose(w, stride=2, padding=1)
    assert_equal_exactly(operator(channels_last(x)), operator(x))


@pytest.mark.parametrize("width", WIDTHS)
def test_widths_around_the_vectors(rng, width):
    for height, stride, kernel in ((1, 1, (3, 3)), (6, 2, (3, 5)), (5, 3, (4, 3))):
        x, w, bias = whole(rng, (1, 3, height, width), (3, 5, *kernel), (5,))
        options = {"stride": stride, "padding": ((1, 0), (1, 1))}
        got = conv_transpose(x, w, bias, **options)
        assert_equal_exactly(got, reference.scatter(x, w, bias, **options))
        options = {"padding": ((2, 1), (1, 3))}
        w = w.swapaxes(0, 1)
        got = conv(x, w, bias, **options)
        assert_equal_exactly(got, reference.conv(x, w, bias, **options))


@pytest.mark.parametrize(
    ("channels", "groups", "kernel", "options"),
    [
        pytest.param((70, 33), 1, (7, 3), {"padding": 1}, id="many channels"),
        pytest.param((70, 33), 1, (3, 2), {"stride": 2}, id="many channels, stride 2"),
        pytest.param((12, 6), 3, (3, 3), {"stride": (1, 2)}, id="groups"),
        pytest.param((7, 7), 7, (3, 3), {"stride": (2, 1)}, id="depthwise"),
        pytest.param((5, 20), 5, (2, 4), {"stride": 4}, id="depthwise, more outputs"),
        pytest.param((3, 2), 1, (2, 1), {"stride": (3, 5)}, id="kernel less than stride"),
        pytest.param((3, 2), 1, (3, 3), {"padding": ((-2, -1), (-3, -5))}, id="negative padding"),
        pytest.param((2, 3), 1, (9, 9), {"stride": 4, "padding": 4, "output_padding": 3}, id="9x9"),
        pytest.param((2, 2), 1, (3, 4), {"stride": 8, "dilation": (3, 4)}, id="stride 8, dilated"),
        pytest.param((1, 1), 1, (1, 64), {}, id="as wide as is unrolled"),
    ],
)
def test_special_layers(rng, channels, groups, kernel, options):
    inputs, outputs = channels
    options = options | {"groups": groups}
    x, w = whole(rng, (2, inputs, 7, 19), (inputs, outputs // groups, *kernel))
    (bias,) = whole(rng, (outputs,))
    operator = ConvTranspose(w, bias, **options)
    assert operator.plan.way == "kernels"
    assert_equal_exactly(operator(x), reference.scatter(x, w, bias, **options))
    options.pop("output_padding", None)
    x, w = whole(rng, (2, inputs, 15, 70), (outputs, inputs // groups, *kernel))
    got = conv(x, w, bias, **options)
    assert_equal_exactly(got, reference.conv(x, w, bias, **options))


@settings(repeatable, max_examples=100)
@given(
    cases(rank=1, channels=3, size=40, stride=70, kernel=90)
    | cases(rank=2, channels=2, size=5, stride=40, kernel=50),
    st.integers(1, 4),
    DTYPES,
)
def test_large_strides_are_the_reference_on_whole_numbers(case, threads, dtype):
    x, w, bias = case.operands(dtype=dtype)
    want = reference.scatter(x, w, bias, **case.options)
    assert_equal_exactly(ConvTranspose(w, bias, **case.options)(x, threads=threads), want)


@pytest.mark.parametrize("size", [(1, 1), (1, 3), (2, 2), (4, 4), (5, 3), (7, 9), (17, 17)])
@pytest.mark.parametrize(
    "options", [{"stride": 2, "padding": 1}, {}, {"stride": (1, 3), "padding": -1}]
)
@pytest.mark.parametrize("filtered", [False, True])
def test_small_maps_of_many_channels(monkeypatch, rng, size, options, filtered):
    if not filtered:
        monkeypatch.setattr(pictures, "choose_group_for", lambda *_: NONE)
    x = rng.integers(-4, 5, (7, 33, *size)).astype(np.float32)
    w = rng.integers(-4, 5, (33, 47, 4, 4)).astype(np.float32)
    want = reference.scatter(x, w, **options)
    operator = ConvTranspose(w, **options)
    for threads in (1, 2, 5):
        if filtered:
            got = operator(x, threads=threads)
            assert_within_bound(got, want, reference.scatter, x, w, together=(-2, -1), **options)
        else:
            assert_equal_exactly(operator(x, threads=threads), want)
            assert_equal_exactly(operator(x[:1]), want[:1])


@pytest.mark.parametrize("stride", [2, 3, 4, 5, 9, (3, 1), (1, 17)])
def test_convolutions_with_strides(rng, stride):
    x = rng.integers(-4, 5, (2, 5, 40, 150)).astype(np.float32)
    w = rng.integers(-4, 5, (7, 5, 3, 4)).astype(np.float32)
    want = reference.conv(x, w, stride=stride, padding=1)
    assert_equal_exactly(conv(x, w, stride=stride, padding=1), want)


def test_more_than_one_tile(rng):
    x, w = whole(rng, (2, 3, 130, 1100), (3, 2, 3, 3))
    got = conv_transpose(x, w, stride=2, padding=1)
    assert_equal_exactly(got, reference.phases(x, w, stride=2, padding=1))
    w = w.swapaxes(0, 1)
    assert_equal_exactly(conv(x, w, padding=1), reference.conv(x, w, padding=1))


@pytest.mark.parametrize("channels", [3, 700])  # few, and so many that a tile is narrow
def test_long_lines(rng, channels):
    x, w = whole(rng, (2, channels, 4100), (channels, 2, 5))
    got = conv_transpose(x, w, stride=3, padding=1)
    assert_equal_exactly(got, reference.phases(x, w, stride=3, padding=1))


def test_an_empty_batch(rng):
    x, w = whole(rng, (0, 2, 3, 4), (2, 3, 2, 2))
    assert conv_transpose(x, w, stride=2).shape == (0, 3, 6, 8)
    assert conv(x, w.swapaxes(0, 1)).shape == (0, 3, 2, 3)


def test_arguments_are_left_alone_and_need_not_be_contiguous(rng):
    x, w, bias = whole(rng, (2, 4, 6, 2), (3, 2, 4, 3), (6,))
    for array in (x, w, bias):
        array.flags.writeable = False
    x, w, bias = x.transpose(0, 3, 1, 2), w.transpose(1, 0, 3, 2)[..., ::-1], bias[::2]
    want = reference.scatter(x.copy(), w.copy(), bias.copy(), stride=2)
    for same in (x, np.asfortranarray(x), np.repeat(x, 2, axis=3)[..., ::2]):
        kept = same.copy()
        assert_equal_exactly(conv_transpose(same, w, bias, stride=2), want)
        assert_equal_exactly(same, kept)
    turned = w.swapaxes(0, 1)
    want = reference.conv(x.copy(), turned.copy(), bias.copy())
    assert_equal_exactly(conv(np.asfortranarray(x), turned, bias), want)


def test_weights_may_change_after_the_operator_is_made(rng):
    x, w, bias = whole(rng, (1, 2, 5, 6), (2, 3, 3, 3), (3,))
    want = reference.scatter(x, w, bias)
    operator = ConvTranspose(w, bias)
    w += 1
    bias += 1
    assert_equal_exactly(operator(x), want)


@pytest.fixture
def operator():
    rng = np.random.default_rng(3)
    return ConvTranspose(*normal(rng, (2, 3, 3, 4), (3,)), stride=2, padding=1)


@pytest.fixture
def x():
    return normal(np.random.default_rng(4), (2, 2, 9, 21))[0]


def test_out_is_filled_and_returned(operator, x):
    want = operator(x)
    spread = np.zeros((*want.shape[:3], 2 * want.shape[3]), np.float32)
    for out in (np.full_like(want, np.nan), spread[..., ::2], np.full_like(want, 7, order="F")):
        assert operator(x, out=out) is out
        assert_equal_exactly(out, want)
    assert not spread[..., 1::2].any()


def test_out_of_another_shape_or_type_is_refused(operator, x):
    shape = operator(x).shape
    with pytest.raises(ValueError, match=re.escape(f"the result is float32 {shape}")):
        operator(x, out=np.zeros((*shape[:3], shape[3] + 1), np.float32))
    with pytest.raises(ValueError, match=r"^out is float64 .*; the result is float32"):
        operator(x, out=np.zeros(shape))


@pytest.mark.parametrize("step", [1, 2])
def test_out_that_overlaps_the_input_is_refused(operator, x, step):
    shape = operator(x).shape
    memory = np.zeros(step * np.prod(shape), np.float32)
    overlapping = memory[1 : 1 + x.size].reshape(x.shape)
    overlapping[...] = x
    out = memory.reshape(*shape[:3], -1)[..., ::step]
    with pytest.raises(ValueError, match=r"^out overlaps x; give it memory of its own$"):
        operator(overlapping, out=out)
    assert_equal_exactly(overlapping, x)


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("width", [1, 7, 18, 50])
def test_nothing_is_written_outside_out(rng, stride, width):
    x, w = whole(rng, (1, 2, 3, width), (2, 5, 3, 3))
    want = reference.scatter(x, w, stride=stride)
    memory = np.full(want.size + 200, 77, np.float32)
    ConvTranspose(w, stride=stride)(x, out=memory[100:-100].reshape(want.shape))
    assert_equal_exactly(memory[100:-100].reshape(want.shape), want)
    assert (memory[:100] == 77).all()
    assert (memory[-100:] == 77).all()


def test_the_number_of_threads_changes_no_bit(operator, x):
    want = operator(x, threads=1)
    for threads in (2, 5, 100):
        assert_equal_exactly(operator(x, threads=threads), want)
    for threads in (0, -1):
        with pytest.raises(ValueError, match=f"^threads: got {threads}; at least 1 would do$"):
            operator(x, threads=threads)


@pytest.mark.parametrize(
    ("shape", "dtype", "options", "why"),
    [
        ((2, 3, 2, 2, 2, 2), np.float32, {}, "4-D layers have no kernels"),
        ((1, 1, 1, 1), np.float32, {"stride": (1025, 1)}, "the stride (1025, 1) is above 1024"),
        ((1, 1, 1, 65), np.float32, {}, "the kernel (1, 65) is wider than 64"),
        ((1, 1, 600), np.float32, {"stride": 9}, "the kernel (600,) is wider than 64"),
        (
            (1, 1, 1),
            np.float32,
            {"stride": 17},
            "the kernel (1,) has few taps for the stride (17,)",
        ),
    ],
)
def test_other_layers_go_by_the_reference(rng, shape, dtype, options, why):
    w = rng.integers(-4, 5, shape).astype(dtype)
    x = rng.integers(-4, 5, (1, shape[0], *[5] * (len(shape) - 2))).astype(dtype)
    operator = ConvTranspose(w, **options)
    assert operator.plan.way == "reference"
    assert operator.plan.why == why
    assert str(operator.plan) == f"reference: {why}"
    want = reference.scatter(x, w, **options)
    assert_equal_exactly(operator(x), want)
    out = np.empty_like(want)
    assert operator(x, out=out) is out
    assert_equal_exactly(out, want)
    with pytest.raises(ValueError, match=r"^out is"):
        operator(x, out=out[..., 1:])


def test_the_plan_of_a_generated_kernel(operator):
    assert operator.plan.way == "kernels"
    assert re.fullmatch(r"kernels: (4|8|16) lanes, (16|32) registers", str(operator.plan))


@pytest.mark.parametrize("stride", [2, 9])
def test_threads_are_checked_whichever_way_it_runs(rng, stride):
    x, w = whole(rng, (1, 2, 5, 5), (2, 3, 3, 3))
    with pytest.raises(ValueError, match=r"^threads: got 0; at least 1 would do$"):
        ConvTranspose(w, stride=stride)(x, threads=0)


def test_arrays_that_do_not_fit_are_named(operator, x):
    with pytest.raises(ValueError, match=r"^x: got 1 channels"):
        operator(x[:, :1])
    with pytest.raises(TypeError, match=r"^x: got float64, but w is float32"):
        operator(x.astype(np.float64))
    with pytest.raises(ValueError, match=r"^x: got 3 channels"):
        conv(np.zeros((1, 3, 5, 5), np.float32), np.zeros((1, 2, 3, 3), np.float32))


def test_calls_from_several_threads(operator, x):
    pictures = [x[..., : n + 1] for n in range(20)] * 3
    want = [operator(picture, threads=1) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda picture: operator(picture, threads=2), pictures))
    for one, other in zip(got, want, strict=True):
        assert_equal_exactly(one, other)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_calls_after_a_fork(operator, x):
    want = operator(x, threads=2)  # so that the pool has threads, which the child has not
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=lambda: results.put(operator(x, threads=2)), daemon=True)
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert_equal_exactly(results.get(), want)
