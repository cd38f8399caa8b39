import itertools

import numpy as np
import pytest

import upweave as uw
from upweave.engine import Cancelled, ModelError
from upweave.ops import interpolation
from upweave.pictures import bicubic
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.models import shipped

SIZES = [(1, 1), (1, 11), (7, 1), (2, 3), (17, 13)]
KINDS = [np.uint8, np.uint16, np.float32]
FULL = {np.uint8: 255, np.uint16: 65535, np.float32: 1}


def some_pixels(rng, dtype, *shape):
    if dtype == np.float32:
        return rng.random(shape, dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def bicubic_by_definition(image, scale):
    """Interpolate each channel in float64, clip, and round half up."""
    full = FULL[image.dtype.type]
    planes = np.atleast_3d(image).transpose(2, 0, 1)[None].astype(np.float64)
    result = (
        interpolation.bicubic(planes, scale)[0]
        .transpose(1, 2, 0)
        .reshape(scale * image.shape[0], scale * image.shape[1], *image.shape[2:])
    )
    return np.clip(result, 0, full) if full == 1 else np.clip(np.floor(result + 0.5), 0, full)


def assert_close(got, expected):
    """Equal but for the rounding of float32: one step of the smallest unit at most, rarely."""
    assert got.shape == expected.shape
    full = FULL[got.dtype.type]
    difference = np.abs(got.astype(np.float64) - expected)
    assert difference.max() <= (2e-6 if full == 1 else 1)
    if full == 255:
        assert (difference > 0).mean() < 0.01 or got.size < 100


@pytest.fixture(scope="module", params=[("luma", 2), ("luma", 3), ("luma", 4), ("rgb", 3)])
def upscaler(request, bicubic_network):
    colour, scale = request.param
    return uw.load(bicubic_network(scale, colour))


def test_the_comparison_sees_a_shifted_picture(rng):
    image = some_pixels(rng, np.uint8, 9, 8)
    right = bicubic_by_definition(image, 2)
    with pytest.raises(AssertionError):
        assert_close(np.roll(right, 1, axis=1).astype(np.uint8), right)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "rgb"])
def test_a_bicubic_network_interpolates_every_channel(upscaler, rng, size, dtype, channels):
    # Luma and chroma are linear in RGB, so a network that interpolates luma interpolates RGB.
    image = some_pixels(rng, dtype, *size, *channels)
    big = upscaler(image)
    assert big.dtype == dtype
    assert_close(big, bicubic_by_definition(image, upscaler.scale))


@pytest.mark.parametrize("size", SIZES)
def test_bicubic_interpolates_every_channel(rng, size):
    for scale, channels in itertools.product((1, 2, 3, 4, 5), ((), (3,), (4,))):
        image = some_pixels(rng, np.uint8, *size, *channels)
        image[..., 3:] |= 1  # where nothing is seen, the colour is that of the neighbours
        assert_close(Bicubic(scale)(image), bicubic_by_definition(image, scale))


def test_bands_do_not_show(bicubic_network, rng, monkeypatch):
    image = some_pixels(rng, np.uint8, 23, 9, 4)
    whole = uw.load(bicubic_network(3))(image)
    monkeypatch.setattr(bicubic, "_BAND", 5 * 9 * 9)
    assert (uw.load(bicubic_network(3))(image) == whole).all()


def test_opaque_alpha_changes_nothing(upscaler, rng):
    image = some_pixels(rng, np.uint8, 9, 8, 4)
    image[..., 3] = 255
    big = upscaler(image)
    assert (big[..., 3] == 255).all()
    assert (big[..., :3] == upscaler(image[..., :3])).all()


def test_alpha_is_interpolated(upscaler, rng):
    image = some_pixels(rng, np.uint8, 9, 8, 4)
    expected = bicubic_by_definition(np.ascontiguousarray(image[..., 3]), upscaler.scale)
    assert_close(upscaler(image)[..., 3], expected)


def disc(colour):
    """Return a disc of one colour on transparent black."""
    rows, columns = np.mgrid[:21, :23]
    image = np.zeros((21, 23, 4), np.uint8)
    image[(rows - 10) ** 2 + (columns - 11) ** 2 < 60] = (*colour, 255)
    return image


COLOURS = [(255, 255, 255), (0, 0, 0), (128, 128, 128), (255, 0, 0), (20, 200, 90), (90, 10, 250)]


@pytest.mark.parametrize("colour", COLOURS)
def test_edges_of_the_visible_have_no_fringe(upscaler, colour):
    big = upscaler(disc(colour)).astype(int)
    visible = big[..., 3] > 0
    assert np.abs(big[visible][:, :3] - colour).max() <= 2


@pytest.mark.parametrize("model", shipped(), ids=lambda m: m.name)
@pytest.mark.parametrize("colour", COLOURS)
def test_shipped_networks_leave_no_fringe(model, colour):
    big = uw.load(model.name)(disc(colour)).astype(int)
    assert np.abs(big[big[..., 3] > 0][:, :3] - colour).max() <= 3


def test_three_networks_are_shipped():
    assert {"weave-s-x2", "weave-s-x3", "weave-s-x4"} <= {model.name for model in shipped()}


LEVELS = (0, 1, 37, 128, 200, 254, 255)


