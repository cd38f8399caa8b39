"""The page in a browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import socket
import threading
import time

import numpy as np
import pytest
import uvicorn

from upweave.ops import reference
from upweave.studio import app

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium")
FORMS = ["scatter", "zero-insertion", "matrix", "phases", "overlap"]


@pytest.fixture(scope="module")
def address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app.create(), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        reason = "needs Chromium (on Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser, address):
    """The page, freshly opened; whatever it complains of fails the test."""
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(address)
    opened.wait_for_selector("#frame svg")
    yield opened
    opened.close()
    assert complaints == []


def choose(page, **values):
    """Set the layer's controls, and wait until all of it is drawn."""
    for name, value in values.items():
        control = page.locator(f"#controls [name={name}]")
        if name in ("numbers", "weights"):
            page.evaluate("document.querySelector('details').open = true")
        with page.expect_response("**/api/explore*"):
            control.select_option(value) if name == "form" else control.fill(str(value))
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
    if form == "overlap":
        x, w = np.ones_like(x), np.ones_like(w)
    y = reference.scatter(x[None, None], w[None, None], stride=2)[0, 0]
    last = page.locator("#frame svg > g").count() - 1
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
    other = browser.new_page()
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


@pytest.mark.parametrize("width", [320, 360, 1200])
def test_it_fits_the_screen(browser, address, width):
    opened = browser.new_page(viewport={"width": width, "height": 700})
    opened.goto(address + "#form=matrix&input=4")
    opened.wait_for_selector("#frame svg")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()


def test_every_control_has_a_name(page):
    nameless = page.evaluate(
        """[...document.querySelectorAll("input, select, button")].filter((control) =>
        !control.labels?.length && !control.ariaLabel && !control.textContent.trim()).length"""
    )
    assert nameless == 0


def test_what_cannot_be_shown_is_told(browser, address):
    opened = browser.new_page()
    opened.goto(address + "#input=16&stride=9")
    opened.wait_for_selector("#error:not([hidden])")
    assert "could not be read" in opened.inner_text("#error")
    opened.close()
