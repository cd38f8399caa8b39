"""What is written as LLVM IR: golden texts, and the rules that keep it safe and exact.

``UPDATE_GOLDEN=1 pytest tests/kernels/test_emit.py`` writes the golden texts anew.
"""

import os
import re
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from upweave.kernels import host, jit
from upweave.kernels.emit.driver import emit_driver
from upweave.kernels.emit.elementwise import ELEMENTWISE, emit_elementwise
from upweave.kernels.emit.micro import MicroKernel, emit_micro_kernel
from upweave.kernels.emit.phases import PhaseKernel, emit_phase_kernel
from upweave.kernels.emit.prelu import emit_prelu_gradient
from upweave.kernels.schedule import convolution_axis, transposed_axis
from upweave.ops.geometry import Geometry

LANES = (4, 8, 16)
GOLDEN = Path(__file__).parent / "golden"
FAST_MATH = ("fast", "reassoc", "contract", "nnan", "ninf", "nsz", "arcp", "afn")


def convolution(kernel, dilation=1):
    return convolution_axis(Geometry((kernel,), dilation=dilation), 0)


def transposed(kernel, stride, dilation=1):
    return transposed_axis(Geometry((kernel,), stride, dilation=dilation), 0)


def micro(axis, lanes, vectors, channels, **rest):
    return MicroKernel(axis.columns, len(axis.phases), lanes, vectors, channels, **rest)


KERNELS = {
    "conv-3-prelu": micro(convolution(3), 4, 2, 2, activation="prelu"),
    "conv-1-relu-8-lanes": micro(convolution(1), 8, 1, 1, activation="relu"),
    "conv-1-clip": micro(convolution(1), 4, 1, 1, activation="clip", limits=(0.0, 0.1)),
    "conv-2-accumulate": micro(convolution(2, dilation=3), 4, 1, 2, accumulate=True),
    "transposed-3-stride-2": micro(transposed(3, 2), 4, 1, 1),
    "transposed-4-stride-3": micro(transposed(4, 3), 4, 1, 1),
    "conv-2-step-2": micro(convolution(2), 4, 1, 1, step=2),
    "conv-3-ahead": micro(convolution(3), 8, 2, 1, ahead=2),
}
VARIED = [
    micro(axis, lanes, vectors, channels, activation=activation, accumulate=accumulate)
    for axis in (convolution(3), transposed(9, 4), transposed(2, 3), transposed(3, 4, 2))
    for lanes in LANES
    for vectors, channels in ((1, 1), (1, 3), (3, 1))
    for activation in ("none", "relu", "prelu", "clip")
    for accumulate in (False, True)
] + [
    micro(convolution(3), lanes, 2, 2, step=step, ahead=ahead)
    for lanes in LANES
    for step, ahead in ((1, 2), (2, 0), (2, 2), (3, 0), (4, 0), (5, 0), (9, 0))
]
WIDE = PhaseKernel(((True,) * 4, (True, False, False, False)), 3, 11, 4, 2, 1, "prelu")
PHASES = [
    PhaseKernel(((True,) * lanes * 2,) * 2, count, 40, lanes, 3, 2, activation, accumulate=add)
    for lanes in LANES
    for count in (lanes * 2, lanes + 1)
    for activation in ("none", "prelu")
    for add in (False, True)
]


def modules():
    """Return every kind of module that is emitted."""
    return [
        *map(emit_micro_kernel, [*KERNELS.values(), *VARIED]),
        *map(emit_phase_kernel, [WIDE, *PHASES]),
        *(emit_driver(lanes, arm64=arm64) for lanes in LANES for arm64 in (False, True)),
        *(emit_elementwise(name, lanes) for lanes in LANES for name in ELEMENTWISE),
        *map(emit_prelu_gradient, LANES),
    ]


TEXTS = {name: emit_micro_kernel(kernel) for name, kernel in KERNELS.items()}
TEXTS["phases-3-of-stride-11-prelu"] = emit_phase_kernel(WIDE)


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_the_golden_one(name):
    text, golden = TEXTS[name], GOLDEN / f"{name}.ll"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_text_belongs_to_a_kernel():
    assert {path.stem for path in GOLDEN.iterdir()} == set(TEXTS)


