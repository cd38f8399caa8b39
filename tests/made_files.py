"""Files of every kind, made by libvips, Pillow or byte by byte: what `test_made_files` enlarges."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyvips
from PIL import Image

H, W = 7, 5  # of most pictures
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><made/></x:xmpmeta>'


@dataclass(frozen=True)
class Good:
    """A file that is enlarged.

    Attributes
    ----------
    suffix : str
        Of its name.
    data : bytes
    options : list of str
        That make the result lossless.
    result : str
        The suffix of the result.
    off : int
        How far values may be from the truth, of 255 or 65535.
    """

    suffix: str
    data: bytes
    options: list[str] = field(default_factory=list)
    result: str = ""
    off: int = 1


@dataclass(frozen=True)
class Bad:
    """A file that is refused, and what the error says."""

    suffix: str
    data: bytes
    says: tuple[str, ...]


def pixels(*shape: int, dtype: Any = np.uint8, seed: int = 1) -> np.ndarray:
    """Return random pixels that vary little from one to the next."""
    random = np.random.default_rng(seed)
    return random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def image(values: np.ndarray, kind: str) -> pyvips.Image:
    """Return libvips' image of pixels."""
    bands = 1 if values.ndim == 2 else values.shape[2]
    types = {"uint8": "uchar", "uint16": "ushort", "float32": "float"}
    found = pyvips.Image.new_from_memory(
        np.ascontiguousarray(values).data,
        values.shape[1],
        values.shape[0],
        bands,
        types[values.dtype.name],
    )
    return found.copy(interpretation=kind)


def with_words(found: pyvips.Image, **metadata: Any) -> pyvips.Image:
    """Return an image with metadata, by libvips' names with underscores."""
    found = found.copy()
    types = {int: "gint", str: "gstr", bytes: "blob", list: "array_int"}
    for name, value in metadata.items():
        kind = getattr(pyvips.GValue, f"{types[type(value)]}_type")
        found.set_type(kind, name.replace("_", "-"), value)
    return found


def _pillow(mode: str, values: Any, format: str, **options: Any) -> bytes:
    picture = values if isinstance(values, Image.Image) else Image.fromarray(values)
    file = io.BytesIO()
    (picture.convert(mode) if mode else picture).save(file, format, **options)
    return file.getvalue()


def profile(name: str) -> bytes:
    """Return libvips' ICC profile of a name."""
    black = pyvips.Image.black(1, 1, bands=3).copy(interpretation="srgb")
    return bytes(black.icc_transform(name, input_profile="srgb").get("icc-profile-data"))


