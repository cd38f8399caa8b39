"""The legal schedules of a layer: how many there are differs; some are drawn.

A candidate is how the output is cut into tiles, and the register tile of a whole one (narrower
rectangles at the edges take as much of it as they need). Register tiles that LLVM has to spill are
legal too; left out are those that hold less than half of the sums that would fit, and so many tiles
that planning them takes long: neither is ever fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

import numpy as np

from drawn import DrawnLayer
from upweave.kernels import host, rectangles
from upweave.kernels.filter_tiling import FilterTiles
from upweave.kernels.forms import PositionForm
from upweave.kernels.layer import Layer
from upweave.kernels.operator import LayerOperator
from upweave.kernels.pictures import Pictures
from upweave.kernels.schedule import RegisterTile, Work, fitting_tiles, split
from upweave.kernels.tiling import FlatTiles, RowTiles, Schedule, can_be_flat, choose_schedule

MOST_TILES = 2000
DRAWS = 50  # for each candidate wanted; so many without enough new ones: there are no more


@dataclass(frozen=True)
class Candidate:
    """A schedule and a register tile."""

    schedule: Schedule
    tile: RegisterTile

    def __str__(self) -> str:
        s, tile = self.schedule, f"{self.tile.vectors}×{self.tile.channels}"
        if isinstance(s, RowTiles):
            return f"{tile}, rows {s.rows}×{s.columns}, groups {s.groups}"
        if isinstance(s, FilterTiles):
            size = f"{s.pictures} of {s.groups} groups × {s.columns}"
            return f"{tile}, filters {size}, channels {s.channels}"
        return f"{tile}, flat {s.pictures} of {s.rows} rows, shares {s.shares}"


@dataclass(eq=False)
class TiledLayer(Layer):
    """A layer whose register tile is not chosen but given."""

    largest: RegisterTile = field(kw_only=True)

    @staticmethod
    def of(layer: Layer, largest: RegisterTile) -> "TiledLayer":
        """Return a layer with a register tile."""
        values = {name.name: getattr(layer, name.name) for name in fields(layer)}
        return TiledLayer(**values, largest=largest)

    def register_tile(self, work: Work) -> RegisterTile:
        """Return as much of the tile as a row has work for."""
        return RegisterTile(
            min(self.largest.vectors, work.vectors), min(self.largest.channels, work.channels)
        )


class Space:
    """The candidates of a layer.

    Parameters
    ----------
    layer : DrawnLayer
    threads : int
    """

    def __init__(self, layer: DrawnLayer, threads: int) -> None:
        self._slabs, self._output_size = layer.slabs()
        x, y = (tuple(expanded) for expanded in map(_five, layer.shapes))
        pictures = [Pictures(s, x, y) for s in self._slabs if s.layer is not None]
        self._pictures = pictures[0]  # the others, if any, differ in their depths' taps alone
        by = self._pictures.filter
        (form,) = (self._pictures.layer if by is None else by.products).forms
        assert isinstance(form, PositionForm)
        self._form = form
        schedule = choose_schedule(self._pictures, threads)
        self.pick = Candidate(schedule, form.tile(self._positions(schedule)))

    def picked(self) -> LayerOperator:
        """Return the layer as the cost model has it."""
        return LayerOperator(self._slabs, None, self._output_size)

    def operator(self, candidate: Candidate) -> LayerOperator:
        """Return the layer as a candidate has it."""
        slabs = [
            replace(slab, layer=slab.layer and TiledLayer.of(slab.layer, candidate.tile))
            for slab in self._slabs
        ]

        def choose(pictures: Pictures, threads: int) -> Schedule:
            """Choose as the cost model does for depths filtered where the first are not."""
            alike = (pictures.filter is None) == (self._pictures.filter is None)
            return candidate.schedule if alike else choose_schedule(pictures, threads)

        return LayerOperator(slabs, None, self._output_size, choose)

    def draw(self, count: int, seed: int) -> list[Candidate]:
        """Draw so many candidates beside the pick, no two of which do the same; or all there are.

        Half of them differ from the pick in one thing.
        """
        rng = np.random.default_rng(seed)
        found: dict[object, Candidate] = {self._key(self.pick): self.pick}
        for n in range(DRAWS * count):
            candidate = self._near(rng) if n % 2 else self._anywhere(rng)
            if self._tiles(candidate.schedule) <= MOST_TILES:
                found.setdefault(self._key(candidate), candidate)
            if len(found) > count:
                break
        return list(found.values())[1:]

    def _near(self, rng: np.random.Generator) -> Candidate:
        """Draw one that differs from the pick in one thing."""
        schedule = self.pick.schedule
        if rng.random() < 0.4:
            return Candidate(schedule, self._tile(rng, schedule))
        draw = {FilterTiles: self._filters, FlatTiles: self._flat, RowTiles: self._rows}
        other = draw[type(schedule)](rng)
        names = list(schedule.__dataclass_fields__)
        name = names[rng.integers(len(names))]
        return Candidate(replace(schedule, **{name: getattr(other, name)}), self.pick.tile)

    def _anywhere(self, rng: np.random.Generator) -> Candidate:
        schedule: Schedule
        if self._pictures.filter is not None:
            schedule = self._filters(rng)
        elif can_be_flat(self._pictures) and rng.random() < 0.5:
            schedule = self._flat(rng)
        else:
            schedule = self._rows(rng)
        return Candidate(schedule, self._tile(rng, schedule))

    def _filters(self, rng: np.random.Generator) -> FilterTiles:
        by = self._pictures.filter
        assert by is not None
        groups = len(by.rows.groups(0, self._pictures.size[0]))
        return FilterTiles(
            _up_to(rng, self._pictures.consecutive),
            _up_to(rng, groups),
            self._some_columns(rng),
            -(-by.layer.out_channels // _up_to(rng, min(16, by.layer.out_channels))),
        )

    def _rows(self, rng: np.random.Generator) -> RowTiles:
        groups = _up_to(rng, self._pictures.layer.groups)
        return RowTiles(self._some_rows(rng), self._some_columns(rng), groups)

    def _some_columns(self, rng: np.random.Generator) -> int:
        layer, width = self._pictures.layer, self._pictures.size[1]
        phases = len(layer.columns.phases)
        vectors = -(-width // (phases * layer.lanes))
        return min(width, phases * layer.lanes * _up_to(rng, vectors))

    def _flat(self, rng: np.random.Generator) -> FlatTiles:
        layer, (height, _) = self._pictures.layer, self._pictures.size
        if rng.random() < 0.5:
            return FlatTiles(1, self._some_rows(rng), _up_to(rng, layer.group_outputs))
        pictures = _up_to(rng, self._pictures.consecutive)
        return FlatTiles(pictures, height, _up_to(rng, layer.group_outputs))

    def _some_rows(self, rng: np.random.Generator) -> int:
        height, phases = self._pictures.size[0], len(self._pictures.layer.rows.phases)
        return min(height, phases * _up_to(rng, -(-height // phases)))

    def _tile(self, rng: np.random.Generator, schedule: Schedule) -> RegisterTile:
        work = self._form.work(self._positions(schedule))
        tiles = fitting_tiles(work, host.registers())
        sums = [tile.vectors * tile.channels for tile in tiles]
        large = [tile for tile, held in zip(tiles, sums, strict=True) if 2 * held >= max(sums)]
        return large[rng.integers(len(large))]

    def _positions(self, schedule: Schedule) -> int:
        """Return the positions of a whole tile's rows."""
        columns = self._pictures.layer.columns
        if isinstance(schedule, RowTiles):
            return -(-schedule.columns // len(columns.phases))
        if isinstance(schedule, FilterTiles):
            by = self._pictures.filter
            assert by is not None
            left, right = by.needs((0, 0), (1, schedule.columns))[1]
            row = by.pitch(right - left) // max(1, by.group[1])
            return schedule.pictures * schedule.groups * row
        whole = self._pictures.first(schedule.pictures)
        rectangle = replace(whole, size=(schedule.rows, whole.size[1]))
        form = rectangles.flat_form(self._pictures.slab, self._pictures.volume, rectangle)
        return form.positions

    def _key(self, candidate: Candidate) -> object:
        """Return what two candidates that do the same share."""
        schedule, tile = candidate.schedule, candidate.tile
        work = self._form.work(self._positions(schedule))
        blocks = split(work.channels, tile.channels)
        if isinstance(schedule, FlatTiles):
            shares = min(schedule.shares, blocks.many_count + blocks.few_count)
            schedule = replace(schedule, shares=shares)
        return schedule, split(work.vectors, tile.vectors), blocks

    def _tiles(self, schedule: Schedule) -> int:
        """Return about how many tiles a schedule has."""
        height, width = self._pictures.size
        if isinstance(schedule, FilterTiles):
            by = self._pictures.filter
            assert by is not None
            down = -(-len(by.rows.groups(0, height)) // schedule.groups)
            across = -(-width // schedule.columns) * -(-by.layer.out_channels // schedule.channels)
            return -(-self._pictures.count // schedule.pictures) * down * across
        down = -(-height // schedule.rows)
        if isinstance(schedule, FlatTiles):
            return self._pictures.count * down * schedule.shares // schedule.pictures
        groups = -(-self._pictures.layer.groups // schedule.groups)
        return self._pictures.count * down * -(-width // schedule.columns) * groups


def _up_to(rng: np.random.Generator, most: int) -> int:
    """Draw one of 1 … most, small and large ones alike."""
    return int(np.exp(rng.uniform(0, np.log(most + 1))))


def _five(shape: tuple[int, ...]) -> Iterator[int]:
    """Yield a shape of five axes: new ones of size 1 after the channels."""
    yield from (*shape[:2], *(1,) * (5 - len(shape)), *shape[2:])
