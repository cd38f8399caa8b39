"""``upweave upscale``: pictures in, larger pictures out."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from upweave import __version__
from upweave.cli import choice, sources
from upweave.cli.options import Overwrite, Threads
from upweave.cli.quantities import bytes_of, seconds_of
from upweave.cli.reporting import Form, Report
from upweave.cli.upscale_run import Existing, Run, candidates
from upweave.pictures import formats, models
from upweave.pictures.formats import Format
from upweave.pictures.job import Manner, Settings
from upweave.pictures.models import Runtime
from upweave.pictures.picture import PictureError
from upweave.pictures.sizes import Wanted
from upweave.whole import whole_file

EXAMPLES = """\
\b
Examples:
  upweave upscale photo.jpg
  upweave upscale photo.jpg --scale 2 -o larger.png
  upweave upscale photo.jpg --longest 3840 --format webp --quality 90
  upweave upscale *.jpg -o larger/
  upweave upscale holiday/ --recursive              # to holiday-x4/
  upweave upscale holiday/ --recursive --resume     # after a break
  upweave upscale holiday/ --dry-run
  upweave upscale photo.jpg --within 10s
  upweave upscale photo.jpg --fidelity --verify
  upweave upscale photo.jpg --model my-network.onnx
  curl https://example.org/a.png | upweave upscale - > a-x4.png
"""


def upscale(
    pictures: Annotated[
        list[Path],
        typer.Argument(metavar="PICTURE...", help="Files, folders, or - for standard input."),
    ],
    scale: Annotated[
        float | None,
        typer.Option(min=1, help="How many times larger.", show_default=str(choice.DEFAULT_SCALE)),
    ] = None,
    width: Annotated[
        int | None, typer.Option(min=1, help="Width of the result in pixels; proportions stay.")
    ] = None,
    height: Annotated[
        int | None, typer.Option(min=1, help="Height of the result; with both, it fits in them.")
    ] = None,
    longest: Annotated[
        int | None, typer.Option(min=1, help="The longer side of the result in pixels.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A name that `upweave models` lists, or the path of an .onnx file.",
            show_default=models.DEFAULT,
            autocompletion=choice.names,
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(help="Take the largest network that is done in this time: 30s, 2m, 1h."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write; for several pictures, a folder; - for standard output.",
            show_default="photo-x4.jpg beside photo.jpg; for a folder, one beside it",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help=f"Format of the results: {', '.join(formats.FORMATS)}.",
            show_default="the picture's",
            autocompletion=lambda: list(formats.FORMATS),
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="Of JPEG, WebP and AVIF; 100 is lossless in the last two.",
            show_default="95; AVIF 90",
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Enter the folders in folders.")
    ] = False,
    overwrite: Overwrite = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave pictures whose results exist.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with a folder: what is done stays, what has changed since is made anew.",
        ),
    ] = False,
    strength: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="From 0, bicubic interpolation alone, to 1, the network alone."
        ),
    ] = 1.0,
    fidelity: Annotated[
        bool,
        typer.Option(
            "--fidelity",
            help="Correct the result until shrinking it gives the picture, within a grey level.",
        ),
    ] = False,
    tta: Annotated[
        bool,
        typer.Option("--tta", help="Average the eight flips and turns: eight times the work."),
    ] = False,
    wrap: Annotated[
        bool, typer.Option("--wrap", help="The picture is a texture whose edges meet.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Shrink results back; tell the difference in dB.")
    ] = False,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Write a picture of before and after beside each result."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Tell sizes, time, memory and bytes, and write nothing."),
    ] = False,
    max_memory: Annotated[
        str | None,
        typer.Option(
            help="What all pictures in work may take, such as 2G.", show_default="what is free"
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a JSON file of what became of each picture.")
    ] = None,
    progress: Annotated[
        Form, typer.Option(help="A bar on a terminal, or JSON lines on standard error.")
    ] = "bar",
    threads: Threads = None,
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
    """Make pictures larger.

    Reads PNG, JPEG, WebP, TIFF, GIF and AVIF in grey or colour, with transparency, animations and
    pages, 8 bits, 16 or float; colour profile, EXIF, XMP and resolution stay. The network enlarges
    luma; chroma and alpha are interpolated. Exit status: 0 when all is done, 1 when a picture
    failed, 2 for wrong usage, 130 after Ctrl-C.
    """
    existing: Existing = _one_of(overwrite=overwrite, skip=skip_existing, resume=resume)
    manner = Manner(turns=tta, strength=strength, fidelity=fidelity, wrap=wrap)
    families = candidates(model, manner, runtime, several=within is not None)
    wanted = _wanted(Wanted(scale, width, height, longest), families[0])
    _check_manner(wanted, manner, families[0])
    if runtime != "upweave" and tile is not None:
        raise typer.BadParameter(
            f"with --runtime {runtime} there are no tiles", param_hint="--tile"
        )
    plan = sources.plan(pictures, output, wanted.mark, format=_format(format), recursive=recursive)
    if resume and plan.folder is None:
        raise typer.BadParameter(
            "goes on with a folder of results; name one", param_hint="--resume"
        )
    settings = Settings(wanted, manner, quality, verify, compare, threads, tile)
    limit = None if max_memory is None else bytes_of(max_memory, "--max-memory")
    seconds = None if within is None else seconds_of(within, "--within")
    run = Run(plan, settings, families, existing, limit, seconds, Report(quiet, progress))
    if dry_run:
        run.foresee()
    else:
        summary = run.do()
        if report is not None:
            _write_report(report, run, summary)
    if run.report.failures:
        raise typer.Exit(1)


def _format(name: str | None) -> Format | None:
    if name is None:
        return None
    try:
        return formats.named(name)
    except PictureError as error:
        raise typer.BadParameter(str(error), param_hint="--format") from None


def _one_of(**chosen: bool) -> Existing:
    """Return which of the options for existing results was chosen."""
    names = [name for name, wanted in chosen.items() if wanted]
    if len(names) > 1:
        options = {"overwrite": "--overwrite", "skip": "--skip-existing", "resume": "--resume"}
        raise typer.BadParameter(
            f"not together with {options[names[0]]}", param_hint=options[names[1]]
        )
    return cast(Existing, names[0]) if names else "refuse"


def _wanted(asked: Wanted, scales: Collection[int]) -> Wanted:
    """Return the size that was asked for, or else the usual factor."""
    bounded = asked.longest is not None or asked.width is not None or asked.height is not None
    if bounded and asked.scale is not None:
        raise typer.BadParameter("not together with a size in pixels", param_hint="--scale")
    if asked.longest is not None and asked != Wanted(longest=asked.longest):
        raise typer.BadParameter("not together with another size", param_hint="--longest")
    if bounded or asked.scale is not None:
        return asked
    return Wanted(scale=choice.DEFAULT_SCALE if choice.DEFAULT_SCALE in scales else max(scales))


def _check_manner(wanted: Wanted, manner: Manner, scales: Collection[int]) -> None:
    """Refuse what holds for a network's own factor alone at others."""
    for option, chosen in (("--wrap", manner.wrap), ("--fidelity", manner.fidelity)):
        if chosen and wanted.scale not in scales:
            known = ", ".join(map(str, sorted(scales)))
            raise typer.BadParameter(f"goes with --scale {known} alone", param_hint=option)


def _write_report(path: Path, run: Run, summary: dict[str, Any]) -> None:
    content = {
        "upweave": __version__,
        "model": run.model,
        "settings": asdict(run.settings),
        "pictures": run.report.pictures,
        "summary": summary,
    }
    with whole_file(path) as file:
        file.write((json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())
