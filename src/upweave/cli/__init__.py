"""The command line: one short file per command that parses, calls and reports.

`main` alone decides what becomes of errors: one line on standard error and an exit status.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from upweave import __version__
from upweave.cli.output import complain, say

__all__ = ["build", "main"]

_WRONG_USAGE, _FAILED, _INTERRUPTED, _TERMINATED = 2, 1, 130, 143
_EXTRAS = (
    dict.fromkeys(("torch", "lightning_fabric", "safetensors", "tensorboard"), "'upweave[train]'")
    | {
        "matplotlib": "'upweave[explain]'",
        "PIL": "'upweave[explain]'",
        "av": "'upweave[video]'",
        "onnxruntime": "onnxruntime",
    }
    | dict.fromkeys(("fastapi", "uvicorn"), "'upweave[studio]'")
)

_COMMANDS = (
    "upscale",
    "compare",
    "models",
    "evaluate",
    "train",
    "size",
    "explain",
    "studio",
    "info",
)


def build(asked: str | None = None) -> typer.Typer:
    """Return the command line with all commands, or with the one that was asked for.

    A command lives in the file and the function of its name. Loading only the one that is called
    makes ``upweave upscale`` start faster.
    """
    # Plain help texts: no boxes, so that examples can be pasted.
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(epilog="\b\nExample:\n  upweave upscale photo.jpg")(_upweave)
    for name in (asked,) if asked in _COMMANDS else _COMMANDS:
        module = importlib.import_module(f"upweave.cli.{name}")
        app.command(name, epilog=getattr(module, "EXAMPLES", None))(getattr(module, name))
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"upweave {__version__}")
        raise typer.Exit


def _upweave(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Make pictures larger with small networks that run fast on a CPU."""


def main() -> NoReturn:
    """Run the command line and leave the process.

    Exit status: 0 when all was done, 1 when a job failed, 2 for wrong usage, 130 after Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # names the terminal cannot show
    try:
        status = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain of it once more on leaving.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = _FAILED
    gc.freeze()  # the process ends and frees all; looking for garbage first takes 0.05 s
    sys.exit(status)


def _terminate(*_: object) -> NoReturn:
    """Leave by an exception, so that a file half written is removed."""
    sys.exit(_TERMINATED)


def _run() -> int:
    """Run the command and report what went wrong in one line."""
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    if asked == "upscale":
        # NumPy would start threads for matrix products, of which the engine has none.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app = build(asked)
        return app(prog_name="upweave", standalone_mode=False) or 0
    except typer.TyperException as error:
        complain(_usage(error))
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except BrokenPipeError:
        raise
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        complain(f"{error.name} is not installed; run: pip install {_EXTRAS[missing]}")
        return _FAILED
    except (ValueError, OSError, MemoryError) as error:
        complain(error)
        return _FAILED


def _usage(error: typer.TyperException) -> str:
    """Return what was wrong with the command line, and where to look it up."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "upweave"
    return f"{error.format_message().rstrip('.')} (see {command} --help)"
