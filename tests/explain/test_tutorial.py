"""The tutorial's code runs, prints what the pages say, and makes their pictures."""

import io
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"
MADE = runpy.run_path(str(DOCS / "make_tutorial.py"))


@pytest.mark.parametrize("chapter", MADE["CHAPTERS"], ids=lambda path: path.stem)
def test_a_chapter_does_what_it_says(chapter):
    pictures = 0
    for cell, printed, picture in MADE["run"](chapter):
        assert printed == cell.printed
        if picture is not None:
            pictures += 1
            alike(picture, cell.picture.read_bytes(), trained=chapter.stem.startswith("5"))
    assert pictures or chapter.stem.startswith("2")


def alike(made, committed, *, trained):
    """Compare two pictures: of the same size and frames, and, unless trained, nearly the same."""
    frames = []
    for data in (made, committed):
        with Image.open(io.BytesIO(data)) as picture:
            count = getattr(picture, "n_frames", 1)
            frames.append((count, np.asarray(picture.convert("L"), np.float64)))
    assert frames[0][0] == frames[1][0]
    assert frames[0][1].shape == frames[1][1].shape
    if not trained:  # whose weights differ from machine to machine
        assert np.abs(frames[0][1] - frames[1][1]).mean() < 1


def test_every_picture_is_shown():
    cells = [cell for chapter in MADE["CHAPTERS"] for cell in MADE["cells"](chapter)]
    shown = {cell.picture.name for cell in cells if cell.picture}
    assert {path.name for path in (DOCS / "images" / "tutorial").iterdir()} == shown


def test_the_notebook_has_the_chapters():
    text = (DOCS / "tutorial.ipynb").read_text(encoding="utf-8")
    assert text == MADE["notebook"]()
    assert json.loads(text)["nbformat"] == 4
