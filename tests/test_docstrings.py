"""Every public name of the operator is documented, and the examples run."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import upweave.kernels.call
import upweave.ops


def modules():
    """Yield the names of the modules that say what the operator is, and that of its kernels."""
    yield "upweave.kernels.call"
    for found in pkgutil.walk_packages(upweave.ops.__path__, "upweave.ops."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield found.name


MODULES = sorted(modules())


def public(module):
    """Yield the functions and classes that a module defines for others."""
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if own and not name.startswith("_") and callable(value):
            yield value


FUNCTIONS = [
    pytest.param(value, id=f"{name}.{value.__name__}")
    for name in MODULES
    for value in public(importlib.import_module(name))
    if inspect.isfunction(value)
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_say_what_they_take_and_show_an_example(function):
    text = inspect.getdoc(function) or ""
    assert "Examples\n--------" in text
    assert ">>> " in text
    missing = [name for name in inspect.signature(function).parameters if name not in text]
    assert missing == []


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module)
    assert result.failed == 0
    shown = sum(">>> " in (inspect.getdoc(value) or "") for value in public(module))
    assert result.attempted >= shown
