"""Times several ways of doing the same work, taking turns, so that noise strikes them alike."""

import statistics
import time
from collections.abc import Callable

import numpy as np

Run = Callable[[], np.ndarray]

WARM_UPS = 3
SECONDS = 5.0  # of rounds for each way
SETTLE = 0.05  # seconds before a run, in which the threads of the one before stop spinning
FEWEST, MOST = 9, 60  # rounds


def medians(runs: dict[str, Run]) -> dict[str, float]:
    """Return the median seconds of each way; every round runs each way once."""
    for run in runs.values():
        for _ in range(WARM_UPS):
            run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    begin = time.perf_counter()
    for done in range(MOST):
        if done >= FEWEST and time.perf_counter() - begin > SECONDS * len(runs):
            break
        for name, run in runs.items():
            time.sleep(SETTLE)
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def check_equal(runs: dict[str, Run], tolerance: float) -> None:
    """Refuse to time ways whose results differ from the first one's.

    Raises
    ------
    SystemExit
        Where one is further off than `tolerance`, relative to the largest value.
    """
    results = {name: run().copy() for name, run in runs.items()}
    truth = next(iter(results.values()))
    for name, result in results.items():
        error = np.abs(result - truth).max() / np.abs(truth).max()
        if result.shape != truth.shape or error > tolerance:
            raise SystemExit(f"{name} differs from {next(iter(results))} by {error:.1e}")
