"""What the machine can do: multiply-adds and bytes a second, by kernels generated for it.

The peak is a loop of independent fused multiply-adds in registers, on every thread. The bandwidth
is the larger of reading and copying (read and written bytes counted) of a working set of some size,
each thread its own part, again and again: memory where the set is larger than the caches, the cache
that holds it where it is smaller.
"""

import ctypes
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from upweave.kernels import host
from upweave.kernels.jit import compile_ir

SIZES = tuple(1 << n for n in range(20, 29))  # bytes of the working set: 1 MB to 256 MB
_ACCUMULATORS = 12  # hides the latency of 4 to 6 cycles of two units, and fits 16 registers
_UNROLLED = 8  # vectors a step of a memory loop
_SECONDS = 0.02  # of each trial
_TRIALS = 15


@dataclass(frozen=True)
class Machine:
    """Measured limits for a number of threads.

    Attributes
    ----------
    threads : int
    flops : float
        Float32 operations a second, two a multiply-add.
    bandwidth : dict
        Bytes of a working set -> bytes a second.
    """

    threads: int
    flops: float
    bandwidth: dict[int, float]

    def bandwidth_at(self, size: int) -> float:
        """Return the best bandwidth of a working set of at least this size, or of the largest."""
        fitting = [rate for measured, rate in self.bandwidth.items() if measured >= size]
        return max(fitting, default=self.bandwidth[max(self.bandwidth)])

    def seconds(self, flop: int, size: int) -> float:
        """Return the limit: no less time does `flop` and moves `size` bytes once."""
        return max(flop / self.flops, size / self.bandwidth_at(size))


def measure(threads: int) -> Machine:
    """Measure the machine with so many threads; takes some seconds."""
    with ThreadPoolExecutor(threads) as pool:
        return Machine(threads, _flops(threads, pool), _bandwidths(threads, pool))


def better(one: Machine, other: Machine) -> Machine:
    """Return the higher of each figure of two measurements."""
    bandwidth = {size: max(rate, other.bandwidth[size]) for size, rate in one.bandwidth.items()}
    return Machine(one.threads, max(one.flops, other.flops), bandwidth)


def _flops(threads: int, pool: ThreadPoolExecutor) -> float:
    steps = 1 << 16
    calls = [partial(_function("fma"), place, steps) for place in _places(threads)]
    return 2 * host.lanes() * _ACCUMULATORS * steps * threads / _best(calls, pool)


def _bandwidths(threads: int, pool: ThreadPoolExecutor) -> dict[int, float]:
    memory = np.zeros(max(SIZES) + 64, np.uint8)
    first = -(-memory.ctypes.data // 64) * 64
    vector = 4 * host.lanes()
    rates = {}
    for size in SIZES:
        part = size // threads
        steps = part // (2 * _UNROLLED * vector)  # of copying one half to the other
        half = steps * _UNROLLED * vector
        starts = [first + n * part for n in range(threads)]
        copies = [partial(_function("copy"), start, start + half, steps) for start in starts]
        reads = [
            partial(_function("read"), start, place, 2 * steps)
            for start, place in zip(starts, _places(threads), strict=True)
        ]
        rates[size] = max(2 * half * threads / _best(calls, pool) for calls in (copies, reads))
    return rates


_results = np.zeros((256, 64), np.float32)  # a line of its own for each thread


def _places(threads: int) -> list[int]:
    return [row.ctypes.data for row in _results[:threads]]


def _best(calls: Sequence[Callable[[], object]], pool: ThreadPoolExecutor) -> float:
    """Return the seconds of one call a thread, all at once, in the best of some trials."""
    started = time.perf_counter()
    calls[0]()
    repeats = max(1, round(_SECONDS / (time.perf_counter() - started)))

    def several(call: Callable[[], object]) -> None:
        for _ in range(repeats):
            call()

    def trial() -> float:
        started = time.perf_counter()
        list(pool.map(several, calls))
        return (time.perf_counter() - started) / repeats

    return min(trial() for _ in range(_TRIALS))


@cache
def _function(name: str) -> Callable[..., None]:
    """Return a compiled loop; it takes addresses and the number of steps."""
    text, pointers = {"fma": (_fma, 1), "read": (_read, 2), "copy": (_copy, 2)}[name]
    code = compile_ir(text(host.lanes()))
    _codes.append(code)
    # ctypes lets the other threads run while the function does.
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * pointers, ctypes.c_int64)
    return kind(code.address(name))


_codes: list[object] = []  # the owners of the functions' memory


def _fma(lanes: int) -> str:
    vector = f"<{lanes} x float>"
    operation = f"@llvm.fma.v{lanes}f32"
    body = [
        f"  %t{n} = call {vector} {operation}({vector} %s{n}, {vector} %one, {vector} %one)"
        for n in range(_ACCUMULATORS)
    ]
    one = [f"  %one = load {vector}, ptr %to, align 4"]
    end = _total(vector, _ACCUMULATORS, "fadd")
    declared = f"declare {vector} {operation}({vector}, {vector}, {vector})\n"
    return declared + _loop("fma", "ptr %to, ", one, _sums(vector, _ACCUMULATORS), body, end)


def _read(lanes: int) -> str:
    vector = f"<{lanes} x i32>"
    body = ["  %first = mul i64 %i, " + str(_UNROLLED)]
    for n in range(_UNROLLED):
        body += _vector_at("from", n, vector)
        body += [
            f"  %v{n} = load {vector}, ptr %from{n}, align 4",
            f"  %t{n} = or {vector} %s{n}, %v{n}",
        ]
    end = _total(vector, _UNROLLED, "or")
    return _loop("read", "ptr %from, ptr %to, ", [], _sums(vector, _UNROLLED), body, end)


def _copy(lanes: int) -> str:
    vector = f"<{lanes} x i32>"
    body = ["  %first = mul i64 %i, " + str(_UNROLLED)]
    for n in range(_UNROLLED):
        body += [*_vector_at("from", n, vector), *_vector_at("to", n, vector)]
        body += [
            f"  %v{n} = load {vector}, ptr %from{n}, align 4",
            f"  store {vector} %v{n}, ptr %to{n}, align 4",
        ]
    return _loop("copy", "ptr %from, ptr %to, ", [], [], body, [])


def _loop(
    name: str, pointers: str, begin: list[str], phis: list[str], body: list[str], end: list[str]
) -> str:
    lines = [
        f"define void @{name}({pointers}i64 %steps) {{",
        "entry:",
        *begin,
        "  br label %loop",
        "loop:",
        "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]",
        *phis,
        *body,
        "  %next = add i64 %i, 1",
        "  %more = icmp ult i64 %next, %steps",
        "  br i1 %more, label %loop, label %done",
        "done:",
        *end,
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _sums(vector: str, count: int) -> list[str]:
    return [
        f"  %s{n} = phi {vector} [ zeroinitializer, %entry ], [ %t{n}, %loop ]"
        for n in range(count)
    ]


def _total(vector: str, count: int, operation: str) -> list[str]:
    """Return lines that store the sums' sum, so that none is left out."""
    lines = [f"  %u0 = {operation} {vector} %t0, %t0"]
    lines += [f"  %u{n} = {operation} {vector} %u{n - 1}, %t{n}" for n in range(1, count)]
    return [*lines, f"  store {vector} %u{count - 1}, ptr %to, align 4"]


def _vector_at(base: str, n: int, vector: str) -> list[str]:
    return [
        f"  %{base}i{n} = add i64 %first, {n}",
        f"  %{base}{n} = getelementptr {vector}, ptr %{base}, i64 %{base}i{n}",
    ]
