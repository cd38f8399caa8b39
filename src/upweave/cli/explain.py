"""``upweave explain``: the operator drawn, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from upweave.cli.options import Overwrite
from upweave.cli.output import check_new, say
from upweave.explain.maps import Map, counted_up, written
from upweave.ops.axes import GeometryError
from upweave.ops.geometry import Geometry

if TYPE_CHECKING:
    from upweave.explain.frames import Frame

EXAMPLES = """\
\b
Examples:
  upweave explain scatter -o scatter.gif
  upweave explain phases --input 3 --kernel 3 --stride 2 --padding 1 --output-padding 1
  upweave explain convolution --numbers "3 5 2 7/4 1 3 8/6 3 8 2/9 6 1 5" --kernel 3
  upweave explain matrix --numbers "55 52/57 50" --weights "1 2/2 1" -o matrix.svg
  upweave explain overlap --input 6 --kernel 3 --stride 2
  upweave explain phases --input 3 --kernel 3 -o phases.svg --moving
"""

What = Literal[
    "convolution",
    "scatter",
    "zero-insertion",
    "matrix",
    "phases",
    "overlap",
    "checkerboards",
    "colours",
    "upsamplers",
    "settings",
]
_MOST = 16
"""Cells a side of an input; more could not be read."""


def explain(
    what: Annotated[What, typer.Argument(help="What to draw.")],
    input: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Side of the input, numbered from 1.")
    ] = 2,
    kernel: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Side of the kernel, numbered from 1.")
    ] = 2,
    stride: Annotated[int, typer.Option(min=1, max=_MOST)] = 2,
    padding: Annotated[int, typer.Option(help="Cropped from the full output.")] = 0,
    output_padding: Annotated[int, typer.Option(min=0, help="Added at the end.")] = 0,
    dilation: Annotated[int, typer.Option(min=1, max=_MOST)] = 1,
    numbers: Annotated[
        str | None,
        typer.Option(help='Other numbers for the input: rows between slashes, "55 52/57 50".'),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Other numbers for the kernel, written alike.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write: .png, .svg or .pdf has all steps; .gif, .webp and .mp4 move "
            "(the last needs: pip install 'upweave[video]').",
            show_default="WHAT.png",
        ),
    ] = None,
    moving: Annotated[
        bool, typer.Option("--moving", help="Let an .svg file move, one step after the other.")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Draw the transposed convolution in each of its forms, and what follows from it.

    convolution, scatter, zero-insertion, matrix and phases go step by step through an example.
    overlap shows how many products reach each output, checkerboards the same for many kernels and
    strides, colours a colour picture with gaps and overlap, upsamplers the fixed ones side by side,
    settings what kernel size, stride and padding do.
    """
    path = output or Path(f"{what}.png")
    check_new(path, "-o", overwrite=overwrite)
    x = _numbers(numbers, input, "--numbers")
    w = _numbers(weights, kernel, "--weights")
    try:
        geometry = Geometry(w.shape, stride, padding, output_padding, dilation)
        frames = _frames(what)(x, w, geometry)
    except GeometryError as error:
        raise typer.BadParameter(str(error)) from None
    from upweave.explain import animation

    try:
        animation.save(frames, path, moving=moving)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="-o") from None
    say(str(path))


def _frames(
    what: What,
) -> Callable[[Map, Map, Geometry], Sequence[Frame]]:
    from upweave.explain import overlaps, settings, upsamplers, walkthroughs

    if what == "overlap":
        return lambda x, w, geometry: overlaps.overlap(geometry, x.shape)
    if what == "checkerboards":
        return lambda x, w, geometry: overlaps.pairs(range(2, 7), range(1, 4))
    if what == "colours":
        return lambda x, w, geometry: overlaps.colour_cells()
    if what == "settings":
        return lambda x, w, geometry: settings.settings(x, range(2, 4), range(1, 3))
    if what == "upsamplers":
        return lambda x, w, geometry: upsamplers.upsamplers(x, max(2, geometry.stride[0]))
    return walkthroughs.FORMS[what]


def _numbers(text: str | None, side: int, option: str) -> Map:
    """Return the numbers that were written, or else 1, 2, 3 and so on."""
    if text is None:
        return counted_up(side)
    try:
        found = written(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if not found.size or max(found.shape) > _MOST:
        raise typer.BadParameter(
            f"got {text!r}; 1 to {_MOST} rows and columns do", param_hint=option
        )
    return found
