import logging
import os
from pathlib import Path

import numpy as np
import pytest
import pyvips

from upweave.pictures import files
from upweave.pictures.files import Picture, PictureError, read, write
from upweave.pictures.formats import FORMATS, check_holds
from upweave.pictures.picture import EXIF, PROFILE

SIZES = [(1, 1), (1, 7), (5, 1), (13, 11)]


def some_pixels(rng, dtype, *shape):
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [(), (3,), (4,)], ids=["grey", "rgb", "rgba"])
def test_png_there_and_back(tmp_path, rng, size, dtype, channels):
    pixels = some_pixels(rng, dtype, *size, *channels)
    write(tmp_path / "a.png", Picture(pixels))
    back = read(tmp_path / "a.png").pixels
    assert back.dtype == dtype
    assert back.shape == pixels.shape
    assert (back == pixels).all()


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".JPG"])
@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "rgb"])
def test_jpeg_is_close(tmp_path, suffix, channels):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    pixels = np.broadcast_to(ramp.reshape(1, 64, *[1] * len(channels)), (40, 64, *channels))
    path = tmp_path / f"a{suffix}"
    write(path, Picture(pixels))
    assert path.read_bytes()[:3] == b"\xff\xd8\xff"
    assert np.abs(read(path).pixels.astype(int) - pixels).max() <= 4


def test_jpeg_keeps_whole_chroma(tmp_path):
    red_and_blue = np.zeros((16, 16, 3), np.uint8)
    red_and_blue[:, ::2, 0] = red_and_blue[:, 1::2, 2] = 255
    write(tmp_path / "a.jpg", Picture(red_and_blue))
    assert np.abs(read(tmp_path / "a.jpg").pixels.astype(int) - red_and_blue).max() < 40


def test_jpeg_takes_sixteen_bits_as_eight(tmp_path):
    write(tmp_path / "a.jpg", Picture(np.full((8, 8), 65535, np.uint16)))
    pixels = read(tmp_path / "a.jpg").pixels
    assert pixels.dtype == np.uint8
    assert (pixels == 255).all()


def test_marks_of_orientation_are_applied_once(tmp_path, rng):
    pixels = some_pixels(rng, np.uint8, 3, 5, 3)
    image = pyvips.Image.new_from_memory(pixels.data, 5, 3, 3, "uchar").copy(interpretation="srgb")
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)  # to be turned right
    image.pngsave(str(tmp_path / "turned.png"))
    picture = read(tmp_path / "turned.png")
    assert (picture.pixels == np.rot90(pixels, -1)).all()
    assert EXIF in picture.metadata
    write(tmp_path / "upright.png", picture)
    assert (read(tmp_path / "upright.png").pixels == picture.pixels).all()


def test_the_colour_profile_is_kept(tmp_path):
    profile = bytes(
        pyvips.Image.black(1, 1, bands=3)
        .copy(interpretation="srgb")
        .icc_transform("p3", input_profile="srgb")
        .get("icc-profile-data")
    )
    write(tmp_path / "a.png", Picture(np.zeros((4, 4, 3), np.uint8), metadata={PROFILE: profile}))
    assert read(tmp_path / "a.png").profile == profile
    write(tmp_path / "a.jpg", Picture(np.zeros((4, 4, 3), np.uint8), metadata={PROFILE: profile}))
    assert read(tmp_path / "a.jpg").profile == profile


def test_grey_with_alpha_stays_so(tmp_path):
    image = pyvips.Image.black(3, 2).bandjoin(77).copy(interpretation="b-w")
    image.pngsave(str(tmp_path / "a.png"))
    pixels = read(tmp_path / "a.png").pixels
    assert pixels.shape == (2, 3, 2)
    assert (pixels == (0, 77)).all()


def test_palettes_and_single_bits_are_resolved(tmp_path):
    image = pyvips.Image.black(8, 8, bands=3).copy(interpretation="srgb")
    image = image.linear(1, [255, 0, 0], uchar=True)
    image.pngsave(str(tmp_path / "palette.png"), palette=True)
    assert (read(tmp_path / "palette.png").pixels == (255, 0, 0)).all()
    (pyvips.Image.black(8, 8) + 255).cast("uchar").pngsave(str(tmp_path / "bit.png"), bitdepth=1)
    assert (read(tmp_path / "bit.png").pixels == 255).all()


