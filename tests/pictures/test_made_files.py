"""Every file of `made_files` ends in the right picture, or in one line of error."""

import os
from pathlib import Path

import numpy as np
import pytest
import pyvips

import made_files
from made_files import UPRIGHT, XMP, Bad, Good
from upweave.ops import interpolation

GOOD, BAD = dict(made_files.good()), dict(made_files.bad())
SCALE = 2
WORDS = ("xmp-data", "icc-profile-data", "delay", "loop")
NAME = "ein Bild, 写真"


def test_the_table_is_long_enough():
    assert len(GOOD) + len(BAD) >= 60


@pytest.fixture
def model(bicubic_network, monkeypatch, tmp_path):
    path = bicubic_network(SCALE)
    monkeypatch.chdir(tmp_path)
    return path


def own_reading(data: bytes) -> tuple[pyvips.Image, list[np.ndarray]]:
    """Return libvips' image, and its frames, upright, as fractions of white by sRGB's curve."""
    found = pyvips.Image.new_from_buffer(data, "")
    if found.get_typeof("n-pages") and not found.get("vips-loader").startswith("heif"):
        found = pyvips.Image.new_from_buffer(data, "", n=-1)
    colours = found
    if found.interpretation == "cmyk":
        colours = found.icc_transform("srgb", embedded=True, input_profile="cmyk")
    elif found.interpretation in ("lab", "labs"):
        colours = found.colourspace("rgb16")
    values = colours.numpy().astype(np.float64)
    height = found.get("page-height") if found.get_typeof("page-height") else found.height
    turn = UPRIGHT[found.get("orientation") if found.get_typeof("orientation") else 1]
    white = {"uchar": 255, "ushort": 65535, "float": 1}[colours.format]
    frames = [values[top : top + height] / white for top in range(0, found.height, height)]
    return found, [np.atleast_3d(turn(frame)) for frame in frames]


def curve(light: np.ndarray) -> np.ndarray:
    """sRGB's curve, IEC 61966-2-1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def light(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def enlarged(frame: np.ndarray, linear: bool) -> np.ndarray:
    """Interpolate in float64, in sRGB's curve."""
    peak = max(1, frame.max()) if linear else 1
    seen = curve(frame / peak) if linear else frame
    planes = interpolation.bicubic(seen.transpose(2, 0, 1)[None], SCALE)[0].transpose(1, 2, 0)
    planes = planes.clip(0, 1)
    return light(planes) * peak if linear else planes


@pytest.mark.parametrize("name", GOOD)
def test_good_files(run, model, name):
    row: Good = GOOD[name]
    source = Path(f"{NAME}{row.suffix}")
    source.write_bytes(row.data)
    words = ("--model", model, *row.options)
    status, out, err = run("upscale", source, *words)
    assert (status, err) == (0, "")
    target = Path(f"{NAME}-x{SCALE}{row.result or row.suffix}")
    assert sorted(os.listdir()) == sorted([source.name, target.name])
    assert source.read_bytes() == row.data
    before, frames = own_reading(row.data)
    after, results = own_reading(target.read_bytes())
    assert (after.width, after.height // len(results)) == tuple(
        SCALE * n for n in frames[0].shape[1::-1]
    )
    assert out == f"{target}  {after.width} x {after.height // len(results)}\n"
    assert after.format == ("ushort" if before.interpretation == "labs" else before.format)
    linear = before.format == "float" or name.endswith("linear light")
    step = row.off / (65535 if after.format == "ushort" else 255)
    assert len(results) == len(frames)
    for frame, result in zip(frames, results, strict=True):
        expected = enlarged(frame, linear)
        assert result.shape[2] == frame.shape[2] or "GIF" in name
        difference = np.abs(result[..., : expected.shape[2]] - expected[..., : result.shape[2]])
        assert difference.max() <= (1e-4 if before.format == "float" else step * 1.001)
    kept = [word for word in WORDS if before.get_typeof(word) and before.interpretation != "cmyk"]
    if len(frames) == 1:
        kept = [word for word in kept if word not in ("delay", "loop")]
    for word in kept:
        assert after.get(word) == before.get(word)
    assert not after.get_typeof("orientation") or after.get("orientation") == 1


