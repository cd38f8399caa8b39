import asyncio
import io
import struct
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from upweave.pictures import files
from upweave.pictures.worker import Worker
from upweave.studio import app, limits, upscale

BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def client():
    with TestClient(app.create(), base_url="http://127.0.0.1") as opened:
        yield opened


def encoded(rng, kind, height=31, width=23, mode="RGB"):
    """Return the bytes of a picture of noise."""
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    picture = Image.fromarray(rng.integers(0, 256, (height, width, *channels), np.uint8), mode)
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def sent(client, data, **values):
    return client.post("/api/pictures", params=values, content=data, headers=BINARY)


def finished(client, id):
    """Return what is told of a picture when its work has ended."""
    for _ in range(600):
        told = client.get(f"/api/pictures/{id}").json()
        if told["state"] in ("done", "failed"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


@pytest.mark.parametrize(
    ("name", "kind", "mode", "scale"),
    [
        ("a photo.jpg", "JPEG", "RGB", 4),
        ("tür.png", "PNG", "RGBA", 2),
        ("grey.tif", "TIFF", "L", 3),
        ("wrong.png", "JPEG", "RGB", 2.5),
    ],
)
def test_the_result_has_the_bytes_of_the_command(client, rng, tmp_path, name, kind, mode, scale):
    data = encoded(rng, kind, mode=mode)
    told = finished(client, sent(client, data, name=name, scale=scale).json()["id"])
    assert told["state"] == "done"
    assert told["share"] == 1
    (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-m", "upweave", "upscale", name, "--scale", str(scale)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (target,) = (path for path in tmp_path.iterdir() if path.name != name)
    assert told["name"] == target.name
    answer = client.get(f"/api/pictures/{told['id']}/file")
    assert answer.content == target.read_bytes()
    assert told["bytes"] == len(answer.content)
    assert (told["height"], told["width"]) == files.header(target).size
    for which in ("before", "bicubic", "after"):
        view = client.get(f"/api/pictures/{told['id']}/view/{which}")
        assert view.headers["content-type"] == "image/png"
        shown = Image.open(io.BytesIO(view.content))
        assert shown.size == ((23, 31) if which == "before" else (told["width"], told["height"]))
    if kind == "PNG":
        assert (np.array(shown) == np.array(Image.open(target))).all()


def bomb():
    """Return a PNG whose header says that it has 50,000 × 50,000 pixels."""

    def chunk(kind, body):
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    return start + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "values", "status", "says"),
    [
        (b"", {}, 400, "the file is empty"),
        (b"no picture at all", {"name": "a.png"}, 400, "a.png: not a picture"),
        (bomb(), {"name": "big.png"}, 413, "200000 x 200000 pixels"),
        (b"x", {"model": "magic"}, 400, "no network is called 'magic'"),
        (b"x", {"scale": 1}, 422, "greater than 1"),
        (b"x", {"scale": 9}, 422, "less than or equal to 8"),
        (b"x", {"scale": "nan"}, 422, "scale"),
        (b"x", {"name": "x" * 1001}, 422, "name"),
    ],
)
def test_bad_uploads_are_refused(client, data, values, status, says):
    answer = sent(client, data, **values)
    assert answer.status_code == status
    assert says in answer.text


def test_large_files_are_refused(client, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_BYTES", 1 << 20)
    answer = sent(client, bytes((1 << 20) + 1))
    assert answer.status_code == 413
    assert "more than 1 MiB" in answer.text


def test_another_type_is_refused_before_it_is_read(client):
    # Pages of other sites may send text unasked, but nothing of this type.
    answer = client.post("/api/pictures", content=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../up.png", "up.png"),
        ("C:\\pictures\\a.png", "a.png"),
        ("/etc/passwd", "passwd"),
        ("..", "picture"),
        ("", "picture"),
        ("a\0b\n.png", "a b .png"),
        ("x" * 300 + ".png", "x" * 100 + ".png"),
    ],
)
def test_names_lead_nowhere(name, kept):
    assert upscale._file_name(name) == kept


