"""What all tests share: the benchmark data, and small networks with known results."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from upweave.cli import main
from upweave.ops import interpolation

onnx = pytest.importorskip("onnx")

settings.register_profile("upweave", derandomize=True, deadline=None)
settings.load_profile("upweave")

MakeNetwork = Callable[..., Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a long run try more than the samples."""
    parser.addoption("--mutants", type=int, default=400, help="damaged model files to try (400)")
    parser.addoption(
        "--kills",
        type=int,
        default=6,
        help="trainings, and runs over folders, to kill and continue (6)",
    )
    parser.addoption(
        "--geometries",
        type=int,
        default=60,
        help="layers and networks between inaccessible pages, at each lane count (60)",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have recorded "to print"; with several processes, theirs is not seen."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "to print":
                terminalreporter.write_line(text)


@pytest.fixture(scope="session", autouse=True)
def _cache_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor fill the user's cache; the processes they start share theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UPWEAVE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of benchmark and training pictures, as the variable UPWEAVE_DATA names it."""
    named = os.environ.get("UPWEAVE_DATA")
    if named and Path(named).is_dir():
        return Path(named)
    reason = f"needs pictures: UPWEAVE_DATA is {named!r}, which is no folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def bicubic_network(tmp_path_factory: pytest.TempPathFactory) -> MakeNetwork:
    """Make ONNX files that enlarge by bicubic interpolation of edge-padded planes."""
    folder = tmp_path_factory.mktemp("networks")

    def make(scale: int, colour: str = "luma", metadata: dict[str, str] | None = None) -> Path:
        kernel = interpolation.kernel("bicubic", scale)
        planes = 1 if colour == "luma" else 3
        taps = np.outer(kernel.taps, kernel.taps)
        weight = (np.eye(planes)[..., None, None] * taps).astype(np.float32)
        crop, _ = kernel.crop  # of both ends
        pads = np.array([0, 0, 2, 2, 0, 0, 2, 2], np.int64)
        helper = onnx.helper
        nodes = [
            helper.make_node("Pad", ["input", "pads"], ["padded"], mode="edge"),
            helper.make_node(
                "ConvTranspose",
                ["padded", "weight"],
                ["output"],
                kernel_shape=taps.shape,
                strides=[scale, scale],
                pads=[crop] * 4,
            ),
        ]
        ends = [
            helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ("N", planes, *size))
            for name, size in (("input", ("H", "W")), ("output", ("sH", "sW")))
        ]
        constants = [
            onnx.numpy_helper.from_array(value, name)
            for name, value in (("pads", pads), ("weight", weight))
        ]
        graph = helper.make_graph(nodes, "bicubic", ends[:1], ends[1:], constants)
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8)
        facts = {"scale": str(scale), "colour": colour} if metadata is None else metadata
        helper.set_model_props(model, facts)
        path = folder / f"{colour}-{len(list(folder.iterdir()))}-x{scale}.onnx"
        onnx.save(model, path)
        return path

    return make


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[object, str, str]]]:
    """Return a function that runs ``upweave`` and returns its exit status, output and errors."""

    def call(*words: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["upweave", *map(str, words)])
        with pytest.raises(SystemExit) as leaving:
            main()
        captured = capsys.readouterr()
        return leaving.value.code, captured.out, captured.err

    handler = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "needs Chromium (on Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
