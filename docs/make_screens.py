"""Makes the pictures of the page in docs/images/studio: ``python docs/make_screens.py``.

Needs the extras `studio` and `test`, and Chromium.
"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Page, sync_playwright

from upweave.studio import app

CELL = 44  # pixels, of small panels
FOLDER = Path(__file__).parent / "images" / "studio"
PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
EXAMPLE = (
    "form=scatter&input=2&kernel=3&stride=2&numbers=55 52/57 50&weights=1 2 1/2 1 2/1 1 2&step=2"
)


@contextmanager
def served() -> Iterator[str]:
    """Serve the page; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app.create(), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join()


def _explore(page: Page) -> None:
    page.wait_for_selector("#frame svg")
    output = page.locator("#frame g[tabindex]").last
    output.hover(position={"x": 2.5 * CELL, "y": 2.5 * CELL})


def _upscale(page: Page) -> None:
    page.wait_for_selector("#model option", state="attached")
    page.set_input_files("#picture", PHOTO)
    page.click("#send button")
    page.wait_for_selector("#result:not([hidden])")
    page.wait_for_function("document.querySelector('#after').naturalWidth == 1200")
    page.wait_for_function("document.querySelector('#plain').naturalWidth == 300")


def _networks(page: Page) -> None:
    page.wait_for_selector("#plot svg")
    page.locator("#shipped button", has_text="weave-s-x4").click()
    page.wait_for_selector("#kernels svg")
    page.wait_for_function("document.querySelector('#diagram').naturalWidth > 100")


SCREENS: dict[str, tuple[str, Any]] = {
    "explore": (EXAMPLE, _explore),
    "upscale": ("tab=upscale", _upscale),
    "networks": ("tab=networks", _networks),
}
"""By the names of their files: the address, and what is done before it is taken."""


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as driver:
        chromium = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (where, prepare) in SCREENS.items():
            size = {"width": 1000, "height": 800}
            page = browser.new_page(viewport=size, color_scheme="light", bypass_csp=True)
            page.goto(f"{address}#{where}")
            prepare(page)
            page.screenshot(path=FOLDER / f"{name}.png", full_page=name == "networks")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
