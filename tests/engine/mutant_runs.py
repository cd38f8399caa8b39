"""What becomes of damaged ONNX files: ``python -m engine.mutant_runs COUNT [FIRST]``.

Each is loaded and run in a child of its own, forked from a process in which everything is imported
and compiled already. It must end in a result or in one clear error, within some processor time and
memory.
"""

import faulthandler
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from engine.mutants import mutant, originals
from upweave.engine import ModelError, Network

SECONDS = 2.0  # of processor time
MEMORY = 200 << 20  # bytes beyond those of the process that forks
DEADLINE = 60  # seconds by the clock, however busy the machine is
_SPARE = 2 << 30  # bytes of address space: what is asked for beyond fails
_RESULT, _REFUSED, _WRONG = 0, 1, 2
_PICTURE = (7, 9)


def run(path, number):
    """Load a file and run it on a small picture, whole and by tiles.

    Raises
    ------
    AssertionError
        Where it ends neither in a result that is the same by tiles, nor in one clear error.
    """
    x = np.random.default_rng(number).standard_normal((1, 4096, *_PICTURE), np.float32)
    try:
        net = Network.from_onnx(path)
    except ModelError as error:
        _check_message(str(error), str(path))
        return _REFUSED
    try:
        x = np.ascontiguousarray(x[:, : net.graph.channels[net.graph.input]])
        y = net(x, threads=1 + number % 2)
    except ValueError as error:
        _check_message(str(error))
        return _REFUSED
    if y.size < 1 << 18 and len(net.graph.operations) < 100:
        assert np.array_equal(net(x, tile=(4, 5), threads=1), y, equal_nan=True), "other by tiles"
    return _RESULT


def _check_message(text, start=""):
    assert text, "an empty message"
    assert text.startswith(start), f"a message without the file's name: {text}"
    assert text.isprintable(), f"more than one plain line: {text!r}"
    assert len(text) < 1500, f"a message of {len(text)} letters: {text[:300]}"


def in_child(path, number, address_space):
    """Run a file in a child; return its exit status, resources, and what it printed."""
    output = Path(f"{path}.log")
    child = os.fork()
    if child:
        _, status, used = os.wait4(child, 0)
        return status, used, output.read_text("utf-8", "replace") if output.exists() else ""
    code = _WRONG
    try:
        log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        faulthandler.enable(log)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(DEADLINE)
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
        warnings.simplefilter("error")
        code = run(path, number) if number is not None else _RESULT
    except BaseException:
        os.write(log, traceback.format_exc(limit=-6).encode())
    finally:
        os._exit(code)


def _runs(content, path):
    """Tell whether a sound file takes the small picture; compile what most mutants need."""
    path.write_bytes(content)
    return run(path, 0) == _RESULT


def main(count, first=0):
    """Run mutants; print each that ends badly, and at last how many ended in which way."""
    ends, bad, slowest, largest = Counter(), 0, (0.0, -1), (0, -1)
    unit = 1 if sys.platform == "darwin" else 1024
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.onnx"
        files = [content for content in originals() if _runs(content, path)]
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        base = in_child(path, None, held + _SPARE)[1].ru_maxrss * unit
        start = time.monotonic()
        for number in range(first, first + count):
            path.write_bytes(mutant(number, files))
            status, used, printed = in_child(path, number, held + _SPARE)
            seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * unit - base
            slowest, largest = max(slowest, (seconds, number)), max(largest, (memory, number))
            end = {_RESULT: "result", _REFUSED: "refused"}.get(os.waitstatus_to_exitcode(status))
            if end is None or seconds > SECONDS or memory > MEMORY or printed:
                bad += 1
                code = os.waitstatus_to_exitcode(status)
                facts = f"status {code}, {seconds:.2f} s, {memory >> 20} MiB"
                print(f"mutant {number}: {facts}\n{printed}", flush=True)
            ends[end or "bad"] += 1
    facts = {"bad": bad, **ends, "seconds": round(time.monotonic() - start, 1)}
    facts |= {"slowest": [round(slowest[0], 2), slowest[1]]}
    facts |= {"largest MiB": [largest[0] >> 20, largest[1]]}
    print(json.dumps(facts))
    return bad


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
