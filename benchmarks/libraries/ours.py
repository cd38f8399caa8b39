"""upweave: the operator for a layer, the engine for a network; channels first, `out` given."""

import tempfile
from pathlib import Path

import upweave as uw
from layers import LayerCase
from libraries import OURS, Case, Way, Ways


def ways(case: Case, threads: int) -> Ways:
    """Return the one way."""

    def prepare() -> Way:
        call = _operator(case) if isinstance(case, LayerCase) else _network(case)
        x = case.input()
        out = call(x, threads=threads)  # memory as upweave itself allocates it
        return Way(lambda: call(x, out=out, threads=threads), lambda y: y)

    return {OURS: prepare}


def _operator(case: LayerCase) -> uw.ConvTranspose:
    g = case.geometry
    return uw.ConvTranspose(
        case.weights(),
        stride=g.stride,
        padding=g.padding,
        output_padding=g.output_padding,
        groups=case.layer.groups,
    )


def _network(case: Case) -> uw.engine.Network:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        path.write_bytes(case.model())
        return uw.engine.Network.from_onnx(path)
