"""The formats of pictures: how their files begin and end, and what they can hold."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from upweave.pictures.picture import Header, PictureError

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "Format",
    "check_holds",
    "is_animated_png",
    "named",
    "of_data",
    "of_path",
    "suffix",
]


@dataclass(frozen=True)
class Format:
    """A format that libvips reads and writes.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
        Of file names, the usual one first.
    operation : str
        libvips' name for it: ``pngload_buffer``, ``pngsave_buffer``.
    start : bytes
        A regular expression for the first bytes.
    longest : int
        Pixels a side, at most.
    alpha, frames : bool
        Whether it holds transparency; several frames or pages.
    depths : str
        The types of values it holds: "B" 8-bit, "H" 16-bit, "f" float (NumPy's letters).
    """

    name: str
    suffixes: tuple[str, ...]
    operation: str
    start: bytes
    longest: int
    alpha: bool = True
    frames: bool = False
    depths: str = "B"


_FORMATS: Final = (
    Format("jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), "jpeg", rb"\xff\xd8\xff", 65535, False),
    Format("png", (".png",), "png", rb"\x89PNG\r\n\x1a\n", 2**31 - 1, depths="BH"),
    Format("webp", (".webp",), "webp", rb"RIFF....WEBP", 16383, frames=True),
    Format(
        "tiff", (".tif", ".tiff"), "tiff", rb"II[*+]\0|MM\0[*+]", 2**31 - 1, True, True, "BHf"
    ),
    Format("gif", (".gif",), "gif", rb"GIF8[79]a", 65535, frames=True),
    Format(
        "avif",
        (".avif", ".heic", ".heif"),
        "heif",
        rb"....ftyp(avif|avis|heic|heix|heif|mif1|msf1)",
        16384,
        depths="BH",
    ),
    Format("ppm", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"), "ppm", rb"P[1-7Ff]\s", 2**31 - 1, False,
           depths="BHf"),
)  # fmt: skip
FORMATS: Final = {format.name: format for format in _FORMATS}
SUFFIXES: Final = {suffix: format for format in _FORMATS for suffix in format.suffixes}


def of_data(data: bytes) -> Format | None:
    """Return the format whose files begin so, whatever their names; None where there is none."""
    for format in _FORMATS:
        if re.match(format.start, data[:32], re.DOTALL):
            return format
    return None


def is_animated_png(data: bytes | mmap.mmap) -> bool:
    """Tell whether a PNG file has frames (the chunk acTL comes before the first pixels')."""
    at = 8
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind in (b"acTL", b"IDAT"):
            return kind == b"acTL"
        at += length + 12
    return False


def of_path(path: Path) -> Format:
    """Return the format that a file's name ends in.

    Raises
    ------
    PictureError
        Where it is no format of ours.
    """
    format = SUFFIXES.get(path.suffix.lower())
    if format is None:
        raise PictureError(f"{path}: the name must end in {_either(SUFFIXES)}")
    return format


def suffix(source: Path, wanted: Format | None) -> str:
    """Return what a result's name ends in: as its picture's does, where that is its format.

    Parameters
    ----------
    source : Path
        The picture; only its name counts.
    wanted : Format or None
        Of the result; None where the picture is of no known format.
    """
    own = source.suffix
    if wanted is None or SUFFIXES.get(own.lower()) == wanted:
        return ".avif" if own.lower() in (".heic", ".heif") else own
    return wanted.suffixes[0]


def named(name: str) -> Format:
    """Return the format of a name, such as "png", or of a suffix without its dot, such as "tif".

    Raises
    ------
    PictureError
        Where there is none.
    """
    format = FORMATS.get(name.lower()) or SUFFIXES.get(f".{name.lower()}")
    if format is None:
        raise PictureError(f"got {name!r}; expected {_either(FORMATS)}")
    return format


def check_holds(format: Format, header: Header, size: tuple[int, int], name: object) -> None:
    """Refuse what a format cannot hold.

    Parameters
    ----------
    format : Format
    header : Header
        Of the picture.
    size : (height, width)
        That it is to have.
    name : path
        Of the file to be, for the message.

    Raises
    ------
    PictureError
        For transparency, frames, or more pixels than it has room for. Values of more bits than it
        has are rounded instead.
    """
    if header.alpha and not format.alpha:
        raise PictureError(f"{name}: {format.name.upper()} cannot hold transparency; write a .png")
    if header.frames > 1 and not format.frames:
        raise PictureError(
            f"{name}: {format.name.upper()} holds one picture, this has {header.frames}; "
            "write a .webp, .gif or .tiff"
        )
    if max(size) > format.longest:
        raise PictureError(
            f"{name}: {size[1]}x{size[0]} is more than {format.name.upper()} can hold "
            f"({format.longest} a side); write a .png or .tiff"
        )


def _either(words: dict[str, Format]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}"