def test_the_same_kernel_is_the_same_text():
    for kernel in VARIED:
        assert emit_micro_kernel(kernel) == emit_micro_kernel(kernel)
    assert len({*map(emit_micro_kernel, VARIED)}) == len({*VARIED})


def test_only_intrinsics_are_declared_and_called():
    for text in modules():
        for symbol in re.findall(r"^declare.*?@([\w.]+)\(", text, re.MULTILINE):
            assert symbol.startswith("llvm."), symbol
        for symbol in re.findall(r"\bcall\b.*?@([\w.]+)\(", text):
            assert symbol.startswith("llvm."), symbol
        assert "external" not in text


def test_no_fast_math():
    flag = re.compile(rf"\b({'|'.join(FAST_MATH)})\b")
    for text in modules():
        assert not flag.search(text)


def test_a_layer_divides_nothing():
    for kernel in VARIED:
        assert not re.search(r"\bfdiv\b", emit_micro_kernel(kernel))


def test_a_term_is_one_fused_multiply_add():
    for kernel in VARIED:
        text = emit_micro_kernel(kernel)
        terms = len(kernel.columns) * kernel.vectors * kernel.channels
        assert len(re.findall(r"call .* @llvm\.fma\.", text)) == terms


def test_all_modules_are_valid():
    for text in modules():
        llvm.parse_assembly(text).verify()


EXPONENTIAL = """
declare float @llvm.exp.f32(float)
define float @f(float %x) {
  %y = call float @llvm.exp.f32(float %x)
  ret float %y
}
"""


def outside(assembly):
    """Return the functions that assembly of x86 or arm64 calls or takes the address of."""
    return re.findall(r"(?:\s(?:callq?|jmpq?|bl?)\s+|\$|:abs_g\d\w*:|:got:)_?([a-z]\w*)", assembly)


def test_a_call_outside_is_seen():
    assert "expf" in outside(jit.assembly(EXPONENTIAL))
    assert "expf" in outside(arm64_assembly(EXPONENTIAL))


@pytest.mark.parametrize("lanes", LANES)
def test_machine_code_calls_nothing_outside(lanes):
    texts = [emit_micro_kernel(kernel) for kernel in VARIED[::5] if kernel.lanes == lanes]
    texts += [emit_elementwise(name, lanes) for name in ELEMENTWISE]
    for text in [emit_driver(lanes, arm64=host.is_arm64()), *texts]:
        assert not outside(jit.assembly(text))


def arm64_assembly(text):
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple("aarch64-linux-gnu").create_target_machine(opt=3)
    module = llvm.parse_assembly(text)
    module.verify()
    return machine.emit_assembly(module)


@pytest.mark.parametrize("lanes", LANES)
def test_arm64_has_code_that_calls_nothing_outside(lanes):
    kernels = [emit_micro_kernel(k) for k in VARIED[::5] if k.lanes == lanes]
    kernels += [emit_elementwise(name, lanes) for name in ELEMENTWISE]
    for text in [emit_driver(lanes, arm64=True), *kernels]:
        assert not outside(arm64_assembly(text))


def test_work_switches_denormals_off_and_restores_them():
    arm, x86 = emit_driver(4, arm64=True), emit_driver(4, arm64=False)
    assert len(re.findall(r"call void @llvm\.aarch64\.set\.fpcr", arm)) == 2
    assert len(re.findall(r"call void @llvm\.x86\.sse\.ldmxcsr", x86)) == 2


def test_compiling_twice_gives_the_same_code():
    text = emit_micro_kernel(KERNELS["conv-3-prelu"])
    assert jit.compile_ir(text) is jit.compile_ir(text)


def test_invalid_text_is_refused():
    with pytest.raises(RuntimeError):
        jit.compile_ir("define void @f() { ret i32 0 }")
