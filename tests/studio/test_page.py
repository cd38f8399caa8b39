"""The operator explored on the page."""

import numpy as np
import pytest
from PIL import Image

from upweave.ops import reference

FORMS = ["scatter", "zero-insertion", "matrix", "phases", "overlap"]


def choose(page, **values):
    """Set the layer's controls, and wait until all of it is drawn."""
    for name, value in values.items():
        control = page.locator(f"#controls [name={name}]")
        if name in ("numbers", "weights"):
            page.evaluate("document.querySelector('details').open = true")
        with page.expect_response("**/api/explore*"):
            control.select_option(value) if name in ("form", "words") else control.fill(str(value))
    page.wait_for_timeout(50)


def step_to_the_end(page):
    count = int(page.get_attribute("#scrub", "max"))
    for _ in range(count):
        with page.expect_response("**/api/explore*"):
            page.click("#next")
    page.wait_for_function(f"document.querySelector('#scrub').value == {count}")


def numbers(page, panel):
    """Return the numbers of a panel, from left to right and down, as they are written."""
    texts = page.locator("#frame svg > g").nth(panel).locator("text").all_text_contents()
    return [float(text) for text in texts]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_runs_to_its_end(page, form):
    choose(page, form=form, input=2, numbers="55 52/57 50", weights="1 2 1/2 4 2/1 2 1")
    step_to_the_end(page)
    x = np.array([[55.0, 52], [57, 50]])
    w = np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])
    last = page.locator("#frame svg > g").count() - 1
    y = reference.scatter(x[None, None], w[None, None], stride=2)[0, 0]
    if form == "overlap":  # at its end stands the spectrum of what repeats
        y = np.abs(np.fft.fft2([[4.0, 2], [2, 1]])) / 4
    assert numbers(page, last) == y.reshape(-1).tolist()


def test_a_convolution_goes_down(page):
    choose(page, stride=1, form="convolution", kernel=2)
    step_to_the_end(page)
    x, w = np.arange(1.0, 10).reshape(3, 3), np.arange(1.0, 5).reshape(2, 2)
    y = reference.conv(x[None, None], w[None, None])[0, 0]
    assert numbers(page, 2) == y.reshape(-1).tolist()


def test_it_plays_by_itself(page):
    choose(page, input=2, kernel=2)
    page.click("#play")
    assert page.inner_text("#play") == "Pause"
    page.wait_for_function("document.querySelector('#count').textContent == '4 of 4'")
    page.wait_for_function("document.querySelector('#play').textContent == 'Play'")


def test_steps_by_key_and_by_slider(page):
    page.focus("#next")
    with page.expect_response("**/api/explore*"):
        page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#count').textContent == '2 of 9'")
    page.focus("#scrub")
    with page.expect_response("**/api/explore*"):
        page.keyboard.press("End")
    page.wait_for_function("document.querySelector('#count').textContent == '9 of 9'")
    with page.expect_response("**/api/explore*"):
        page.click("#back")
    page.wait_for_function("document.querySelector('#count').textContent == '8 of 9'")


def test_facts_of_the_layer(page):
    choose(page, kernel=4, padding=1)
    assert page.inner_text("#formula") == "(3 − 1)·2 + 1·(4 − 1) + 1 − 2·1 + 0 = 6"
    assert "2, 2" in page.inner_text("#taps")
    assert page.inner_text("#warnings") == ""
    assert "kernel_size=4, stride=2, padding=1" in page.inner_text("#words")
    choose(page, kernel=3)
    assert "checkerboard" in page.inner_text("#warnings")


def test_the_address_keeps_everything(page, browser):
    choose(page, form="phases", kernel=5, weights="1 2 3 4 5/" * 4 + "1 2 3 4 5")
    with page.expect_response("**/api/explore*"):
        page.click("#next")
    page.wait_for_function("document.querySelector('#count').textContent == '2 of 4'")
    other = browser.new_page(bypass_csp=True)
    other.goto(page.url)
    other.wait_for_function("document.querySelector('#count').textContent == '2 of 4'")
    assert other.inner_html("#frame") == page.inner_html("#frame")
    assert other.input_value("[name=form]") == "phases"
    other.close()


def test_a_layer_between_two_sizes(page):
    page.fill("#wish [name=output]", "128")
    page.click("#wish button")
    page.wait_for_selector("#layers tr")
    first = page.locator("#layers tr").first.locator("td").all_inner_texts()
    assert first == ["2", "2", "0", "0", "even", "kernel_size=2, stride=2"]


