"""The page in a browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import socket
import threading
import time

import pytest
import uvicorn

from upweave.studio import app

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
    # Playwright's waiting evaluates text, which the page's own policy forbids.
    opened = browser.new_page(viewport={"width": 1200, "height": 900}, bypass_csp=True)
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(address)
    opened.wait_for_selector("#frame svg")
    yield opened
    opened.close()
    assert complaints == []
