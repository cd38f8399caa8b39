"""Why something went wrong, in one line for a user."""

from __future__ import annotations

__all__ = ["one_line", "reason"]


def reason(error: BaseException | str) -> str:
    """Put an error into one line, without the number of the system's errors."""
    if isinstance(error, MemoryError):
        return "not enough memory for this picture"
    if isinstance(error, OSError) and error.strerror:
        named = "" if error.filename is None else f"{error.filename}: "
        return one_line(f"{named}{error.strerror}")
    return one_line(str(error) or type(error).__name__)


def one_line(text: str) -> str:
    """Return a text without line breaks and other characters that do not print."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
