"""Transposed convolutions of published networks: upweave beside every library that is installed.

Run from anywhere, with the extra `bench`: ``python benchmarks/operators.py``. Prints Markdown
tables of medians, all of one run. ``--json FILE`` writes every way and what was measured of the
machine; ``--only TEXT`` runs the cases whose name contains it. (A script called `operator.py` would
hide the module of the standard library from all that lie beside it.)
"""

from layers import CASES
from suite import run

TOLERANCE = 2e-5  # of the largest value; float32 in any order of summation is well within

if __name__ == "__main__":
    run("Time transposed convolutions of published networks.", CASES, TOLERANCE)
