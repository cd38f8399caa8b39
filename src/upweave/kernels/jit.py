"""LLVM IR text to machine code. The only module that compiles.

Machine code is kept on disk too (`cache`), under a name that follows from all that it depends on.
"""

import functools
import itertools
import os
import re
import threading
from dataclasses import dataclass

import llvmlite
import llvmlite.binding as llvm

from upweave import __version__
from upweave.kernels import cache, host

_OPTIMISATION = 3  # of LLVM's code generator

_EXPORTED = re.compile(r"^define (?!internal)[^@\n]*@(\w+)\(", re.MULTILINE)

_lock = threading.Lock()
_codes: dict[str, "Code"] = {}
_numbers = itertools.count()

if hasattr(os, "register_at_fork"):
    # A child that is forked while another thread is in LLVM would wait for that thread for ever.
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


@dataclass(frozen=True)
class Code:
    """Machine code of one module; it lives as long as this object.

    Attributes
    ----------
    library : object
        LLVM's, which owns the memory of the code.
    """

    library: llvm.ResourceTracker

    def address(self, function: str) -> int:
        """Return where a function of the module is."""
        return int(self.library[function])


def host_machine(*, jit: bool = True) -> llvm.TargetMachine:
    """Return LLVM's description of this processor as a target of code."""
    _initialize()
    name, features = host.llvm_cpu()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=name, features=features, opt=_OPTIMISATION, jit=jit
    )


@functools.cache
def _initialize() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


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
            code = _codes[text] = _loaded(text)
        return code


def file_name(text: str) -> str:
    """Return the name of the file that keeps the machine code of a module of IR text here."""
    name, features = host.llvm_cpu()
    llvm_version = ".".join(map(str, llvm.llvm_version_info))
    made_by = f"upweave {__version__}, llvmlite {llvmlite.__version__}, LLVM {llvm_version}"
    target = f"{llvm.get_default_triple()}, {name}, {features}, O{_OPTIMISATION}"
    return f"{cache.key(made_by, target, text)}.kernel"


def _object_code(text: str) -> bytes:
    """Return the object file of a module, from the disk where it is there."""
    name = file_name(text)
    code = cache.load(name)
    if code is None:
        module = llvm.parse_assembly(text)
        module.verify()
        code = bytes(host_machine().emit_object(module))
        cache.store(name, code)
    return code


def _loaded(text: str) -> Code:
    """Load a module's code as a library of its own: modules may name their functions alike."""
    library = llvm.JITLibraryBuilder().add_object_img(_object_code(text))
    for function in _EXPORTED.findall(text):
        library.export_symbol(function)
    return Code(library.link(_linker(), f"module {next(_numbers)}"))


@functools.cache
def _linker() -> llvm.LLJIT:
    return llvm.create_lljit_compiler(host_machine())


def assembly(text: str) -> str:
    """Return the assembly of a module of IR text for this processor."""
    with _lock:
        machine = host_machine(jit=False)
        module = llvm.parse_assembly(text)
        module.verify()
        return str(machine.emit_assembly(module))
