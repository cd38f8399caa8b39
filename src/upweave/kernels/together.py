"""Work that several threads ask for at once, done once."""

import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["done_once"]

Made = TypeVar("Made")


def done_once(make: Callable[..., Made]) -> Callable[..., Made]:
    """Return ``make``, but while one thread makes something, others that ask for it wait.

    A cache that is asked by many threads at once would have each of them make the same.

    Parameters
    ----------
    make : callable
        Its arguments, by position, can be hashed. What it raises, it raises in all that wait.
    """
    going: dict[Hashable, Future[Made]] = {}

    def ask(*arguments: Hashable) -> Made:
        # A child that is forked meanwhile has no thread that would ever be done: it begins anew.
        key, mine = (os.getpid(), arguments), Future[Made]()
        future = going.setdefault(key, mine)
        if future is mine:
            try:
                mine.set_result(make(*arguments))
            except BaseException as error:
                mine.set_exception(error)
            finally:
                del going[key]
        return future.result()

    return ask
