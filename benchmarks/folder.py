"""A folder of photographs, ×4, from files to files: the command, and scripts around others.

Needs UPWEAVE_DATA and the extra `bench`: ``python benchmarks/folder.py``. For JPEG and for PNG, 200
photographs of 481 × 321 pixels are enlarged by ``upweave upscale`` and by a script around ONNX
Runtime, both with weave-s-x4, and by a script around OpenCV's dnn_superres with an FSRCNN of the
same cost (it reads TensorFlow's format alone). They take turns. What upweave's parts take of the
processor, each alone, just before the command and just after it, tells how near the command is to
the least that the cores could do. Modules are compiled beforehand, as those of an installed
package are.
``--json FILE`` writes the seconds; ``--pictures N`` and ``--rounds N`` shorten the run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import installed
from upweave.engine import Network
from upweave.freed import keep_freed
from upweave.kernels.host import default_threads
from upweave.pictures import colour, files
from upweave.pictures.bicubic import BicubicPlanes
from upweave.pictures.formats import of_path
from upweave.pictures.models import find

SCALE = 4
MODEL = f"weave-s-x{SCALE}"
TURNS = 3
"""Of the command, in a round; the others take long enough."""
PARTS = ("decoding", "engine", "chroma", "encoding")
SCRIPTS = Path(__file__).parent / "scripts"
OTHERS = {
    "ONNX Runtime": "with_onnxruntime.py",
    "OpenCV dnn_superres": "with_dnn_superres.py",
}


def main() -> None:
    """Measure and print the tables."""
    photographs = _photographs()
    parser = argparse.ArgumentParser(description="Time `upweave upscale` on folders.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the seconds here")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        for suffix in (".jpg", ".png"):
            folder = Path(temporary) / suffix[1:]
            _copies(photographs[: options.pictures], folder, suffix)
            found[suffix[1:].upper()] = _measure(folder, options.rounds)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


def table(found: dict[str, Any]) -> str:
    """Return the seconds as a Markdown table."""
    lines = ["| | " + " | ".join(found) + " |", "|---|" + "---:|" * len(found)]
    rows: dict[str, Callable[[dict[str, Any]], str]] = {
        "`upweave upscale`, whole": lambda one: f"{one['whole']['upweave']:.1f} s",
        **{f"processor time of {part}": _of_part(part) for part in PARTS},
        "whole / (sum of the parts / cores)": lambda one: f"{one['ratio']:.2f}",
        **{f"script around {name}": _of_other(name) for name in OTHERS},
    }
    for title, cell in rows.items():
        lines.append(f"| {title} | " + " | ".join(cell(one) for one in found.values()) + " |")
    return "\n".join(lines)


def _of_part(part: str) -> Callable[[dict[str, Any]], str]:
    return lambda one: f"{one['parts'][part]:.1f} s"


def _of_other(name: str) -> Callable[[dict[str, Any]], str]:
    def cell(one: dict[str, Any]) -> str:
        seconds = one["whole"].get(name)
        if seconds is None:
            return "–"
        return f"{seconds:.1f} s ({seconds / one['whole']['upweave']:.2f} times as long)"

    return cell


def _photographs() -> list[Path]:
    """Return the 200 test pictures of BSDS500."""
    folder = Path(os.environ.get("UPWEAVE_DATA", "")) / "train" / "BSD200test"
    if not folder.is_dir():
        sys.exit(f"{folder} is no folder; set UPWEAVE_DATA")
    return sorted(folder.iterdir())


def _copies(sources: list[Path], folder: Path, suffix: str) -> None:
    """Write photographs of one format into a folder."""
    folder.mkdir()
    for source in sources:
        picture = files.Picture(files.read(source).pixels)
        files.write(folder / f"{source.stem}{suffix}", picture, quality=90)


def _measure(folder: Path, rounds: int) -> dict[str, Any]:
    commands = {"upweave": [sys.executable, "-m", "upweave", "upscale", str(folder), "--quiet"]}
    frozen = folder.parent / "fsrcnn.pb"
    subprocess.run([sys.executable, str(SCRIPTS / "fsrcnn_graph.py"), str(frozen)], check=True)
    for name, script in OTHERS.items():
        model = frozen if name == "OpenCV dnn_superres" else find(MODEL).path
        commands[name] = [sys.executable, str(SCRIPTS / script), str(folder), str(model)]
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    parts, ratios, compiled = [], [], installed.environment()

    def run(name: str) -> float | None:
        """Return the seconds that a command takes, if it succeeds."""
        output = Path(tempfile.mkdtemp(dir=folder.parent))
        begin = time.perf_counter()
        done = subprocess.run([*commands[name], "-o", str(output)], check=False, env=compiled)
        taken = time.perf_counter() - begin
        shutil.rmtree(output)
        if done.returncode == 0:
            seconds[name].append(taken)
        return taken if done.returncode == 0 else None

    for _ in range(rounds):
        before = _parts(folder)
        for _ in range(TURNS):
            taken = run("upweave")
            if taken is None:
                sys.exit("the command has failed")
            after = _parts(folder)  # beside the command's time: the machine's speed changes
            least = (sum(before.values()) + sum(after.values())) / 2 / default_threads()
            ratios.append(taken / least)
            parts.append(after)
            before = after
        for name in OTHERS:
            run(name)
    return {
        "whole": {name: median(taken) for name, taken in seconds.items() if taken},
        "parts": {part: median(found[part] for found in parts) for part in PARTS},
        "ratio": median(ratios),
    }


def _parts(folder: Path) -> dict[str, float]:
    """Return the processor time of each part of the work, done alone, over all pictures."""
    keep_freed()  # as the command does
    network, bicubic = Network.from_onnx(find(MODEL).path), BicubicPlanes(SCALE)
    total = dict.fromkeys(PARTS, 0.0)

    @contextmanager
    def timed(part: str) -> Iterator[None]:
        begin = time.process_time()
        yield
        total[part] += time.process_time() - begin

    for path in sorted(folder.iterdir()):
        with timed("decoding"):
            pixels = files.read(path).pixels
        big = np.empty((pixels.shape[0] * SCALE, pixels.shape[1] * SCALE, 3), np.uint8)
        with timed("chroma"):
            planes = colour.rgb_to_ycbcr(pixels)
        luma = np.ascontiguousarray(planes[np.newaxis, :1])
        with timed("engine"):
            seen = network(luma, threads=1)[0, 0]
        with timed("chroma"):
            for rows, smooth in bicubic([planes[1], planes[2]], 1):
                colour.ycbcr_to_rgb(seen[rows], smooth[0], smooth[1], big[rows])
        with timed("encoding"):
            files.encode(files.Picture(big), of_path(path))
    return total


if __name__ == "__main__":
    main()