@pytest.mark.parametrize("name", [name for name in GOOD if name.endswith("with words")])
def test_words_are_kept(run, model, name):
    row = GOOD[name]
    Path(f"a{row.suffix}").write_bytes(row.data)
    assert run("upscale", f"a{row.suffix}", "--model", model, *row.options)[0] == 0
    after, _ = own_reading(Path(f"a-x{SCALE}{row.suffix}").read_bytes())
    assert bytes(after.get("xmp-data")) == XMP
    if row.suffix != ".tif":  # libvips knows no EXIF in TIFF files
        assert after.get("exif-ifd0-Make").startswith("Acme")
        assert after.get("exif-ifd2-PixelXDimension").startswith(f"{after.width} ")
    if row.suffix != ".webp":  # which has no place for it
        assert (after.xres, after.yres) == pytest.approx((300 / 25.4, 150 / 25.4), rel=1e-3)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_a_thumbnail_is_not_kept(run, model, format):
    small = made_files.image(made_files.SMOOTH, "srgb")
    thumbnail = small.jpegsave_buffer(Q=50)
    with_thumbnail = made_files.with_words(small, jpeg_thumbnail_data=bytes(thumbnail))
    Path("a.jpg").write_bytes(with_thumbnail.jpegsave_buffer())
    assert pyvips.Image.new_from_file("a.jpg").get_typeof("jpeg-thumbnail-data")
    target = f"a-x{SCALE}.{format}"
    assert run("upscale", "a.jpg", "--model", model, "-o", target)[0] == 0
    result = pyvips.Image.new_from_file(target)
    assert result.get_typeof("exif-data")
    assert not result.get_typeof("jpeg-thumbnail-data")


PLAIN = ["PNG palette", "JPEG to JPEG", "TIFF float", "GIF", "WebP moving for ever"]
"""Of several formats; the tests below are of no property of theirs."""


REAL = [
    "benchmark/Set5/LR/x2/img_001.png",
    "benchmark/Set14/LR/x4/img_003.png",  # grey
    "benchmark/BSD100/LR/x4/img_007.png",
    "camvid/val/images/*.jpg",
    "caltech101/panda/*.jpg",
    "caltech101/Faces_easy/*.jpg",
    "train/BSD200/*.jpg",
]
"""The last file of each name."""


@pytest.mark.parametrize("pattern", REAL)
def test_real_files(run, model, data, pattern):
    source = max(data.glob(pattern))
    before = source.read_bytes()
    assert run("upscale", source, "--model", model, "-o", "a.png") == (
        0,
        f"a.png  {' x '.join(str(SCALE * n) for n in own_reading(before)[1][0].shape[1::-1])}\n",
        "",
    )
    _, (frame,) = own_reading(before)
    _, (result,) = own_reading(Path("a.png").read_bytes())
    assert np.abs(result - enlarged(frame, linear=False)).max() <= 1.001 / 255
    assert source.read_bytes() == before


@pytest.mark.parametrize("name", PLAIN)
def test_a_file_that_may_not_be_read(run, model, monkeypatch, name):
    source = Path(f"a{GOOD[name].suffix}")
    source.write_bytes(GOOD[name].data)

    whole = Path.read_bytes

    def refused(path):
        if path == source:  # others are the network's
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    status, out, err = run("upscale", source, "--model", model)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert source.name in err
    assert "ermission denied" in err
    assert os.listdir() == [source.name]


def test_a_libvips_that_converts_no_inks(run, model, monkeypatch):
    def fails(*_, **__):
        raise pyvips.Error("unable to call icc_transform", "no such operation")

    monkeypatch.setattr(pyvips.Image, "icc_transform", fails, raising=False)
    Path("a.jpg").write_bytes(GOOD["JPEG of four inks"].data)
    status, out, err = run("upscale", "a.jpg", "--model", model)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("upweave: a.jpg: ")


@pytest.mark.parametrize("name", PLAIN)
def test_a_folder_that_may_not_be_written_to(run, model, monkeypatch, name):
    source = Path(f"a{GOOD[name].suffix}")
    source.write_bytes(GOOD[name].data)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    status, out, err = run("upscale", source, "--model", model)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "may not be written to" in err
    assert os.listdir() == [source.name]
    assert source.read_bytes() == GOOD[name].data


@pytest.mark.parametrize("name", BAD)
def test_bad_files(run, model, name):
    row: Bad = BAD[name]
    source = Path(f"{NAME}{row.suffix}")
    source.write_bytes(row.data)
    status, out, err = run("upscale", source, "--model", model)
    assert (status, out) == (1, "")
    assert err.startswith(f"upweave: {NAME}")
    assert err.count("\n") == 1
    for part in row.says:
        assert part in err
    assert os.listdir() == [source.name]
    assert source.read_bytes() == row.data
