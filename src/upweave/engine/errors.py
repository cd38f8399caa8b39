"""What the engine refuses, and how its messages show what stands in a file."""

_LONGEST_NAME = 80
_LONGEST_LINE = 500


class ModelError(ValueError):
    """A model file that the engine does not run; the message names the node or the field."""


class NotRunError(ModelError):
    """An ONNX model with something in it that the engine does not run, though others may."""


def shown(name: str) -> str:
    """Return a name of a file as a message shows it: in quotes, on one line, not too long."""
    return repr(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…")


def one_line(error: Exception) -> str:
    """Return what an error says, on one line that is not too long, without control characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
