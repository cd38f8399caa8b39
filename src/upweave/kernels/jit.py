"""LLVM IR text to machine code. The only module that compiles."""

import threading
from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm

_lock = threading.Lock()
_codes: dict[str, "Code"] = {}


@dataclass(frozen=True)
class Code:
    """Machine code of one module; it lives as long as this object.

    Attributes
    ----------
    engine : object
        LLVM's execution engine, which owns the memory of the code.
    """

    engine: llvm.ExecutionEngine

    def address(self, function: str) -> int:
        """Return where a function of the module is."""
        return int(self.engine.get_function_address(function))


@cache
def _machine() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return host_machine()


def host_machine(*, jit: bool = True) -> llvm.TargetMachine:
    """Return LLVM's description of this processor as a target of code."""
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        jit=jit,
    )


def compile_ir(text: str) -> Code:
    """Compile a module of IR text for this processor, once a process.

    No optimisation passes run: the text is written as the processor should run it, and passes
    might introduce calls of the C library, which generated code must not make.

    Parameters
    ----------
    text : str
        The module. It declares nothing but LLVM's own intrinsics.

    Raises
    ------
    RuntimeError
        Where the text is not valid IR, or this system gives no executable memory.
    """
    with _lock:
        code = _codes.get(text)
        if code is None:
            machine = _machine()
            module = llvm.parse_assembly(text)
            module.verify()
            engine = llvm.create_mcjit_compiler(module, machine)
            engine.finalize_object()
            code = _codes[text] = Code(engine)
        return code


def assembly(text: str) -> str:
    """Return the assembly of a module of IR text for this processor."""
    with _lock:
        _machine()
        module = llvm.parse_assembly(text)
        module.verify()
        return str(host_machine(jit=False).emit_assembly(module))
