"""Which tiles the output of a layer is cut into: row by row or flat, and how large.

Any schedule gives the same bits; these choose, by estimates, one that takes little time. Where
minimal filters compute a layer, `filter_tiling` does.
"""

from dataclasses import dataclass

from upweave.kernels import layer_instructions, rectangles
from upweave.kernels.filter_tiling import FilterTiles, choose_filter_tiles
from upweave.kernels.forms import PositionForm
from upweave.kernels.pictures import Pictures
from upweave.kernels.schedule import COPY_CYCLES, TILES_PER_THREAD
from upweave.kernels.tiles import row_step

_TILE_BYTES = 384 * 1024  # of a tile's input, to stay in the second-level cache
_COPIED_CYCLES = 8  # of copying a vector of a flat row to where it belongs
_TILE_CYCLES = 8000  # of taking a tile, and of its instructions
_RUN_CYCLES = 100  # of beginning another row of a plane, in memory: the first lines are waited for


@dataclass(frozen=True)
class RowTiles:
    """Tiles of one picture, computed row by row.

    Attributes
    ----------
    rows, columns : int
        Of output.
    groups : int
        Of channels.
    """

    rows: int
    columns: int
    groups: int


@dataclass(frozen=True)
class FlatTiles:
    """Tiles of whole rows of some pictures, computed as one long row.

    Attributes
    ----------
    pictures, rows : int
        The pictures a tile, and the rows of output of each.
    shares : int
        Among so many tiles the output channels are shared, as far as there are blocks of them.
    """

    pictures: int
    rows: int
    shares: int


Schedule = RowTiles | FlatTiles | FilterTiles


def choose_schedule(pictures: Pictures, threads: int) -> Schedule:
    """Choose the tiles of a slab's output, for so many threads."""
    if pictures.filter is not None:
        return choose_filter_tiles(pictures, pictures.filter, threads)
    if can_be_flat(pictures) and pictures.size[0] > 1 and _flat_is_less_work(pictures):
        return _flat_tiles(pictures, threads)
    return _row_tiles(pictures, threads)


def can_be_flat(pictures: Pictures) -> bool:
    """Tell whether there are flat tiles: lanes are positions, and each position is an input's."""
    layer = pictures.layer
    steps = layer.rows.step, layer.columns.step
    return steps == (1, 1) and isinstance(layer.forms[0], PositionForm)


def _flat_is_less_work(pictures: Pictures) -> bool:
    """Tell whether a picture takes fewer cycles as one long row than row by row.

    Long rows leave fewer lanes empty, and can be cut into the best register tiles.
    """
    layer, (height, width) = pictures.layer, pictures.size
    whole = pictures.first(1)
    form = rectangles.flat_form(pictures.slab, pictures.volume, whole)
    phases = len(layer.columns.phases)
    columns, rows = -(-width // phases), -(-height // len(layer.rows.phases))
    positions = layer_instructions.flat_positions(
        layer, form.row, whole.first, whole.size, layer_instructions.Stack(1, form.rows, 0)
    )
    vectors = -(-positions // layer.lanes) * layer.group_outputs * phases
    compute = layer.forms[0].row_cycles
    return compute(positions) + vectors * _COPIED_CYCLES < rows * compute(columns)


def _flat_tiles(pictures: Pictures, threads: int) -> FlatTiles:
    """Choose the pictures a tile, and the rows of each: all, or of one picture some."""
    layer, (height, _) = pictures.layer, pictures.size
    fair = threads * TILES_PER_THREAD
    some = pictures.first(min(2, pictures.consecutive))
    form = rectangles.flat_form(pictures.slab, pictures.volume, some)
    per_row = layer.weights.itemsize * layer.in_channels * form.row
    fitting = _TILE_BYTES // (per_row * form.rows)
    if fitting < 1:
        halo = len(layer.rows.offsets) - 1
        # no fewer than are read beside them, even where these do not fit
        some_rows = max(halo + 1, _TILE_BYTES // per_row - halo)
        count, rows = 1, min(height, len(layer.rows.phases) * some_rows)
    else:
        shared = max(1, pictures.count // fair)
        count, rows = min(fitting, pictures.consecutive, shared), height
    stacks = pictures.count // pictures.consecutive * -(-pictures.consecutive // count)
    return FlatTiles(count, rows, -(-fair // (stacks * -(-height // rows))))


def _row_tiles(pictures: Pictures, threads: int) -> RowTiles:
    """Choose the groups a tile, its rows and columns: those of least estimated cycles.

    Of few groups, a tile has many rows of each plane.
    """
    shares = -(-threads * TILES_PER_THREAD // pictures.count)
    most = -(-pictures.layer.groups // shares)
    parts = [1 << n for n in range(most.bit_length())]
    choices = [_row_tile(pictures, threads, -(-most // n)) for n in parts]
    return min(choices, key=lambda choice: choice[0])[1]


def _row_tile(pictures: Pictures, threads: int, groups: int) -> tuple[tuple[bool, float], RowTiles]:
    """Return the best tile of so many groups, after what it costs a position and group."""
    layer, (height, width) = pictures.layer, pictures.size
    stride_rows, stride_columns = len(layer.rows.phases), len(layer.columns.phases)
    others = pictures.count * -(-layer.groups // groups)  # that share the work
    fair = threads * TILES_PER_THREAD
    positions = -(-width // stride_columns)
    span = len(layer.rows.offsets)

    def rows_and_cost(wide: int) -> tuple[int, tuple[bool, float]]:
        """Return the rows of positions of a tile so wide, and the cost of a position.

        What comes first of the cost: whether the input of a row does not fit.
        """
        inputs = (wide - 1) * layer.columns.step + len(layer.columns.offsets)
        row_bytes = layer.weights.itemsize * row_step(inputs)
        most = _TILE_BYTES // (layer.group_inputs * groups * row_bytes)
        fitting = (most - span) // layer.rows.step + 1
        shared = -(-height * others * -(-positions // wide) // (stride_rows * fair))
        rows = max(1, min(fitting, shared, -(-height // stride_rows)))
        lines = layer.group_inputs * ((rows - 1) * layer.rows.step + span)
        computed = stride_rows * sum(form.row_cycles(wide) for form in layer.forms)
        runs = stride_rows * layer.group_outputs + lines / rows
        tiles = others * -(-positions // wide)
        # lines are few tiles, and some threads wait for the last ones
        idle = -(-tiles // threads) * threads / tiles if height == 1 else 1.0
        cycles = COPY_CYCLES * lines * inputs / rows + computed + _RUN_CYCLES * runs
        cycles += _TILE_CYCLES / (rows * groups)
        bytes_a_row = layer.weights.itemsize * layer.group_inputs * span * row_step(inputs)
        return rows, (bytes_a_row > _TILE_BYTES, cycles / wide * idle)

    widest = positions
    if height == 1:  # lines are shared by their columns
        widest = -(-positions * others // fair)
    fewest, most = -(-positions // widest), -(-positions // layer.lanes)
    parts = range(fewest, max(fewest, most) + 1)
    candidates = {_in_lanes(-(-positions // n), layer.lanes, positions) for n in parts}
    wide = min(candidates, key=lambda wide: rows_and_cost(wide)[1])
    rows, cost = rows_and_cost(wide)
    size = min(height, stride_rows * rows), min(width, stride_columns * wide)
    return cost, RowTiles(*size, groups)


def _in_lanes(positions: int, lanes: int, most: int) -> int:
    """Return so many positions or a few more: whole vectors, or all."""
    return min(-(-positions // lanes) * lanes, most)