def test_a_broken_picture_fails_and_names_no_place(client, rng):
    data = encoded(rng, "PNG", 64, 64)[:3000]
    told = finished(client, sent(client, data, name="torn.png").json()["id"])
    assert told["state"] == "failed"
    assert told["error"].startswith("torn.png: broken or cut short")
    assert client.get(f"/api/pictures/{told['id']}/file").status_code == 409
    assert client.get(f"/api/pictures/{told['id']}/view/after").status_code == 409


def test_a_full_queue_sends_away(client, rng, monkeypatch):
    monkeypatch.setattr(limits, "WAITING", 3)
    go_on, do = threading.Event(), Worker.do

    def wait(*arguments):
        go_on.wait(30)
        return do(*arguments)

    monkeypatch.setattr(Worker, "do", wait)
    data = encoded(rng, "PNG", 5, 5)
    ids = []
    for _ in range(limits.AT_ONCE):
        ids.append(sent(client, data).json()["id"])
        while client.get(f"/api/pictures/{ids[-1]}").json()["state"] != "working":
            time.sleep(0.01)
    ids += [sent(client, data).json()["id"] for _ in range(3)]
    assert [client.get(f"/api/pictures/{id}").json()["state"] for id in ids[-3:]] == ["waiting"] * 3
    refused = sent(client, data)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert client.delete(f"/api/pictures/{ids.pop()}").status_code == 204  # one that waits
    assert sent(client, data).status_code == 200
    go_on.set()
    assert {finished(client, id)["state"] for id in ids} == {"done"}


def test_work_is_cancelled_between_tiles(client, rng, monkeypatch):
    ended, do = threading.Event(), Worker.do

    def watched(*arguments):
        try:
            return do(*arguments)
        finally:
            ended.set()

    monkeypatch.setattr(Worker, "do", watched)
    id = sent(client, encoded(rng, "JPEG", 2000, 1900)).json()["id"]
    while not 0 < client.get(f"/api/pictures/{id}").json()["share"] < 0.7:
        time.sleep(0.005)
    assert client.delete(f"/api/pictures/{id}").status_code == 204
    assert ended.wait(10)
    assert client.get(f"/api/pictures/{id}").status_code == 404


def test_work_that_takes_too_long_is_ended(client, rng, monkeypatch):
    monkeypatch.setattr(limits, "WORK_SECONDS", 0)
    told = finished(client, sent(client, encoded(rng, "PNG")).json()["id"])
    assert told["state"] == "failed"
    assert told["error"] == "took longer than 0 seconds"


def test_the_oldest_results_go(client, rng, monkeypatch):
    monkeypatch.setattr(limits, "KEPT", 2)
    ids = []
    for _ in range(4):
        ids.append(sent(client, encoded(rng, "PNG", 3, 3)).json()["id"])
        finished(client, ids[-1])
    time.sleep(0.2)
    assert [client.get(f"/api/pictures/{id}").status_code for id in ids] == [404, 404, 200, 200]


def test_nothing_is_left_behind(rng, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with TestClient(app.create(), base_url="http://127.0.0.1") as opened:
        told = finished(opened, sent(opened, encoded(rng, "PNG")).json()["id"])
        assert len(list(tmp_path.rglob("*.png"))) == 2
        opened.delete(f"/api/pictures/{told['id']}")
        assert not list(tmp_path.rglob("*.png"))
        sent(opened, b"no picture")
        assert not list(tmp_path.glob("*/*"))
        sent(opened, encoded(rng, "JPEG", 900, 900))  # in work when it ends
    assert not list(tmp_path.iterdir())


def test_a_slow_picture_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", 0.05)

    async def slowly():
        yield b"\x89PNG"
        await asyncio.sleep(5)

    async def ask():
        studio = app.create()
        server, base = httpx2.ASGITransport(studio), "http://127.0.0.1"
        browser = httpx2.AsyncClient(transport=server, base_url=base)
        async with studio.router.lifespan_context(studio), browser:
            return await browser.post("/api/pictures", content=slowly(), headers=BINARY)

    with ThreadPoolExecutor(1) as aside:  # Playwright has a loop running in this thread
        assert aside.submit(lambda: asyncio.run(ask())).result().status_code == 408
