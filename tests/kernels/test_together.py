import threading
import time

import pytest

from upweave.kernels.together import done_once


def asked_by_many(ask, *arguments, threads=8):
    """Return what so many threads get or catch that ask at once."""
    together, got = threading.Barrier(threads), []

    def run():
        together.wait()
        try:
            got.append(ask(*arguments))
        except ValueError as error:
            got.append(error)

    all_of_them = [threading.Thread(target=run) for _ in range(threads)]
    for thread in all_of_them:
        thread.start()
    for thread in all_of_them:
        thread.join(timeout=20)
    return got


def test_many_get_what_one_makes():
    made = []

    @done_once
    def make(n):
        made.append(n)
        time.sleep(0.1)
        return [n]

    first, *others = asked_by_many(make, 3)
    assert first == [3]
    assert all(other is first for other in others)
    assert len(others) == 7
    assert made == [3]
    assert make(3) is not first  # nothing is kept
    assert [make(n)[0] for n in (4, 5)] == [4, 5]


def test_an_error_reaches_all_and_is_not_kept():
    tries = []

    @done_once
    def make(n):
        tries.append(n)
        time.sleep(0.1)
        if len(tries) == 1:
            raise ValueError("the first time")
        return n

    assert {str(error) for error in asked_by_many(make, 1)} == {"the first time"}
    assert make(1) == 1


def test_one_waits_for_no_other_thing():
    begun, end = threading.Event(), threading.Event()

    @done_once
    def make(n):
        if n == 0:
            begun.set()
            assert end.wait(20)
        return n

    thread = threading.Thread(target=make, args=(0,))
    thread.start()
    assert begun.wait(20)
    assert make(1) == 1
    end.set()
    thread.join()


def test_a_type_error_of_arguments_is_raised_here():
    with pytest.raises(TypeError):
        done_once(len)([1])
