"""Other threads that help with a call.

They sleep in a pool. One that has done a job waits a moment, awake, for the next before it sleeps
again: to wake a thread takes 50 to 100 microseconds, longer than a small layer.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from ctypes import CFUNCTYPE, c_void_p
from functools import cache

import numpy as np

from upweave.kernels import host, program
from upweave.kernels.instructions import Integers, driver

_HELD = program.JOB["held"]


class Job:
    """What a thread is given to do.

    Attributes
    ----------
    fields : array
        As `program.JOB` says.
    address : int
        Of the fields.
    """

    def __init__(self) -> None:
        self.fields = np.zeros(program.JOB_WORDS, np.int64)
        self.address = self.fields.ctypes.data
        self._mailbox = 0
        self._future: Future[None] | None = None

    def give(self) -> None:
        """Give it to a thread that waits for one, else to the pool.

        It must live until no other thread holds it.
        """
        post = _functions()["post"]
        for mailbox in _pool.mailboxes:
            post(mailbox, self.address)
            if self.held:
                self._mailbox, self._future = mailbox, None
                return
        self.fields[_HELD] = 1
        self._future = _pool.submit(self.address)

    def withdraw(self) -> None:
        """Take it back if no thread has begun it."""
        if self._future is None:
            _functions()["retract"](self._mailbox, self.address)
        elif self._future.cancel():
            self.fields[_HELD] = 0

    @property
    def held(self) -> bool:
        """Whether another thread is at it, or may yet begin it."""
        return bool(self.fields[_HELD])


class _Pool:
    """The threads of the process, made when they are first needed.

    Attributes
    ----------
    mailboxes : list of int
        The address of every thread's mailbox.
    """

    def __init__(self) -> None:
        self.mailboxes: list[int] = []
        self._keep: list[Integers] = []
        self._own = threading.local()
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def submit(self, job: int) -> "Future[None]":
        """Have a sleeping thread do the job at an address, or a new one."""
        with self._lock:
            if self._executor is None:
                most = max(32, os.cpu_count() or 1)
                self._executor = ThreadPoolExecutor(
                    most, thread_name_prefix="upweave", initializer=self._begin
                )
            return self._executor.submit(self._serve, job)

    def _begin(self) -> None:
        mailbox = np.full(program.MAILBOX_WORDS, program.AWAY, np.int64)
        self._keep.append(mailbox)
        self._own.mailbox = mailbox.ctypes.data
        self.mailboxes.append(self._own.mailbox)

    def _serve(self, job: int) -> None:
        _functions()["serve"](self._own.mailbox, job)


_pool = _Pool()


def _forget_pool() -> None:
    """After a fork the pool's threads are gone: begin anew."""
    global _pool  # noqa: PLW0603 - the one pool of the process
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)


@cache
def _functions() -> dict[str, Callable[[int, int], None]]:
    """Return the compiled functions; those for any number of lanes are the same."""
    kind, addresses = CFUNCTYPE(None, c_void_p, c_void_p), driver(host.lanes())
    return {name: kind(addresses[name]) for name in ("serve", "post", "retract")}
