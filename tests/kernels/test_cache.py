"""Machine code is kept between runs, and nothing else is taken for it."""

import ctypes
import logging
import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from upweave.kernels import cache, host, instructions, jit
from upweave.kernels.emit.driver import emit_driver
from upweave.kernels.emit.micro import MicroKernel, emit_micro_kernel

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into what only Linux has")

RUN = """
import sys, numpy as np, upweave as uw
from upweave.kernels import jit
compiled = []
parse = jit.llvm.parse_assembly
jit.llvm.parse_assembly = lambda text: text and compiled.append(text) or parse(text)
rng = np.random.default_rng(0)
x = rng.standard_normal((1, 3, 9, 70)).astype(np.float32)
w = rng.standard_normal((3, 5, 4, 5)).astype(np.float32)
y = uw.ConvTranspose(w, stride=(2, 3))(x, threads=2)
print(len(compiled), y.tobytes().hex())
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The folder of these tests alone; nothing is compiled yet."""
    folder = tmp_path / "a user" / "cache"
    monkeypatch.setenv("UPWEAVE_CACHE", str(folder))
    monkeypatch.setattr(jit, "_codes", {})
    cache._make_room.cache_clear()
    cache._tell.cache_clear()
    return folder


def start():
    command = [sys.executable, "-c", RUN]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process):
    """Return how many modules a process has compiled, and the bits of its result."""
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    count, bits = output.split()
    return int(count), bits


def answer(number):
    """Compile a function that returns a number, as a new process would, and call it."""
    text = f"define i64 @answer() {{\n  ret i64 {number}\n}}\n"
    jit._codes.clear()
    return ctypes.CFUNCTYPE(ctypes.c_int64)(jit.compile_ir(text).address("answer"))()


def files(place):
    return sorted(place.iterdir()) if place.exists() else []


def test_another_process_compiles_nothing(place):
    count, bits = result(start())
    assert count == len(files(place)) > 1
    assert result(start()) == (0, bits)


def test_processes_that_start_at_once_share_an_empty_folder(place):
    results = [result(process) for process in [start() for _ in range(4)]]
    assert len({bits for _, bits in results}) == 1
    assert {path.suffix for path in files(place)} == {".kernel"}
    assert result(start()) == (0, results[0][1])


def damaged(whole, other):
    """Yield what a file may hold after an accident."""
    middle = len(whole) // 2
    yield b""
    yield whole[:7]
    yield whole[:middle]
    yield whole[:-1]
    yield whole + b"\0"
    yield whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    yield bytes(len(whole))
    yield b"not code at all" * 99
    yield other


def test_damaged_files_are_replaced(place):
    answer(5)
    (other,) = files(place)
    other = other.read_bytes()
    answer(42)
    (path,) = (p for p in files(place) if p.read_bytes() != other)
    whole = path.read_bytes()
    for held in damaged(whole, other):
        path.write_bytes(held)
        assert answer(42) == 42
        assert path.read_bytes() == whole


@pytest.mark.parametrize("what", ["file in the way", "no home", "full"])
def test_without_a_folder_code_is_kept_in_memory(place, monkeypatch, caplog, what):
    caplog.set_level(logging.INFO, "upweave")
    if what == "file in the way":
        place.parent.write_text("a file")
    elif what == "no home":
        for name in ("UPWEAVE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    else:
        monkeypatch.setattr(os, "fsync", no_space)
    assert [answer(1), answer(2), answer(1)] == [1, 2, 1]
    assert files(place) == [] or what == "file in the way"
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.message.startswith("compiled kernels are kept in memory only: ")


def no_space(descriptor):
    raise OSError(28, "No space left on device")


@posix
def test_only_the_user_may_write_there(place):
    assert answer(3) == 3
    assert place.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in files(place)} == {0o600}


@posix
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o702])
def test_a_folder_where_others_may_write_is_not_used(place, mode):
    place.mkdir(parents=True)
    place.chmod(mode)
    assert answer(4) == 4
    assert files(place) == []
    assert cache.describe() == f"none: others may write to {place}"


@posix
def test_a_file_that_others_may_have_written_is_replaced(place):
    answer(4)
    (path,) = files(place)
    path.chmod(0o666)
    assert cache.load(path.name) is None
    assert answer(4) == 4
    assert path.stat().st_mode & 0o777 == 0o600


