import io
import re
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from upweave.explain import animation, walkthroughs
from upweave.explain.connections import connections
from upweave.ops import reference
from upweave.ops.geometry import Geometry
from upweave.studio import app, explore

STATIC = Path(app.__file__).parent / "static"
HERE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client():
    return TestClient(app.create(), base_url=HERE)


def test_the_page_and_all_that_it_loads_are_served(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    named = re.findall(r'(?:href|src)="([^":]+)"', page.text)
    assert set(named) == {"static/style.css", "static/tabs.js"}
    for name in named:
        assert client.get(f"/{name}").status_code == 200
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")):
            assert client.get(f"/static/{name}").status_code == 200


def test_other_names_for_this_machine_are_refused():
    other = TestClient(app.create(), base_url="http://evil.example")
    assert other.get("/").status_code == 400
    assert TestClient(app.create("0.0.0.0"), base_url="http://evil.example").get("/").is_success


def test_the_page_needs_nothing_from_elsewhere():
    for path in STATIC.iterdir():
        addresses = re.findall(r"https?://[^\s\"'`]+", path.read_text(encoding="utf-8"))
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # a name, not an address


@pytest.mark.parametrize(
    "path",
    [
        *("/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/none", "//etc/passwd"),
        *("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"),
        "/static//etc/passwd",
    ],
)
def test_no_other_file_is_served(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("form", ["scatter", "zero-insertion", "matrix", "phases"])
def test_every_form_ends_in_the_references_numbers(client, form):
    asked = {
        "form": form,
        "input": 2,
        "kernel": 3,
        "stride": 2,
        "padding": 1,
        "output_padding": 1,
        "numbers": "55 52/57 50",
        "weights": "1 2 1/2 4 2/1 2 -1.5",
    }
    last = client.get("/api/explore", params={**asked, "step": 10_000}).json()
    assert last["step"] == last["steps"] - 1
    x, w = np.array([[55.0, 52], [57, 50]]), np.array([[1, 2, 1], [2, 4, 2], [1, 2, -1.5]])
    y = reference.scatter(x[None, None], w[None, None], stride=2, padding=1, output_padding=1)[0, 0]
    assert last["frame"]["panels"][-1]["values"] == y.tolist()
    first = client.get("/api/explore", params=asked).json()
    assert first["step"] == 0
    assert first["formula"] == "(2 − 1)·2 + 1·(3 − 1) + 1 − 2·1 + 1 = 4"
    assert first["taps"] == [2, 1]
    words = "kernel_size=3, stride=2, padding=1, output_padding=1"
    assert first["words"]["PyTorch"] == f"torch.nn.ConvTranspose2d(c_in, c_out, {words})"
    assert len(first["warnings"]) == 1


def test_the_convolution_goes_down(client):
    asked = {"form": "convolution", "input": 5, "kernel": 3, "stride": 1, "padding": 1, "step": 24}
    found = client.get("/api/explore", params=asked).json()
    assert found["steps"] == 25
    assert found["formula"].endswith("= 5")


def test_gaps_are_told(client):
    found = client.get("/api/explore", params={"kernel": 2, "stride": 3}).json()
    assert "Gaps" in found["warnings"][0]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"input": 17}, "less than or equal to 16"),
        ({"kernel": "many"}, "integer"),
        ({"form": "magic"}, "scatter"),
        ({"padding": 9}, "padding: got (9, 9)"),
        ({"output_padding": 5}, "output_padding"),
        ({"input": 16, "stride": 4}, "could not be read"),
        ({"form": "matrix", "input": 9}, "could not be read"),
        ({"numbers": "1 2/3"}, "rows of as many numbers"),
        ({"numbers": "1 2/3 4"}, "3 rows of 3 numbers"),
        ({"weights": "1 2 3/4 5 6/7 8 x"}, "'x'"),
        ({"weights": "1 2 3/4 5 6/7 8 inf"}, "'inf'"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_shown_is_told(client, asked, says):
    answer = client.get("/api/explore", params=asked)
    assert answer.status_code in (400, 422)
    assert says in answer.text


@given(
    st.sampled_from(["scatter", "zero-insertion", "matrix", "phases", "overlap", "convolution"]),
    st.tuples(*[st.integers(0, 17)] * 3),
    st.tuples(*[st.integers(-3, 4)] * 2),
    st.integers(0, 3),
    st.integers(0, 400),
)
def test_any_question_has_an_answer(form, sizes, paddings, dilation, step):
    client = TestClient(app.create(), base_url=HERE)
    asked = dict(zip(("input", "kernel", "stride"), sizes, strict=True))
    asked |= dict(zip(("padding", "output_padding"), paddings, strict=True))
    asked |= {"form": form, "dilation": dilation, "step": step}
    answer = client.get("/api/explore", params=asked)
    assert answer.status_code in (200, 400, 422)
    if answer.status_code == 200:
        panels = answer.json()["frame"]["panels"]
        assert all(len(p["values"]) * len(p["values"][0]) <= 3 * explore._READABLE for p in panels)


def test_layers_between_two_sizes(client):
    found = client.get("/api/layers", params={"input": 64, "output": 256}).json()
    assert 0 < len(found) <= 12
    for layer in found:
        made = (
            layer["stride"] * 63 + layer["kernel"] - 2 * layer["padding"] + layer["output_padding"]
        )
        assert made == 256
    assert client.get("/api/layers", params={"input": 64, "output": 1}).json() == []
    assert client.get("/api/layers", params={"input": 0, "output": 1}).status_code == 422


@pytest.mark.parametrize(("kind", "frames"), [("png", 1), ("gif", 9)])
def test_drawings_are_those_of_the_command(client, tmp_path, kind, frames):
    answer = client.get("/api/drawing", params={"kind": kind, "step": 3})
    assert answer.headers["content-type"] == f"image/{kind}"
    picture = Image.open(io.BytesIO(answer.content))
    assert getattr(picture, "n_frames", 1) == frames
    if kind == "gif":
        x = np.arange(1.0, 10).reshape(3, 3)
        animation.save(walkthroughs.scatter(x, x, Geometry((3, 3), 2)), tmp_path / "a.gif")
        assert answer.content == (tmp_path / "a.gif").read_bytes()


def test_too_long_an_animation_is_refused(client):
    answer = client.get("/api/drawing", params={"kind": "gif", "input": 11})
    assert answer.status_code == 400
    assert "121 steps" in answer.text


@pytest.mark.parametrize("form", ["scatter", "convolution"])
def test_what_meets_is_what_the_reference_joins(client, form):
    asked = {"form": form, "input": 5, "kernel": 3, "padding": 1, "dilation": 1}
    found = client.get("/api/explore", params=asked).json()["meetings"]
    assert [1, 2, 3 if form == "scatter" else 0] in found
    down = form == "convolution"
    assert found == [list(m) for m in connections(Geometry((3, 3), 2, 1), (5, 5), 0, down=down)]
