"""``upweave size``: what sizes a layer, or a row of layers, makes of what sizes."""

from __future__ import annotations

from itertools import pairwise
from math import gcd
from typing import Annotated

import typer

from upweave.cli.output import say, table
from upweave.ops.axes import GeometryError
from upweave.ops.geometry import Geometry
from upweave.ops.solving import calls, onnx_attributes, solve, torch_arguments

EXAMPLES = """\
\b
Examples:
  upweave size 64 --to 256
  upweave size 64 --to 128 --kernel 4
  upweave size 64 --kernel 3 --stride 2 --padding 1 --output-padding 1
  upweave size 4 --kernel 4,4,4 --stride 2 --padding 1
  upweave size 7 --kernel 3 --conv
  upweave size --from-output 128 --kernel 4 --stride 2 --padding 1

Several layers in a row: one value for each, with commas; a single value is for all.
"""

_MOST_ROWS = 10
_MOST_PHASES, _MOST_TAPS = 16, 1000  # that are listed and counted one by one
# The options that describe a layer, and the least that each may be.
_LEAST = {"kernel": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}


def size(
    size: Annotated[
        int | None, typer.Argument(metavar="SIZE", min=1, help="Size of the input, on one axis.")
    ] = None,
    to: Annotated[
        int | None, typer.Option(min=1, help="List the layers that make this size of it.")
    ] = None,
    from_output: Annotated[
        int | None, typer.Option(min=1, help="Say what input size has this output size.")
    ] = None,
    kernel: Annotated[str | None, typer.Option(metavar="INTEGERS", help="Kernel sizes.")] = None,
    stride: Annotated[
        str | None, typer.Option(metavar="INTEGERS", help="Strides.", show_default="1")
    ] = None,
    padding: Annotated[
        str | None,
        typer.Option(metavar="INTEGERS", help="Paddings, of each end.", show_default="0"),
    ] = None,
    output_padding: Annotated[
        str | None, typer.Option(metavar="INTEGERS", help="Output paddings.", show_default="0")
    ] = None,
    dilation: Annotated[
        str | None, typer.Option(metavar="INTEGERS", help="Dilations.", show_default="1")
    ] = None,
    conv: Annotated[
        bool, typer.Option("--conv", help="Ordinary convolutions, not transposed ones.")
    ] = False,
) -> None:
    """Compute the sizes of transposed convolutions, or find the layers between two sizes."""
    given = {
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
    }
    fixed = {name: _numbers(name, text) for name, text in given.items() if text is not None}
    if (size is None) == (from_output is None):
        raise typer.BadParameter("give a size, or --from-output", param_hint="SIZE")
    if conv and output_padding is not None:
        raise typer.BadParameter(
            "only transposed convolutions have one", param_hint="--output-padding"
        )
    if to is not None:
        if size is None or conv:
            other = "--conv" if conv else "--from-output"
            raise typer.BadParameter(f"cannot be used with {other}", param_hint="--to")
        _solve(size, to, fixed)
        return
    if kernel is None:
        wanted = "give one" if size is None else "give one, or an output size with --to"
        raise typer.BadParameter(wanted, param_hint="--kernel")
    layers = _layers(fixed)
    if size is not None:
        _forwards(size, layers, conv)
    elif from_output is not None:
        say(_backwards_conv(from_output, layers) if conv else _backwards(from_output, layers))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _numbers(name: str, text: str) -> list[int]:
    """Return what a list with commas says."""
    try:
        if not text.isascii():
            raise ValueError
        values = [int(part) if part.strip().isdigit() else -1 for part in text.split(",")]
        if min(values) < _LEAST[name]:
            raise ValueError
    except ValueError:
        raise typer.BadParameter(
            f"got {text}; whole numbers of at least {_LEAST[name]}, with commas between, would do",
            param_hint=_option(name),
        ) from None
    return values


