"""Runs random layers and networks whose every array lies against pages that nobody may touch.

A program of its own, as an access outside an array ends the process:
``python -m kernels.guarded SEED COUNT REPORT`` writes the case at hand to the file REPORT.
"""

import ctypes
import mmap
import os
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

import upweave as uw
from engine.chains import random_chain
from strategies import cases, repeatable
from upweave.kernels import filter_choice, pictures, tiles

PAGE = mmap.PAGESIZE
NETWORKS = 10  # one case in so many is a network
DOUBLES, LAST = 4, 4  # one layer in so many is float64, or has an input with channels last

_libc = ctypes.CDLL(None)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (
    *(ctypes.c_void_p, ctypes.c_size_t),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long),
)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)

_MALLOC = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_CALLOC = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
_REALLOC = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Handler(ctypes.Structure):
    """NumPy's PyDataMem_Handler: where arrays get their memory (NEP 49)."""

    _fields_ = (
        ("name", ctypes.c_char * 127),
        ("version", ctypes.c_uint8),
        ("context", ctypes.c_void_p),
        ("malloc", _MALLOC),
        ("calloc", _CALLOC),
        ("realloc", _REALLOC),
        ("free", _FREE),
    )


class Guard:
    """Gives all arrays memory between pages that may not be read or written.

    Attributes
    ----------
    at_end : bool
        Whether arrays end at the page after them, or begin at the page before them.
    """

    _SET_HANDLER = 304  # PyDataMem_SetHandler in the table of NumPy's C API

    def __init__(self):
        self.at_end = True
        self._held = {}  # address -> (start of the mapping, its size, size asked for)
        self._handler = Handler(
            b"guarded",
            1,
            None,
            _MALLOC(lambda _, size: self._allocate(size)),
            _CALLOC(lambda _, count, size: self._allocate(count * size)),
            _REALLOC(lambda _, old, size: self._reallocate(old, size)),
            _FREE(lambda _, address, size: self._free(address)),
        )

    def install(self):
        """Have NumPy take memory here from now on, and every scratch buffer lie by itself."""
        api = ctypes.pythonapi
        api.PyCapsule_GetPointer.restype = ctypes.c_void_p
        api.PyCapsule_GetPointer.argtypes = (ctypes.py_object, ctypes.c_char_p)
        api.PyCapsule_New.restype = ctypes.py_object
        api.PyCapsule_New.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        table = api.PyCapsule_GetPointer(np._core._multiarray_umath._ARRAY_API, None)
        functions = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))
        kind = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)
        capsule = api.PyCapsule_New(ctypes.addressof(self._handler), b"mem_handler", None)
        kind(functions[self._SET_HANDLER])(capsule)
        tiles.scratch = _scattered

    def _allocate(self, size):
        size = max(1, size)
        inside = -(-size // PAGE) * PAGE
        whole = inside + 2 * PAGE
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        start = _libc.mmap(None, whole, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
        if start in (None, ctypes.c_void_p(-1).value):
            return None
        for page in (start, start + whole - PAGE):
            if _libc.mprotect(page, PAGE, 0):
                return None
        address = start + PAGE + (inside - size if self.at_end else 0)
        self._held[address] = start, whole, size
        return address

    def _reallocate(self, old, size):
        address = self._allocate(size)
        if address and old:
            ctypes.memmove(address, old, min(size, self._held[old][2]))
            self._free(old)
        return address

    def _free(self, address):
        if address:
            start, whole, _ = self._held.pop(address)
            _libc.munmap(start, whole)


def _scattered(sizes, dtype):
    """Return scratch buffers that are arrays of their own."""
    buffers = [np.zeros(size, dtype) for size in sizes]
    return buffers, [buffer.ctypes.data for buffer in buffers]


LAYERS = st.one_of(
    cases(1, channels=5, size=150, kernel=9, stride=9),
    cases(1, channels=12, groups=1, size=150, kernel=8, stride=4, dilation=1, batch=3),
    cases(2, channels=9, size=40, kernel=5, stride=5),
    cases(2, channels=40, groups=2, size=9, kernel=3, stride=2),
    cases(2, channels=24, groups=1, size=20, kernel=6, stride=3, dilation=1, batch=3),
    cases(3, channels=3, size=9, kernel=3, stride=2),
)


def choose_any_group(chosen):
    """Have layers computed by any minimal filters, or by the definition."""

    def choose(layer, size, count):
        legal = [g for g in filter_choice.groups_of(layer) if g[0] > 1 or size[0] == 1]
        return chosen.choice([filter_choice.NONE, *legal])

    pictures.choose_group_for = choose


def run_layer(case, transposed, dtype, threads, last):
    """Run a layer; the channels of its input come last in memory, or first."""
    if transposed:
        x, w, bias = case.operands(dtype=dtype)
        x = laid_out(x, last)
        out = np.full(case.y_shape, np.nan, dtype)
        uw.ConvTranspose(w, bias, **case.options)(x, out=out, threads=threads)
        assert not np.isnan(out).any()
    else:
        x, w, bias = case.convolution_operands(dtype=dtype)
        uw.conv(laid_out(x, last), w, bias, **case.convolution)


def laid_out(x, last):
    """Return an input, its channels last in memory if so wished."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1) if last else x


def run_network(folder, number, threads):
    """Run a random network."""
    rng = np.random.default_rng(number)
    net = uw.engine.Network.from_onnx(random_chain(rng, rng.integers(1, 5)).save(folder))
    rows, columns = (int(n) for n in rng.integers(1, 40, 2))
    x = rng.standard_normal(
        (rng.integers(1, 3), net.graph.channels[net.graph.input], rows, columns)
    )
    tile = [None, 1, 7, 33][rng.integers(4)]
    try:
        net.output_size((rows, columns))
    except ValueError:
        return  # a layer has no output of so small a picture
    net(x.astype(np.float32), threads=threads, tile=tile)


def main(number, count, report):
    """Run ``count`` cases; the file ``report`` always holds the last one begun."""
    guard = Guard()
    guard.install()
    chosen = random.Random(number)
    choose_any_group(chosen)
    with open(report, "w", encoding="utf-8") as file, TemporaryDirectory() as folder:

        def begin(what):
            file.seek(0)
            file.truncate()
            file.write(f"{what}, arrays {'end' if guard.at_end else 'begin'} at the page")
            file.flush()

        @seed(number)
        @settings(
            repeatable,
            derandomize=False,
            database=None,
            max_examples=count,
            phases=[Phase.generate],
        )
        @given(LAYERS, st.booleans())
        def run(case, transposed):
            guard.at_end = chosen.random() < 0.7
            threads = chosen.choice([1, 2])
            if chosen.randrange(NETWORKS):
                dtype = np.float32 if chosen.randrange(DOUBLES) else np.float64
                kind = "transposed" if transposed else "ordinary"
                last = not chosen.randrange(LAST)
                begin(f"{kind} {dtype.__name__} {case}, channels {'last' if last else 'first'}")
                run_layer(case, transposed, dtype, threads, last)
            else:
                network = chosen.randrange(1 << 32)
                begin(f"network {network}")
                run_network(Path(folder), network, threads)

        run()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    os._exit(0)  # arrays that the interpreter still frees would need what it has freed already
