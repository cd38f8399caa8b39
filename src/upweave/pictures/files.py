"""Picture files: PNG and JPEG, read and written with libvips."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from upweave.whole import whole_file

if TYPE_CHECKING:
    import pyvips

__all__ = ["SUFFIXES", "Picture", "PictureError", "check_writable", "read", "write"]

_T = TypeVar("_T")

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_JPEG_SUFFIXES: Final = (".jpg", ".jpeg")
SUFFIXES: Final = (".png", *_JPEG_SUFFIXES)
_JPEG_LONGEST: Final = 65535  # the format's own limit, pixels a side
_PROFILE, _EXIF = "icc-profile-data", "exif-data"

# libvips' warnings reach Python's logging by pyvips; unless the user asks for them, they go nowhere
# (by default Python prints a warning that has no handler on standard error).
logging.getLogger("pyvips").addHandler(logging.NullHandler())


class PictureError(ValueError):
    """A file is no picture we can read, or a picture cannot be written so. One line."""


@dataclass(frozen=True, eq=False)
class Picture:
    """The pixels of a picture, upright, and what its file says about them.

    Attributes
    ----------
    pixels : ndarray of uint8 or uint16, shape (H, W), (H, W, 3) or (H, W, 4)
        Grey, RGB, or RGB and alpha (not premultiplied).
    profile : bytes or None
        The ICC colour profile.
    exif : bytes or None
        The EXIF block.
    """

    pixels: NDArray[Any]
    profile: bytes | None = None
    exif: bytes | None = None


def read(path: str | os.PathLike[str]) -> Picture:
    """Read a PNG or JPEG file.

    Orientation marks are applied, palettes resolved, grey with alpha becomes RGB with alpha, and
    CMYK becomes sRGB.

    Raises
    ------
    PictureError
        Where the file is empty, truncated, broken, or no PNG or JPEG.
    OSError
        Where it cannot be opened.
    """
    data = Path(path).read_bytes()
    if not data:
        raise PictureError(f"{path}: the file is empty; expected a PNG or JPEG picture")
    if not data.startswith((_PNG, _JPEG)):
        raise PictureError(f"{path}: not a PNG or JPEG picture; convert it to one of these first")
    import pyvips  # noqa: PLC0415  (loading libvips takes time that --help need not)

    try:
        loader = "pngload_buffer" if data.startswith(_PNG) else "jpegload_buffer"
        image = pyvips.Operation.call(loader, data, fail_on="error")
        image = _upright_colours(image)
        pixels = np.frombuffer(_interruptible(image, image.write_to_memory), _dtype_of(image))
    except pyvips.Error as error:
        raise PictureError(f"{path}: broken or cut short ({_reason(error)})") from None
    shape = (image.height, image.width, image.bands)
    return Picture(
        pixels.reshape(shape[:2] if image.bands == 1 else shape),
        _blob(image, _PROFILE),
        _blob(image, _EXIF),
    )


def _upright_colours(image: pyvips.Image) -> pyvips.Image:
    """Turn the picture upright, and bring it to 1, 3 or 4 bands of grey, RGB or RGB and alpha."""
    image = image.autorot()
    if image.interpretation == "cmyk":
        image = image.icc_transform("srgb", embedded=True, input_profile="cmyk")
    if image.bands == 2:
        grey, alpha = image.bandsplit()
        image = grey.bandjoin([grey, grey, alpha])
        image.remove(_PROFILE)  # a profile for grey does not fit RGB
    return image


def _interruptible(image: pyvips.Image, work: Callable[[], _T]) -> _T:
    """Let libvips work on ``image`` in a thread of its own, and stop it on Ctrl-C.

    Called from the main thread, it would keep Python from hearing of the signal until it is done.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            return future.result()
        except BaseException:
            image.set_kill(True)
            raise


