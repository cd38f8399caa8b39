"""``upweave evaluate``: PSNR and SSIM on benchmark sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upweave.cli.choice import DEFAULT_SCALE, choose
from upweave.cli.output import progress_bar, say, table
from upweave.whole import whole_file

if TYPE_CHECKING:
    from upweave.pictures.enlarger import Enlarger
    from upweave.pictures.score_reports import Scores

EXAMPLES = """\
\b
Examples:
  upweave evaluate weave-s-x4 "$UPWEAVE_DATA/benchmark/Set5"
  upweave evaluate bicubic weave-s mine.onnx --scale 4 Set5 Set14
  upweave evaluate weave-s --scale 2 Set14 --csv scores.csv --json scores.json
  upweave evaluate bicubic weave-s-x4 Set5 --pictures strips/
"""


def evaluate(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL... SET...",
            help="Names that `upweave models` lists, .onnx files, nearest, bilinear or bicubic; "
            "then folders, with HR/img_001.png and LR/x4/img_001.png, and so on.",
        ),
    ],
    scale: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many times larger, where a name does not say.",
            show_default=str(DEFAULT_SCALE),
        ),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write all scores as CSV.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write all scores as JSON.")] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a strip of each picture (input, results, original) and maps of the "
            "errors (grey where there is none; 32 of 255 and more is black or white)."
        ),
    ] = None,
) -> None:
    """Measure PSNR (dB) and SSIM on sets, picture by picture.

    The 8-bit results are compared with the originals on luma (BT.601, 16 to 235, not rounded),
    without a border of as many pixels as the scale.
    """
    models = [name for name in names if name.endswith(".onnx") or not Path(name).is_dir()]
    sets = [Path(name) for name in names if name not in models]
    if not models or not sets:
        missing = "folder of a set" if models else "model"
        raise typer.BadParameter(f"names no {missing}", param_hint="MODEL... SET...")
    # The engine takes a while to import, and no --help should wait for it.
    from upweave.pictures import interpolated, score_reports, upscale

    by_scale: dict[int, list[Enlarger]] = {}
    for name in models:
        enlarger: Enlarger
        if name in interpolated.INTERPOLATIONS:
            enlarger = interpolated.interpolation_named(name, scale or DEFAULT_SCALE)
        else:
            enlarger = upscale.load(choose(name, scale, option="MODEL"))
        by_scale.setdefault(enlarger.scale, []).append(enlarger)
    found: list[Scores] = []
    for folder in sets:
        for _, enlargers in sorted(by_scale.items()):
            with progress_bar(folder.name, quiet=False) as progress:
                scores = score_reports.judge_set(enlargers, folder, pictures, progress)
            say(_table(scores))
            found += scores
    reports = ((csv, score_reports.as_csv), (json, score_reports.as_json))
    for path, report in reports:
        if path is not None:
            with whole_file(path) as file:
                file.write(report(found).encode())


def _table(scores: list[Scores]) -> str:
    """Return the scores on one set: a line a picture, two columns a model."""
    first = scores[0]
    title = f"{', '.join(some.model for some in scores)} on {first.benchmark}, x{first.scale}"
    head = ("picture", *("PSNR", "SSIM") * len(scores))
    columns = [[*some.pictures, some.mean] for some in scores]
    rows = [
        (row[0].name, *(t for score in row for t in (f"{score.psnr:.2f}", f"{score.ssim:.4f}")))
        for row in zip(*columns, strict=True)
    ]
    return f"{title}\n{table([head, *rows])}"
