"""The networks that come with upweave, and how they are named: ``<family>-x<scale>``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal

__all__ = ["DEFAULT", "Runtime", "ShippedModel", "families", "find", "shipped"]

DEFAULT = "weave-s"
"""The family that is used where none is named."""

Runtime = Literal["upweave", "onnxruntime"]
"""What runs a network."""

_FOLDER = Path(__file__).parents[1] / "models"
_NAME = re.compile(r"(?P<family>.+)-x(?P<scale>\d+)")


@dataclass(frozen=True)
class ShippedModel:
    """A network that comes with upweave.

    Attributes
    ----------
    name, family : str
        For example "weave-s-x4" and "weave-s".
    scale : int
        How many times larger its results are.
    path : Path
        The ONNX file.
    """

    name: str
    family: str
    scale: int
    path: Path

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself: colour, range, training data, licence, scores, ..."""
        import onnx  # noqa: PLC0415  (a fifth of a second that a run by name need not wait)

        model = onnx.load(self.path, load_external_data=False)
        return {entry.key: entry.value for entry in model.metadata_props}

    @property
    def scores(self) -> dict[str, dict[str, float]]:
        """Its mean "psnr", in dB, and "ssim", by benchmark set."""
        found: dict[str, dict[str, float]] = json.loads(self.metadata.get("scores", "{}"))
        return found


@cache
def shipped() -> tuple[ShippedModel, ...]:
    """Return the shipped models, by family and scale."""
    models = []
    for path in _FOLDER.glob("*.onnx"):
        match = _NAME.fullmatch(path.stem)
        if match:
            models.append(ShippedModel(path.stem, match["family"], int(match["scale"]), path))
    return tuple(sorted(models, key=lambda model: (model.family, model.scale)))


def families() -> dict[str, dict[int, str]]:
    """Return the names of the shipped models, by family and scale."""
    found: dict[str, dict[int, str]] = {}
    for entry in shipped():
        found.setdefault(entry.family, {})[entry.scale] = entry.name
    return found


def find(name: str) -> ShippedModel:
    """Return the shipped model called ``name``.

    Raises
    ------
    ValueError
        Where there is none; the message lists the names, and the nearest.
    """
    by_name = {model.name: model for model in shipped()}
    if name in by_name:
        return by_name[name]
    near = get_close_matches(name, by_name, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    names = ", ".join(by_name) or "none"
    raise ValueError(f"no model is called {name!r} (shipped: {names}; or a path to .onnx){hint}")
