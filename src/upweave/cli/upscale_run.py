"""What ``upweave upscale`` does with its plan: foresees, chooses, goes on, works."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import typer

from upweave import __version__
from upweave.cli import choice
from upweave.cli.output import check_new, say, table
from upweave.cli.quantities import with_unit
from upweave.cli.reporting import Report, counted, following
from upweave.cli.sources import Plan
from upweave.freed import keep_freed
from upweave.pictures import formats, models
from upweave.pictures.job import PIPE, Job, Manner, Settings
from upweave.pictures.models import Runtime
from upweave.reasons import reason
from upweave.whole import remove_unfinished

if TYPE_CHECKING:
    from upweave.pictures.family import Family
    from upweave.pictures.journal import Journal
    from upweave.pictures.picture import Header, Picture
    from upweave.pictures.worker import Worker

__all__ = ["Existing", "Run", "candidates"]

Existing = Literal["refuse", "overwrite", "skip", "resume"]
"""What becomes of results that exist."""


def candidates(
    model: str | None, manner: Manner, runtime: Runtime, *, several: bool
) -> list[Family]:
    """Return the networks that ``--model`` names, or, of ``several``, all that may be chosen.

    Raises
    ------
    typer.BadParameter
        Where there is no such model, or one is named where several are asked for.
    """
    # The engine takes a while to import, and no --help should wait for it.
    from upweave.engine import NotRunError
    from upweave.pictures.family import Family

    if several and model is not None:
        raise typer.BadParameter("chooses the model; leave one out", param_hint="--within")
    if several:
        plain = {k: v for k, v in models.families().items() if not k.endswith("-photo")}
        return [Family(names, manner, runtime) for names in plain.values()]
    name = model or models.DEFAULT
    if not name.endswith(".onnx"):
        return [Family(choice.networks(name), manner, runtime)]
    try:
        return [Family.of_file(name, manner, runtime)]
    except NotRunError as error:
        raise NotRunError(f"{error} (--runtime onnxruntime may run it, whole)") from None


@dataclass
class Run:
    """A run over the pictures of a plan.

    Attributes
    ----------
    plan : Plan
    settings : Settings
        Of every job; its threads are those of all jobs together.
    families : list of Family
        One, or several to choose from.
    existing : Existing
    limit : int or None
        What all pictures in work may take, in bytes; None: what is free.
    within : float or None
        Seconds that all may take; the choice is made by it.
    report : Report
    """

    plan: Plan
    settings: Settings
    families: list[Family]
    existing: Existing
    limit: int | None
    within: float | None
    report: Report

    @property
    def model(self) -> str:
        """The names of the networks that were used, where one family is left."""
        return ", ".join(self.families[0].used)

    def do(self) -> dict[str, Any]:
        """Do all jobs; return the summary.

        Raises
        ------
        typer.BadParameter
            Where results exist and nothing was said about them, or a folder cannot be made.
        """
        from upweave.pictures import batch
        from upweave.pictures.journal import Journal

        _check_targets(self.plan.jobs, free=self.existing == "refuse")
        if len(self.plan.jobs) == 1:
            _check_place(self.plan, overwrite=self.existing != "refuse")
        if self.within is not None:
            self._choose()
        _make_folders(self.plan)
        folder = self.plan.folder
        with Journal(folder, self._digest()) if folder else nullcontext() as journal:
            if folder and self.existing == "resume":
                remove_unfinished(folder)  # of a run that was killed; the journal's lock is ours
            jobs = list(self._left(journal))
            self.report.skipped = len(self.plan.jobs) - len(jobs)
            self.report.event("started", pictures=len(jobs), skipped=self.report.skipped)
            at_once, worker = self._worker(len(jobs))
            if len(jobs) > 1:
                keep_freed()
            with following(jobs, self.report) as follow:
                for job, outcome in batch.run(jobs, worker, at_once, follow, journal):
                    self.report.add(job, outcome)
        return self.report.finish()

    def _choose(self) -> None:
        """Leave the family that is done in time, where there is a picture to measure it on."""
        headers, _, sample = _survey(self.plan.jobs)
        if sample is None:
            return
        forecast = self._forecast(sample, headers)
        if not self.report.quiet:
            say(f"{self.model}: about {forecast.seconds:.1f} s")

    def foresee(self) -> None:
        """Tell what the run would make and take, and write nothing."""
        headers, broken, sample = _survey(list(self._left(None)))
        wanted = self.settings.wanted
        rows: list[tuple[str, ...]] = [("picture", "size", "result", "size")]
        for job, header in headers.items():
            before, after = (f"{w} x {h}" for h, w in (header.size, wanted.size(header.size)))
            rows.append((str(job.source), before, str(job.target), after))
        if sample is not None:
            say(table(rows))
            forecast = self._forecast(sample, headers)
            at_once, worker = self._worker(len(headers))
            memory = sorted(map(worker.memory, headers.values()))[-at_once:]
            say(
                f"{counted(len(headers))} with {self.model}: about {forecast.seconds:.1f} s, "
                f"{with_unit(sum(memory), 'B')} of memory, "
                f"{with_unit(forecast.written, 'B')} of files"
            )
        for job, error in broken.items():
            self.report.add(job, error)
        self.report.finish()

    def _left(self, journal: Journal | None) -> Iterator[Job]:
        """Yield the jobs that are to be done, and may be."""
        for job in self.plan.jobs:
            if self.existing == "skip" and job.target.exists():
                continue
            if journal is not None and self.existing == "resume":
                if not journal.is_done(job.source, job.target):
                    yield replace(job, overwrite=journal.is_ours(job.target))
            else:
                yield replace(job, overwrite=self.existing == "overwrite")

    def _worker(self, jobs: int) -> tuple[int, Worker]:
        """Return how many jobs are in work at once, and what does them."""
        from upweave.kernels.host import default_threads
        from upweave.pictures.memory import Budget, available
        from upweave.pictures.worker import Worker

        threads = self.settings.threads or default_threads()
        # One more than there are cores: while a file waits for the disk, another computes.
        at_once = max(1, jobs if jobs <= threads else threads + 1)
        settings = replace(self.settings, threads=max(1, threads // at_once))
        budget = Budget(self.limit if self.limit is not None else available())
        return at_once, Worker(self.families[0], settings, budget)

    def _forecast(self, sample: Picture, headers: Mapping[Job, Header]) -> Forecast:
        """Leave the one family, or the largest that is done in time; tell what it takes.

        Raises
        ------
        ValueError
            Where none is.
        """
        found = [self._forecast_of(family, sample, headers) for family in self.families]
        if self.within is None:
            return found[0]
        in_time = [forecast for forecast in found if forecast.seconds <= self.within]
        if not in_time:
            least = min(forecast.seconds for forecast in found)
            raise ValueError(f"--within: the fastest network takes about {least:.1f} s")
        best = max(in_time, key=lambda forecast: forecast.seconds)
        self.families = [best.family]
        return best

    def _forecast_of(
        self, family: Family, sample: Picture, headers: Mapping[Job, Header]
    ) -> Forecast:
        """Measure what a family takes, on a piece of the sample, the first of the pictures."""
        from upweave.kernels.host import default_threads
        from upweave.pictures import probe

        at_once, worker = self._worker(len(headers))
        job = next(iter(headers))
        found = probe.probe(
            sample,
            family,
            self.settings.wanted,
            formats.of_path(job.target),
            self.settings.quality,
            worker.threads,
        )
        made = 0
        for header in headers.values():
            height, width = self.settings.wanted.size(header.size)
            made += header.frames * height * width
        pixels = sum(header.pixels for header in headers.values())
        at_once = min(at_once, self.settings.threads or default_threads())
        return Forecast(family, found.seconds * pixels / at_once, found.written * made)

    def _digest(self) -> str:
        """Return a digest of what decides a result, but for the picture."""
        settings = self.settings
        decide = [asdict(settings.wanted), asdict(settings.manner), settings.quality]
        return self.families[0].digest(__version__, json.dumps(decide))


@dataclass(frozen=True)
class Forecast:
    """What a family takes for all pictures: seconds, and bytes of files."""

    family: Family
    seconds: float
    written: float


def _survey(
    jobs: list[Job],
) -> tuple[dict[Job, Header], dict[Job, Exception], Picture | None]:
    """Return what each picture is, why the others are none, and the first picture, decoded."""
    from upweave.pictures import files

    found: dict[Job, Header] = {}
    broken: dict[Job, Exception] = {}
    for job in jobs:
        if PIPE in (job.source, job.target):
            raise typer.BadParameter("a pipe cannot be foreseen; name files", param_hint="PICTURE")
        try:
            found[job] = files.header(job.source)
        except (ValueError, OSError) as error:
            broken[job] = error
    for job in list(found):
        try:
            return found, broken, files.read(job.source)
        except (ValueError, OSError) as error:
            broken[job] = error
            del found[job]
    return found, broken, None


def _check_targets(jobs: list[Job], *, free: bool) -> None:
    """Refuse results in the place of their pictures, and those that exist where none may."""
    files = [job for job in jobs if PIPE not in (job.source, job.target)]
    for job in files:
        if job.target.exists() and job.target.samefile(job.source):
            raise typer.BadParameter(
                f"{job.source} would be written over itself; name another file", param_hint="-o"
            )
    there = [job.target for job in files if job.target.is_file()]
    if there and free:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        others = ", --skip-existing or --resume" if len(jobs) > 1 else ""
        raise typer.BadParameter(
            f"{there[0]} exists already{more}; give another name with -o, or --overwrite{others}",
            param_hint="-o",
        )


def _check_place(plan: Plan, *, overwrite: bool) -> None:
    """Refuse a single result that could not be written, where its folder is not to be made."""
    (job,) = plan.jobs
    if job.target == PIPE or plan.folder is not None:
        return
    check_new(job.target, "-o", overwrite=overwrite)


def _make_folders(plan: Plan) -> None:
    """Make the folder of results, and those in it; what lies beside a picture has one."""
    if plan.folder is None:
        return
    try:
        plan.folder.mkdir(exist_ok=True)
        for folder in dict.fromkeys(job.target.parent for job in plan.jobs):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(
            f"cannot make this folder: {reason(error)}", param_hint="-o"
        ) from None
