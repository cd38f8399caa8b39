"""Makes the diagrams of docs/networks.md (docs/images/networks): ``python docs/make_diagrams.py``.

Needs the extras `train` and `explain`. They are drawn of networks that are not trained: a diagram
shows no weights.
"""

import tempfile
from pathlib import Path

from upweave.engine.onnx_summary import summarize
from upweave.explain.diagram import draw
from upweave.explain.stills import save_figure
from upweave.learning import recipe
from upweave.learning.export import export
from upweave.learning.networks import build

FOLDER = Path(__file__).parent / "images" / "networks"
NETWORKS = (
    "weave-s-x4",
    "weave-m-x4",
    "espcn-x4",
    "fsrcnn-x4",
    "srcnn-x4",
    "lapsrn-x4",
    "resize-convolution-x4",
    "tcnn-x4",
    "upsampling-x4",
)
"""Recipes, by name."""


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            path = Path(folder) / f"{name}.onnx"
            plan = recipe.load(name)
            export(build(plan), path, plan)
            save_figure(draw(summarize(path), name), FOLDER / f"{name}.svg")
            print(name, flush=True)


if __name__ == "__main__":
    main()
