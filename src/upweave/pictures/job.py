"""One file in, one larger file out: what is to be done, how, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from upweave.pictures.sizes import Wanted

__all__ = ["PIPE", "Job", "Manner", "Outcome", "Settings"]

PIPE: Final = Path("-")
"""Standard input as a source, standard output as a target."""


@dataclass(frozen=True)
class Job:
    """A file to read and a file to write.

    Attributes
    ----------
    source, target : Path
        `PIPE` for standard input and output.
    format : str
        What to write to a pipe: a name of `formats.FORMATS`, or empty for what was read. A file's
        name says it.
    overwrite : bool
        Whether a target that exists may be replaced.
    """

    source: Path
    target: Path
    format: str = ""
    overwrite: bool = False


@dataclass(frozen=True)
class Manner:
    """How networks are to work.

    Attributes
    ----------
    turns : bool
        Average the eight flips and turns: `manners.Turned`.
    strength : float
        Between bicubic interpolation, 0, and the network, 1: `manners.Blended`.
    fidelity : bool
        Correct the result until shrinking it gives the picture: `faithful.Faithful`.
    wrap : bool
        Let the picture's edges meet: `manners.Wrapped`.
    """

    turns: bool = False
    strength: float = 1.0
    fidelity: bool = False
    wrap: bool = False


@dataclass(frozen=True)
class Settings:
    """What is wanted of every job.

    Attributes
    ----------
    wanted : Wanted
    manner : Manner
    quality : int or None
        As `files.encode` takes it.
    verify : bool
        Whether results are shrunk back and compared.
    compare : bool
        Whether a picture of before and after is written beside each result.
    threads : int or None
        Of each job.
    tile : int or None
    """

    wanted: Wanted
    manner: Manner = Manner()
    quality: int | None = None
    verify: bool = False
    compare: bool = False
    threads: int | None = None
    tile: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    job : Job
    size : (height, width)
        Of a frame of the result.
    pixels : int
        Of the result, all frames.
    written : int
        Bytes of the file.
    seconds : float
    difference : float or None
        In dB, where results are verified: see `fidelity.difference`.
    """

    job: Job
    size: tuple[int, int]
    pixels: int
    written: int
    seconds: float
    difference: float | None = None
