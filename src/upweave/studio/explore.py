"""What the page shows of the operator: a step of a walkthrough, its sizes and words; and layers."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from upweave.explain import animation, drawing, stills
from upweave.explain.connections import connections
from upweave.explain.frames import Frame, Panel
from upweave.explain.maps import Map, counted_up, written
from upweave.explain.overlaps import overlap
from upweave.explain.walkthroughs import FORMS
from upweave.ops.axes import GeometryError
from upweave.ops.geometry import Geometry
from upweave.ops.solving import calls, solve
from upweave.studio.answers import content, refusals

__all__ = ["router"]

router = APIRouter()

_SIDE = 16
_READABLE = 1600
"""Cells of a panel, at most; more could not be read."""
_LISTED = 12
"""Layers that are listed for two sizes."""
_MOVING = 100
"""Steps of an animation, at most: each takes about a tenth of a second to draw."""

_NO_LAYER = refusals({400: "No layer is so, or it could not be read."})
_one_animation = threading.Lock()

Form = Literal["scatter", "zero-insertion", "matrix", "phases", "convolution", "overlap"]
Side = Annotated[int, Field(ge=1, le=_SIDE)]
Numbers = Annotated[str, Field(max_length=2000)]


class Asked(BaseModel):
    """A walkthrough, as a page's address names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Form = "scatter"
    input: Side = 3
    kernel: Side = 3
    stride: Side = 2
    padding: Annotated[int, Field(ge=-_SIDE, le=_SIDE)] = 0
    output_padding: Annotated[int, Field(ge=0, le=_SIDE)] = 0
    dilation: Side = 1
    numbers: Numbers = ""
    weights: Numbers = ""

    def geometry(self) -> Geometry:
        """Return the layer."""
        return Geometry(
            (self.kernel,) * 2, self.stride, self.padding, self.output_padding, self.dilation
        )


class Step(Asked):
    """One step of it."""

    step: Annotated[int, Field(ge=0)] = 0


class Drawing(Step):
    """The step as a picture, or all steps, moving."""

    kind: Literal["png", "gif"] = "png"


@router.get("/explore", responses=_NO_LAYER)
def explore(asked: Annotated[Step, Query()]) -> dict[str, Any]:
    """Return a step of a walkthrough, and what is true of the layer.

    A step beyond the last is the last.
    """
    frames, facts = _found(Asked(**asked.model_dump(exclude={"step"})))
    number = min(asked.step, len(frames) - 1)
    return {"steps": len(frames), "step": number, "frame": _frame(frames[number]), **facts}


@router.get(
    "/drawing",
    response_class=Response,
    responses=content("image/png", "image/gif") | _NO_LAYER,
)
def draw(asked: Annotated[Drawing, Query()]) -> Response:
    """Return a step of a walkthrough as a PNG, or all of its steps as a moving GIF."""
    walkthrough = Asked(**asked.model_dump(exclude={"step", "kind"}))
    frames, _ = _found(walkthrough)
    if asked.kind == "png":
        frame = frames[min(asked.step, len(frames) - 1)]
        return Response(stills.still(drawing.draw(frame), "png"), media_type="image/png")
    if len(frames) > _MOVING:
        raise HTTPException(
            400, f"{len(frames)} steps are too many for an animation; at most {_MOVING} do"
        )
    with _one_animation:
        return Response(animation.encoded(frames, "gif"), media_type="image/gif")


@router.get("/layers")
def layers(
    input: Annotated[int, Query(ge=1, le=4096)], output: Annotated[int, Query(ge=1, le=4096)]
) -> list[dict[str, Any]]:
    """Return the simplest layers that make one size of another, the simplest first."""
    return [
        {
            "kernel": found.geometry.kernel[0],
            "stride": found.geometry.stride[0],
            "padding": found.geometry.padding[0][0],
            "output_padding": found.geometry.output_padding[0],
            "uneven": found.uneven,
            "torch": found.torch,
            "keras": found.keras,
        }
        for found in solve(input, output)[:_LISTED]
    ]


def _found(asked: Asked) -> tuple[Sequence[Frame], dict[str, Any]]:
    try:
        return _walkthrough(asked)
    except (GeometryError, ValueError) as error:
        raise HTTPException(400, str(error)) from None


@lru_cache(maxsize=64)
def _walkthrough(asked: Asked) -> tuple[Sequence[Frame], dict[str, Any]]:
    """Return all steps, and what is true of the layer."""
    geometry = asked.geometry()
    x = _numbers(asked.numbers, asked.input, "numbers")
    w = _numbers(asked.weights, asked.kernel, "weights")
    size, down = geometry.output_size(x.shape), asked.form == "convolution"
    if down:
        size = geometry.input_size(x.shape)
    largest = math.prod(size) * (x.size if asked.form == "matrix" else 1)
    if largest > _READABLE:
        raise ValueError(f"{largest:,} cells could not be read; choose smaller numbers")
    frames: Sequence[Frame]
    if asked.form == "overlap":
        frames = overlap(geometry, x.shape)
    else:
        frames = FORMS[asked.form](x, w, geometry)
    return frames, _facts(geometry, x.shape, down=down)


def _facts(geometry: Geometry, size: tuple[int, ...], *, down: bool) -> dict[str, Any]:
    taps = geometry.taps_per_phase(0)
    meetings = connections(geometry, size, 0, down=down)
    i, k, s = size[0], geometry.kernel[0], geometry.stride[0]
    p, a, d = geometry.padding[0][0], geometry.output_padding[0], geometry.dilation[0]
    if down:
        output = geometry.input_size(size)[0]
        formula = f"floor(({i} + 2·{p} − {d}·({k} − 1) − 1) / {s}) + 1 = {output}"
        return {"formula": formula, "taps": [], "words": {}, "warnings": [], "meetings": meetings}
    output = geometry.output_size(size)[0]
    warnings = []
    if 0 in taps:
        warnings.append("Gaps: some outputs are reached by no input.")
    elif len(set(taps)) > 1:
        warnings.append("A checkerboard may show: outputs are reached by unequal numbers of taps.")
    return {
        "formula": f"({i} − 1)·{s} + {d}·({k} − 1) + 1 − 2·{p} + {a} = {output}",
        "taps": list(taps),
        "words": calls(geometry),
        "warnings": warnings,
        "meetings": meetings,
    }


def _numbers(text: str, side: int, name: str) -> Map:
    """Return numbers that were written, rows between slashes, or else 1, 2, 3 and so on."""
    if not text.strip():
        return counted_up(side)
    try:
        found = written(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if found.shape != (side, side):
        raise ValueError(f"{name}: expected {side} rows of {side} numbers, between slashes")
    return found


def _frame(frame: Frame) -> dict[str, Any]:
    return {"caption": frame.caption, "panels": [_panel(panel) for panel in frame.panels]}


def _panel(panel: Panel) -> dict[str, Any]:
    marks = [[row, column, mark] for (row, column), mark in panel.marks.items()]
    return {
        "title": panel.title,
        "values": _values(panel.values),
        "marks": marks,
        "shaded": panel.shaded,
        "parts": [[*cell, kind, *shown] for cell, (kind, shown) in panel.parts.items()],
    }


def _values(values: Map) -> list[list[float | None]]:
    """Return rows of numbers, None where there is none yet."""
    return [[None if math.isnan(v) else float(v) for v in row] for row in values]