def _layers(fixed: dict[str, list[int]]) -> list[Geometry]:
    """Return the layers in their order; a single value is for all of them."""
    count = max(map(len, fixed.values()))
    for name, values in fixed.items():
        if len(values) not in (1, count):
            raise typer.BadParameter(
                f"got {len(values)} values for {count} layers; {count}, or one for all, would do",
                param_hint=_option(name),
            )
    layers = []
    for n in range(count):
        words = {name: values[n if len(values) > 1 else 0] for name, values in fixed.items()}
        a = words.get("output_padding", 0)
        most = max(words.get("stride", 1), words.get("dilation", 1))
        if a >= most:
            raise typer.BadParameter(
                f"got {a} where stride and dilation are at most {most}; less than that would do",
                param_hint="--output-padding",
            )
        layers.append(Geometry(**words))
    return layers


def _solve(size: int, to: int, fixed: dict[str, list[int]]) -> None:
    """List the layers that make one size of another."""
    for name, values in fixed.items():
        if len(values) > 1:
            raise typer.BadParameter(
                "got several values; with --to, one layer is sought", param_hint=_option(name)
            )
    words = {name: values[0] for name, values in fixed.items()}
    solutions = solve(size, to, **words)
    if not solutions:
        raise ValueError(
            f"no transposed convolution was found that makes {to} of {size}"
            + (" with these values; leave one of them out" if fixed else "; try a larger --kernel")
        )
    head = ("kernel", "stride", "padding", "output padding", "overlap", "in Keras")
    rows: list[tuple[str, ...]] = [head]
    for solution in solutions[:_MOST_ROWS]:
        *numbers, _ = _values(solution.geometry)
        overlap = "uneven" if solution.uneven else "even"
        keras = solution.keras.split(", ", 2)[2] if solution.keras else "-"
        rows.append((*map(str, numbers), overlap, keras))
    say(f"{size} -> {to}")
    say(table(rows))
    more = len(solutions) - _MOST_ROWS
    if more > 0:
        say(f"and {more} more; choose with --kernel, --stride, --padding or --output-padding")
    if any(solution.uneven for solution in solutions[:_MOST_ROWS]):
        say("uneven: some outputs receive more taps than others, which can show as a checkerboard")
    say("The first of these, on both axes of a picture:")
    say(_code(solutions[0].geometry))


def _forwards(size: int, layers: list[Geometry], conv: bool) -> None:
    """Show what the layers make of a size."""
    sizes = [size]
    for n, layer in enumerate(layers, start=1):
        try:
            (after,) = layer.input_size(sizes[-1]) if conv else layer.output_size(sizes[-1])
        except GeometryError:
            raise typer.BadParameter(
                f"{_named(n, layers)} leaves nothing of a size of {sizes[-1]}; "
                + ("a smaller one would do" if conv else "less would do"),
                param_hint="--kernel" if conv else "--padding",
            ) from None
        sizes.append(after)
    if len(layers) > 1:
        say(" -> ".join(map(str, sizes)))
    for layer, (before, after) in zip(layers, pairwise(sizes), strict=True):
        if len(layers) > 1:
            say("")
        say(f"{before} -> {after}")
        say(f"  {_conv_formula(layer, before, after) if conv else _formula(layer, before, after)}")
        say(f"  {_back(layer, before, after) if conv else _overlap(layer)}")
        say(_conv_code(layer) if conv else _code(layer))


def _named(n: int, layers: list[Geometry]) -> str:
    return f"layer {n}" if len(layers) > 1 else "the layer"


def _formula(layer: Geometry, before: int, after: int) -> str:
    """Relation 14 of arXiv:1603.07285 with a dilated kernel, in numbers."""
    k, s, p, a, d = _values(layer)
    return f"({before} - 1)*{s} + {d}*({k} - 1) + 1 - {p} - {p} + {a} = {after}"


def _conv_formula(layer: Geometry, before: int, after: int) -> str:
    """Relation 15, in numbers."""
    k, s, p, _, d = _values(layer)
    return f"floor(({before} + {p} + {p} - {d}*({k} - 1) - 1)/{s}) + 1 = {after}"


def _values(g: Geometry) -> tuple[int, int, int, int, int]:
    """Return the kernel, stride, padding of each end, output padding and dilation of an axis."""
    return g.kernel[0], g.stride[0], g.padding[0][0], g.output_padding[0], g.dilation[0]


