"""Runs from a source tree, as those of an installed package: with modules that are compiled."""

import compileall
import os
from functools import cache
from pathlib import Path

import upweave


@cache
def environment() -> dict[str, str]:
    """Compile the modules, as installing does; return an environment that lets Python use them."""
    compileall.compile_dir(Path(upweave.__file__).parent, quiet=1)
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
