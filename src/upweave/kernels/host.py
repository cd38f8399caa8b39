"""What this computer offers: vector lanes, registers, cores."""

import ctypes
import logging
import mmap
import os
import platform
from functools import cache

import llvmlite
import llvmlite.binding as llvm

_log = logging.getLogger("upweave")

_LANES = (4, 8, 16)


@cache
def cpu() -> tuple[str, dict[str, bool]]:
    """Return LLVM's name of the processor and its features."""
    return llvm.get_host_cpu_name(), dict(llvm.get_host_cpu_features())


@cache
def llvm_cpu() -> tuple[str, str]:
    """Return the processor's name and features, as LLVM takes them."""
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def is_arm64() -> bool:
    """Tell whether this is a 64-bit Arm processor."""
    return platform.machine().lower() in ("arm64", "aarch64")


@cache
def why_not() -> str | None:
    """Return why generated kernels cannot run here, or None where they can; warns once."""
    fused = is_arm64() or cpu()[1].get("fma", False)
    if not fused:
        reason = f"the processor ({cpu()[0]}) has no fused multiply-add"
    elif not _memory_may_become_code():
        reason = "this system refuses memory for machine code"
    else:
        return None
    _log.warning("layers and networks run by the reference, slowly: %s", reason)
    return reason


def _memory_may_become_code() -> bool:
    """Try what the compiler will do: write to a page, then make it executable instead.

    Where that is refused, LLVM does not notice, and calling its code would end the process.
    """
    if os.name != "posix":
        return True
    page = mmap.mmap(-1, mmap.PAGESIZE)
    here = ctypes.c_char.from_buffer(page)
    libc = ctypes.CDLL(None)
    change = libc.mprotect
    change.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    address = ctypes.addressof(here)
    allowed = change(address, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC) == 0
    change(address, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_WRITE)
    del here  # the page cannot be given back while something points to it
    page.close()
    return bool(allowed)


def lanes(itemsize: int = 4) -> int:
    """Return how many floats a vector holds: 4, 8 or 16; `UPWEAVE_LANES` forces it.

    Parameters
    ----------
    itemsize : int
        Bytes of a number: of doubles (8) a vector holds half as many.

    Raises
    ------
    ValueError
        Where UPWEAVE_LANES is none of 4, 8, 16.
    """
    forced = os.environ.get("UPWEAVE_LANES")
    if forced is not None:
        if forced not in map(str, _LANES):
            raise ValueError(f"UPWEAVE_LANES is {forced!r}; it takes 4, 8 or 16")
        return int(forced) * 4 // itemsize
    features = cpu()[1]
    if features.get("avx512f", False):
        return 64 // itemsize
    return (32 if features.get("avx2", False) else 16) // itemsize


def registers() -> int:
    """Return how many vector registers there are."""
    return 32 if is_arm64() or cpu()[1].get("avx512vl", False) else 16


def units(vector: int) -> int:
    """Return how many multiply-adds of vectors of so many bytes a cycle begins.

    Two, but for those of 64 bytes on a Zen 4, which does them by halves.
    """
    return 1 if vector == 64 and cpu()[0] == "znver4" else 2


def default_threads() -> int:
    """Return how many threads to use: `UPWEAVE_NUM_THREADS`, else the cores of this process.

    Affinity and the cgroup's quota of processor time are counted.

    Raises
    ------
    ValueError
        Where UPWEAVE_NUM_THREADS is not a whole number of 1 or more.
    """
    text = os.environ.get("UPWEAVE_NUM_THREADS")
    if text is not None:
        if not text.isdecimal() or int(text) < 1:
            raise ValueError(
                f"UPWEAVE_NUM_THREADS is {text!r}; it takes a whole number of 1 or more"
            )
        return int(text)
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    quota = _cgroup_cores()
    return max(1, cores if quota is None else min(cores, quota))


def _cgroup_cores() -> int | None:
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else max(1, int(quota) // int(period))


def describe() -> dict[str, str]:
    """Return what `upweave info` prints of the processor."""
    return {
        "processor": cpu()[0],
        "lanes": str(lanes()),
        "registers": str(registers()),
        "threads": str(default_threads()),
        "LLVM": ".".join(map(str, llvm.llvm_version_info)),
        "llvmlite": llvmlite.__version__,
        "kernels": why_not() or "generated",
    }
