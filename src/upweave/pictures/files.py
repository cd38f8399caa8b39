"""Picture files, read and written with libvips."""

from __future__ import annotations

import logging
import mmap
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyvips
from numpy.typing import NDArray

from upweave.pictures import formats, light
from upweave.pictures.formats import Format
from upweave.pictures.picture import EXIF, PROFILE, Header, Picture, PictureError
from upweave.pictures.stopping import Stop
from upweave.whole import check_place, whole_file

__all__ = [
    "QUALITY",
    "Header",
    "Opened",
    "Picture",
    "PictureError",
    "check_writable",
    "encode",
    "header",
    "read",
    "write",
]

_T = TypeVar("_T")

QUALITY: Final = {"jpeg": 95, "webp": 95, "avif": 90}
"""What `encode` takes by default, of 100."""

_DTYPES: Final = {"uchar": np.uint8, "ushort": np.uint16, "float": np.float32}
_VIPS: Final = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}
_DEVICE_FREE: Final = ("lab", "labs", "labq", "lch", "xyz", "yxy", "hsv")
_KEPT: Final = (PROFILE, EXIF, "xmp-data", "iptc-data", "image-description")
_MOVING: Final = ("delay", "loop")
_COMMENTS: Final = "png-comment-"
_THUMBNAIL: Final = "jpeg-thumbnail-data"

# libvips' warnings reach Python's logging by pyvips; unless the user asks for them, they go nowhere
# (by default Python prints a warning that has no handler on standard error).
logging.getLogger("pyvips").addHandler(logging.NullHandler())


class Opened:
    """A picture's file, opened: its header is read, its pixels are not decoded yet.

    Its content, not its name, tells the format.

    Parameters
    ----------
    data : bytes, or a mapped file
        The file's bytes.
    name : path
        What errors call it.

    Attributes
    ----------
    header : Header

    Raises
    ------
    PictureError
        Where the file is empty, broken, as far as its beginning tells, or no picture of
        `formats.FORMATS`.
    """

    def __init__(self, data: bytes | mmap.mmap, name: object) -> None:
        if not len(data):
            raise PictureError(f"{name}: the file is empty; expected a picture")
        format = formats.of_data(data[:32])
        if format is None:
            known = ", ".join(formats.FORMATS)
            raise PictureError(f"{name}: not a picture of a known format ({known})")
        _check_available(format, "load", name)
        if format.name == "png" and formats.is_animated_png(data):
            raise PictureError(
                f"{name}: an animated PNG, which libvips cannot read; make it a WebP"
            )
        self._name = name
        self._image = _plain_colours(_load(data, format, name), name)
        self.header = _header(self._image, format)

    def picture(self, *, stop: Stop | None = None) -> Picture:
        """Decode the pixels; see `read`."""
        image, header = self._image, self.header
        try:
            pixels = [_pixels(part, stop) for part in _parts(image, header.frames)]
        except pyvips.Error as error:
            raise _broken(self._name, _reason(error)) from None
        kept = (*_KEPT, *_MOVING) if header.frames > 1 else _KEPT
        metadata = {
            field: image.get(field)
            for field in image.get_fields()
            if field in kept or field.startswith(_COMMENTS)
        }
        resolution = (image.xres, image.yres)
        return Picture(pixels[0], tuple(pixels[1:]), metadata, resolution, header.format)


def header(path: str | os.PathLike[str]) -> Header:
    """Read the size and the kind of a picture file, and no more of the file than tells them.

    Raises
    ------
    PictureError
        As `Opened`.
    OSError
        Where the file cannot be opened.
    """
    with Path(path).open("rb") as file:
        if not os.fstat(file.fileno()).st_size:  # which cannot be mapped
            return Opened(b"", path).header
        return Opened(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), path).header


def read(path: str | os.PathLike[str], *, stop: Stop | None = None) -> Picture:
    """Read a picture file.

    Its content, not its name, tells the format. Orientation marks are applied and palettes
    resolved; CMYK, Lab and other colours that are not red, green and blue become sRGB. All frames
    of a GIF or WebP animation are read, and all pages of a TIFF file.

    Parameters
    ----------
    path : path
    stop : Stop, optional
        When it is set, reading ends with `InterruptedError`.

    Raises
    ------
    PictureError
        Where the file is empty, truncated, broken, or no picture of `formats.FORMATS`.
    OSError
        Where it cannot be opened.
    """
    return Opened(Path(path).read_bytes(), path).picture(stop=stop)


