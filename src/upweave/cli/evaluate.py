"""``upweave evaluate``: PSNR and SSIM on a benchmark set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from upweave.cli.choice import DEFAULT_SCALE, choose
from upweave.cli.output import progress_bar, say, table

EXAMPLES = """\
\b
Examples:
  upweave evaluate weave-s-x4 "$UPWEAVE_DATA/benchmark/Set5"
  upweave evaluate weave-s --scale 2 "$UPWEAVE_DATA/benchmark/Set14"
  upweave evaluate bicubic --scale 3 "$UPWEAVE_DATA/benchmark/BSD100"
"""


def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            help="A name that `upweave models` lists, the path of an .onnx file, or bicubic."
        ),
    ],
    folder: Annotated[
        Path, typer.Argument(help="A set: HR/img_001.png and LR/x4/img_001.png, and so on.")
    ],
    scale: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many times larger, for bicubic.", show_default=str(DEFAULT_SCALE)
        ),
    ] = None,
) -> None:
    """Measure PSNR (dB) and SSIM on a set, picture by picture.

    The 8-bit results are compared with the originals on luma (BT.601, 16 to 235, not rounded),
    without a border of as many pixels as the scale.
    """
    chosen = model if model == "bicubic" else choose(model, scale, option="MODEL")
    from upweave.pictures import scores, upscale  # noqa: PLC0415  (--help need not wait for them)

    enlarger: upscale.Enlarger
    if model == "bicubic":
        enlarger = upscale.Bicubic(DEFAULT_SCALE if scale is None else scale)
    else:
        enlarger = upscale.load(chosen)
    pairs = scores.pairs(folder, enlarger.scale)
    rows = []
    with progress_bar(folder.name, quiet=False) as progress:
        for i, pair in enumerate(pairs):
            rows.append(scores.score(enlarger, pair))
            progress((i + 1) / len(pairs))
    rows.append(scores.mean(rows))
    say(f"{enlarger.name} on {folder.name}, x{enlarger.scale}")
    lines = [(row.name, f"{row.psnr:.2f}", f"{row.ssim:.4f}") for row in rows]
    say(table([("picture", "PSNR", "SSIM"), *lines]))
