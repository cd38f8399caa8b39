"""The page's tabs: all of them are there for everyone, and each does what it says."""

import io
import subprocess
import sys

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from upweave.pictures.models import families, shipped

TABS = {
    "explore": "#frame svg",
    "upscale": "#model option",
    "networks": "#plot svg",
    "family": "#told h3",
}


def opened(browser, address, tab, **options):
    """Return the page with a tab open, when what it shows is there."""
    page = browser.new_page(bypass_csp=True, **options)
    page.goto(f"{address}#tab={tab}")
    page.wait_for_selector(TABS[tab], state="attached")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_nothing_shuts_anyone_out(browser, address, tab, scheme):
    page = opened(browser, address, tab, color_scheme=scheme)
    if tab == "networks":
        page.click("#shipped button")
        page.wait_for_selector("#kernels svg")
    faults = [
        f"{found['id']}: {node['html'][:100]}"
        for found in Axe().run(page).response["violations"]
        for node in found["nodes"]
        if found["impact"] in ("serious", "critical")
    ]
    assert faults == []
    page.close()


@pytest.mark.parametrize("tab", TABS)
def test_its_own_policy_lets_it_work(browser, address, tab):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}#tab={tab}")
    page.wait_for_selector(TABS[tab], state="attached")
    page.close()
    assert complaints == []


@pytest.mark.parametrize("width", [320, 360, 1200])
@pytest.mark.parametrize("tab", TABS)
def test_it_fits_the_screen(browser, address, tab, width):
    page = opened(browser, address, tab, viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_tabs_by_keys_and_by_address(page):
    page.focus("#tab-explore")
    shown = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        shown.append(page.evaluate("document.activeElement.getAttribute('aria-controls')"))
        assert page.is_visible(f"#{shown[-1]}")
        assert page.locator("[role=tabpanel]:visible").count() == 1
        assert f"tab={shown[-1]}" in page.url
    assert shown == ["upscale", "networks", "family", "explore", "family", "explore", "family"]
    page.wait_for_selector("#told h3")


@pytest.fixture
def photo(tmp_path, rng):
    """A file that is to be chosen on the page."""
    noise = Image.fromarray(rng.integers(0, 256, (9, 13, 3), np.uint8))
    noise.resize((130, 90), Image.Resampling.BICUBIC).save(tmp_path / "a photo.png")
    return tmp_path / "a photo.png"


def choose(page, file, **values):
    page.click("#tab-upscale")
    page.wait_for_selector("#model option", state="attached")
    page.set_input_files("#picture", file)
    for name, value in values.items():
        page.select_option(f"#{name}", value)
    page.click("#send button")


def test_a_picture_is_made_larger(page, photo):
    choose(page, photo, model="weave-s-photo")
    page.wait_for_selector("#result:not([hidden])")
    assert "a photo-x4.png: 520 × 360 pixels" in page.inner_text("#state")
    command = [sys.executable, "-m", "upweave", "upscale", photo.name, "--model", "weave-s-photo"]
    subprocess.run(command, cwd=photo.parent, check=True)
    expected = (photo.parent / "a photo-x4.png").read_bytes()
    with page.expect_download() as waiting:
        page.click("#download")
    assert waiting.value.suggested_filename == "a photo-x4.png"
    assert waiting.value.path().read_bytes() == expected
    page.wait_for_function("document.querySelector('#after').naturalWidth == 520")
    page.wait_for_function("document.querySelector('#plain').naturalWidth == 130")
    page.select_option("#before", "bicubic")
    page.wait_for_function("document.querySelector('#plain').naturalWidth == 520")
    page.fill("#divide", "25")
    clipped = page.evaluate("document.querySelector('#plain').style.clipPath")
    assert clipped == "inset(0px 75% 0px 0px)"
    page.fill("#zoom", "3")
    wide, stage = (
        page.evaluate(f"document.querySelector('#{id}').clientWidth") for id in ("pair", "stage")
    )
    assert wide == 3 * stage


def test_the_slider_parts_before_from_after(page, photo):
    choose(page, photo)
    page.wait_for_selector("#result:not([hidden])")
    page.wait_for_function("document.querySelector('#after').naturalWidth == 520")
    page.wait_for_function("document.querySelector('#plain').complete")
    page.evaluate("document.querySelector('#stage').style.maxHeight = 'none'")

    def seen(percent):
        page.fill("#divide", str(percent))
        return np.array(Image.open(io.BytesIO(page.locator("#pair").screenshot())).convert("RGB"))

    before, after, half = seen(100), seen(0), seen(50)
    middle = half.shape[1] // 2
    assert (before != after).any()
    assert (half[:, : middle - 2] == before[:, : middle - 2]).all()
    assert (half[:, middle + 2 :] == after[:, middle + 2 :]).all()


def test_the_choices_are_what_is_shipped(page):
    page.click("#tab-upscale")
    page.wait_for_selector("#model option", state="attached")
    assert page.locator("#model option").all_inner_texts() == list(families())
    for family, scales in families().items():
        page.select_option("#model", family)
        options = page.eval_on_selector_all("#scale option", "all => all.map(o => Number(o.value))")
        assert options == sorted(scales)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "the file is empty"), (b"GIF89a", "broken or cut short"), (b"text", "not a picture")],
)
def test_bad_pictures_are_told(browser, address, tmp_path, content, says):
    (tmp_path / "bad.png").write_bytes(content)
    page = browser.new_page(bypass_csp=True)
    page.goto(address)
    choose(page, tmp_path / "bad.png")
    page.wait_for_selector("#refused:not([hidden])")
    assert says in page.inner_text("#refused")
    assert page.is_hidden("#result")
    page.close()