def test_a_drawing_is_saved(page):
    with page.expect_download() as waiting:
        page.click("#svg")
    text = waiting.value.path().read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "scatter-1.svg"
    assert text.startswith("<svg")
    assert "var(" not in text


def test_what_cannot_be_shown_is_told(browser, address):
    opened = browser.new_page(bypass_csp=True)
    opened.goto(address + "#input=16&stride=9")
    opened.wait_for_selector("#error:not([hidden])")
    assert "could not be read" in opened.inner_text("#error")
    opened.close()


def pointed(page):
    """Return the parts that are marked, by the pointer or as what meets it."""
    return set(page.eval_on_selector_all(".met, .pointed", "all => all.map(c => c.dataset.part)"))


def test_a_cell_shows_what_it_meets(page, screens):
    cell = screens["CELL"]
    choose(page, input=3, kernel=3, stride=2)
    panels = page.locator("#frame g[tabindex]")
    panels.last.hover(position={"x": 3.5 * cell, "y": 2.5 * cell})
    one = np.zeros((2, 3, 3))
    expected = {"output 2 3"}
    for j, t in np.ndindex(9, 9):
        one[:] = 0
        one[0].flat[j] = one[1].flat[t] = 1
        if reference.scatter(one[None, :1], one[None, 1:], stride=2)[0, 0, 2, 3]:
            expected |= {f"input {j // 3} {j % 3}", f"kernel {t // 3} {t % 3}"}
    assert pointed(page) == expected
    assert page.inner_text("#meets") == (
        "output (2, 3) = input (0, 1) × tap (2, 1) + input (1, 1) × tap (0, 1); here 0"
    )
    panels.first.hover(position={"x": 1.5 * cell, "y": 1.5 * cell})
    assert {p for p in pointed(page) if "output" in p} == {
        f"output {r} {c}" for r in (2, 3, 4) for c in (2, 3, 4)
    }
    page.hover("h1")
    assert pointed(page) == set()
    assert page.inner_text("#meets").startswith("Point at a cell")


def test_keys_go_from_cell_to_cell(page):
    choose(page, form="phases")
    page.locator("#frame g[tabindex]").last.focus()
    assert "output 0 0" in pointed(page)
    for key, at in (("ArrowDown", "1 0"), ("ArrowRight", "1 1"), ("ArrowUp", "0 1")):
        page.keyboard.press(key)
        assert page.get_attribute(".pointed", "data-part") == f"output {at}"
    page.keyboard.press("ArrowUp")  # there is nothing above
    assert page.get_attribute(".pointed", "data-part") == "output 0 1"


@pytest.mark.parametrize(
    ("kind", "name", "frames"), [("png", "scatter-2", 1), ("gif", "scatter", 4)]
)
def test_drawings_are_saved(page, kind, name, frames):
    choose(page, input=2)
    with page.expect_response("**/api/explore*"):
        page.click("#next")
    page.wait_for_function("document.querySelector('#count').textContent == '2 of 4'")
    with page.expect_download() as waiting:
        page.click(f"#{kind}")
    assert waiting.value.suggested_filename == f"{name}.{kind}"
    with Image.open(waiting.value.path()) as picture:
        assert picture.format == kind.upper()
        assert getattr(picture, "n_frames", 1) == frames


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("PyTorch", ["H_in", "kernel_size", "stride", "padding", "output_padding", "dilation"]),
        ("ONNX", ["H", "kernel_shape", "strides", "pads", "output_padding", "dilations"]),
    ],
)
def test_the_words_of_frameworks(page, browser, words, names):
    choose(page, words=words)
    assert page.locator("#controls label > span").all_inner_texts() == names
    other = browser.new_page(bypass_csp=True)
    other.goto(page.url)
    other.wait_for_selector("#frame svg")
    assert other.locator("#controls label > span").all_inner_texts() == names
    other.close()


def test_the_picture_in_the_docs_shows_the_references_numbers(page, address, screens):
    page.goto("about:blank")
    page.goto(f"{address}#{screens['EXAMPLE']}")
    screens["SCREENS"]["explore"][1](page)
    x = np.array([[55.0, 52], [57, 0]])  # the last is still to be added
    w = np.array([[1.0, 2, 1], [2, 1, 2], [1, 1, 2]])
    y = reference.scatter(x[None, None], w[None, None], stride=2)[0, 0]
    assert numbers(page, 2) == y.reshape(-1).tolist()
    assert page.inner_text("#meets").endswith(f"; here {y[2, 2]:g}")
