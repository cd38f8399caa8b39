"""One loaded network, whoever calls it and wherever: always the same bits."""

import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import upweave as uw
from comparison import assert_equal_exactly
from upweave.kernels import jit

MODEL = "weave-s-x3"
CALLERS = 8
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs what only Linux has")
forks = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

RUN = f"""
import os, sys, numpy as np, upweave as uw
if sys.argv[1:]:
    os.sched_setaffinity(0, {{int(sys.argv[1])}})
up = uw.load("{MODEL}")
image = np.random.default_rng(0).integers(0, 256, (37, 53, 4), np.uint8)
assert (up(image) == up(image, threads=3, tile=16)).all()
print(uw.kernels.host.default_threads(), up(image).tobytes().hex())
"""


def pictures(count):
    rng = np.random.default_rng(0)
    kinds = [((31, 45, 3), np.uint8), ((40, 27), np.uint16), ((17, 64, 4), np.uint8)]
    for n in range(count):
        shape, dtype = kinds[n % len(kinds)]
        shape = (shape[0] + n // len(kinds), *shape[1:])
        yield rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def start(*words, **variables):
    """Start a process that enlarges a picture of its own."""
    command = [sys.executable, "-c", RUN, *map(str, words)]
    variables = os.environ | {name: str(value) for name, value in variables.items()}
    return subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def result(process):
    """Return the number of threads that such a process uses by default, and its result."""
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    threads, bits = output.split()
    return int(threads), bits


@pytest.fixture(scope="module")
def bits():
    """The result of such a process alone."""
    return result(start())[1]


def in_a_child(function):
    """Return what a function returns in a forked process."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=lambda: results.put(function()), daemon=True)
    child.start()
    child.join(30)
    assert child.exitcode == 0
    return results.get()


def test_eight_threads_at_once():
    images = list(pictures(3 * CALLERS))
    alone = uw.load(MODEL)
    want = [alone(image, threads=1) for image in images]
    shared = uw.load(MODEL)  # nothing is planned or packed yet
    at_once = threading.Barrier(CALLERS)

    def call(caller):
        at_once.wait(30)
        order = np.roll(np.arange(len(images)), caller)
        threads, tile = (None, 1, 2, 5)[caller % 4], (None, 20)[caller % 2]
        return [(n, shared(images[n], threads=threads, tile=tile)) for n in order]

    with ThreadPoolExecutor(CALLERS) as pool:
        for results in pool.map(call, range(CALLERS)):
            for n, got in results:
                assert_equal_exactly(got, want[n])


@linux
@forks
def test_after_a_fork():
    up = uw.load(MODEL)
    known, new = pictures(2)
    want = up(known, threads=2), up(new, threads=2)
    again = uw.load(MODEL)
    again(known, threads=2)  # the pool has threads, which the child has not
    for got, wanted in zip(in_a_child(lambda: (again(known), again(new))), want, strict=True):
        assert_equal_exactly(got, wanted)
    assert_equal_exactly(again(new), want[1])


@linux
@forks
def test_a_fork_while_another_thread_compiles(monkeypatch):
    begun = threading.Event()
    compiling = jit._object_code

    def slowly(text):
        begun.set()
        threading.Event().wait(0.3)
        return compiling(text)

    def layer(outputs):
        w = np.ones((1, outputs, 3, 3), np.float32)
        return uw.conv_transpose(np.ones((1, 1, 3, 3), np.float32), w, stride=(7, 6))

    with monkeypatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(jit, "_object_code", slowly)
        other = pool.submit(layer, 1)
        assert begun.wait(30)
        patch.undo()
        child = in_a_child(lambda: layer(2))
    assert_equal_exactly(child[:, :1], other.result())


@linux
def test_on_one_core(bits):
    core = min(os.sched_getaffinity(0))
    assert result(start(core)) == (1, bits)


def test_processes_that_fill_one_cache_at_once(tmp_path, bits):
    folder = tmp_path / "cache"
    processes = [start(UPWEAVE_CACHE=folder) for _ in range(4)]
    assert {result(process)[1] for process in processes} == {bits}
    assert {path.suffix for path in folder.iterdir()} == {".kernel", ".graph"}


def test_a_damaged_cache(tmp_path, bits):
    folder = tmp_path / "cache"
    assert result(start(UPWEAVE_CACHE=folder))[1] == bits
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    for n, (path, held) in enumerate(whole.items()):
        middle = len(held) // 2
        path.write_bytes(held[:middle] + (bytes([held[middle] ^ 1]) + held[middle + 1 :]) * (n % 2))
    assert result(start(UPWEAVE_CACHE=folder))[1] == bits
    assert {path: path.read_bytes() for path in folder.iterdir()} == whole


@pytest.mark.parametrize("what", ["a file", "read-only"])
def test_a_cache_that_cannot_be_written(tmp_path, bits, what):
    folder = tmp_path / "cache"
    if what == "a file":
        folder.write_text("in the way")
    else:
        folder.mkdir(mode=0o500)
    assert result(start(UPWEAVE_CACHE=folder))[1] == bits
