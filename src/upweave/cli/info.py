"""``upweave info``: versions, processor, lanes, threads, cache."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from upweave import __version__
from upweave.cli.output import say

EXAMPLES = """\
\b
Example:
  upweave info
"""

_PACKAGES = ("numpy", "llvmlite", "onnx", "pyvips", "torch")


def info() -> None:
    """Show versions, the processor as the kernels see it, the threads used, and the cache."""
    from upweave.kernels import cache, host

    facts = {"upweave": __version__, "Python": platform.python_version()}
    facts |= {name: _version(name) for name in _PACKAGES}
    facts |= {"libvips": _libvips(), "system": f"{platform.system()} {platform.machine()}"}
    facts |= host.describe()
    facts |= {"threads": str(host.default_threads()), "cache": cache.describe()}
    width = max(map(len, facts))
    say("\n".join(f"{name.ljust(width)}  {value}" for name, value in facts.items()))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _libvips() -> str:
    import pyvips

    return ".".join(str(pyvips.version(part)) for part in range(3))
