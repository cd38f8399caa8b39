"""The language of tile programs: what an instruction holds, and how compiled code runs it.

A program is a table of 64-bit integers, one row an instruction; field 0 is the address of the
function that carries it out. Positions are counted in floats from the start of a buffer (in
doubles, where the layer has these), and buffers by number, so one program serves every thread and
every tile of the same shape. Buffer 0 is the input, buffer 1 the output (both moved to the tile's
place); the others are scratch memory of the thread.
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


NEST = (
    "groups",
    "x_group",  # floats from a group to the next, in each
    "y_group",
    "weights_group",
    "post_group",
    "rows",
    "first_phase",  # phase of output row 0
    "phase_count",
    "phases",  # table: kernel rows, offset of the first one (rows of x), first weight (a channel)
    "position_step",  # floats of x from a row position to the next
    "row_step",  # floats of x from a kernel row to the next
    "pairs_unit",  # input channels of a group: pairs = this x kernel rows
    "weights",
    "weights_unit",  # floats of weights an output channel
    "post",
    "post_unit",  # floats an output channel
    "post_phase",  # floats a row phase
    "wide_count",
    "wide_positions",  # positions of a wide register tile
    "narrow_count",
    "narrow_positions",
    "column_phases",
    "column_step",  # floats of x from a column position to the next
    "many_count",
    "many",  # output channels of a register tile with many
    "few_count",
    "few",
    "wide_many",  # addresses of the four micro-kernels
    "wide_few",
    "narrow_many",
    "narrow_few",
    "x_row",
    "x_channel",
    "y_row",
    "y_channel",
)
"""What the loops of a layer read, beside the places."""
ADDRESSES = (
    "phases",
    "weights",
    "post",
    "wide_many",
    "wide_few",
    "narrow_many",
    "narrow_few",
)
"""Those of `NEST` that are addresses."""
_OF_PLACES = ("x_row", "x_channel", "y_row", "y_channel")

_LAYER = ("x*", "y*", *(name for name in NEST if name not in _OF_PLACES))

ROWS = _fields(*_LAYER, "low", "high")
"""A layer row by row; x and y: the row and column positions 0, phase 0 of a row's first output.

Of each row, only the outputs ``low <= index < high`` are written.
"""

FLAT = _fields(
    *_LAYER,
    "line*",  # scratch: a row of channels
    "pictures",
    "line_picture",  # floats from a picture's first position to the next one's
    "y_picture",
    "line_row",  # floats from a row's first position to the next one's
    "first",  # of the line, the first output that is wanted
    "width",  # outputs a row
)
"""A layer whose rows of a phase are one long row.

x and y: as in `ROWS`, but y at the first output.
"""

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
    "fill",  # the address of a float
)
"""Rows with margins, from any rows and columns of another buffer."""

TURN = _fields(
    "x*",
    "y*",
    "channels",
    "rows",
    "row_table",  # as in `COPY`
    "columns",
    "column_table",  # for each column its column of x, or -1: fill
    "x_column",  # floats of x from a column to the next
    "fill",  # the address of a float
)
"""As `COPY`, from an input whose channels come last: those of a pixel follow one another."""

COMBINE = _fields("a*", "b*", "y*", "channels", "rows", "columns")
"""y = a + b, a - b or a * b; a channel step of 0 gives all channels the same plane."""

ACTIVATE = _fields("x*", "y*", "channels", "rows", "columns", "parameters")
"""y = a function of x; the parameters are the function's own."""

TRANSFORM = _fields(
    "x*",
    "y*",
    "channels",
    "groups",
    "columns",
    "x_part",  # floats from a row of a group to its next
    "x_group",  # floats from a group to the next
    "y_part",
    "y_group",
    "low",
    "high",
    "spare*",
    "slopes",
)
"""Rows of y, each a sum of rows of x: groups of some, made of groups of others.

Counted over all groups, the rows ``low <= index < high`` of y are written; the others go to
``spare``, scratch memory that nobody reads. ``x``'s and ``y``'s rows are as their parts say.
"""

COLUMNS_IN = _fields(
    "x*",
    "y*",
    "channels",
    "groups",
    "y_part",  # floats from a sum of a group to its next
)
"""Sums of the columns of every group: of each sum, those of all groups are one row."""

COLUMNS_OUT = _fields(
    "x*",
    "y*",
    "channels",
    "rows",
    "groups",
    "x_part",  # floats from a product of a group to its next
    "x_phase",  # floats from an output phase to the next
    "low",
    "high",
    "slopes",
)
"""Columns of every group, each of them a sum of the group's products.

Of each row, only the outputs ``low <= index < high`` are written.
"""

WIDTH = 64
"""Integers an instruction."""

STATE = {"taken": 0, "done": 1, "stop": 8}
"""What the threads of a call share: tiles taken, tiles done, and whether to stop (not 0).

Every thread looks at the last one before each instruction: it has a cache line of its own.
"""
STATE_WORDS = 16

JOB = {
    name: index
    for index, name in enumerate(
        (
            "state",
            "tiles",
            "tile_table",
            "buffers",
            "input",
            "output",
            "budget",
            "next",
            "left",
            "done",
            "work",
            "held",
        )
    )
}
"""What one thread is given, and where it is.

The address of the `STATE`, the number of tiles, the addresses of their table, of the thread's table
of buffers, and of the input and the output; how many instructions to carry out at most. Then, as
the thread leaves it: the address of the next instruction of its tile, how many are left of it (0:
take another tile), and how many it has carried out in all. Last, the address of the function that
does the job, and whether another thread holds it, or may yet take it (not 0).
"""
JOB_WORDS = 24  # so that what a thread writes shares no cache line with another thread's

AWAY, WAITING = 0, 1
"""What is in a thread's mailbox where no job's address is: it is at work or asleep, or waits."""
MAILBOX_WORDS = 16  # so that it shares no cache line with another thread's

TILE = {name: index for index, name in enumerate(("program", "instructions", "input", "output"))}
"""A row of the table of tiles: the program, its length, the tile's places in input and output.

A program has one instruction or more.
"""
