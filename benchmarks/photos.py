"""Scores on pictures that are worse than reduced: JPEG, blur and noise, as photographs have them.

Needs the extra `train`, and UPWEAVE_DATA: ``python benchmarks/photos.py weave-s-x4 mine.onnx``.
Makes degraded copies of Set14 and BSD100 for ×4, the same in every run, and prints PSNR (dB) and
SSIM of bicubic interpolation and of every model that is named, as means of each set.
``--keep FOLDER`` keeps the copies, as sets for `upweave evaluate`.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import upweave as uw
from upweave.learning.data import root
from upweave.learning.degradation import blur, jpeg, noise
from upweave.ops.interpolation import reduce
from upweave.pictures import scores
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.files import Picture, read, write

SCALE = 4
SETS = ("Set14", "BSD100")
BLUR = 1.6  # standard deviation in pixels of the original
NOISE = 8.0  # standard deviation of 255, in the reduced picture

Pixels = np.ndarray
Degradation = Callable[[Pixels, np.random.Generator], Pixels]


def _noisy(rgb: Pixels, random: np.random.Generator) -> Pixels:
    low = reduce(rgb, SCALE)
    return noise(low, np.full(low.shape, NOISE), random)


def _of_quality(quality: int) -> Degradation:
    return lambda rgb, _: jpeg(reduce(rgb, SCALE), quality)


DEGRADATIONS: dict[str, Degradation] = {
    "JPEG 90": _of_quality(90),
    "JPEG 70": _of_quality(70),
    "JPEG 40": _of_quality(40),
    "blur": lambda rgb, _: reduce(blur(rgb, BLUR, BLUR), SCALE),
    "noise": _noisy,
}


def make(name: str, degradation: str, folder: Path) -> Path:
    """Write a set's degraded copy into a folder of its own, and return that."""
    target = folder / f"{name} {degradation}"
    for part in ("HR", f"LR/x{SCALE}"):
        (target / part).mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted((root() / "benchmark" / name / "HR").glob("*.png"))):
        high = read(path).pixels
        height, width = (size - size % SCALE for size in high.shape[:2])
        high = high[:height, :width]
        rgb = high if high.ndim == 3 else np.stack([high] * 3, axis=-1)
        low = DEGRADATIONS[degradation](rgb, np.random.default_rng(number))
        low = low if high.ndim == 3 else np.ascontiguousarray(low[..., 1])
        for part, pixels in (("HR", high), (f"LR/x{SCALE}", low)):
            write(target / part / path.name, Picture(pixels), overwrite=True)
    return target


def main() -> None:
    """Make the sets, score, and print a Markdown table."""
    parser = argparse.ArgumentParser(description="Score networks on degraded pictures.")
    parser.add_argument("models", nargs="+", help="shipped names, or ONNX files")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the sets here")
    options = parser.parse_args()
    enlargers = [Bicubic(SCALE), *map(uw.load, options.models)]
    print("| PSNR / SSIM | " + " | ".join(one.name for one in enlargers) + " |")
    print("|---|" + "---:|" * len(enlargers))
    with tempfile.TemporaryDirectory() as temporary:
        for name in SETS:
            for degradation in DEGRADATIONS:
                folder = make(name, degradation, options.keep or Path(temporary))
                means = [scores.mean(scores.evaluate(one, folder)) for one in enlargers]
                cells = (f"{mean.psnr:.2f} / {mean.ssim:.4f}" for mean in means)
                print(f"| {name}, {degradation} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