@posix
def test_a_folder_of_another_user_is_not_used(place, monkeypatch):
    answer(4)
    (path,) = files(place)
    assert cache.load(path.name) is not None
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert cache.load(path.name) is None
    assert answer(5) == 5
    assert files(place) == [path]
    assert cache.describe() == f"none: {place} belongs to another user"


def test_what_was_used_last_is_kept_when_room_is_made(place, monkeypatch):
    names = [f"{cache.key(str(n))}.kernel" for n in range(5)]
    for age, name in enumerate(names):
        cache.store(name, bytes(1000))
        os.utime(place / name, (1e9 - age, 1e9 - age))  # the first is the youngest
    stranger = place / "a file of the user's"
    stranger.write_bytes(bytes(5000))
    os.utime(stranger, (1, 1))
    assert cache.load(names[4]) == bytes(1000)

    monkeypatch.setattr(cache, "_MOST_BYTES", 3200)
    cache._make_room.cache_clear()
    new = f"{cache.key('new')}.kernel"
    cache.store(new, bytes(1000))
    assert set(files(place)) == {stranger, *(place / n for n in (new, names[4], names[0]))}


def test_the_name_follows_from_all_that_the_code_depends_on(monkeypatch):
    text = emit_driver(4, arm64=False)
    names = {jit.file_name(text), jit.file_name(text + "\n")}
    name, features = host.llvm_cpu()
    for cpu in ((name + "x", features), (name, features + ",+x")):
        monkeypatch.setattr(host, "llvm_cpu", lambda cpu=cpu: cpu)
        names.add(jit.file_name(text))
    monkeypatch.setattr(jit, "__version__", "0.0.0")
    names.add(jit.file_name(text))
    monkeypatch.setattr(llvm, "llvm_version_info", (1, 2, 3))
    names.add(jit.file_name(text))
    assert len(names) == 6


def test_parts_of_a_key_do_not_run_together():
    assert len({cache.key("ab", "c"), cache.key("a", "bc"), cache.key("abc")}) == 3


@pytest.mark.parametrize(
    ("platform", "variables", "want"),
    [
        ("linux", {}, "home/.cache/upweave"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/upweave"),
        ("linux", {"XDG_CACHE_HOME": "xdg"}, "home/.cache/upweave"),
        ("darwin", {"XDG_CACHE_HOME": "/xdg"}, "home/Library/Caches/upweave"),
        ("linux", {"UPWEAVE_CACHE": "/named"}, "/named"),
        ("linux", {"UPWEAVE_CACHE": ""}, "home/.cache/upweave"),
    ],
)
@posix
def test_the_folder_is_where_the_system_keeps_such_things(
    monkeypatch, tmp_path, platform, variables, want
):
    monkeypatch.delenv("UPWEAVE_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == tmp_path / want


KERNELS = [
    MicroKernel(
        columns=tuple((r, -t) for t in range(2) for r in range(3)),
        phases=3,
        lanes=lanes,
        vectors=2,
        channels=2,
        activation="prelu",
        accumulate=False,
    )
    for lanes in (4, 8, 16)
]
MODULES = [emit_driver(host.lanes(), arm64=host.is_arm64()), *map(emit_micro_kernel, KERNELS)]


@linux
@pytest.mark.parametrize("text", MODULES)
def test_machine_code_needs_no_symbol_of_others(text):
    code = jit._object_code(text)
    sections = {s.name(): s.data() for s in llvm.ObjectFileRef.from_data(code).sections()}
    entry = np.dtype([("name", "<u4"), ("kind", "<u2"), ("section", "<u2"), ("rest", "V16")])
    symbols = np.frombuffer(sections[b".symtab"], entry)
    assert ((symbols["name"] != 0) & (symbols["section"] != 0)).any()
    assert symbols["name"][symbols["section"] == 0].tolist() == [0]


@linux
def test_no_page_is_writable_and_executable(place):
    def pages():
        maps = Path("/proc/self/maps").read_text().splitlines()
        return {line.split()[0] for line in maps if {"w", "x"} <= set(line.split()[1])}

    before = pages()
    assert answer(7) == 7
    instructions.driver.__wrapped__(host.lanes())
    assert pages() <= before
