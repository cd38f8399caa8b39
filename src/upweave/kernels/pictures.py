"""The pictures of a slab: what its output is, plane by plane, and where each lies in memory."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from upweave.kernels.filter_choice import choose_group_for
from upweave.kernels.layer import Layer
from upweave.kernels.rectangles import Picture, Rectangle, Volume
from upweave.kernels.slabs import Slab
from upweave.kernels.winograd import LayerFilter

Size = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Pictures:
    """The planes of a slab's output: one for every image, and every depth where there are several.

    Attributes
    ----------
    slab : Slab
        It has a layer.
    x, y : tuple of int
        The shapes of input and output, (N, C, D, H, W).
    channels_last : bool
        Whether a pixel's channels follow one another in the input.
    """

    slab: Slab
    x: Size
    y: Size
    channels_last: bool = False

    @property
    def layer(self) -> Layer:
        """The layer of planes."""
        assert self.slab.layer is not None
        return self.slab.layer

    @cached_property
    def filter(self) -> LayerFilter | None:
        """The minimal filters that compute them, where that is less work."""
        group = choose_group_for(self.layer, self.size, self.count)
        return self.slab.filter(group) if any(group) else None

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a picture."""
        return self.y[3], self.y[4]

    @property
    def consecutive(self) -> int:
        """How many follow one another at equal distances: the images, or the depths of one."""
        return self.y[0] if self._by_image else self._depths

    @property
    def count(self) -> int:
        """How many there are."""
        return self.y[0] * self._depths

    @cached_property
    def volume(self) -> Volume:
        """How input and output lie in memory."""
        return Volume(
            (self.x[3], self.x[4]),
            self.size,
            1 if self.channels_last else self.x[2] * self._x_plane,
            self.x[4] * self._x_pixel,
            self._x_pixel,
            self.y[2] * self._y_plane,
            self._y_image if self._by_image else self.slab.step * self._y_plane,
        )

    def first(self, count: int) -> Rectangle:
        """Return all outputs of the first pictures."""
        pictures = tuple(map(self._picture, range(count)))
        return Rectangle((0, 0), self.size, pictures, range(self.layer.groups))

    def stacks(self, most: int) -> Iterator[tuple[int, int, tuple[Picture, ...]]]:
        """Yield them in stacks of at most `most`.

        Yields
        ------
        x, y : int
            Where the stack begins in the input and in the output.
        pictures : tuple of Picture
            Where they lie, from there.
        """
        for image in range(self.count // self.consecutive):
            for start in range(0, self.consecutive, most):
                stop = min(start + most, self.consecutive)
                if self._by_image:
                    x_start, y_start = start * self._x_image, start * self._y_image
                else:
                    x_start = start * self.slab.input_step * self._x_plane
                    y_start = (self.slab.first + start * self.slab.step) * self._y_plane
                moved = [
                    Picture(tuple(None if p is None else p - x_start for p in picture.planes))
                    for picture in map(self._picture, range(start, stop))
                ]
                yield image * self._x_image + x_start, image * self._y_image + y_start, tuple(moved)

    @property
    def _by_image(self) -> bool:
        """Tell whether pictures follow one another by image; else by depth."""
        return self.y[2] == 1

    @property
    def _depths(self) -> int:
        return -(-(self.y[2] - self.slab.first) // self.slab.step)

    @property
    def _x_pixel(self) -> int:
        """Floats of the input from a pixel to the next."""
        return self.x[1] if self.channels_last else 1

    @property
    def _x_plane(self) -> int:
        return self.x[3] * self.x[4] * self._x_pixel

    @property
    def _y_plane(self) -> int:
        return self.y[3] * self.y[4]

    @property
    def _x_image(self) -> int:
        return math.prod(self.x[1:])

    @property
    def _y_image(self) -> int:
        return self.y[1] * self.y[2] * self._y_plane

    def _picture(self, item: int) -> Picture:
        """Return where a picture's planes lie, from the start of its image, or of all images."""
        depth = 0 if self._by_image else item * self.slab.input_step
        start = item * self._x_image if self._by_image else depth * self._x_plane
        return Picture(
            tuple(
                start + offset * self._x_plane if 0 <= depth + offset < self.x[2] else None
                for offset in self.slab.offsets
            )
        )