def _overlap(layer: Geometry) -> str:
    """Tell whether all outputs receive as many taps."""
    k, s, _, _, d = _values(layer)
    shared = gcd(s, d)
    if shared == 1 and k % s == 0:
        return f"even overlap: {_count(k // s)} in each phase"
    if s <= _MOST_PHASES and k <= _MOST_TAPS:
        taps = f"{', '.join(map(str, layer.taps_per_phase(0)))} taps in the phases"
    else:
        least = 0 if shared > 1 else k // s
        taps = f"{least} to {_count(-(-k * shared // s))} in a phase"
    why = f"stride {s} and dilation {d} share the factor {shared}"
    if shared == 1:
        why = f"kernel {k} is not divisible by stride {s}"
    return f"uneven overlap, which can show as a checkerboard: {taps} ({why})"


def _count(taps: int) -> str:
    return "1 tap" if taps == 1 else f"{taps} taps"


def _back(layer: Geometry, before: int, after: int) -> str:
    """Name the transposed convolution that leads back to the size before a convolution."""
    k, s, p, _, d = _values(layer)
    missing = before - (s * (after - 1) + d * (k - 1) + 1 - 2 * p)  # 0 to s - 1: relation 14's a
    return (
        f"back: {after} -> {before} by the transposed convolution with the same values and "
        f"output padding {missing}"
    )


def _on_both_axes(g: Geometry) -> Geometry:
    return Geometry(g.kernel * 2, g.stride * 2, g.padding * 2, g.output_padding * 2, g.dilation * 2)


def _code(layer: Geometry) -> str:
    """Return the layer in the words of others, for pictures."""
    return _columns(*calls(_on_both_axes(layer)).values())


def _conv_code(layer: Geometry) -> str:
    g = _on_both_axes(layer)
    k, s, p, _, d = _values(layer)
    # "same" of a larger stride depends on the size.
    padding = '"valid"' if p == 0 else '"same"' if s == 1 and 2 * p == d * (k - 1) else None
    dilated = f", dilation_rate={d}" if d > 1 else ""
    keras = (
        f"keras.layers.Conv2D(filters, kernel_size={k}, strides={s}, padding={padding}{dilated})"
    )
    return _columns(
        f"torch.nn.Conv2d(c_in, c_out, {torch_arguments(g)})",
        None if padding is None or (s > 1 and d > 1) else keras,
        f"Conv({onnx_attributes(g)})",
    )


def _columns(torch: str | None, keras: str | None, onnx: str | None) -> str:
    rows = {"PyTorch": torch, "Keras": keras, "ONNX": onnx}
    none = "-  (has no layer with just this padding)"
    return "\n".join(f"  {name:7}  {code or none}" for name, code in rows.items())


def _backwards(output: int, layers: list[Geometry]) -> str:
    """Return the sizes, from the input to the output that is known."""
    sizes = [output]
    for n, layer in reversed(list(enumerate(layers, start=1))):
        (found,) = layer.input_sizes(sizes[-1])
        if not found:
            k, s, p, a, d = _values(layer)
            rest = d * (k - 1) + 1 - 2 * p + a - s
            made = f"{s}*i" + (f" {'-' if rest < 0 else '+'} {abs(rest)}" if rest else "")
            raise ValueError(
                f"{_named(n, layers)} has no input of which it makes {sizes[-1]}: "
                f"of a size i it makes {made}"
            )
        sizes.append(found[0])
    return " -> ".join(map(str, reversed(sizes)))


def _backwards_conv(output: int, layers: list[Geometry]) -> str:
    """Return the sizes of which convolutions make a known output: a range before each of them."""
    ranges = [range(output, output + 1)]
    for n, layer in reversed(list(enumerate(layers, start=1))):
        # A convolution's output grows with its input, so what leads to a range is a range.
        (low,), (high,) = (layer.convolution_input_sizes(ranges[-1][i]) for i in (0, -1))
        found = range(low.start, high.stop)
        if not found:
            raise ValueError(
                f"{_named(n, layers)} has no input of which it makes {ranges[-1][-1]}: "
                "the output is larger for every size; less padding would do"
            )
        ranges.append(found)
    return " -> ".join(
        f"{found[0]}" if found[0] == found[-1] else f"{found[0]} to {found[-1]}"
        for found in reversed(ranges)
    )
