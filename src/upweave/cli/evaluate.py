"""``upweave evaluate``: PSNR and SSIM on benchmark sets."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upweave.cli.choice import DEFAULT_SCALE, choose
from upweave.cli.output import progress_bar, say, table

if TYPE_CHECKING:
    from upweave.pictures.score_reports import Scores
    from upweave.pictures.scores import Judged
    from upweave.pictures.upscale import Enlarger

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
    from upweave.pictures import score_reports  # noqa: PLC0415  (--help need not wait for it)
    from upweave.whole import whole_file  # noqa: PLC0415

    enlargers = [_enlarger(name, scale) for name in models]
    found: list[Scores] = []
    for folder in sets:
        for _, some in groupby(sorted(enlargers, key=_scale), key=_scale):
            scores = _judged(list(some), folder, pictures)
            say(_table(scores))
            found += scores
    reports = ((csv, score_reports.as_csv), (json, score_reports.as_json))
    for path, report in reports:
        if path is not None:
            with whole_file(path) as file:
                file.write(report(found).encode())


def _enlarger(name: str, scale: int | None) -> Enlarger:
    from upweave.pictures import interpolated, upscale  # noqa: PLC0415

    if name in interpolated.INTERPOLATIONS:
        return interpolated.interpolation_named(name, DEFAULT_SCALE if scale is None else scale)
    return upscale.load(choose(name, scale, option="MODEL"))


def _scale(enlarger: Enlarger) -> int:
    return enlarger.scale


def _judged(enlargers: list[Enlarger], folder: Path, pictures: Path | None) -> list[Scores]:
    """Score enlargers of one scale on a set, and draw what is asked for."""
    from upweave.pictures import score_reports, scores  # noqa: PLC0415

    scale = enlargers[0].scale
    pairs = scores.pairs(folder, scale)
    columns: list[list[scores.Score]] = [[] for _ in enlargers]
    with progress_bar(folder.name, quiet=False) as progress:
        for i, pair in enumerate(pairs):
            row = [scores.judge(enlarger, pair) for enlarger in enlargers]
            for column, judged in zip(columns, row, strict=True):
                column.append(judged.score)
            if pictures is not None:
                _draw(pictures / f"{folder.name}-x{scale}", enlargers, row)
            progress((i + 1) / len(pairs))
    return [
        score_reports.Scores(folder.name, enlarger.name, scale, column)
        for enlarger, column in zip(enlargers, columns, strict=True)
    ]


def _draw(folder: Path, enlargers: list[Enlarger], row: list[Judged]) -> None:
    """Write the strip of a picture, and a map of each enlarger's errors."""
    from upweave.pictures import files, score_reports  # noqa: PLC0415

    picture = row[0].score.name
    drawn = {f"{picture}.png": score_reports.strip(row)}
    for enlarger, judged in zip(enlargers, row, strict=True):
        drawn[f"{picture}-{enlarger.name}-error.png"] = score_reports.error_map(judged)
    folder.mkdir(parents=True, exist_ok=True)
    for name, pixels in drawn.items():
        files.write(folder / name, files.Picture(pixels), overwrite=True)


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
