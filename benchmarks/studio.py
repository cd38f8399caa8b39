"""The page's server under load, and the page in a browser.

Needs the extras `studio` and `test`, and Chromium: ``python benchmarks/studio.py``. Twenty pictures
of a megapixel are sent at once and made four times larger; how long all takes, how much memory the
server has at most. Then the page: how long until something is seen, and how long until a control's
change is drawn, for inputs of up to 16 x 16. ``--json FILE`` writes the figures.
"""

import argparse
import asyncio
import io
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

PICTURES, SIDE = 20, (1000, 1000)
TRIES = 15
REDRAWN = """() => new Promise((done) => {
  const slider = document.querySelector("#controls [name=kernel]");
  slider.value = String(2 + (Number(slider.value) + 1) % 3);
  const begin = performance.now();
  new MutationObserver((_, watching) => {
    watching.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
  }).observe(document.querySelector("#frame"), { childList: true });
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the studio's server and page.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    with _server() as (address, process):
        figures = asyncio.run(_uploads(address)) | {"resident_bytes": _most_resident(process.pid)}
    with _server() as (address, _):
        figures |= _page(address)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


@contextmanager
def _server() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve the page from a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "upweave", "studio", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx2.get(address)
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        try:
            yield address, process
        finally:
            process.terminate()


def _most_resident(process: int) -> int:
    """Return the most memory that a process has had."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


async def _uploads(address: str) -> dict[str, Any]:
    noise = np.random.default_rng(0).integers(0, 256, (*SIDE, 3), np.uint8)
    smooth = Image.fromarray(noise).resize((SIDE[1] // 8, SIDE[0] // 8)).resize(SIDE[::-1])
    file = io.BytesIO()
    smooth.save(file, "JPEG", quality=90)
    begin = time.perf_counter()
    async with httpx2.AsyncClient(base_url=address, timeout=120) as browser:
        codes = await asyncio.gather(*(_upload(browser, file.getvalue()) for _ in range(PICTURES)))
    return {"answers": codes, "uploads_seconds": time.perf_counter() - begin}


async def _upload(browser: httpx2.AsyncClient, data: bytes) -> int:
    """Send a picture, wait for the result, fetch it; return the status of the last answer."""
    kind = {"Content-Type": "application/octet-stream"}
    answer = await browser.post("/api/pictures?name=a.jpg&scale=4", content=data, headers=kind)
    while answer.is_success and answer.json()["state"] != "done":
        if answer.json()["state"] == "failed":
            raise RuntimeError(answer.json()["error"])
        await asyncio.sleep(0.1)
        answer = await browser.get(f"/api/pictures/{answer.json()['id']}")
    if answer.is_success:
        answer = await browser.get(f"/api/pictures/{answer.json()['id']}/file")
    return answer.status_code


def _page(address: str) -> dict[str, Any]:
    """Return milliseconds: until the first is painted, until a change is drawn."""
    paints, drawn = [], dict[str, list[float]]()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for _ in range(TRIES):
            page = browser.new_context().new_page()
            page.goto(address)
            page.wait_for_selector("#frame svg")
            page.wait_for_function(PAINTED)
            paints.append(page.evaluate(PAINTED))
            page.close()
        for side in (3, 8, 16):
            page = browser.new_page()
            page.goto(f"{address}/#form=scatter&input={side}&kernel=3&stride=2")
            page.wait_for_selector("#frame svg")
            drawn[str(side)] = [page.evaluate(REDRAWN) for _ in range(TRIES)]
            page.close()
        browser.close()
    return {
        "first_paint_ms": median(paints),
        "redraw_ms": {side: median(taken) for side, taken in drawn.items()},
    }


if __name__ == "__main__":
    main()
