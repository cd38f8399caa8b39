"""A graph and an input size to a tile program."""

from dataclasses import dataclass

import numpy as np

from upweave.engine.extent import AxisExtent, axis_extent
from upweave.engine.graph import Graph, Scale, Size
from upweave.engine.tile_choice import choose_tile, rows_a_step, whole
from upweave.engine.tile_writer import TileWriter
from upweave.kernels import program
from upweave.kernels.tiles import TileProgram


@dataclass(frozen=True)
class Plan:
    """How a network runs on one size of input.

    Attributes
    ----------
    input_size, output_size : (height, width)
    tile : (height, width)
        Input pixels a tile.
    step : int
        Input rows a step.
    tiles : int
        Tiles a picture.
    programs : int
        Different tile programs; tiles away from the edges share one.
    scratch_bytes : int
        Scratch memory a thread.
    """

    input_size: Size
    output_size: Size
    tile: Size
    step: int
    tiles: int
    programs: int
    scratch_bytes: int

    def __str__(self) -> str:
        (h, w), (oh, ow), (th, tw) = self.input_size, self.output_size, self.tile
        return (
            f"{w}x{h} to {ow}x{oh}: {self.tiles} tiles of {tw}x{th}, {self.step} rows a step, "
            f"{self.programs} programs, {self.scratch_bytes / 1024:.0f} KiB of scratch a thread"
        )


def plan_network(
    graph: Graph, batch: int, size: Size, tile: Size | None, threads: int, lanes: int
) -> tuple[Plan, TileProgram]:
    """Plan a network for `batch` inputs of `size`.

    Parameters
    ----------
    tile : (height, width), optional
        Input pixels a tile, rounded up to the next multiples of `Graph.unit`; the default is chosen
        for the cache and the threads.

    Raises
    ------
    ValueError
        Where the network cannot take the size.
    """
    sizes = graph.sizes(size)
    out = sizes[graph.output]
    scale = graph.scales(0)[graph.output], graph.scales(1)[graph.output]
    covered = -(-out[0] // scale[0]), -(-out[1] // scale[1])
    if tile is None:
        tile = choose_tile(graph, covered, batch, threads)
    rows, columns = (min(wanted, most) for wanted, most in zip(tile, covered, strict=True))
    tile = whole(rows, graph.unit(0)), whole(columns, graph.unit(1))
    planner = _Planner(graph, sizes, size, tile, scale, lanes)
    tile_program, programs = planner.program(batch)
    scratch = 4 * sum(tile_program.scratch)
    tiles = len(tile_program.tiles) // max(1, batch)
    step = rows_a_step(graph)
    return Plan(size, out, tile, step, tiles, programs, scratch), tile_program


@dataclass
class _Planner:
    """Writes the programs of all tiles of one input size."""

    graph: Graph
    sizes: dict[str, Size]
    size: Size
    tile: Size
    scale: Scale
    lanes: int

    def program(self, batch: int) -> tuple[TileProgram, int]:
        """Return the program of a batch, and how many different tile programs it has."""
        (rows, columns) = (self._extents(axis) for axis in (0, 1))
        out = self.sizes[self.graph.output]
        programs: dict[tuple[AxisExtent, AxisExtent], TileWriter] = {}
        picture = []
        for top, row_extent in rows:
            for left, column_extent in columns:
                key = row_extent, column_extent
                if key not in programs:
                    programs[key] = TileWriter(self.graph, self.sizes, self.lanes, *key)
                written = programs[key].rows
                x_at = top * self.size[1] + left
                y_at = int(top * self.scale[0]) * out[1] + int(left * self.scale[1])
                picture.append((written.ctypes.data, len(written), x_at, y_at))
        floats = self.graph.channels[self.graph.input] * self.size[0] * self.size[1]
        out_floats = self.graph.channels[self.graph.output] * out[0] * out[1]
        table = np.array(picture * batch, np.int64).reshape(-1, len(program.TILE))
        images = np.repeat(np.arange(batch), len(picture))
        table[:, program.TILE["input"]] += images * floats
        table[:, program.TILE["output"]] += images * out_floats
        scratch = np.max([writer.scratch for writer in programs.values()], axis=0).tolist()
        keep = [self.graph, *((writer.rows, writer.keep) for writer in programs.values())]
        return TileProgram(table, scratch, keep, self.lanes), len(programs)

    def _extents(self, axis: int) -> list[tuple[int, AxisExtent]]:
        """Return every tile's first input index and its extent along an axis."""
        scale, extent = self.scale[axis], self.tile[axis]
        sizes = {name: size[axis] for name, size in self.sizes.items()}
        stop = sizes[self.graph.output]
        tiles = range(0, -(-stop // scale), extent)
        step = max(1, int(rows_a_step(self.graph) * scale)) if axis == 0 else stop
        known: dict[AxisExtent, AxisExtent] = {}
        result = []
        for first in tiles:
            wanted = int(first * scale), min(int((first + extent) * scale), stop)
            found = axis_extent(self.graph, axis, sizes, wanted, step, first)
            result.append((first, known.setdefault(found, found)))
        return result
