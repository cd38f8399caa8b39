"""What was measured, as JSON, and the figures and tables that are made of it."""

import json
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

import libraries
from libraries import OURS
from machine import Machine
from upweave.kernels import host

Result = dict[str, Any]  # of a case; `record` says what it holds


def about(threads: int) -> dict[str, Any]:
    """Return what was compared, and where."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": host.cpu()[0],
        "lanes": host.lanes(),
        "threads": threads,
        "python": platform.python_version(),
        "versions": libraries.installed(),
        "missing": libraries.missing(),
    }


def record(name: str, facts: dict[str, Any], flop: int, size: int, ways: dict[str, Any]) -> Result:
    """Return a case's measurements: its name and facts, FLOP, bytes, and ways by name."""
    return {"name": name, **facts, "flop": flop, "bytes": size, "ways": ways}


def add_limits(results: list[Result], machine: Machine) -> None:
    """Add to each result the least time that the machine's peak and bandwidth allow.

    It counts the operations of the definition. Minimal filters take fewer, so that a way that uses
    them may take less.
    """
    for result in results:
        result["limit"] = machine.seconds(result["flop"], result["bytes"])


def write(path: Path, head: dict[str, Any], machine: Machine, results: list[Result]) -> None:
    """Write a run as JSON."""
    measured = {"flops": machine.flops, "bandwidth": machine.bandwidth}
    content = {**head, "machine": measured, "cases": results}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> tuple[dict[str, Any], Machine, list[Result]]:
    """Return what `write` wrote."""
    head = json.loads(path.read_text(encoding="utf-8"))
    found, measured = head.pop("cases"), head.pop("machine")
    bandwidth = {int(size): rate for size, rate in measured["bandwidth"].items()}
    return head, Machine(head["threads"], measured["flops"], bandwidth), found


def best(result: Result, library: str) -> float | None:
    """Return the seconds of a library's fastest way, or None."""
    seconds = (
        way["seconds"]
        for way in result["ways"].values()
        if way["library"] == library and "seconds" in way
    )
    return min(seconds, default=None)


def best_peer(result: Result) -> float | None:
    """Return the seconds of the fastest way of any other library, or None."""
    names = {way["library"] for way in result["ways"].values()} - {OURS}
    return min((s for name in names if (s := best(result, name)) is not None), default=None)


def peers(results: Iterable[Result]) -> list[str]:
    """Return the other libraries that have a time for some case, in the order of the tables."""
    found = {
        way["library"]: None
        for result in results
        for way in result["ways"].values()
        if "seconds" in way
    }
    return [name for name in found if name != OURS]


def describe(head: dict[str, Any], machine: Machine) -> str:
    """Return a paragraph of what was compared, and where."""
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    largest, smallest = max(machine.bandwidth), min(machine.bandwidth)
    text = (
        f"{head['processor']}, {head['lanes']} lanes, {head['threads']} threads, float32, Python "
        f"{head['python']}, {head['date']}. {versions}. Peak {machine.flops / 1e9:.0f} GFLOP/s; "
        f"bandwidth {machine.bandwidth[smallest] / 1e9:.0f} GB/s in {smallest >> 20} MB, "
        f"{machine.bandwidth[largest] / 1e9:.0f} GB/s in {largest >> 20} MB."
    )
    return text + (f" Not installed: {', '.join(head['missing'])}." if head["missing"] else "")


def table(results: list[Result]) -> str:
    """Return the cases as a Markdown table: each library's fastest way, in milliseconds."""
    others = peers(results)
    columns = [OURS, *others, "GFLOP/s", "best other / upweave", "limit / time"]
    lines = ["| case | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    for result in results:
        seconds = [best(result, name) for name in (OURS, *others)]
        cells = ["–" if s is None else f"{1e3 * s:.3g} ms" for s in seconds]
        ours, other = seconds[0], best_peer(result)
        if ours is None:
            cells += ["–"] * 3
        else:
            cells.append(f"{result['flop'] / ours / 1e9:.0f}")
            cells.append("–" if other is None else f"{other / ours:.2f}")
            cells.append(f"{result['limit'] / ours:.2f}")
        lines.append(f"| {result['name']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def summary(results: list[Result]) -> str:
    """Return the means, the worst case and the median share of the limit as Markdown."""
    measured = [(r, ours) for r in results if (ours := best(r, OURS)) is not None]
    lines = ["| time of … / time of upweave | geometric mean | worst | where | cases |"]
    lines.append("|---|---:|---:|---|---:|")
    rows = {name: [(r, best(r, name), ours) for r, ours in measured] for name in peers(results)}
    rows["the best other of each case"] = [(r, best_peer(r), ours) for r, ours in measured]
    for name, row in rows.items():
        ratios = {r["name"]: other / ours for r, other, ours in row if other is not None}
        if ratios:
            worst = min(ratios, key=ratios.__getitem__)
            mean = exp(sum(map(log, ratios.values())) / len(ratios))
            cells = f"{mean:.2f} | {ratios[worst]:.2f} | {worst} | {len(ratios)}"
            lines.append(f"| {name} | {cells} |")
    shares = [r["limit"] / ours for r, ours in measured]
    if shares:
        lines.append(f"\nLimit / time of upweave: median {median(shares):.2f}.")
    return "\n".join(lines)


def reasons(results: list[Result]) -> list[str]:
    """Return a line for every way that has no time, and why."""
    return [
        f"{result['name']}: {name}: {way['reason']}"
        for result in results
        for name, way in result["ways"].items()
        if "reason" in way
    ]
