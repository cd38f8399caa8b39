from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from comparison import assert_equal_exactly
from upweave.kernels import ConvTranspose, helpers, program
from upweave.kernels.helpers import Job


@pytest.fixture
def mailbox(monkeypatch):
    """The mailbox of a thread that never looks: the only one that jobs may be posted to."""
    box = np.full(program.MAILBOX_WORDS, program.WAITING, np.int64)
    monkeypatch.setattr(helpers._pool, "mailboxes", [box.ctypes.data])
    return box


def test_a_job_is_posted_to_a_thread_that_waits_and_may_be_taken_back(mailbox):
    job = Job()
    for _ in range(2):
        job.give()
        assert job.held
        assert mailbox[0] == job.address
        job.withdraw()
        assert not job.held
        assert mailbox[0] == program.WAITING
    assert (mailbox[1:] == program.WAITING).all()  # nothing beside it is touched


def test_a_job_that_a_thread_has_begun_cannot_be_taken_back(mailbox):
    job = Job()
    job.give()
    mailbox[0] = program.AWAY  # as the thread does when it begins
    job.withdraw()
    assert job.held
    assert mailbox[0] == program.AWAY


def test_no_job_is_posted_to_a_thread_at_work(mailbox, monkeypatch):
    mailbox[0] = program.AWAY
    submitted = []
    monkeypatch.setattr(helpers._pool, "submit", submitted.append)
    job = Job()
    job.give()
    assert submitted == [job.address]
    assert job.held
    assert mailbox[0] == program.AWAY


def test_thousands_of_small_calls_at_once(rng):
    x = rng.integers(-4, 5, (1, 3, 9, 17)).astype(np.float32)
    w = rng.integers(-4, 5, (3, 5, 4, 4)).astype(np.float32)
    single, double = ConvTranspose(w, stride=2), ConvTranspose(w.astype(np.float64), stride=2)
    want = single(x, threads=1)

    def call(caller):
        for n in range(500):
            threads = 1 + (caller + n) % 4
            assert_equal_exactly(single(x, threads=threads), want)
            got = double(x.astype(np.float64), threads=threads)
            assert_equal_exactly(got, want.astype(np.float64))
        return True

    with ThreadPoolExecutor(4) as callers:
        assert all(callers.map(call, range(4)))
