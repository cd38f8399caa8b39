"""The time from typing a command to its picture: ``upweave upscale`` of 64 × 64 pixels, ×4.

Run from anywhere: ``python benchmarks/start.py``. Every run is a process of its own, with modules
compiled as those of an installed package are, and a kernel cache (`UPWEAVE_CACHE`) that is empty,
or that the run before filled; these take turns. Where the time goes is told by further runs that do
the same work step by step and look at the clock. ``--json FILE`` writes the seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

import installed

RUNS = 9
SIDE, SCALE = 64, 4
CACHES = ("empty cache", "warm cache")
STEPS = ("interpreter", "imports", "model", "reading", "first call", "writing")
REST = "rest"  # reading the command line, leaving
_STEPS = """
import sys, time
stamps = [time.time()]
import upweave.cli
from pathlib import Path
from upweave.cli import upscale as command
from upweave.pictures import files, upscale
stamps.append(time.time())
network = upscale.load(sys.argv[3])
stamps.append(time.time())
picture = files.read(Path(sys.argv[1]))
stamps.append(time.time())
pixels = network(picture.pixels)
stamps.append(time.time())
files.write(Path(sys.argv[2]), files.Picture(pixels), overwrite=True)
stamps.append(time.time())
print(*stamps)
"""
"""What the command does, with the time after each of `STEPS`."""


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Time a cold `upweave upscale`.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the seconds here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = _measure(Path(folder))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


def table(found: dict[str, dict[str, float]]) -> str:
    """Return the seconds as a Markdown table."""
    rows = ("whole command", *STEPS, REST)
    lines = ["| seconds | " + " | ".join(CACHES) + " |", "|---|" + "---:|" * len(CACHES)]
    for row in rows:
        lines.append(f"| {row} | " + " | ".join(f"{found[c][row]:.3f}" for c in CACHES) + " |")
    return "\n".join(lines)


def _measure(folder: Path) -> dict[str, dict[str, float]]:
    from upweave.pictures.files import Picture, write  # noqa: PLC0415  (what is measured imports it)

    source, target = folder / "small.png", folder / "large.png"
    pixels = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    write(source, Picture(pixels), overwrite=False)
    command = ["-m", "upweave", "upscale", str(source), "-o", str(target), "--overwrite"]
    command += ["--scale", str(SCALE), "--quiet"]
    steps = ["-c", _STEPS, str(source), str(target), f"weave-s-x{SCALE}"]
    times: dict[str, dict[str, list[float]]] = {cache: {} for cache in CACHES}
    for number in range(RUNS):
        place = folder / f"cache{number}"
        for cache in CACHES:
            begin, _, end = _run(command, place / "command")
            times[cache].setdefault("whole command", []).append(end - begin)
            begin, stamps, _ = _run(steps, place / "steps")
            passed = np.diff([begin, *stamps])
            for step, seconds in zip(STEPS, passed, strict=True):
                times[cache].setdefault(step, []).append(float(seconds))
    found = {
        cache: {row: median(values) for row, values in rows.items()}
        for cache, rows in times.items()
    }
    for seconds in found.values():
        seconds[REST] = seconds["whole command"] - sum(seconds[step] for step in STEPS)
    return found


def _run(arguments: list[str], cache: Path) -> tuple[float, list[float], float]:
    """Run Python; return the time before, what it printed, and the time after."""
    environment = {**installed.environment(), "UPWEAVE_CACHE": str(cache)}
    begin = time.time()
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return begin, [float(word) for word in done.stdout.split()], time.time()


if __name__ == "__main__":
    main()
