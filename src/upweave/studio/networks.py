"""The shipped networks: what they cost and reach, their layers drawn, their kernels."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Path, Response

from upweave.engine.errors import ModelError
from upweave.engine.onnx_summary import Summary, summarize
from upweave.engine.onnx_tail import read_tail
from upweave.explain import diagram, stills
from upweave.pictures.models import ShippedModel, find, shipped
from upweave.pictures.upscale import load
from upweave.studio.answers import content, refusals

__all__ = ["router"]

router = APIRouter()

_SIZE = 64  # of the input for which shapes are shown
_KERNELS = 24
"""Channels whose kernels are shown, the heaviest first."""

_BICUBIC = {
    "Set5": {2: 33.68, 3: 30.41, 4: 28.43},
    "Set14": {2: 30.24, 3: 27.54, 4: 26.00},
    "BSD100": {2: 29.56, 3: 27.21, 4: 25.96},
}
"""MATLAB's, by benchmark set and scale; `upweave evaluate bicubic` comes within 0.01 dB."""
_MISSING = refusals({404: "There is no such network."})

Named = Annotated[str, Path(max_length=40)]


@router.get("/networks")
def networks() -> dict[str, Any]:
    """Return the shipped networks: size, cost, scores, training data; and bicubic's PSNR, in dB."""
    return {"networks": [_described(model) for model in shipped()], "bicubic": _BICUBIC}


@router.get(
    "/networks/{name}/diagram",
    response_class=Response,
    responses=content("image/svg+xml") | _MISSING,
)
def drawn(name: Named) -> Response:
    """Return a drawing of a network's layers, as SVG."""
    return Response(_diagram(_found(name).name), media_type="image/svg+xml")


@router.get("/networks/{name}/kernels", responses=_MISSING)
def kernels(name: Named) -> dict[str, Any]:
    """Return the kernels of a network's widest transposed convolution, the heaviest first.

    "flat" is what the network makes of a grey of 127.5, phase by phase, in levels of 255: were they
    unlike, a pattern would show.
    """
    return _kernels(_found(name).name)


def _found(name: str) -> ShippedModel:
    try:
        return find(name)
    except ValueError:
        raise HTTPException(404, "there is no such network") from None


@cache
def _summary(name: str) -> Summary:
    return summarize(find(name).path, (_SIZE, _SIZE))


@cache
def _described(model: ShippedModel) -> dict[str, Any]:
    metadata, summary = model.metadata, _summary(model.name)
    return {
        "name": model.name,
        "family": model.family,
        "scale": model.scale,
        "colour": metadata.get("colour", ""),
        "bytes": model.path.stat().st_size,
        "parameters": summary.parameters,
        "multiply_adds": float(summary.multiply_adds),
        "scores": model.scores,
        "training_data": json.loads(metadata.get("training_data", "[]")),
        "licence": metadata.get("training_data_licence", ""),
    }


@cache
def _diagram(name: str) -> bytes:
    return stills.still(diagram.draw(_summary(name), name), "svg")


@cache
def _kernels(name: str) -> dict[str, Any]:
    try:
        tail = read_tail(find(name).path)
    except ModelError:  # it has none
        return {"stride": 1, "channels": 0, "kernels": [], "flat": []}
    stride, _ = tail.stride
    big = load(name)(np.full((_SIZE, _SIZE), 0.5, np.float32))
    middle = slice(stride * _SIZE // 2, stride * _SIZE // 2 + stride)
    return {
        "stride": stride,
        "channels": len(tail.weights),
        "kernels": [tail.weights[channel, 0].tolist() for channel in tail.heaviest[:_KERNELS]],
        "flat": (255 * big[middle, middle]).tolist(),
    }
