"""The diagrams in the documentation are of the networks that the recipes make."""

import re
import runpy
from pathlib import Path

import pytest

from upweave.engine.onnx_summary import summarize
from upweave.explain.diagram import draw
from upweave.learning import recipe
from upweave.learning.export import export
from upweave.learning.networks import build

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "images" / "networks"
NETWORKS = runpy.run_path(str(DOCS / "make_diagrams.py"))["NETWORKS"]
PAGE = (DOCS / "networks.md").read_text(encoding="utf-8")


def test_all_are_there_and_shown():
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.svg" for name in NETWORKS}
    assert all(f"(images/networks/{name}.svg)" in PAGE for name in NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_diagram_and_its_page_say_what_the_network_is(tmp_path, name):
    plan = recipe.load(name)
    network = build(plan)
    export(network, tmp_path / "a.onnx", plan)
    summary = summarize(tmp_path / "a.onnx")
    drawn = [text.get_text() for text in draw(summary, name).axes[0].texts]
    found = re.findall(r">([^<>\n]+)</text>", (FOLDER / f"{name}.svg").read_text(encoding="utf-8"))
    assert sorted(found) == sorted(drawn)
    for count in (summary.parameters, round(summary.multiply_adds)):
        assert f"{count:,}" in PAGE