def test_cmyk_becomes_rgb(tmp_path):
    image = pyvips.Image.black(8, 8, bands=4).copy(interpretation="cmyk")  # no ink
    image.jpegsave(str(tmp_path / "a.jpg"))
    pixels = read(tmp_path / "a.jpg").pixels
    assert pixels.shape == (8, 8, 3)
    assert pixels.min() > 240


def a_file(folder: Path, suffix: str) -> bytes:
    noise = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    write(folder / f"whole{suffix}", Picture(noise))
    return (folder / f"whole{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("damage", ["empty", "start", "half", "text", "holes"])
def test_broken_files_are_refused_in_one_line(tmp_path, suffix, damage, capfd):
    whole = a_file(tmp_path, suffix)
    holes = whole[:8] + bytes(len(whole) - 8)
    broken = {
        "empty": b"",
        "start": whole[:10],
        "half": whole[: len(whole) // 2],
        "text": b"this is no picture",
        "holes": holes,
    }[damage]
    path = tmp_path / f"ünsound file{suffix}"
    path.write_bytes(broken)
    with pytest.raises(PictureError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")


def test_warnings_of_the_library_stay_quiet(tmp_path, capfd):
    whole = a_file(tmp_path, ".png")
    end = whole.rindex(b"IEND") - 4
    chunk = b"\0\0\0\4tEXtabcd\0\0\0\0"  # its checksum is wrong
    (tmp_path / "odd.png").write_bytes(whole[:33] + chunk + whole[33:end] + whole[end:])
    assert read(tmp_path / "odd.png").pixels.shape == (40, 30, 3)
    logging.getLogger("pyvips").warning("as libvips would")
    assert capfd.readouterr() == ("", "")


def test_missing_files_and_folders_are_os_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.png")
    with pytest.raises(OSError, match=r"."):
        read(tmp_path)


def test_what_cannot_be_written_is_refused(tmp_path):
    grey, seen_through = Picture(np.zeros((2, 2), np.uint8)), Picture(np.zeros((2, 2, 4), np.uint8))
    with pytest.raises(PictureError, match=r"must end in \.jpg, .* or \.pfm"):
        write(tmp_path / "a.bmp", grey)
    with pytest.raises(PictureError, match=r"cannot hold transparency; write a \.png"):
        write(tmp_path / "a.jpg", seen_through)
    with pytest.raises(PictureError, match="80000x2 is more than JPEG can hold"):
        check_holds(FORMATS["jpeg"], grey.header, (2, 80000), tmp_path / "a.jpg")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write(tmp_path / "none" / "a.png", grey)
    write(tmp_path / "a.png", grey)
    with pytest.raises(FileExistsError, match="exists already"):
        write(tmp_path / "a.png", grey)
    write(tmp_path / "a.png", grey, overwrite=True)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(FileExistsError, match="is a folder"):
        write(tmp_path / "folder.png", grey, overwrite=True)


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch, failure):
    def fail(_: int) -> None:
        raise failure

    write(tmp_path / "old.png", Picture(np.zeros((2, 2), np.uint8)))
    before = (tmp_path / "old.png").read_bytes()
    monkeypatch.setattr(files.os, "fsync", fail)
    for name in ("new.png", "old.png"):
        with pytest.raises(type(failure)):
            write(tmp_path / name, Picture(np.ones((2, 2), np.uint8)), overwrite=True)
    assert os.listdir(tmp_path) == ["old.png"]
    assert (tmp_path / "old.png").read_bytes() == before


@pytest.mark.parametrize("name", ["späte Rosen.png", "写真.jpg", "a [1].png", "x" * 250 + ".png"])
def test_names_of_all_kinds(tmp_path, name):
    write(tmp_path / name, Picture(np.zeros((2, 2), np.uint8)))
    assert read(tmp_path / name).pixels.shape == (2, 2)
    assert os.listdir(tmp_path) == [name]
