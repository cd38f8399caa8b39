"""What the machine is asked, and what happens where it has no kernels."""

import os
import subprocess
import sys

import numpy as np
import pytest

import upweave as uw
from upweave.kernels import host

WITHOUT_CODE_MEMORY = """
import ctypes, sys
if sys.platform != "linux" or ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE
    sys.exit(77)
import numpy as np, upweave as uw
x, w = np.arange(12, dtype=np.float32).reshape(1, 1, 3, 4), np.ones((1, 1, 3, 3), np.float32)
operator = uw.ConvTranspose(w, stride=2)
assert str(operator.plan) == "reference: this system refuses memory for machine code"
assert (operator(x) == uw.reference.scatter(x, w, stride=2)).all()
assert (uw.conv(x, w) == uw.reference.conv(x, w)).all()
image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
np.save(sys.argv[1], uw.load("weave-s-x2")(image))
"""


def test_where_memory_cannot_become_code_the_reference_runs_with_one_warning(tmp_path):
    path = tmp_path / "result.npy"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CODE_MEMORY, path],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("this kernel cannot refuse executable memory")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("refuses memory for machine code") == 1

    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    difference = np.load(path).astype(int) - uw.load("weave-s-x2")(image)
    assert abs(difference).max() <= 1  # the order of sums differs


def test_threads_are_those_this_process_may_use(monkeypatch):
    monkeypatch.delenv("UPWEAVE_NUM_THREADS", raising=False)
    if hasattr(os, "sched_getaffinity"):
        assert 1 <= host.default_threads() <= len(os.sched_getaffinity(0))
    monkeypatch.setenv("UPWEAVE_NUM_THREADS", "7")
    assert host.default_threads() == 7


@pytest.mark.parametrize(
    ("name", "vector", "units"),
    [("znver4", 64, 1), ("znver4", 32, 2), ("cascadelake", 64, 2), ("znver5", 64, 2)],
)
def test_a_zen_4_does_wide_multiply_adds_by_halves(name, vector, units, monkeypatch):
    monkeypatch.setattr(host, "cpu", lambda: (name, {}))
    assert host.units(vector) == units


def test_kernels_run_on_this_machine():
    assert host.why_not() is None
    assert host.lanes() in (4, 8, 16)
