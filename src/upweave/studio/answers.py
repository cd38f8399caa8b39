"""What the server's description says of its answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

__all__ = ["Answers", "content", "refusals"]

Answers = dict[int | str, dict[str, Any]]
"""By their status, as FastAPI takes them."""


class Refusal(BaseModel):
    """Why something is not done."""

    detail: str


def refusals(why: dict[int, str]) -> Answers:
    """Return answers that say in a line why something is not done, by their status."""
    return {status: {"description": text, "model": Refusal} for status, text in why.items()}


def content(*types: str) -> Answers:
    """Return the answer of a file of one of some media types."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file.", "content": dict.fromkeys(types, schema)}}
