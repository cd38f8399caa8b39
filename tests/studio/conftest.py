"""The page in a browser."""

import runpy
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def screens():
    """What makes the pictures of the page in the documentation."""
    return runpy.run_path(str(Path(__file__).parents[2] / "docs" / "make_screens.py"))


@pytest.fixture(scope="session")
def address(screens):
    with screens["served"]() as found:
        yield found


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
