"""Which files a command line names, and where their results go."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from upweave.pictures import formats
from upweave.pictures.formats import Format
from upweave.pictures.job import PIPE, Job

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes
    ----------
    jobs : list of Job
    folder : Path or None
        Where the results of several pictures go, if that is one folder.
    """

    jobs: list[Job]
    folder: Path | None


def plan(
    pictures: list[Path],
    output: Path | None,
    mark: str,
    *,
    format: Format | None,
    recursive: bool,
) -> Plan:
    """Find the pictures and name their results.

    Parameters
    ----------
    pictures : list of Path
        Files, folders, patterns that the shell has left as they are, or `PIPE`.
    output : Path or None
        A file, a folder, or `PIPE`. By default results lie beside their pictures, and those of a
        folder in one beside it.
    mark : str
        What tells a result's name from the picture's, such as "x4".
    format : Format or None
        Of the results; by default that of each picture.
    recursive : bool
        Whether folders in folders are entered; the results' folders are as theirs.

    Raises
    ------
    typer.BadParameter
        Where a picture is not there, two results would have one name, or the output does not fit.
    """
    named = [path for word in pictures for path in _expanded(word)]
    folders = [path for path in named if path.is_dir()]
    single = len(named) == 1 and not folders
    if PIPE in (*named, output):
        if not single:
            raise typer.BadParameter("- takes a single picture", param_hint="PICTURE")
        return Plan([_piped(named[0], output, mark, format)], None)
    if single and output is not None and not output.is_dir():
        _check_format(output, format)
        return Plan([Job(named[0], output)], None)
    if output is None and len(folders) == len(named) == 1:
        output = _sibling(named[0], mark)
    if output is not None and output.suffix.lower() in formats.SUFFIXES and not output.is_dir():
        raise typer.BadParameter(
            f"{output} names a file; for several pictures give a folder", param_hint="-o"
        )
    jobs = []
    for path in named:
        root = _root(path, output, mark, several=len(folders) > 1)
        for source, below in _found(path, root, recursive):
            name = f"{source.stem}-{mark}{_suffix(source, format)}"
            jobs.append(Job(source, root / below / name))
    _check_names(jobs)
    if not jobs:
        raise typer.BadParameter("no pictures there", param_hint="PICTURE")
    return Plan(jobs, None if single else output)


def _expanded(word: Path) -> list[Path]:
    """Return what a word names: a pattern, where no shell has, is expanded."""
    if word == PIPE or word.exists():
        return [word]
    found = sorted(glob.glob(str(word), recursive=True)) if glob.has_magic(str(word)) else []
    if not found:
        raise typer.BadParameter(f"there is no file {word}", param_hint="PICTURE")
    return [Path(name) for name in found]


def _found(path: Path, root: Path, recursive: bool) -> Iterator[tuple[Path, Path]]:
    """Yield the pictures of a file or folder, but for results, and where each lies below it."""
    if not path.is_dir():
        yield path, Path()
        return
    inside = sorted(path.rglob("*") if recursive else path.iterdir())
    results = root.absolute()
    for source in inside:
        ours = results in source.absolute().parents and results != path.absolute()
        if source.suffix.lower() in formats.SUFFIXES and source.is_file() and not ours:
            yield source, source.parent.relative_to(path)


def _root(path: Path, output: Path | None, mark: str, *, several: bool) -> Path:
    """Return the folder for the results of a file, or a folder (one of ``several``, or alone)."""
    if not path.is_dir():
        return output or path.parent
    if output is None:
        return _sibling(path, mark)
    return output / path.absolute().name if several else output


def _sibling(folder: Path, mark: str) -> Path:
    """Return the folder beside a folder, for its results."""
    whole = folder.absolute()
    return (
        folder.parent / f"{folder.name}-{mark}"
        if folder.name
        else whole.parent / f"{whole.name}-{mark}"
    )


def _suffix(source: Path, format: Format | None) -> str:
    """Return what a result's name ends in: as its picture's does, where that is its format."""
    wanted = format
    if wanted is None:
        with source.open("rb") as file:
            wanted = formats.of_data(file.read(32))
    return formats.suffix(source, wanted)


def _piped(source: Path, output: Path | None, mark: str, format: Format | None) -> Job:
    """Return the job of a picture that comes or goes through a pipe."""
    target = output or (PIPE if source == PIPE else source)
    if target == PIPE:
        return Job(source, PIPE, format.name if format else "")
    if target.is_dir():
        raise typer.BadParameter(f"{target} is a folder; name a file", param_hint="-o")
    _check_format(target, format)
    return Job(source, target)


def _check_format(target: Path, format: Format | None) -> None:
    try:
        by_name = formats.of_path(target)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="-o") from None
    if format not in (None, by_name):
        raise typer.BadParameter(
            f"{target} names another format; leave one of the two out", param_hint="--format"
        )


def _check_names(jobs: list[Job]) -> None:
    sources: dict[Path, Path] = {}
    for job in jobs:
        other = sources.setdefault(job.target, job.source)
        if other is not job.source:
            raise typer.BadParameter(
                f"{other} and {job.source} would both be written to {job.target}", param_hint="-o"
            )
