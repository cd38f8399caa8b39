"""Which networks there are, and what a recipe may say of each; known without torch."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KNOWN", "Choices"]


@dataclass(frozen=True)
class Choices:
    """What a recipe may choose of a network.

    Attributes
    ----------
    fields : tuple of str
        Those of "width", "depth" and "branched" that mean something.
    scales : tuple of int
    """

    fields: tuple[str, ...] = ()
    scales: tuple[int, ...] = (2, 3, 4)


KNOWN = {
    "weave": Choices(("width", "depth", "branched")),
    "srcnn": Choices(),
    "fsrcnn": Choices(("width", "depth")),
    "espcn": Choices(),
    "lapsrn": Choices(("width", "depth"), scales=(2, 4)),
    "resize-convolution": Choices(("width", "depth")),
    "tcnn": Choices(scales=(4,)),
    "upsampling": Choices(scales=(4,)),
}
"""By the name that recipes use; `upweave.learning.networks` builds them."""