def test_nothing_chosen_is_told(page):
    page.click("#tab-upscale")
    page.wait_for_selector("#model option", state="attached")
    page.click("#send button")
    assert page.inner_text("#refused") == "Choose a picture first."


def test_work_is_cancelled(page, tmp_path, rng):
    noise = rng.integers(0, 256, (1900, 2000, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.jpg")
    choose(page, tmp_path / "large.jpg", scale="4")
    page.wait_for_function("document.querySelector('#share').value > 0")
    page.click("#cancel")
    page.wait_for_function("document.querySelector('#state').textContent == 'Cancelled.'")
    assert page.is_hidden("#cancel")
    assert page.is_hidden("#result")


def test_networks_with_their_scores(page):
    page.click("#tab-networks")
    page.wait_for_selector("#plot circle")
    page.select_option("#of-scale", "2")
    page.select_option("#of-set", "Set5")
    models = [model for model in shipped() if model.scale == 2]
    rows = page.locator("#shipped tr").all()
    assert len(rows) == len(models)
    for row, model in zip(rows, models, strict=True):
        texts = row.locator("td").all_inner_texts()
        score = model.scores["Set5"]
        assert texts[0] == model.name
        assert texts[3:5] == [f"{score['psnr']:.2f}", f"{score['ssim']:.4f}"]
    assert page.locator("#plot circle").count() == len(models)
    assert "bicubic 33.68" in page.locator("#plot text").all_text_contents()


def test_a_network_is_opened(page):
    page.click("#tab-networks")
    page.click("#shipped button")
    page.wait_for_function("document.querySelector('#diagram').naturalWidth > 100")
    assert page.locator("#kernels svg").count() > 5
    assert page.inner_text("#one-name").endswith("-x4")


def chosen(page):
    """Choose each kind of the family tree, and yield its line."""
    page.click("#tab-family")
    page.wait_for_selector("#told h3")
    for line in page.locator("[role=treeitem]").all():
        line.locator("> span").click()
        yield line


def test_every_kind_has_its_explanation(page):
    seen = set()
    for line in chosen(page):
        assert line.get_attribute("aria-selected") == "true"
        assert page.inner_text("#told h3") == line.locator("> span").inner_text().strip("▾▸ ")
        seen.add(page.inner_text("#told p >> nth=0"))
    assert len(seen) == page.locator("[role=treeitem]").count() > 20


def test_every_link_of_the_tree_leads_to_a_drawing(page):
    links = set()
    for _ in chosen(page):
        links |= set(page.eval_on_selector_all("#told a", "all => all.map(a => a.hash)"))
    assert len(links) > 10
    for link in sorted(links):
        with page.expect_response("**/api/explore*") as answer:
            page.evaluate("hash => { location.hash = hash; }", link)
        assert answer.value.ok
        page.wait_for_function("!document.querySelector('#explore').hidden")


def test_the_tree_by_keys(page):
    page.click("#tab-family")
    page.wait_for_selector("#told h3")
    page.locator("[role=treeitem]").first.focus()

    def at():
        return page.evaluate("document.activeElement.querySelector('span').textContent")

    page.keyboard.press("ArrowRight")
    assert at() == "Fully connected"
    page.keyboard.press("ArrowLeft")
    assert at() == "Layers of a network"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert at() == "What makes maps larger"
    page.keyboard.press("End")
    assert at() == "Resize-convolution"
