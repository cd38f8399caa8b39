"""``upweave train``: a recipe in, a network out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from upweave.cli.output import progress_bar, say
from upweave.learning.recipe import RecipeError, load

EXAMPLES = """\
\b
Examples:
  upweave train --recipe weave-s-x4
  upweave train --recipe weave-s-x4 --resume
  upweave train --recipe mine.toml -o runs/mine --threads 2
"""


def train(
    recipe: Annotated[
        str, typer.Option(help="A recipe's name, such as weave-s-x4, or the path of a TOML file.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder of model, checkpoint and log.", show_default="runs/NAME"
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the training that the folder holds.")
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, help="How long to train.", show_default="the recipe's")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads to use.", show_default="all")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Train a network by a recipe and write it as an ONNX file.

    The training pictures are found in the folder that the environment variable UPWEAVE_DATA names.
    After Ctrl-C, --resume goes on exactly where the training stopped.
    """
    try:
        plan = load(recipe)
    except RecipeError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from None
    from upweave.learning import export, loop  # noqa: PLC0415  (torch takes seconds)

    if steps is not None:
        plan = plan.with_steps(steps)
    folder = output or Path("runs") / plan.name
    with progress_bar(plan.name, quiet=quiet) as progress:

        def report(step: int, _: dict[str, float]) -> None:
            if progress is not None:
                progress(step / plan.steps)

        network, score = loop.fit(plan, folder, resume=resume, threads=threads, progress=report)
    path = folder / f"{plan.name}.onnx"
    export.export(network, path, plan, commit=_commit())
    say(f"{path}: {score:.2f} dB on the held-out pictures")


def _commit() -> str:
    """Return the commit of the source tree this runs from, or "unknown" where it is installed."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
