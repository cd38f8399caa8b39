"""What `operators.py` and `networks.py` share: options, the run, the tables."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import results
from libraries import OURS, Array, Case
from machine import better, measure
from turns import Worker, compare, workers
from upweave.kernels import host


class Measurable(Case, Protocol):
    """A case that knows its truth and its limits."""

    def truth(self) -> Array:
        """Return the right output, in float64."""

    def flop(self) -> int:
        """Return the useful floating-point operations."""

    def size(self) -> int:
        """Return the bytes of input, weights and output."""

    def facts(self) -> dict[str, object]:
        """Return what the tables say of the case."""


def run(about: str, cases: Sequence[Measurable], tolerance: float) -> None:
    """Measure the cases that the command line chooses and print the tables.

    Parameters
    ----------
    about : str
        A line for ``--help``.
    cases : sequence of Measurable
    tolerance : float
        Of a result's error, relative to the largest value.
    """
    options = _options(about)
    chosen = [case for case in cases if options.only in case.name]
    if not chosen:
        sys.exit(f"--only {options.only!r}: no case has this in its name")
    threads = host.default_threads()
    head, machine = results.about(threads), measure(threads)
    with workers(threads) as running:
        found = [_measured(case, running, tolerance) for case in chosen]
    machine = better(machine, measure(threads))
    results.add_limits(found, machine)
    if options.json:
        results.write(options.json, head, machine, found)
    print(results.describe(head, machine), results.table(found), results.summary(found), sep="\n\n")
    print("", *results.reasons(found), sep="\n", file=sys.stderr)


def _options(about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements here")
    parser.add_argument("--only", default="", metavar="TEXT", help="run these cases alone")
    return parser.parse_args()


def _measured(case: Measurable, running: dict[str, Worker], tolerance: float) -> results.Result:
    ways = compare(case, case.truth(), running, tolerance)
    result = results.record(case.name, case.facts(), case.flop(), case.size(), ways)
    ours, other = results.best(result, OURS), results.best_peer(result)
    times = ("–" if s is None else f"{1e3 * s:.3g} ms" for s in (ours, other))
    print(f"{case.name}: " + ", best other ".join(times), file=sys.stderr, flush=True)
    return result