def _load(data: bytes | mmap.mmap, format: Format, name: object) -> pyvips.Image:
    """Return libvips' image, whose pixels are not decoded yet."""
    options: dict[str, Any] = {"n": -1} if format.frames else {}
    try:
        load = partial(pyvips.Operation.call, f"{format.operation}load_buffer", data)
        return load(fail_on="error", **options)
    except pyvips.Error as error:
        why = _reason(error)
        if format.name == "tiff" and "page" in why:
            why = "its pages differ in size or kind; split them first"
        raise _broken(name, why) from None


def _broken(name: object, why: str) -> PictureError:
    return PictureError(f"{name}: broken or cut short ({why})")


def _check_available(format: Format, what: str, name: object) -> None:
    if not pyvips.type_find("VipsForeign", f"{format.operation}{what}_buffer"):
        verb = "reads" if what == "load" else "writes"
        raise PictureError(f"{name}: this build of libvips {verb} no {format.name.upper()}")


def _plain_colours(image: pyvips.Image, name: object) -> pyvips.Image:
    """Bring an image to 1 to 4 channels of 8 or 16 bits or float, in grey or RGB."""
    try:
        image = _red_green_blue(image)
    except pyvips.Error as error:  # a build without LittleCMS converts no CMYK
        raise _broken(name, _reason(error)) from None
    if image.format == "double":
        image = image.cast("float")
    if image.format not in _DTYPES:
        raise PictureError(f"{name}: values of type {image.format}; 8 bits, 16 bits or float do")
    if image.bands > 4:
        raise PictureError(f"{name}: {image.bands} channels; 4 at most (RGB and alpha) do")
    return image


def _red_green_blue(image: pyvips.Image) -> pyvips.Image:
    """Return the colours of a device as they are, and others as sRGB."""
    if image.interpretation == "cmyk":
        depth = 16 if image.format == "ushort" else 8
        return image.icc_transform("srgb", embedded=True, input_profile="cmyk", depth=depth)
    if image.interpretation in _DEVICE_FREE:
        return image.colourspace("srgb" if image.format == "uchar" else "rgb16")
    return image


def _header(image: pyvips.Image, format: Format) -> Header:
    frames = image.height // image.get("page-height") if image.get_typeof("page-height") else 1
    height, width = image.height // frames, image.width
    if image.get_typeof("orientation") and image.get("orientation") >= 5:  # lies on its side
        height, width = width, height
    return Header(
        format.name, (height, width), image.bands, np.dtype(_DTYPES[image.format]), frames
    )


def _parts(image: pyvips.Image, frames: int) -> list[pyvips.Image]:
    """Return the frames, upright."""
    if frames == 1:
        return [image.autorot()]
    whole = image.copy_memory()  # one decoding for all
    height = image.height // frames
    return [whole.crop(0, n * height, image.width, height).autorot() for n in range(frames)]


def _pixels(image: pyvips.Image, stop: Stop | None) -> NDArray[Any]:
    memory = _interruptible(image, image.write_to_memory, stop)
    pixels = np.frombuffer(memory, _DTYPES[image.format])
    shape = (image.height, image.width, image.bands)
    return pixels.reshape(shape[:2] if image.bands == 1 else shape)


def _interruptible(image: pyvips.Image, work: Callable[[], _T], stop: Stop | None) -> _T:
    """Let libvips work on ``image``, and end it on ``stop`` or, without one, on Ctrl-C.

    Then it works in a thread of its own: called from the main thread, it would keep Python from
    hearing of the signal until it is done.
    """
    if stop is not None:
        with stop.ends(image):
            return work()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            return future.result()
        except BaseException:
            image.set_kill(True)
            raise


def _reason(error: pyvips.Error) -> str:
    """Return the first line of libvips' reasons."""
    lines = str(error.detail or error.message).splitlines()
    return lines[0].strip() if lines else "no reason given"


