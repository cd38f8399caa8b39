"""Pictures that wait to be made larger, and what becomes of them."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from upweave.pictures.job import Job, Outcome
from upweave.pictures.worker import Worker
from upweave.reasons import reason
from upweave.studio import limits

__all__ = ["FullError", "Queue", "State", "Task"]

State = Literal["arriving", "waiting", "working", "done", "failed"]


class FullError(Exception):
    """As many pictures wait as may."""


@dataclass(eq=False)
class Task:
    """A picture on its way.

    Attributes
    ----------
    id : str
        Nobody guesses it.
    folder : Path
        Its own; its files lie in it.
    state : State
    share : float
        How much of the work is done, from 0 to 1.
    error : str
        Why it failed; one line.
    job : Job or None
        None until the picture is there.
    outcome : Outcome or None
        None until it is done.
    worker : Worker or None
        What does the job, and can be stopped.
    """

    id: str
    folder: Path
    state: State = "arriving"
    share: float = 0.0
    error: str = ""
    job: Job | None = None
    outcome: Outcome | None = None
    worker: Worker | None = None

    def why(self, error: Exception) -> str:
        """Return an error as one line that names no place on this machine."""
        return reason(error).replace(f"{self.folder}/", "")


class Queue:
    """A bounded queue, and the threads that take from it.

    Parameters
    ----------
    folder : Path
        Where the pictures' folders are made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._lock = threading.Lock()
        self._ready: SimpleQueue[Task | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, daemon=True) for _ in range(limits.AT_ONCE)
        ]
        for thread in self._threads:
            thread.start()

    def open(self) -> Task:
        """Return a place in the queue, for a picture that is to arrive.

        Raises
        ------
        FullError
            Where as many wait as may.
        """
        id = secrets.token_urlsafe(12)
        task = Task(id, self._folder / id)
        with self._lock:
            coming = [t for t in self._tasks.values() if t.state in ("arriving", "waiting")]
            if len(coming) >= limits.WAITING:
                raise FullError
            task.folder.mkdir()
            self._tasks[id] = task
        return task

    def start(self, task: Task, job: Job, worker: Worker) -> None:
        """Let a picture that has arrived wait for its turn."""
        task.job, task.worker, task.state = job, worker, "waiting"
        self._ready.put(task)

    def find(self, id: str) -> Task | None:
        """Return a picture; None where there is none, or no more."""
        with self._lock:
            return self._tasks.get(id)

    def drop(self, task: Task) -> None:
        """Stop a picture's work, and forget it and its files."""
        with self._lock:
            self._tasks.pop(task.id, None)
        if task.worker is not None:
            task.worker.stop.set()
        if task.state != "working":  # else its thread removes them when it has stopped
            shutil.rmtree(task.folder, ignore_errors=True)

    def close(self) -> None:
        """End all work."""
        for task in list(self._tasks.values()):
            self.drop(task)
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while (task := self._ready.get()) is not None:
            if self.find(task.id) is task:
                self._work(task)
            if self.find(task.id) is not task:  # it was dropped meanwhile
                shutil.rmtree(task.folder, ignore_errors=True)
            self._forget_oldest()

    def _work(self, task: Task) -> None:
        job, worker = task.job, task.worker
        assert job is not None
        assert worker is not None
        task.state, begin = "working", time.monotonic()

        def progress(share: float) -> None:
            task.share = share
            if time.monotonic() - begin > limits.WORK_SECONDS:
                task.error = f"took longer than {limits.WORK_SECONDS} seconds"
                worker.stop.set()

        try:
            task.outcome = worker.do(job, progress)
        except Exception as error:
            task.error = task.error or task.why(error)
            task.state = "failed"
        else:
            task.share, task.state = 1.0, "done"

    def _forget_oldest(self) -> None:
        with self._lock:
            over = [t for t in self._tasks.values() if t.state in ("done", "failed")]
        for task in over[: -limits.KEPT]:
            self.drop(task)
