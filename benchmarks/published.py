"""What others have published of small networks for ×4: scores on luma, parameters, cost.

Tables give multiply-adds for an output of 1280 × 720 pixels, which at ×4 is an input of 320 × 180;
`Published.multiply_adds` is for one of its 57,600 pixels. Where the paper says what the layers are,
they are counted instead, as `upweave models` counts them: each weight of a convolution once for a
pixel of its output, of a transposed one for a pixel of its input.
"""

from dataclasses import dataclass
from fractions import Fraction

PIXELS = 320 * 180  # of the input of ×4 to 1280 × 720

Scores = dict[str, tuple[float, float | None]]
"""By set: PSNR in dB and SSIM, or None where the source has only PSNR."""

SOURCES = {
    "CARN": (
        "N. Ahn, B. Kang, K.-A. Sohn, “Fast, accurate, and lightweight super-resolution with "
        "cascading residual network”, ECCV 2018; the table of nmhkahn/CARN-pytorch "
        "(assets/table.png)"
    ),
    "SAFMN": (
        "L. Sun, J. Dong, J. Tang, J. Pan, “Spatially-adaptive feature modulation for efficient "
        "image super-resolution”, ICCV 2023; the table of sunny2109/SAFMN (figs/efficient_sr.png)"
    ),
    "ETDS": (
        "J. Chao et al., “Equivalent transformation and dual stream network construction for "
        "mobile image super-resolution”, CVPR 2023; the table of ECNUSR/ETDS "
        "(asserts/tables/table-all.png). It trained these networks itself, and its bicubic "
        "interpolation has 28.60 dB on Set5, 0.17 more than ours: its other figures may be too "
        "high by as much"
    ),
    "torchSR": (
        "G. Gouvine, “NinaSR: efficient small and large ConvNets for super-resolution”, 2021; the "
        "tables of Coloquinte/torchSR (README.md)"
    ),
}
"""By the words that tables use."""


@dataclass(frozen=True)
class Published:
    """A network of others.

    Attributes
    ----------
    name : str
    sees : "luma" or "RGB"
    parameters : str
        As the source gives them; "–" for bicubic interpolation.
    source : str
        A key of `SOURCES`.
    scores : dict
    giga : float or None
        Billions of multiply-adds to 1280 × 720, as the source gives them.
    counted : int or None
        Multiply-adds a pixel of the input, where they can be counted.
    """

    name: str
    sees: str
    parameters: str
    source: str
    scores: Scores
    giga: float | None = None
    counted: int | None = None

    @property
    def multiply_adds(self) -> int | None:
        """Those of a pixel of the input, or None where nobody gives them."""
        if self.counted is not None:
            return self.counted
        return None if self.giga is None else round(Fraction(str(self.giga)) * 10**9 / PIXELS)


def _scores(*pairs: tuple[float, float | None]) -> Scores:
    return dict(zip(("Set5", "Set14", "BSD100"), pairs, strict=True))


NETWORKS = (
    Published(
        "bicubic",
        "each plane",
        "–",
        "SAFMN",
        _scores((28.42, 0.8104), (26.00, 0.7027), (25.96, 0.6675)),
    ),
    Published(
        "FSRCNN",
        "luma",
        "12K",
        "CARN",
        _scores((30.71, 0.8657), (27.59, 0.7535), (26.98, 0.7150)),
        giga=4.6,
        counted=12_464,  # also the formula of its paper: (9 m s² + 2 s d + 106 d) for d, s, m
    ),
    Published(
        "ECBSR-M4C16",
        "RGB",
        "16.8K",
        "ETDS",
        _scores((30.87, 0.8741), (27.80, 0.7626), (27.06, 0.7195)),
        giga=0.96,
    ),
    Published(
        "ESPCN",
        "luma",
        "25K",
        "SAFMN",
        _scores((30.52, 0.8697), (27.42, 0.7606), (26.87, 0.7216)),
        giga=1,
        counted=64 * 25 + 9 * 64 * 32 + 9 * 32 * 16,
    ),
    Published(
        "ECBSR-M4C32",
        "RGB",
        "51.9K",
        "ETDS",
        _scores((31.24, None), (28.04, None), (27.21, None)),
        giga=3.0,
    ),
    Published(
        "SRCNN 9-5-5",
        "luma",
        "57K",
        "CARN",
        _scores((30.48, 0.8628), (27.49, 0.7503), (26.90, 0.7101)),
        giga=52.7,
        counted=16 * (81 * 64 + 25 * 64 * 32 + 25 * 32),
    ),
    Published(
        "NinaSR-B0",
        "RGB",
        "100K",
        "torchSR",
        _scores((31.77, 0.8877), (28.28, 0.7727), (27.36, 0.7290)),
    ),
    Published(
        "ECBSR-M6C40",
        "RGB",
        "105K",
        "ETDS",
        _scores((31.41, None), (28.20, None), (27.33, None)),
        giga=6.1,
    ),
    Published(
        "CARN-M",
        "RGB",
        "412K",
        "CARN",
        _scores((31.92, 0.8903), (28.42, 0.7762), (27.44, 0.7304)),
        giga=32.5,
    ),
    Published(
        "IMDN",
        "RGB",
        "715K",
        "SAFMN",
        _scores((32.21, 0.8948), (28.58, 0.7811), (27.56, 0.7353)),
        giga=41,
    ),
    Published(
        "LapSRN",
        "luma",
        "813K",
        "CARN",
        _scores((31.54, 0.8850), (28.19, 0.7720), (27.32, 0.7280)),
        giga=149,
    ),
)
"""From the smallest."""
