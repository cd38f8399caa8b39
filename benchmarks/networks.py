"""Whole networks, to 240p, 1080p and 4K: the engine beside PyTorch, ONNX Runtime and OpenVINO.

Run from anywhere, with the extras `train` and `bench`: ``python benchmarks/networks.py``. Prints
Markdown tables of medians, all of one run, each way with the same weights and threads.
``--json FILE`` writes every way and what was measured of the machine; ``--only TEXT`` runs the
cases whose name contains it. JAX and TensorFlow read no ONNX file and are left out.
"""

from nets import CASES
from suite import run

TOLERANCE = 1e-4  # of the largest value

if __name__ == "__main__":
    run("Time whole networks.", CASES, TOLERANCE)