def check_writable(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Refuse an output file that could not be written, before any work is done.

    Parameters
    ----------
    path : path
        The file to be.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        Where the suffix is that of no format.
    FileExistsError, FileNotFoundError, PermissionError
        Where the file exists already, or its folder does not or may not be written to.
    """
    formats.of_path(Path(path))
    check_place(Path(path), overwrite=overwrite)


def write(
    path: str | os.PathLike[str],
    picture: Picture,
    *,
    overwrite: bool = False,
    quality: int | None = None,
    stop: Stop | None = None,
) -> None:
    """Write a picture file, whole or not at all.

    Parameters
    ----------
    path : path
        Its suffix names the format.
    picture : Picture
        Its metadata are written too.
    overwrite : bool
        Whether an existing file may be replaced.
    quality, stop
        As in `encode`.

    Raises
    ------
    PictureError, FileExistsError, FileNotFoundError, PermissionError
        As `check_writable` and `encode`.
    OSError
        Where writing fails; then no part of the file is left.
    """
    check_writable(path, overwrite=overwrite)
    path = Path(path)
    encoded = encode(picture, formats.of_path(path), name=path, quality=quality, stop=stop)
    with whole_file(path) as file:
        file.write(encoded)


def encode(
    picture: Picture,
    format: Format,
    *,
    name: object = "the picture",
    quality: int | None = None,
    stop: Stop | None = None,
) -> bytes:
    """Return the bytes of a picture's file.

    Chroma is written whole (no subsampling). Values of more bits than the format has are rounded;
    linear light that it cannot hold becomes sRGB.

    Parameters
    ----------
    picture : Picture
    format : Format
    name : path
        What errors call it.
    quality : int, optional
        1 to 100 for JPEG, WebP and AVIF, of which 100 is lossless in the last two; by default
        `QUALITY`. Other formats are lossless and do not look at it.
    stop : Stop, optional
        When it is set, encoding ends with `InterruptedError`.

    Raises
    ------
    PictureError
        Where the format cannot hold the picture, or this build of libvips not write it.
    """
    formats.check_holds(format, picture.header, picture.header.size, name)
    _check_available(format, "save", name)
    image = _image(picture, format)
    save = getattr(image, f"{format.operation}save_buffer")
    try:
        options = _options(format, image.format, quality)
        return bytes(_interruptible(image, partial(save, **options), stop))
    except pyvips.Error as error:
        raise PictureError(f"{name}: cannot be written ({_reason(error)})") from None


def _options(format: Format, values: str, quality: int | None) -> dict[str, Any]:
    """Return what libvips' saver is told."""
    q = quality or QUALITY.get(format.name)
    lossless = q == 100
    options: dict[str, dict[str, Any]] = {
        "jpeg": {"Q": q, "subsample_mode": "off"},
        # Measured on enlarged photographs: less than half the time of level 4 and all filters, for
        # 1 % larger files; the usual level 6 takes three times as long, for 7 % smaller ones.
        "png": {"compression": 3, "filter": "up"},
        "webp": {"Q": q, "lossless": lossless, "exact": lossless, "smart_subsample": True},
        "tiff": {"compression": "deflate", "predictor": "horizontal"},
        "gif": {"keep_duplicate_frames": True},
        "avif": {
            "Q": q,
            "compression": "av1",
            "lossless": lossless,
            "bitdepth": 12 if values == "ushort" else 8,
            "subsample_mode": "off",
        },
    }
    if format.name == "tiff" and values == "float":
        return options["tiff"] | {"predictor": "float"}
    return options.get(format.name, {})


def _image(picture: Picture, format: Format) -> pyvips.Image:
    """Return libvips' image of a picture, in values that the format has, with its metadata."""
    frames = [_fitted(frame, format) for frame in picture.frames]
    roll = np.concatenate(frames) if picture.further else frames[0]
    bands = 1 if roll.ndim == 2 else roll.shape[2]
    height, width = roll.shape[:2]
    vips = _VIPS[roll.dtype]
    image = pyvips.Image.new_from_memory(roll.data, width, height, bands, vips)
    kinds = {"uchar": ("b-w", "srgb"), "ushort": ("grey16", "rgb16"), "float": ("b-w", "scrgb")}
    across, down = picture.resolution
    image = image.copy(interpretation=kinds[vips][bands > 2], xres=across, yres=down)
    types = pyvips.GValue
    kinds_of_words = {
        bytes: types.blob_type,
        str: types.gstr_type,
        int: types.gint_type,
        list: types.array_int_type,
    }
    for name, value in picture.metadata.items():
        image.set_type(kinds_of_words[type(value)], name, value)
    image.set_type(types.blob_type, _THUMBNAIL, b"")  # it would show the picture before
    image.set_type(types.gint_type, "orientation", 1)  # the pixels are upright already
    if picture.further:
        image.set_type(types.gint_type, "page-height", len(picture.pixels))
    return image


def _fitted(pixels: NDArray[Any], format: Format) -> NDArray[Any]:
    """Return pixels as values that the format has."""
    pixels = np.ascontiguousarray(pixels)
    if pixels.dtype.char in format.depths:
        return pixels
    return light.display_16(pixels) if "H" in format.depths else light.eight_bits(pixels)
