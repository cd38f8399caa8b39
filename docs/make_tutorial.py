"""Runs the tutorial's chapters, and makes their pictures and docs/tutorial.ipynb.

``python docs/make_tutorial.py``; needs the extras `explain` and `train`. A chapter's code runs from
its first block to its last. What a block prints stands below it as text; the value of its last line
is the picture that follows. The notebook has the chapters one after the other.
"""

import ast
import contextlib
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from upweave.explain.stills import still

DOCS = Path(__file__).parent
CHAPTERS = sorted((DOCS / "tutorial").glob("*.md"))
NOTEBOOK = DOCS / "tutorial.ipynb"
_FIRST = "%matplotlib inline\nfrom IPython.display import Image as Shown"
_CELL = re.compile(
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?"
    r"(?:\n!\[[^\]]*\]\((?P<picture>[^)]*)\)\n)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Cell:
    """A block of code, what it prints, and where the picture that it makes lies."""

    code: str
    printed: str
    picture: Path | None


def cells(chapter: Path) -> list[Cell]:
    """Return the blocks of a chapter."""
    text = chapter.read_text(encoding="utf-8")
    found = []
    for match in _CELL.finditer(text):
        picture = match["picture"]
        place = None if picture is None else (chapter.parent / picture).resolve()
        found.append(Cell(match["code"], match["printed"] or "", place))
    return found


def run(chapter: Path) -> Iterator[tuple[Cell, str, bytes | None]]:
    """Run a chapter's blocks; yield each, what it printed, and the picture that it made."""
    values: dict[str, Any] = {"__name__": chapter.stem}
    with contextlib.chdir(chapter.parent):
        for number, cell in enumerate(cells(chapter)):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                value = _value(cell.code, f"{chapter.name}, block {number + 1}", values)
            yield cell, printed.getvalue(), None if cell.picture is None else _encoded(value)


def _value(code: str, name: str, values: dict[str, Any]) -> object:
    """Run some code; return what its last line is, if that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), values)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), values)


def _encoded(value: object) -> bytes:
    if isinstance(value, Figure):
        return still(value, "png")
    assert isinstance(value, bytes), "a picture is a figure, or a file's bytes"
    return value


def notebook() -> str:
    """Return the chapters as a notebook, not run."""
    found = [_markdown("Run this in the folder `docs/tutorial`."), _code(_FIRST)]
    for chapter in CHAPTERS:
        text = chapter.read_text(encoding="utf-8")
        end = 0
        for match in _CELL.finditer(text):
            found += [_markdown(text[end : match.start()]), _code(_shown(match))]
            end = match.end()
        found.append(_markdown(text[end:]))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(found)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _shown(match: re.Match[str]) -> str:
    """Return a block's code; bytes of a picture are shown as one."""
    code = match["code"]
    if match["picture"] is None or "sheet(" in code.splitlines()[-1]:
        return code
    *first, last = code.splitlines(keepends=True)
    return "".join([*first, f"Shown({last.strip()})\n"])


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.strip()}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text.strip(),
    }


def main() -> None:
    """Make the pictures and the notebook; show what is printed where the page says otherwise."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for chapter in CHAPTERS:
        for cell, printed, picture in run(chapter):
            if picture is not None and cell.picture is not None:
                cell.picture.write_bytes(picture)
            if printed != cell.printed:
                print(f"{chapter.name} prints\n{printed}where it says\n{cell.printed}")
    NOTEBOOK.write_text(notebook(), encoding="utf-8")


if __name__ == "__main__":
    main()
