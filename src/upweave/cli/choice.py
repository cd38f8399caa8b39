"""Which network ``--model`` and ``--scale`` mean."""

from __future__ import annotations

import typer

from upweave.pictures.models import families, find, shipped

__all__ = ["DEFAULT_SCALE", "choose", "names", "networks"]

DEFAULT_SCALE = 4


def choose(model: str, scale: int | None, *, option: str = "--model") -> str:
    """Return the name or path that `upweave.pictures.upscale.load` takes.

    Parameters
    ----------
    model : str
        A family ("weave-s"), a shipped name ("weave-s-x4"), or the path of an ``.onnx`` file.
    scale : int or None
        What the user asked for; needed only to choose within a family.
    option : str
        How the command calls ``model``, for its errors.

    Raises
    ------
    typer.BadParameter
        Where there is no such model, or not at this scale.
    """
    if model.endswith(".onnx"):
        return model
    family = {entry.scale: entry.name for entry in shipped() if entry.family == model}
    if family:
        wanted = DEFAULT_SCALE if scale is None else scale
        if wanted not in family:
            scales = ", ".join(map(str, family))
            raise typer.BadParameter(
                f"{model} enlarges {scales} times, not {wanted}", param_hint="--scale"
            )
        return family[wanted]
    try:
        found = find(model)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if scale not in (None, found.scale):
        raise typer.BadParameter(
            f"{model} enlarges {found.scale} times, not {scale}; leave --scale out, or name "
            f"{found.family} alone",
            param_hint="--scale",
        )
    return found.name


def names() -> list[str]:
    """Return all that ``--model`` may name, but for files."""
    return [*families(), *(entry.name for entry in shipped())]


def networks(model: str) -> dict[int, str]:
    """Return the names of the networks that ``--model`` means, by scale.

    Parameters
    ----------
    model : str
        A family, or the name of a shipped network.

    Raises
    ------
    typer.BadParameter
        Where there is no such model.
    """
    known = families()
    if model in known:
        return known[model]
    try:
        found = find(model)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--model") from None
    return {found.scale: found.name}
