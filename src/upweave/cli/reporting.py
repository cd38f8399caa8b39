"""What ``upweave upscale`` tells while it works and when it is done."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import typer

from upweave.cli.output import complain, progress_bar, say
from upweave.pictures.job import PIPE, Job, Outcome
from upweave.reasons import reason

__all__ = ["Form", "Report", "counted", "following"]

Form = Literal["bar", "json"]
"""How progress is shown: a bar on a terminal, or JSON lines, on standard error."""

_STEP = 0.01  # of the whole, between two lines of progress


@dataclass
class Report:
    """What became of the jobs of a run.

    Attributes
    ----------
    quiet : bool
        Whether only errors are told.
    form : Form
    skipped : int
        Pictures whose results were there already.
    """

    quiet: bool
    form: Form
    skipped: int = 0
    pictures: list[dict[str, Any]] = field(default_factory=list)
    _pixels: int = 0
    _started: float = field(default_factory=time.monotonic)

    @property
    def failures(self) -> list[str]:
        """A line for each picture that failed."""
        return [entry["error"] for entry in self.pictures if "error" in entry]

    def add(self, job: Job, outcome: Outcome | Exception) -> None:
        """Take in what became of a job, and tell it."""
        entry: dict[str, Any] = {"picture": str(job.source), "result": str(job.target)}
        if isinstance(outcome, Outcome):
            entry |= _facts(outcome)
            self._pixels += outcome.pixels
            if not self.quiet and job.target != PIPE:
                say(_line(job, outcome))
        else:
            entry["error"] = _named(job, outcome)
        self.pictures.append(entry)
        self.event("failed" if "error" in entry else "done", **entry)

    def event(self, event: str, **facts: object) -> None:
        """Tell another program, where it listens."""
        if self.form == "json":
            typer.echo(json.dumps({"event": event, **facts}), err=True)

    def finish(self) -> dict[str, Any]:
        """Tell of all pictures together, and of each that failed; return it."""
        seconds = time.monotonic() - self._started
        failures = self.failures
        done = len(self.pictures) - len(failures)
        summary = {
            "done": done,
            "failed": len(failures),
            "skipped": self.skipped,
            "pixels": self._pixels,
            "seconds": round(seconds, 3),
        }
        if not self.quiet and len(self.pictures) + self.skipped > 1:
            mega = self._pixels / 1e6
            parts = [f"{counted(done)}, {mega:.1f} megapixels in {seconds:.1f} s"]
            parts += [f"{mega / seconds:.1f} megapixels/s"] if done else []
            parts += [f"{self.skipped} were there"] if self.skipped else []
            parts += [f"{len(failures)} failed"] if failures else []
            say("; ".join(parts))
        for failure in failures:
            complain(failure)
        self.event("finished", **summary)
        return summary


def counted(pictures: int) -> str:
    """Return "1 picture", "2 pictures" and so on."""
    return "1 picture" if pictures == 1 else f"{pictures} pictures"


def _facts(outcome: Outcome) -> dict[str, Any]:
    height, width = outcome.size
    facts = {
        "width": width,
        "height": height,
        "bytes": outcome.written,
        "seconds": round(outcome.seconds, 3),
    }
    if outcome.difference is None:
        return facts
    finite = math.isfinite(outcome.difference)
    return facts | {"difference_db": round(outcome.difference, 2) if finite else None}


def _line(job: Job, outcome: Outcome) -> str:
    height, width = outcome.size
    text = f"{job.target}  {width} x {height}"
    if outcome.difference is None:
        return text
    return f"{text}, {outcome.difference:.2f} dB from the picture when shrunk"


def _named(job: Job, error: Exception) -> str:
    """Put an error into one line that names a file."""
    text = reason(error)
    named = text.startswith((str(job.source), str(job.target)))
    return text if named else f"{job.source}: {text}"


@contextmanager
def following(jobs: list[Job], report: Report) -> Iterator[Callable[[Job, float], None]]:
    """Show how far the jobs are while the block runs.

    Yields
    ------
    callable
        To be called, from any thread, with a job and the share of it that is done.
    """
    label = jobs[0].source.name if len(jobs) == 1 else counted(len(jobs))
    shares: dict[Path, float] = {}
    lock = threading.Lock()
    done = told = 0.0
    with progress_bar(label, quiet=report.quiet or report.form == "json") as bar:

        def follow(job: Job, share: float) -> None:
            nonlocal done, told
            with lock:
                done += share - shares.get(job.target, 0)
                shares[job.target] = share
                bar(done / len(jobs))
                if done / len(jobs) >= told + _STEP:
                    told = done / len(jobs)
                    report.event("progress", picture=str(job.source), share=round(told, 4))

        yield follow
