import base64
import json
from html.parser import HTMLParser

import numpy as np
import pytest

import upweave as uw
from upweave.ops.interpolation import bicubic, reduce
from upweave.pictures import comparison_page, files, metrics
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.comparison import compare
from upweave.pictures.comparison_page import page
from upweave.pictures.picture import PictureError


class Reader(HTMLParser):
    """What a page holds: its JSON, and all text that is shown."""

    def __init__(self, text):
        super().__init__()
        self.json, self.text, self._inside, self.addresses = "", "", "", []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self._inside = "json" if found.get("type") == "application/json" else tag
        self.addresses += [value for key, value in attributes if key in ("src", "href")]

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "json":
            self.json += data
        elif self._inside not in ("script", "style"):
            self.text += data


def decoded(uri):
    start = "data:image/png;base64,"
    assert uri.startswith(start)
    return files.Opened(base64.b64decode(uri[len(start) :]), "the page").picture().pixels


@pytest.mark.parametrize("shape", [(61, 47, 3), (53, 67)])
def test_scores_are_those_of_the_way_there_and_back(rng, shape):
    image = rng.integers(0, 256, shape, np.uint8)
    found = compare(image, [Bicubic(3)])
    original = image[: shape[0] // 3 * 3, : shape[1] // 3 * 3]
    low = np.atleast_3d(reduce(np.ascontiguousarray(original), 3)).transpose(2, 0, 1)[None]
    again = bicubic(low.astype(float), 3)[0].transpose(1, 2, 0).reshape(original.shape)
    again = np.floor(again.clip(0, 255) + 0.5)
    planes = [p if p.ndim == 2 else metrics.luma(p) for p in (again, original.astype(float))]
    assert found.ways[0].score.psnr == pytest.approx(
        metrics.psnr(*planes, data_range=255, border=3), abs=1e-3
    )
    assert found.ways[0].score.ssim == pytest.approx(
        metrics.ssim(*planes, data_range=255, border=3), abs=1e-5
    )
    assert np.array_equal(found.original, original)
    assert found.ways[0].seconds > 0


def test_depth_and_transparency_are_of_no_account(rng):
    image = rng.integers(0, 256, (40, 40, 3), np.uint8)
    truth = compare(image, [Bicubic(2)]).ways[0].score
    alpha = np.full((40, 40, 1), 255, np.uint8)
    assert compare(np.concatenate([image, alpha], 2), [Bicubic(2)]).ways[0].score == truth
    assert compare(image.astype(np.uint16) * 257, [Bicubic(2)]).ways[0].score == truth


def test_small_pictures_are_refused(rng):
    with pytest.raises(PictureError, match="18x40 pixels are too few to compare at x4"):
        compare(rng.integers(0, 256, (40, 18, 3), np.uint8), [Bicubic(4)])
    assert compare(rng.integers(0, 256, (22, 22), np.uint8), [Bicubic(4)]).ways


def test_the_page_holds_the_pictures(rng):
    image = rng.integers(0, 256, (60, 64, 3), np.uint8)
    found = compare(image, [Bicubic(2), uw.load("weave-s-x2")])
    name = 'a "quoted" <b>name</b> & more.png'
    reader = Reader(page(found, name))
    data = json.loads(reader.json)
    assert list(data["pictures"]) == ["original", "bicubic", "weave-s-x2"]
    assert np.array_equal(decoded(data["pictures"]["original"]), image)
    for way, row in zip(found.ways, data["scores"], strict=True):
        assert np.array_equal(decoded(data["pictures"][way.score.name]), way.pixels)
        assert row["psnr"] == round(way.score.psnr, 2)
    assert name in reader.text
    assert "{{" not in reader.text
    assert reader.addresses == []  # it needs nothing from elsewhere


def test_of_a_large_picture_the_page_shows_the_middle(rng, monkeypatch):
    monkeypatch.setattr(comparison_page, "MOST", 1000)
    image = rng.integers(0, 256, (80, 50, 3), np.uint8)
    reader = Reader(page(compare(image, [Bicubic(2)]), "a.png"))
    shown = decoded(json.loads(reader.json)["pictures"]["original"])
    assert np.array_equal(shown, image[20:60, 12:37])
    assert "Shown is the middle, 25 × 40 pixels" in reader.text
