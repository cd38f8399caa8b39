"""The language of tile programs: what an instruction holds, and how compiled code runs it.

A program is a table of 64-bit integers, one row an instruction; field 0 is the address of the
function that carries it out. Positions are counted in floats from the start of a buffer, and
buffers by number, so one program serves every thread and every tile of the same shape. Buffer 0
is the input, buffer 1 the output (both moved to the tile's place); the others are scratch memory
of the thread.
"""

INPUT, OUTPUT, SCRATCH = 0, 1, 2
"""Buffer numbers; scratch buffers count from SCRATCH."""

_PLACE = ("offset", "channel", "row")


def _fields(*names: str) -> dict[str, int]:
    """Give every field its number, from 1; ``name*`` stands for a buffer and a place in it."""
    flat: list[str] = []
    for name in names:
        if name.endswith("*"):
            flat += [name[:-1], *(f"{name[:-1]}_{part}" for part in _PLACE)]
        else:
            flat.append(name)
    return {name: index for index, name in enumerate(flat, start=1)}


LAYER = _fields(
    "x*",  # row 0 column 0 of what the layer reads, for the row and column positions 0
    "y*",  # where output row 0 and the first position's phase 0 go
    "rows",
    "first_phase",  # phase of output row 0
    "phase_count",
    "phases",  # table: kernel rows, offset of the first one (rows of x), first weight (a channel)
    "row_step",  # rows of x from one kernel row to the next
    "pairs_unit",  # input channels: pairs = this x kernel rows
    "weights",
    "weights_unit",  # floats of weights an output channel
    "post",
    "post_unit",  # floats an output channel
    "post_phase",  # floats a row phase
    "low",
    "high",
    "wide_count",
    "wide_positions",  # input positions of a wide tile
    "narrow_count",
    "narrow_positions",
    "column_phases",
    "many_count",
    "many",  # output channels of a tile with many
    "few_count",
    "few",
    "wide_many",  # addresses of the four micro-kernels
    "wide_few",
    "narrow_many",
    "narrow_few",
)
"""A convolution or transposed convolution of whole rows."""

COPY = _fields(
    "x*",
    "y*",
    "channels",
    "rows",
    "row_table",  # for each row its row of x, or -1: fill
    "left",  # columns before the body, looked up in the column table
    "body",  # columns copied as they stand
    "body_start",  # their first column of x
    "right",  # columns after the body
    "column_table",  # left then right; -1: fill
    "fill",  # bits of the float
)
"""Rows with margins, from any rows and columns of another buffer."""

COMBINE = _fields("a*", "b*", "y*", "channels", "rows", "columns")
"""y = a + b, a - b or a * b; a channel step of 0 gives all channels the same plane."""

ACTIVATE = _fields("x*", "y*", "channels", "rows", "columns", "parameters")
"""y = a function of x; the parameters are the function's own."""

WIDTH = 40
"""Integers an instruction."""

JOB = {
    name: index
    for index, name in enumerate(
        ("counter", "done", "tiles", "most", "tile_table", "buffers", "input", "output")
    )
}
"""What one thread is given.

The addresses of two shared counters (tiles taken, tiles done), the number of tiles, how many of
them to take at most, and the addresses of their table, of the thread's table of buffers, and of the
input and the output.
"""

TILE = {name: index for index, name in enumerate(("program", "instructions", "input", "output"))}
"""A row of the table of tiles: the program, its length, the tile's places in input and output."""
