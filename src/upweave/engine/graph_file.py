"""A graph kept on disk once its model file was read, so that a later start needs no onnx.

A file has the length of a JSON text, the text, and the values of the arrays that it mentions. It
can describe plain values, arrays, and the dataclasses of which graphs are made: nothing else.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from upweave import __version__
from upweave.engine import graph as graph_module
from upweave.engine.graph import Graph
from upweave.kernels import cache, host, layer, schedule
from upweave.ops import geometry

_CLASSES: dict[str, Any] = {
    f"{module.__name__}.{name}": found
    for module in (graph_module, layer, schedule, geometry)
    for name, found in vars(module).items()
    if is_dataclass(found) and found.__module__ == module.__name__
}
_MOST_BYTES = 16 << 20  # of a model or its arrays: to read more takes longer than to import onnx
_HEAD = 8  # bytes of the text's length


class TooLarge(Exception):  # noqa: N818 - no error: such a graph is read again
    """A graph is not worth keeping."""


def read(path: str | Path) -> Graph:
    """Read a model file, or what an earlier run has made of the same bytes.

    Raises
    ------
    FileNotFoundError, ModelError
        As `onnx_file.read_graph` does.
    """
    path = Path(path)
    name = _name(path)
    held = None if name is None else cache.load(name)
    if held is not None:
        return unpack(held)
    from upweave.engine.onnx_file import read_graph  # noqa: PLC0415  (imports onnx, which is slow)

    graph = read_graph(path)
    if name is not None and name == _name(path):  # nobody has written to it in the meantime
        with suppress(TooLarge):
            cache.store(name, pack(graph))
    return graph


def pack(graph: Graph) -> bytes:
    """Return a graph as bytes.

    Raises
    ------
    TooLarge
        Where they would be too many.
    """
    values = bytearray()
    text = json.dumps(_plain(graph, values)).encode()
    return len(text).to_bytes(_HEAD, "little") + text + values


def unpack(data: bytes) -> Graph:
    """Return the graph that `pack` has turned into bytes."""
    start = _HEAD + int.from_bytes(data[:_HEAD], "little")
    graph: Graph = _value(json.loads(data[_HEAD:start]), memoryview(data)[start:])
    return graph


def _name(path: Path) -> str | None:
    """Return the name of the file that keeps a model's graph, or None where none does.

    It follows from the model, from our own code and from what the code asks of this computer.
    """
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    package = Path(__file__).parent.parent
    sources = [
        (source.name, status.st_size, status.st_mtime_ns)
        for room in ("engine", "kernels", "ops")
        for source in sorted((package / room).glob("*.py"))
        for status in [source.stat()]
    ]
    made_by = f"upweave {__version__}, {sources}, {host.lanes()} lanes"
    return f"{cache.key(made_by, path.read_bytes())}.graph"


def _plain(value: object, values: bytearray) -> object:
    """Return what JSON can say of a value; the arrays' own values are added to ``values``."""
    if isinstance(value, np.ndarray):
        start = len(values)
        if start + value.nbytes > _MOST_BYTES:
            raise TooLarge
        values += value.tobytes()
        return {"array": value.dtype.str, "shape": value.shape, "start": start}
    if isinstance(value, Mapping):
        return {"dict": {name: _plain(item, values) for name, item in value.items()}}
    if isinstance(value, tuple):
        return [_plain(item, values) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    kind = f"{type(value).__module__}.{type(value).__name__}"
    if is_dataclass(value) and kind in _CLASSES:
        named = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        return {"class": kind} | {name: _plain(item, values) for name, item in named.items()}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a graph cannot be kept with {type(value).__name__} in it")


def _value(plain: Any, values: memoryview) -> Any:  # noqa: ANN401  (whatever JSON says)
    """Return the value that `_plain` has described."""
    if isinstance(plain, list):
        return tuple(_value(item, values) for item in plain)
    if not isinstance(plain, dict):
        return plain
    if "array" in plain:
        kind, shape = np.dtype(plain["array"]), plain["shape"]
        count = int(np.prod(shape))
        return np.frombuffer(values, kind, count, plain["start"]).reshape(shape).copy()
    if "dict" in plain:
        return {name: _value(item, values) for name, item in plain["dict"].items()}
    made = _CLASSES[plain.pop("class")]
    return made(**{name: _value(item, values) for name, item in plain.items()})
