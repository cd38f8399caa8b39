"""``upweave train``: a recipe in, a network out."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from upweave.cli.options import Threads
from upweave.cli.output import progress_bar, say, table
from upweave.freed import keep_freed
from upweave.learning.experiment_plan import Experiment
from upweave.learning.recipe import RecipeError, load

EXAMPLES = """\
\b
Examples:
  upweave train --recipe weave-s-x4
  upweave train --recipe weave-s-x4 --resume
  upweave train --recipe weave-s-x4 --data pictures -o runs/mine
  upweave train --recipe mine.toml --threads 2
  upweave train --recipe panda
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
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the pictures to train with.",
            show_default="the recipe's",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="How long to train.", show_default="the recipe's")
    ] = None,
    threads: Threads = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that prepare batches; worth it with a GPU.")
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Train a network by a recipe and write it as an ONNX file.

    The recipe's pictures are found in the folder that the environment variable UPWEAVE_DATA names.
    After Ctrl-C, --resume goes on exactly where the training stopped. The recipe panda is an
    experiment: it leaves pictures, curves and scores beside those of interpolation.
    """
    try:
        plan = load(recipe)
    except RecipeError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from None
    if data is not None:
        plan = plan.with_data(data)
    folder = output or Path("runs") / plan.name
    if isinstance(plan, Experiment):
        if resume or steps is not None:
            wrong = "--resume" if resume else "--steps"
            raise typer.BadParameter(f"{plan.name} is an experiment of epochs", param_hint=wrong)
        _experiment(plan, folder, threads, quiet=quiet)
        return
    if steps is not None:
        plan = plan.with_steps(steps)

    from upweave.explain import stills, training
    from upweave.learning import export, loop

    keep_freed()
    with progress_bar(plan.name, quiet=quiet or not loop.leads()) as progress:
        network, score = loop.fit(
            plan,
            folder,
            resume=resume,
            threads=threads,
            workers=workers,
            progress=lambda step, _: progress(step / plan.steps),
        )
    if loop.leads():
        path = folder / f"{plan.name}.onnx"
        export.export(network, path, plan, commit=_commit())
        stills.save_figure(training.draw(folder), folder / "training.png")
        scored = "" if math.isnan(score) else f": {score:.2f} dB on the validation pictures"
        say(f"{path}{scored}")


def _experiment(plan: Experiment, folder: Path, threads: int | None, *, quiet: bool) -> None:
    """Run an experiment and show what came out."""
    from upweave.learning import experiment, experiment_report, summary
    from upweave.learning.data import base_of

    training, test = experiment.split(base_of([plan.folder]) / plan.folder, plan)
    for name, part in (("training", training), ("test", test)):
        say(f"{name}: inputs {part.low.shape}, targets {part.high.shape}")
    side = plan.size // plan.scale
    say(summary.table(experiment.build(plan), (side, side)))
    with progress_bar(plan.name, quiet=quiet) as progress:
        result = experiment.run(plan, training, test, progress, threads)
    files = experiment_report.write(plan, result, folder)
    rows: list[tuple[str, ...]] = [("pictures", "way", "MSE", "PSNR", "SSIM")]
    for name, scores in result.scores.items():
        for way, s in scores.items():
            rows.append((name, way, f"{s.mse:.5f}", f"{s.psnr:.2f}", f"{s.ssim:.4f}"))
    say(table(rows))
    say("\n".join(map(str, files)))


def _commit() -> str:
    """Return the commit of the source tree this runs from, or "unknown" where it is installed."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
