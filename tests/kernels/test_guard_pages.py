"""No kernel reads or writes outside its arrays, however they lie; `--geometries` says how many."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows protects pages in its own way")

TESTS = Path(__file__).parent.parent
BATCH = 250  # cases a process: what it has compiled it keeps

OUTSIDE = """
from kernels.guarded import *
guard = Guard()
guard.install()
guard.at_end = {at_end}
array = np.ones(5, np.float32)
print(ctypes.string_at(array.ctypes.data, array.nbytes) == array.tobytes(), flush=True)
ctypes.string_at(array.ctypes.data + {offset}, 1)
"""
TOO_SHORT = """
from kernels.guarded import *
guard = Guard()
guard.install()
x, w = np.ones((1, 1, 1, 3, 5), np.float32), np.ones((1, 1, 1, 1), np.float32)
operator = uw.ConvTranspose(w)
operator._operator(x, np.empty_like(x), 1)
print(True, flush=True)
operator._operator(x, np.empty((1, 1, 1, 3, 4), np.float32), 1)
"""
PIXELS = """
from kernels.guarded import *
from upweave.kernels.pixels import Channels, to_pixels, to_planes
guard = Guard()
guard.install()
same = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
for kind in ("uint8", "uint16", "float32"):
    for count in range(1, 70):
        for guard.at_end in (True, False):
            planes = [np.full((1, count), n, np.float32) for n in range(3)]
            out = np.empty((1, count, 3), kind)
            channels = Channels(same, (0.0, 0.0, 0.0), 255.0, kind)
            to_pixels(channels, planes, out)
            assert (out == [0, 1, 2]).all()
            assert (to_planes(channels, out) == np.arange(3)[:, np.newaxis, np.newaxis]).all()
print(True)
"""


def python(*words, **variables):
    """Run Python where the tests' modules are found."""
    path = os.pathsep.join([str(TESTS), *sys.path])
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | {"PYTHONPATH": path} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "code",
    [
        OUTSIDE.format(at_end=True, offset=20),
        OUTSIDE.format(at_end=False, offset=-1),
        TOO_SHORT,
    ],
    ids=["after", "before", "kernel"],
)
def test_an_access_outside_ends_the_process(code):
    done = python("-c", code)
    assert done.stdout == "True\n"
    assert -done.returncode in (signal.SIGSEGV, signal.SIGBUS)


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_random_layers_and_networks_stay_inside(request, tmp_path, lanes):
    count = request.config.getoption("--geometries")
    report = tmp_path / "case"
    for number, start in enumerate(range(0, count, BATCH)):
        done = python(
            "-m",
            "kernels.guarded",
            number,
            min(BATCH, count - start),
            report,
            UPWEAVE_LANES=str(lanes),
            UPWEAVE_CACHE=os.devnull,  # no folder: each of these kernels is needed once
        )
        case = report.read_text(encoding="utf-8") if report.exists() else "before the first case"
        assert done.returncode == 0, f"process {number} ended with {case}:\n{done.stderr}"


def test_pixels_are_made_of_no_more_than_is_there():
    done = python("-c", PIXELS)
    assert done.stdout == "True\n", done.stderr
