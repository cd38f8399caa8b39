"""SVG files that move, as Chromium shows them."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from upweave.explain.drawing import draw
from upweave.explain.frames import Frame, Panel
from upweave.explain.moving_svg import join

SEEN = "[...document.querySelectorAll('.frame')].map((g) => getComputedStyle(g).visibility)"
JUMP = """(time) => { for (const animation of document.getAnimations()) {
    animation.pause();
    animation.currentTime = time;
} }"""


@pytest.fixture
def file(tmp_path):
    frames = [Frame((Panel("n", np.full((n, 2 * n), float(n))),), str(n)) for n in (1, 2, 3)]
    path = tmp_path / "a.svg"
    path.write_bytes(join([draw(frame) for frame in frames], [900, 900, 2500]))
    return path


def test_one_frame_is_seen_at_a_time(browser, file):
    page = browser.new_page()
    page.goto(file.as_uri())
    for moment, shown in ((10, 0), (890, 0), (910, 1), (1790, 1), (1810, 2), (4290, 2), (4310, 0)):
        page.evaluate(JUMP, moment)
        seen = page.evaluate(SEEN)
        assert [n for n, how in enumerate(seen) if how == "visible"] == [shown], moment
    page.close()


def test_the_last_stays_for_those_who_want_no_motion(browser, file):
    page = browser.new_page(reduced_motion="reduce")
    page.goto(file.as_uri())
    assert page.evaluate(SEEN) == ["hidden", "hidden", "visible"]
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()


def test_names_are_used_once_and_frames_are_in_the_middle(file):
    text = file.read_text(encoding="utf-8")
    names = re.findall(r'\sid="([^"]+)"', text)
    assert len(names) == len(set(names))
    used = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text)
    assert {first or second for first, second in used} <= set(names)
    root = ElementTree.fromstring(text)
    _, _, width, height = map(float, root.get("viewBox").split())
    for inner in root.iterfind("{*}g/{*}svg"):
        x, y, w, h = (float(inner.get(name)) for name in ("x", "y", "width", "height"))
        assert (x + w / 2, y + h / 2) == pytest.approx((width / 2, height / 2))