@pytest.mark.parametrize("model", shipped(), ids=lambda m: m.name)
def test_flat_pictures_stay_flat(model):
    up = uw.load(model.name)
    flat = np.empty((5, 7, 3), np.uint8)
    for colour in itertools.product(LEVELS, repeat=3):
        flat[:] = colour
        assert np.abs(up(flat).astype(int) - colour).max() <= 2, colour
    for level in range(256):
        assert np.abs(up(np.full((3, 1), level, np.uint8)).astype(int) - level).max() <= 2, level


@pytest.mark.parametrize("model", shipped(), ids=lambda m: m.name)
@pytest.mark.parametrize("size", SIZES)
def test_shipped_networks_take_every_size_and_kind(model, rng, size):
    up = uw.load(model.name)
    for dtype, channels in itertools.product(KINDS, ((), (3,), (4,))):
        image = some_pixels(rng, dtype, *size, *channels)
        big = up(image)
        assert big.dtype == dtype
        assert big.shape == (up.scale * size[0], up.scale * size[1], *channels)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_threads_tiles_and_out_change_nothing(upscaler, rng, channels):
    image = some_pixels(rng, np.uint8, 40, 37, *channels)
    plain = upscaler(image)
    out = np.zeros_like(plain)
    assert upscaler(image, out=out, threads=1, tile=16) is out
    assert (out == plain).all()
    assert (upscaler(image, threads=3, tile=8) == plain).all()


def test_views_are_read_and_written_as_they_are(upscaler, rng):
    image = some_pixels(rng, np.uint8, 12, 10, 3)
    wide = np.zeros((24 * 4, 10 * 4, 3), np.uint8)
    view = wide[: 12 * upscaler.scale * 2 : 2, : 10 * upscaler.scale]
    upscaler(image[::-1, ::-1], out=view)
    assert (view == upscaler(np.ascontiguousarray(image[::-1, ::-1]))).all()


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_progress_rises_to_one(upscaler, rng, channels):
    shares = []
    upscaler(some_pixels(rng, np.uint8, 40, 30, *channels), progress=shares.append)
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] == 1


def test_progress_can_cancel(upscaler, rng):
    with pytest.raises(Cancelled):
        upscaler(some_pixels(rng, np.uint8, 9, 9, 3), progress=lambda share: False)
    with pytest.raises(Cancelled):
        upscaler(some_pixels(rng, np.uint8, 9, 9, 3), progress=lambda share: share < 1)


GOOD = np.zeros((4, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("image", "kind", "message"),
    [
        ([[1, 2]], TypeError, r"image: got list; expected a NumPy array"),
        (np.zeros((4, 5)), TypeError, r"image: got float64; expected uint8, uint16 or float32"),
        (np.zeros((4, 5), np.int32), TypeError, r"image: got int32"),
        (np.zeros(5, np.uint8), ValueError, r"got shape \(5,\); expected \(H, W\)"),
        (np.zeros((4, 5, 6), np.uint8), ValueError, r"got shape \(4, 5, 6\)"),
        (np.zeros((4, 5, 1), np.uint8), ValueError, r"drop the last axis"),
        (np.zeros((3, 4, 5), np.uint8), ValueError, r"channels last: np\.moveaxis\(image, 0, 2\)"),
        (np.zeros((0, 5), np.uint8), ValueError, r"at least one pixel"),
        (np.full((2, 2), 255, np.float32), ValueError, r"from 255 to 255; expected \[0, 1\]"),
        (np.full((2, 2), np.nan, np.float32), ValueError, r"nan"),
    ],
)
def test_wrong_pictures_are_refused(upscaler, image, kind, message):
    with pytest.raises(kind, match=message):
        upscaler(image)


def test_wrong_results_arrays_are_refused(upscaler):
    right = (4 * upscaler.scale, 5 * upscaler.scale, 3)
    with pytest.raises(TypeError, match="out: got list"):
        upscaler(GOOD, out=[])
    with pytest.raises(ValueError, match=r"out: got uint8 \(4, 5, 3\); expected uint8 "):
        upscaler(GOOD, out=GOOD.copy())
    with pytest.raises(ValueError, match="out: got uint16"):
        upscaler(GOOD, out=np.zeros(right, np.uint16))
    frozen = np.zeros(right, np.uint8)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        upscaler(GOOD, out=frozen)
    shared = np.zeros(right, np.uint8)
    with pytest.raises(ValueError, match="overlaps image"):
        upscaler(shared[:4, :5], out=shared)


def test_a_network_without_metadata_is_known_by_its_sizes(bicubic_network):
    for colour in ("luma", "rgb"):
        up = uw.load(bicubic_network(3, colour, metadata={}))
        assert (up.colour, up.scale) == (colour, 3)


def test_wrong_metadata_are_refused(bicubic_network):
    with pytest.raises(ValueError, match=r"colour 'luma' and scale 'four'; expected"):
        uw.load(bicubic_network(4, metadata={"colour": "luma", "scale": "four"}))
    with pytest.raises(ValueError, match=r"made \(1, 1, 16, 20\) of \(1, 1, 4, 5\); .* of scale 3"):
        uw.load(bicubic_network(4, metadata={"colour": "luma", "scale": "3"}))(GOOD)


def test_unknown_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"no model is called 'x9' \(shipped: .*path to \.onnx\)"):
        uw.load("x9")
    with pytest.raises(FileNotFoundError):
        uw.load("no-such-file.onnx")
    (tmp_path / "a.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError) as caught:
        uw.load(tmp_path / "a.onnx")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not shipped(), reason="no shipped networks")
def test_near_misses_are_pointed_out():
    with pytest.raises(ValueError, match="did you mean 'weave-s-x4'"):
        uw.load("weave-sx4")
