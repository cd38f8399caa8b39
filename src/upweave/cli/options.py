"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Overwrite", "Threads"]

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what exists.")]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Threads to use.", show_default="all cores")
]