def linear_profile() -> bytes:
    """Return sRGB's profile with straight lines for curves."""
    found = bytearray(profile("srgb"))
    (count,) = struct.unpack_from(">I", found, 128)
    for n in range(count):
        name, start, _ = struct.unpack_from(">4sII", found, 132 + 12 * n)
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            found[start : start + 12] = b"curv" + bytes(8)
            struct.pack_into(">I", found, 132 + 12 * n + 8, 12)
    return bytes(found)


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *more: bytes) -> bytes:
    """Return a PNG file, byte by byte; ``rows`` have a filter byte each."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _deep_rows(depth: int) -> bytes:
    """Return the rows of a grey PNG of 8 × 3 pixels of so many bits."""
    random = np.random.default_rng(depth)
    return b"".join(b"\0" + random.bytes(depth) for _ in range(3))


RGB, RGBA = pixels(H, W, 3), pixels(H, W, 4, seed=2)
GREY, GREY_ALPHA = pixels(H, W, seed=3), pixels(H, W, 2, seed=4)
for _seen in (RGBA, GREY_ALPHA):
    _seen[..., -1] |= 1  # what colour lies under full transparency is nobody's
RGB16, GREY16 = pixels(H, W, 3, dtype=np.uint16), pixels(H, W, dtype=np.uint16, seed=5)
RGBA16 = pixels(H, W, 4, dtype=np.uint16, seed=6)
RGBA16[..., 3] |= 1
LIGHT = np.random.default_rng(7).random((H, W, 3), np.float32)
SMOOTH = np.add.outer(np.arange(24) * 4, np.arange(32) * 3)[..., None] + np.array([10, 30, 50])
SMOOTH = SMOOTH.clip(0, 255).astype(np.uint8)
FRAMES = pixels(3 * H, W, 4, seed=8) // 64 * 85
FRAMES[..., 3] = 255
SEEN_THROUGH = np.concatenate([FRAMES[..., :3], pixels(3 * H, W, 1, seed=10) | 1], axis=2)
LOSSLESS = ["--quality", "100"]
AS_PNG = ["--format", "png"]


def _moving(frames: np.ndarray, **timing: Any) -> pyvips.Image:
    return with_words(image(frames, "srgb"), page_height=H, **timing)


_rgb, _rgba, _grey, _both = (
    image(p, k) for p, k in ((RGB, "srgb"), (RGBA, "srgb"), (GREY, "b-w"), (GREY_ALPHA, "b-w"))
)


def good() -> Iterator[tuple[str, Good]]:
    """Yield the files that are enlarged, by name."""
    yield from _formats()
    yield from _depths()
    yield from _colours()
    yield from _places()
    yield from _words()
    yield from _animations()
    yield from _names()


def _formats() -> Iterator[tuple[str, Good]]:
    for name, vips in (("rgb", _rgb), ("rgba", _rgba), ("grey", _grey), ("grey and alpha", _both)):
        yield f"PNG {name}", Good(".png", vips.pngsave_buffer())
        yield f"TIFF {name}", Good(".tif", vips.tiffsave_buffer())
    for name, vips in (("rgb", _rgb), ("rgba", _rgba)):
        yield f"WebP {name}", Good(".webp", vips.webpsave_buffer(lossless=True), LOSSLESS)
        saved = vips.heifsave_buffer(compression="av1", lossless=True)
        yield f"AVIF {name}", Good(".avif", saved, LOSSLESS)
    for name, vips in (("rgb", _rgb), ("grey", _grey)):
        saved = vips.jpegsave_buffer(Q=90)
        yield f"JPEG {name}", Good(".jpg", saved, AS_PNG, ".png")
    smooth = image(SMOOTH, "srgb")
    yield "JPEG to JPEG", Good(".JPG", smooth.jpegsave_buffer(Q=95), off=6)
    yield "JPEG, progressive", Good(".jpeg", _rgb.jpegsave_buffer(interlace=True), AS_PNG, ".png")
    yield "PNG, interlaced", Good(".png", _rgb.pngsave_buffer(interlace=True))


def _depths() -> Iterator[tuple[str, Good]]:
    for depth in (1, 2, 4):
        yield f"PNG of {depth} bits", Good(".png", png(8, 3, depth, 0, _deep_rows(depth)))
    deep = ((RGB16, "rgb16"), (GREY16, "grey16"), (RGBA16, "rgb16"))
    for values, kind in deep:
        name = f"{kind} {values.shape[2:]}"
        yield f"PNG {name}", Good(".png", image(values, kind).pngsave_buffer())
        yield f"TIFF {name}", Good(".tiff", image(values, kind).tiffsave_buffer())
    saved = image(RGB16, "rgb16").heifsave_buffer(compression="av1", bitdepth=12, lossless=True)
    yield "AVIF of 12 bits", Good(".avif", saved, LOSSLESS, off=40)
    yield "TIFF float", Good(".tif", image(LIGHT, "scrgb").tiffsave_buffer())
    yield "TIFF float, grey", Good(".tif", image(LIGHT[..., 0], "b-w").tiffsave_buffer())
    bright = Good(".tif", image(LIGHT * 4, "scrgb").tiffsave_buffer())
    yield "TIFF float above white", bright


def _colours() -> Iterator[tuple[str, Good]]:
    inks = image(pixels(H, W, 4, seed=9), "cmyk")
    yield "JPEG of four inks", Good(".jpg", inks.jpegsave_buffer(Q=95), AS_PNG, ".png")
    yield "TIFF of four inks", Good(".tif", inks.tiffsave_buffer())
    lab = _rgb.colourspace("lab").cast("float")
    yield "TIFF of Lab", Good(".tif", lab.colourspace("labs").tiffsave_buffer())
    palette = Image.fromarray(RGB).convert("P", palette=Image.Palette.ADAPTIVE, colors=9)
    yield "PNG palette", Good(".png", _pillow("", palette, "PNG"))
    yield (
        "PNG palette, see-through",
        Good(".png", _pillow("", palette, "PNG", transparency=b"\x80")),
    )
    key = chunk(b"tRNS", struct.pack(">H", 77))
    grey_rows = b"".join(b"\0" + bytes([100, 120, 140]) for _ in range(4))
    yield "PNG colour key", Good(".png", png(3, 4, 8, 0, grey_rows, key))
    yield "GIF", Good(".gif", _rgb.gifsave_buffer(), AS_PNG, ".png")


def _places() -> Iterator[tuple[str, Good]]:
    for height, width in ((1, 1), (1, 13), (11, 1), (31, 2)):
        one = image(pixels(height, width, 3), "srgb")
        yield f"PNG of {width} x {height}", Good(".png", one.pngsave_buffer())
    yield "TIFF of multiplied colours", Good(".tif", _associated(), off=2)
    for turn in range(1, 9):
        turned = with_words(_rgb, orientation=turn)
        yield f"JPEG turned {turn}", Good(".jpg", turned.jpegsave_buffer(), AS_PNG, ".png")
    yield "TIFF turned", Good(".tif", with_words(_rgb, orientation=6).tiffsave_buffer())
    pages = with_words(image(FRAMES[..., :3], "srgb"), page_height=H, orientation=8)
    yield "TIFF of turned pages", Good(".tif", pages.tiffsave_buffer())


def _associated() -> bytes:
    """Return a TIFF whose colours are multiplied by its alpha, as its ExtraSamples says: 1."""
    alpha = SEEN_THROUGH[:H, :, 3:].astype(np.uint16)
    colours = (SEEN_THROUGH[:H, :, :3] * alpha // 255).astype(np.uint8)
    values = np.concatenate([colours, alpha.astype(np.uint8)], axis=2)
    data = bytearray(_pillow("", Image.fromarray(values), "TIFF"))
    entry = data.index(struct.pack("<HHI", 338, 3, 1))
    struct.pack_into("<H", data, entry + 8, 1)
    return bytes(data)


def _words() -> Iterator[tuple[str, Good]]:
    for name, icc in (("P3", profile("p3")), ("sRGB", profile("srgb"))):
        with_profile = with_words(_rgb, icc_profile_data=icc)
        yield f"PNG in {name}", Good(".png", with_profile.pngsave_buffer())
        yield f"TIFF in {name}", Good(".tif", with_profile.tiffsave_buffer())
    with_profile = with_words(_rgb, icc_profile_data=profile("p3"))
    yield "WebP in P3", Good(".webp", with_profile.webpsave_buffer(lossless=True), LOSSLESS)
    straight = with_words(image(RGB16, "rgb16"), icc_profile_data=linear_profile())
    yield "PNG in linear light", Good(".png", straight.pngsave_buffer(), off=80)
    words = with_words(_rgb, xmp_data=XMP).copy(xres=300 / 25.4, yres=150 / 25.4)
    words = with_words(words, exif_ifd0_Make="Acme (Acme, ASCII, 5 components, 5 bytes)")
    yield "JPEG with words", Good(".jpg", words.jpegsave_buffer(), ["--quality", "100"], off=255)
    yield "PNG with words", Good(".png", words.pngsave_buffer())
    yield "TIFF with words", Good(".tif", words.tiffsave_buffer())
    yield "WebP with words", Good(".webp", words.webpsave_buffer(lossless=True), LOSSLESS)


def _animations() -> Iterator[tuple[str, Good]]:
    timing = {"delay": [100, 250, 40], "loop": 3}
    yield (
        "WebP moving",
        Good(".webp", _moving(SEEN_THROUGH, **timing).webpsave_buffer(lossless=True), LOSSLESS),
    )
    forever = _moving(SEEN_THROUGH, delay=[70, 70, 70], loop=0).webpsave_buffer(lossless=True)
    yield "WebP moving for ever", Good(".webp", forever, LOSSLESS)
    gif = _moving(FRAMES, **timing).gifsave_buffer()
    yield "GIF moving", Good(".gif", gif, off=255)  # a palette's colours are few
    yield "GIF to WebP", Good(".gif", gif, ["--format", "webp", *LOSSLESS], ".webp")
    yield "TIFF of pages", Good(".tif", _moving(SEEN_THROUGH).tiffsave_buffer())


def _names() -> Iterator[tuple[str, Good]]:
    yield "PNG that is called JPEG", Good(".jpg", _rgb.pngsave_buffer(), result=".png")
    yield "JPEG that is called PNG", Good(".png", _rgb.jpegsave_buffer(Q=95), AS_PNG, ".png")
    yield (
        "WebP that is called TIFF",
        Good(".tif", _rgb.webpsave_buffer(lossless=True), LOSSLESS, ".webp"),
    )


def bad() -> Iterator[tuple[str, Bad]]:
    """Yield the files that are refused, by name."""
    rgb = image(pixels(40, 30, 3), "srgb")
    whole: dict[str, tuple[str, bytes]] = {
        "PNG": (".png", rgb.pngsave_buffer()),
        "JPEG": (".jpg", rgb.jpegsave_buffer(Q=95)),
        "WebP": (".webp", rgb.webpsave_buffer(Q=95)),
        "TIFF": (".tif", rgb.tiffsave_buffer()),
        "GIF": (".gif", rgb.gifsave_buffer()),
        "AVIF": (".avif", rgb.heifsave_buffer(compression="av1", Q=95)),
    }
    for name, (suffix, data) in whole.items():
        yield f"{name}, half", Bad(suffix, data[: len(data) // 2], ("cut short",))
        yield f"{name}, beginning", Bad(suffix, data[:20], ())
        yield f"{name}, empty", Bad(suffix, b"", ("the file is empty",))
        holes = data[:20] + bytes(len(data) - 20)
        yield f"{name}, zeros", Bad(suffix, holes, ())
    yield "text", Bad(".png", b"this is no picture", ("not a picture of a known format",))
    yield "ELF", Bad(".jpg", b"\x7fELF" + bytes(100), ("not a picture",))
    yield "SVG", Bad(".png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', ("not a picture",))
    yield "PPM", Bad(".ppm", b"P6 1 1 255 abc", ("this build of libvips reads no PPM",))
    huge = png(100_000, 100_000, 8, 2, b"\0" * 1000)
    yield "PNG, bomb", Bad(".png", huge, ("GB of memory",))
    lying = bytearray(whole["TIFF"][1])
    for tag in (256, 257):  # width and length, as long as 4 bytes tell
        entry = lying.index(struct.pack("<HH", tag, 3), struct.unpack_from("<I", lying, 4)[0])
        struct.pack_into("<HII", lying, entry + 2, 4, 1, 100_000)
    yield "TIFF, bomb", Bad(".tif", bytes(lying), ())
    jpeg = bytearray(whole["JPEG"][1])
    start = jpeg.index(b"\xff\xc0") + 5
    jpeg[start : start + 4] = struct.pack(">HH", 65500, 65500)
    yield "JPEG, bomb", Bad(".jpg", bytes(jpeg), ("more than JPEG can hold",))
    pages = Image.fromarray(RGB)
    other = _pillow("", pages, "TIFF", save_all=True, append_images=[Image.new("RGB", (3, 3))])
    yield "TIFF of unequal pages", Bad(".tif", other, ("pages differ in size",))
    moving = [Image.fromarray(pixels(H, W, 3, seed=n)) for n in (1, 2, 3)]
    apng = _pillow("", moving[0], "PNG", save_all=True, append_images=moving[1:])
    icc = pixels(6000, seed=3).tobytes()
    late = _pillow("", moving[0], "PNG", save_all=True, append_images=moving[1:], icc_profile=icc)
    yield "PNG moving, behind a long profile", Bad(".png", late, ("an animated PNG",))
    yield "PNG moving", Bad(".png", apng, ("animated PNG",))
    counts = pyvips.Image.black(4, 4).cast("uint") + 70000
    yield "TIFF of 32 bits", Bad(".tif", counts.cast("uint").tiffsave_buffer(), ("uint",))
    many = pyvips.Image.black(4, 4, bands=7)
    yield "TIFF of seven channels", Bad(".tif", many.tiffsave_buffer(), ("7 channels",))
    wrong = image(np.full((3, 3), np.nan, np.float32), "b-w")
    yield "TIFF of NaN", Bad(".tif", wrong.tiffsave_buffer(), ("no numbers",))


Turn = Callable[[np.ndarray], np.ndarray]
UPRIGHT: dict[int, Turn] = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
    8: lambda p: np.rot90(p, 1),
}
"""By the mark of orientation: how pixels are turned upright (EXIF 2.3, tag 0x0112)."""