def _dtype_of(image: pyvips.Image) -> type[np.uint8] | type[np.uint16]:
    return np.uint16 if image.format == "ushort" else np.uint8


def _blob(image: pyvips.Image, name: str) -> bytes | None:
    return bytes(image.get(name)) if image.get_typeof(name) else None


def _reason(error: pyvips.Error) -> str:
    """Return the first line of libvips' reasons."""
    lines = str(error.detail or error.message).splitlines()
    return lines[0].strip() if lines else "no reason given"


def check_writable(
    path: str | os.PathLike[str],
    picture: Picture | None = None,
    *,
    scale: int = 1,
    overwrite: bool = False,
) -> None:
    """Refuse an output file that could not be written, before any work is done.

    Parameters
    ----------
    path : path
        The file to be; its suffix (.png, .jpg, .jpeg) names the format.
    picture : Picture, optional
        What is to be written there, or, with ``scale``, what is to be made larger first.
    scale : int
        How many times larger than ``picture`` the output is.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        Where the suffix is unknown, or the format cannot hold ``picture``.
    FileExistsError, FileNotFoundError
        Where the file exists already, or its folder does not.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise PictureError(f"{path}: the name must end in .png, .jpg or .jpeg")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise FileExistsError(f"{path}: is a folder; name a file")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path}: exists already; choose another name or allow overwriting")
    if picture is None or path.suffix.lower() not in _JPEG_SUFFIXES:
        return
    if picture.pixels.ndim == 3 and picture.pixels.shape[2] == 4:
        raise PictureError(f"{path}: JPEG cannot hold transparency; write a .png")
    height, width = (scale * n for n in picture.pixels.shape[:2])
    if max(height, width) > _JPEG_LONGEST:
        raise PictureError(
            f"{path}: {width}x{height} is more than JPEG can hold ({_JPEG_LONGEST} a side); "
            "write a .png"
        )


def write(path: str | os.PathLike[str], picture: Picture, *, overwrite: bool = False) -> None:
    """Write a PNG or JPEG file, whole or not at all.

    JPEG has quality 95 and whole chroma (no subsampling), and takes 16-bit pixels as 8-bit ones.

    Parameters
    ----------
    path : path
        Ends in .png, .jpg or .jpeg.
    picture : Picture
        Its profile and EXIF block are written too.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError, FileExistsError, FileNotFoundError
        As `check_writable`.
    OSError
        Where writing fails; then no part of the file is left.
    """
    check_writable(path, picture, overwrite=overwrite)
    path = Path(path)
    encoded = _encode(picture, path.suffix.lower())
    with whole_file(path) as file:
        file.write(encoded)


def _encode(picture: Picture, suffix: str) -> bytes:
    import pyvips  # noqa: PLC0415  (as in read)

    pixels = np.ascontiguousarray(picture.pixels)
    jpeg = suffix in _JPEG_SUFFIXES
    if jpeg and pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    bands = 1 if pixels.ndim == 2 else pixels.shape[2]
    sixteen = pixels.dtype == np.uint16
    image = pyvips.Image.new_from_memory(
        pixels.data, pixels.shape[1], pixels.shape[0], bands, "ushort" if sixteen else "uchar"
    )
    kind = ("grey16" if sixteen else "b-w") if bands == 1 else ("rgb16" if sixteen else "srgb")
    image = image.copy(interpretation=kind)
    for name, value in ((_PROFILE, picture.profile), (_EXIF, picture.exif)):
        if value is not None:
            image.set_type(pyvips.GValue.blob_type, name, value)
    image.set_type(pyvips.GValue.gint_type, "orientation", 1)  # the pixels are upright already
    # Measured: level 4 takes half the time of the usual 6 for 5 % larger files.
    save = (
        partial(image.jpegsave_buffer, Q=95, subsample_mode="off")
        if jpeg
        else partial(image.pngsave_buffer, compression=4, filter="all")
    )
    return bytes(_interruptible(image, save))
