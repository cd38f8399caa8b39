"""The notebook of the experiment: its cells run, and its committed outputs are those of one run."""

import json
import re
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from upweave.pictures.files import Picture, write

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOK = json.loads((DOCS / "experiment.ipynb").read_text(encoding="utf-8"))
PLACE = re.compile(r"(?<![\w/.:])(?:file://)?/\w[\w.-]*/?[\w.-]*")
CODE = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def test_it_was_run_whole_and_in_order():
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))
    outputs = [output for cell in CODE for output in cell["outputs"]]
    assert all(output["output_type"] != "error" for output in outputs)
    assert not [o for o in outputs if o.get("name") == "stderr"]
    shown = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(shown) >= 2


def test_its_scores_are_those_of_the_page():
    text = "".join(line for cell in CODE for o in cell["outputs"] for line in o.get("text", []))
    page = (DOCS / "training.md").read_text(encoding="utf-8")
    bicubic = next(line for line in text.splitlines() if "bicubic" in line).split()
    assert f"| bicubic | 23.34 ({bicubic[1]})" in page
    assert "23.98" in text
    assert "23.98" in page


def test_every_cell_runs(tmp_path, monkeypatch):
    folder = tmp_path / "caltech101" / "panda"
    folder.mkdir(parents=True)
    random = np.random.default_rng(1)
    for number in range(4):
        pixels = random.integers(0, 256, (20, 24, 3), np.uint8)
        write(folder / f"image_{number:04}.jpg", Picture(pixels))
    monkeypatch.setenv("UPWEAVE_DATA", str(tmp_path))
    monkeypatch.chdir(DOCS)
    values: dict[str, object] = {}
    for number, cell in enumerate(CODE):
        source = "".join(cell["source"]).removeprefix("%matplotlib inline\n")
        source = source.replace("EPOCHS = 100", "EPOCHS = 1")
        if number == 0:
            source = source.replace("epochs=EPOCHS)", "epochs=EPOCHS, train=3, size=32)")
        exec(compile(source, f"cell {number + 1}", "exec"), values)
    assert len(values["result"].losses) == 1


def test_it_names_no_place():
    notebook = deepcopy(NOTEBOOK)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("image/png", None)  # whose letters are no words
    assert not PLACE.findall(json.dumps(notebook))


@pytest.mark.parametrize("text", ["/tmp/x", "in '/home/me/a.png'", "file:///srv/a", "(/a/b)"])
def test_a_place_would_be_found(text):
    assert PLACE.findall(json.dumps({"text": text}))
