"""The pictures in the documentation are those that the committed script makes."""

import runpy
from pathlib import Path

import pytest
from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = runpy.run_path(str(DOCS / "make_pictures.py"))["PICTURES"]


def test_all_are_there_and_shown():
    assert {path.name for path in (DOCS / "images" / "explain").iterdir()} == set(PICTURES)
    page = (DOCS / "explain.md").read_text(encoding="utf-8")
    for name in PICTURES:
        assert f"(images/explain/{name})" in page


@pytest.mark.parametrize("name", [name for name in PICTURES if name.endswith(".gif")])
def test_animations_have_a_picture_for_every_step(name):
    with Image.open(DOCS / "images" / "explain" / name) as picture:
        assert picture.n_frames == len(PICTURES[name]())
