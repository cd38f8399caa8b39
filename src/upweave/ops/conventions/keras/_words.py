"""What Keras' functions have in common: words in any case, and where the channels are."""

from __future__ import annotations

from collections.abc import Sequence

from upweave.ops._checks import Chosen, Floats, one_of


def word(name: str, value: object, allowed: Sequence[Chosen]) -> Chosen:
    """Return the one of the allowed words that the value is in some case."""
    lower = value.lower() if isinstance(value, str) else value
    for known in allowed:
        if lower == known:
            return known
    return one_of(name, value, allowed)


def is_channels_first(data_format: object) -> bool:
    """Return whether the channels are the axis after the batch, and not the last one."""
    if data_format is None:
        return False
    return word("data_format", data_format, ("channels_last", "channels_first")) == "channels_first"


def check_rank(inputs: Floats) -> None:
    """Refuse inputs that have not one to three spatial axes."""
    if inputs.ndim not in (3, 4, 5):
        raise ValueError(
            f"inputs: got the shape {inputs.shape}; 3 to 5 axes, the batch, one to three spatial "
            "ones and the channels, would do"
        )


def check_spatial(inputs: Floats, first: bool) -> None:
    """Refuse inputs with an empty spatial axis."""
    if 0 in (inputs.shape[2:] if first else inputs.shape[1:-1]):
        raise ValueError(
            f"inputs: got the shape {inputs.shape}; spatial sizes of at least 1 would do"
        )
