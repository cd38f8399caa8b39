"""Does jobs: reads, enlarges, checks and writes a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from upweave.pictures import fidelity, files, formats, strips
from upweave.pictures.enlarger import Enlarger, Progress
from upweave.pictures.enlarging import enlarge, enlarge_plainly
from upweave.pictures.job import PIPE, Job, Outcome, Settings
from upweave.pictures.memory import Budget, needed
from upweave.pictures.picture import Header, Picture
from upweave.pictures.sizes import factors
from upweave.pictures.stopping import Stop

__all__ = ["Worker"]


class Worker:
    """Does jobs, several at a time if asked by several threads.

    Parameters
    ----------
    enlargers : mapping of int to Enlarger
        By their scales.
    settings : Settings
    budget : Budget
        What pictures in work may take together.
    """

    def __init__(
        self, enlargers: Mapping[int, Enlarger], settings: Settings, budget: Budget
    ) -> None:
        self._enlargers, self._settings, self._budget = enlargers, settings, budget
        self.threads = settings.threads
        """Of each job."""
        self.stop = Stop()
        """When it is set, work ends with `InterruptedError` or `Cancelled`, and leaves no file."""

    def do(self, job: Job, progress: Progress) -> Outcome:
        """Do a job.

        Raises
        ------
        ValueError, OSError
            Where a file is no picture, cannot be read or written, or the result cannot be made;
            then nothing is written. One line.
        """
        started = time.monotonic()
        data = sys.stdin.buffer.read() if job.source == PIPE else job.source.read_bytes()
        opened = files.Opened(data, job.source)
        self._check(job, opened.header)
        with self._budget.hold(self.memory(opened.header) + len(data)):
            picture = opened.picture(stop=self.stop)
            del data, opened
            big = self._enlarge(picture, progress)
            written = self._write(job, big)
            if self._settings.compare and job.target != PIPE:
                self._compare(job, picture, big)
            verify = self._settings.verify
            found = fidelity.difference(picture.pixels, big.pixels) if verify else None
        header, seconds = big.header, time.monotonic() - started
        return Outcome(job, header.size, header.pixels, written, seconds, found)

    def _write(self, job: Job, picture: Picture) -> int:
        """Write the result; return the bytes that it takes."""
        quality, stop = self._settings.quality, self.stop
        if job.target != PIPE:
            files.write(job.target, picture, overwrite=job.overwrite, quality=quality, stop=stop)
            return job.target.stat().st_size
        format = formats.named(job.format or picture.format)
        encoded = files.encode(picture, format, name=job.target, quality=quality, stop=stop)
        sys.stdout.buffer.write(encoded)
        return len(encoded)

    def _enlarge(self, picture: Picture, progress: Progress) -> Picture:
        """Return a picture made larger by the settings."""

        def go_on(share: float) -> bool:
            progress(share)
            return not self.stop.is_set()

        settings = self._settings
        return enlarge(
            picture,
            self._enlargers,
            settings.wanted,
            threads=settings.threads,
            tile=settings.tile,
            progress=go_on,
        )

    def _check(self, job: Job, header: Header) -> None:
        """Refuse a result that could not be written."""
        size = self._settings.wanted.size(header.size)
        if job.target == PIPE:
            format = formats.named(job.format or header.format)
        else:
            format = formats.of_path(job.target)
            files.check_writable(job.target, overwrite=job.overwrite)
            if self._settings.compare:
                files.check_writable(_beside(job), overwrite=job.overwrite)
        formats.check_holds(format, header, size, job.target)

    def memory(self, header: Header) -> int:
        """Return about how many bytes a picture takes, without its file."""
        wanted, made = self._settings.wanted, header.size
        for factor in factors(wanted.factor(header.size), sorted(self._enlargers)):
            made = made[0] * factor, made[1] * factor
        return needed(header, wanted.size(header.size), made, self._copies())

    def _copies(self) -> int:
        """Return how many results in float32 the manner of working takes at most: measured."""
        manner = self._settings.manner
        floats = manner.turns or manner.fidelity or manner.strength < 1 or self._settings.verify
        return 4 if floats else 0

    def _compare(self, job: Job, before: Picture, after: Picture) -> None:
        """Write a picture of before, made as large, and after."""
        plain = enlarge_plainly(before, self._enlargers, self._settings.wanted)
        both = files.Picture(strips.side_by_side([plain.pixels, after.pixels]))
        files.write(_beside(job), both, overwrite=job.overwrite)


def _beside(job: Job) -> Path:
    """Return where a picture of before and after goes."""
    return job.target.with_name(f"{job.target.stem}-compare.png")
