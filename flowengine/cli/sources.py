"""Finds what commands are given: files, folders, patterns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from flowengine.cli.escaping import shown_path
from flowengine.flow.naming import SUFFIX
from flowengine.source import Diagnostic, SourceText

STDIN: Final = "-"
DEPLOYMENT: Final = "flowengine.yaml"


def is_deployment(path: Path) -> bool:
    """Say whether a file is a deployment: ``flowengine.yaml``, ``x.flowengine.yaml``."""
    return path.name == DEPLOYMENT or path.name.endswith("." + DEPLOYMENT)


def is_there(path: str | Path) -> bool:
    """Say whether there is a file or a folder."""
    return os.path.exists(path)  # noqa: PTH110 - pathlib raises where a name is too long


def is_folder(path: str | Path) -> bool:
    """Say whether there is a folder."""
    return os.path.isdir(path)  # noqa: PTH112 - the same


def real(path: str | Path) -> str:
    """Give the path behind links; of links in a circle, one of them."""
    return os.path.realpath(path)  # pathlib raises where links lead in a circle


def find_files(paths: Sequence[str]) -> tuple[list[Path], list[Diagnostic]]:
    """Give the files that paths mean, folders searched, each once, in order.

    Returns:
        The files, and what is to be said about folders that cannot be searched.

    Raises:
        UsageError: A path is not there, or there is nothing to check.
    """
    found: dict[str, Path] = {}
    told: list[Diagnostic] = []
    for written in paths:
        files = list(_meant(written, told))
        if not files and not told:
            where = shown_path(written)
            raise click.UsageError(f"no *{SUFFIX} and no {DEPLOYMENT} in {where}")
        for file in files:
            found.setdefault(real(file), file)
    return list(found.values()), told


def _meant(written: str, told: list[Diagnostic]) -> Iterator[Path]:
    path = Path(written)
    if is_folder(written):
        yield from _search(path, told)
    elif os.path.lexists(written):
        yield path
    elif any(character in written for character in "*?["):
        yield from _matching(written, told)
    else:
        raise click.UsageError(f"there is no file or folder {shown_path(written)}")


def _matching(pattern: str, told: list[Diagnostic]) -> Iterator[Path]:
    """Find what fits a pattern that no shell has expanded; ``**`` follows no links to folders."""
    anchor = Path(pattern).anchor
    try:
        fitting = sorted(Path(anchor).glob(pattern[len(anchor) :]))
    except (ValueError, NotImplementedError, OSError):
        name = shown_path(pattern)
        raise click.UsageError(f"{name} is no pattern: ** stands alone between slashes") from None
    for path in fitting:
        if any(part.startswith(".") and part not in pattern for part in path.parts):
            continue
        if is_folder(path):
            yield from _search(path, told)
        elif _is_ours(path):
            yield path


def _search(folder: Path, told: list[Diagnostic]) -> Iterator[Path]:
    def cannot_read(error: OSError) -> None:
        from flowengine.documents import faults  # noqa: PLC0415 - slow to import

        source = SourceText(str(error.filename), "")
        told.append(faults.unreadable_folder(source, error.strerror or "no reason given"))

    for here, folders, files in os.walk(folder, onerror=cannot_read):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(here) / name for name in sorted(files) if not name.startswith(".")):
            if _is_ours(path):
                yield path


def _is_ours(path: Path) -> bool:
    return path.name.endswith(SUFFIX) or is_deployment(path)
