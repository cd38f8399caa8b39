"""Golden vectors: cases with the results of a real framework, and the files that hold them.

Of a framework, ``NAME.jsonl`` has the cases, one a line, and ``NAME.npz`` the results, the values
of all of them in a row for each type. `make.py` writes both; the tests read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A call of one of a framework's functions.

    Attributes
    ----------
    function : str
        Its name in the module of `upweave.conventions`.
    source : str
        Where the case is from.
    arrays : dict
        Arguments that are arrays: a shape, to be filled with whole numbers from -4 to 4 that `seed`
        decides (so that every sum is exact), or the array as
        ``{"values": nested tuples, "dtype": name}``.
    arguments : dict
        The other arguments: numbers, words, None, and tuples of such (never lists).
    dtype : str
        "float32" or "float64", of the filled arrays.
    seed : int
    tolerance : float
        How much a result may differ from the framework's, in units of its largest value; 0 where it
        must be equal to the last bit.
    """

    function: str
    source: str
    arrays: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    seed: int = 0
    tolerance: float = 0.0

    def operands(self) -> dict[str, np.ndarray]:
        """Return the arrays."""
        random = np.random.RandomState(self.seed)  # its stream never changes
        made = {}
        for name, what in self.arrays.items():
            if isinstance(what, dict):
                made[name] = np.array(what["values"], what["dtype"])
            else:
                made[name] = random.randint(-4, 5, what).astype(self.dtype)
        return made

    def __str__(self) -> str:
        given = self.arrays | self.arguments
        return f"{self.function}({', '.join(f'{k}={v!r}' for k, v in given.items())})"


USUAL = {one.name: one.default for one in fields(Case)}
"""The values that a line leaves out."""


@dataclass(frozen=True)
class Vector:
    """A case with the framework's result, which is None where the framework refuses the call."""

    case: Case
    result: np.ndarray | None


def save(name: str, vectors: Iterable[Vector]) -> int:
    """Write a framework's vectors and return how many there are."""
    lines = []
    values: dict[str, list[np.ndarray]] = {"float32": [], "float64": []}
    for vector in vectors:
        result = vector.result
        row = {key: value for key, value in asdict(vector.case).items() if value != USUAL.get(key)}
        row["result"] = None if result is None else [str(result.dtype), result.shape]
        if result is not None:
            values[str(result.dtype)].append(result.ravel())
        lines.append(json.dumps(row, separators=(",", ":")) + "\n")
    (FOLDER / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    joined = {dtype: np.concatenate([np.zeros(0), *parts]) for dtype, parts in values.items()}
    np.savez_compressed(
        FOLDER / f"{name}.npz", **{dtype: all_.astype(dtype) for dtype, all_ in joined.items()}
    )
    return len(lines)


def load(name: str) -> Iterator[Vector]:
    """Yield a framework's vectors."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        values = dict(stored)
    used = dict.fromkeys(values, 0)
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = {key: _tuples(value) for key, value in json.loads(line).items()}
        described = row.pop("result")
        result = None
        if described is not None:
            dtype, shape = described
            end = used[dtype] + prod(shape)
            result = values[dtype][used[dtype] : end].reshape(shape)
            used[dtype] = end
        yield Vector(Case(**row), result)


def _tuples(value: Any) -> Any:
    """Return a value read from JSON with tuples for its lists."""
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return value
