"""PyTorch: channels first and last, as it is and compiled.

Compiled with the weights frozen, which lets the compiler lay them out beforehand: the form that
PyTorch's own documentation names for inference on a CPU. It needs a C++ compiler.
"""

from collections.abc import Callable

import torch
import torch._inductor.config

from libraries import Case, Way, Ways

_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


def ways(case: Case, threads: int) -> Ways:
    """Return eager and compiled runs in each memory format that the number of axes has."""
    torch.set_num_threads(threads)
    formats = {"": torch.contiguous_format}
    if (last := _LAST.get(case.input().ndim)) is not None:
        formats[", channels last"] = last
    found: Ways = {}
    for suffix, form in formats.items():
        found["PyTorch" + suffix] = _preparer(case, form, compiled=False)
        found["PyTorch compiled" + suffix] = _preparer(case, form, compiled=True)
    return found


def _preparer(case: Case, form: torch.memory_format, *, compiled: bool) -> Callable[[], Way]:
    def prepare() -> Way:
        module = case.module().to(memory_format=form)
        x = torch.from_numpy(case.input()).to(memory_format=form)
        call = _compile(module, x) if compiled else module

        def run() -> torch.Tensor:
            with torch.inference_mode():
                return call(x)

        return Way(run, lambda y: y.numpy())

    return prepare


def _compile(module: torch.nn.Module, x: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    torch._dynamo.reset()
    torch._inductor.config.freezing = True
    compiled = torch.compile(module, dynamic=False)
    with torch.inference_mode():
        compiled(x)
    return compiled
