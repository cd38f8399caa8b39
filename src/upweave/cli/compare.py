"""``upweave compare``: every network on the user's own picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from upweave.cli import choice
from upweave.cli.options import Overwrite, Threads
from upweave.cli.output import check_new, progress_bar, say, table
from upweave.pictures import models
from upweave.whole import whole_file

EXAMPLES = """\
\b
Examples:
  upweave compare photo.jpg
  upweave compare photo.jpg --scale 2 -o page.html
  upweave compare photo.jpg --model weave-s --model my-network.onnx
"""


def compare(
    picture: Annotated[Path, typer.Argument(help="A picture file.")],
    scale: Annotated[
        int, typer.Option(min=2, help="How many times it is shrunk, and made larger again.")
    ] = choice.DEFAULT_SCALE,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A network to compare, as `upweave upscale` takes it; may be repeated.",
            show_default="all that are shipped, of this scale",
            autocompletion=choice.names,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The page to write.",
            show_default="photo-compare.html beside photo.jpg",
        ),
    ] = None,
    overwrite: Overwrite = False,
    threads: Threads = None,
) -> None:
    """Shrink a picture, make it larger again in every way, and show which is nearest.

    Prints PSNR (dB) and SSIM of luma, and the time of each network and interpolation, and writes a
    page to look at them side by side, which needs no network to be opened.
    """
    target = output or picture.with_name(f"{picture.stem}-compare.html")
    check_new(target, "-o", overwrite=overwrite)
    names = model or [
        networks[scale] for networks in models.families().values() if scale in networks
    ]
    chosen = [choice.choose(name, scale) for name in names]
    from upweave.pictures import comparison, comparison_page, files, interpolated, upscale

    pixels = files.read(picture).pixels
    networks = [upscale.load(name) for name in chosen]
    for network in networks:
        if network.scale != scale:
            raise typer.BadParameter(
                f"{network.name} enlarges {network.scale} times, not {scale}", param_hint="--model"
            )
    plain = [interpolated.interpolation_named(name, scale) for name in interpolated.INTERPOLATIONS]
    with progress_bar(picture.name, quiet=False) as progress:
        try:
            found = comparison.compare(
                pixels, [*plain, *networks], threads=threads, progress=progress
            )
        except files.PictureError as error:
            raise files.PictureError(f"{picture}: {error}") from None
    page = comparison_page.page(found, picture.name)
    with whole_file(target) as file:
        file.write(page.encode())
    rows: list[tuple[str, ...]] = [("way", "PSNR", "SSIM", "ms")]
    for way in found.ways:
        psnr, ssim = f"{way.score.psnr:.2f}", f"{way.score.ssim:.4f}"
        rows.append((way.score.name, psnr, ssim, f"{1e3 * way.seconds:.1f}"))
    say(table(rows))
    say(str(target))
