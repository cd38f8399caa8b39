"""``upweave upscale``: pictures in, larger pictures out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upweave.cli.choice import DEFAULT_MODEL, DEFAULT_SCALE, choose
from upweave.cli.output import complain, progress_bar, reason, say
from upweave.pictures import files
from upweave.pictures.models import Runtime

if TYPE_CHECKING:
    from upweave.pictures.upscale import Upscaler

EXAMPLES = """\
\b
Examples:
  upweave upscale photo.jpg
  upweave upscale photo.jpg --scale 2 -o larger.png
  upweave upscale *.jpg -o larger/
  upweave upscale photo.jpg --model my-network.onnx
  upweave upscale photo.jpg --model my-network.onnx --runtime onnxruntime
"""


def upscale(
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE", help="PNG or JPEG files.")],
    scale: Annotated[
        int | None,
        typer.Option(min=1, help="How many times larger.", show_default=str(DEFAULT_SCALE)),
    ] = None,
    model: Annotated[
        str, typer.Option(help="A name that `upweave models` lists, or the path of an .onnx file.")
    ] = DEFAULT_MODEL,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write; for several pictures, a folder.",
            show_default="beside each picture: photo.jpg gives photo-x4.jpg",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads to use.", show_default="all cores")
    ] = None,
    tile: Annotated[
        int | None,
        typer.Option(min=1, help="Side of a tile; for testing.", show_default="chosen to fit"),
    ] = None,
    runtime: Annotated[
        Runtime,
        typer.Option(
            help="What runs the network. ONNX Runtime, where installed, has more operators, but "
            "takes pictures whole, without tiles."
        ),
    ] = "upweave",
    quiet: Annotated[bool, typer.Option("--quiet", help="Report nothing but errors.")] = False,
) -> None:
    """Make pictures larger."""
    _check_inputs(pictures)
    if runtime != "upweave" and tile is not None:
        raise typer.BadParameter(
            f"with --runtime {runtime} there are no tiles", param_hint="--tile"
        )
    name = choose(model, scale)
    upscaler = _load(name, runtime)
    if scale not in (None, upscaler.scale):
        raise typer.BadParameter(
            f"{name} enlarges {upscaler.scale} times, not {scale}", param_hint="--scale"
        )
    targets = _targets(pictures, output, upscaler.scale, overwrite)
    failed = 0
    for source, target in zip(pictures, targets, strict=True):
        try:
            with progress_bar(source.name, quiet=quiet) as progress:
                picture = files.read(source)
                files.check_writable(target, picture, scale=upscaler.scale, overwrite=overwrite)
                pixels = upscaler(picture.pixels, threads=threads, tile=tile, progress=progress)
                files.write(target, replace(picture, pixels=pixels), overwrite=overwrite)
        except (ValueError, OSError, MemoryError) as error:
            text = reason(error)
            named = text.startswith((str(source), str(target)))
            complain(text if named else f"{source}: {text}")
            failed += 1
        else:
            if not quiet:
                say(f"{target}  {pixels.shape[1]} x {pixels.shape[0]}")
    if failed:
        raise typer.Exit(1)


def _load(name: str, runtime: Runtime) -> Upscaler:
    from upweave.engine import NotRunError  # noqa: PLC0415  (--help need not wait for these)
    from upweave.pictures.upscale import load  # noqa: PLC0415  (as above)

    try:
        return load(name, runtime=runtime)
    except NotRunError as error:
        raise NotRunError(f"{error} (--runtime onnxruntime may run it, whole)") from None


def _check_inputs(pictures: list[Path]) -> None:
    for picture in pictures:
        if picture.is_dir():
            raise typer.BadParameter(f"{picture} is a folder; name the files", param_hint="PICTURE")
        if not picture.exists():
            raise typer.BadParameter(f"there is no file {picture}", param_hint="PICTURE")


def _targets(pictures: list[Path], output: Path | None, scale: int, overwrite: bool) -> list[Path]:
    """Return where each result goes; refuse what could not be written, before any work."""
    if output is None or output.is_dir() or len(pictures) > 1:
        folder = output
        if folder is not None:
            _make_folder(folder)
        targets = [
            (folder or source.parent) / f"{source.stem}-x{scale}{source.suffix}"
            for source in pictures
        ]
    else:
        targets = [output]
    for i, target in enumerate(targets):
        if target in targets[:i]:
            other = pictures[targets.index(target)]
            raise typer.BadParameter(
                f"{other} and {pictures[i]} would both be written to {target}", param_hint="-o"
            )
        _check_target(target, overwrite)
    return targets


def _make_folder(folder: Path) -> None:
    if folder.suffix.lower() in files.SUFFIXES and not folder.is_dir():
        raise typer.BadParameter(
            f"{folder} names a file; for several pictures give a folder", param_hint="-o"
        )
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(
            f"cannot make this folder: {reason(error)}", param_hint="-o"
        ) from None


def _check_target(target: Path, overwrite: bool) -> None:
    if target.is_file() and not overwrite:
        raise typer.BadParameter(
            f"{target} exists already; give another name with -o, or --overwrite",
            param_hint="-o",
        )
    try:
        files.check_writable(target, overwrite=overwrite)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(reason(error), param_hint="-o") from None
