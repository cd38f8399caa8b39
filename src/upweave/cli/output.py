"""What a command tells its user: results, complaints, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from upweave.reasons import reason
from upweave.whole import check_place

__all__ = ["check_new", "complain", "progress_bar", "say", "table"]


def check_new(path: Path, option: str, *, overwrite: bool) -> None:
    """Refuse, by `typer.BadParameter`, a file that an option names and that could not be made."""
    try:
        check_place(path, overwrite=overwrite)
    except OSError as error:
        raise typer.BadParameter(reason(error), param_hint=option) from None


def say(text: str) -> None:
    """Print a result."""
    typer.echo(text)


def complain(error: BaseException | str) -> None:
    """Print one line on standard error."""
    typer.echo(f"upweave: {reason(error)}", err=True)


def table(rows: list[tuple[str, ...]]) -> str:
    """Set rows of texts in columns: the first flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


@contextmanager
def progress_bar(label: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error while the block runs, where that is a terminal.

    Yields
    ------
    callable
        To be called with the share done, from 0 to 1. Where nothing is shown it does nothing; pass
        it on all the same: between its calls the engine hears Ctrl-C.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda share: bar.update(task, completed=share)
