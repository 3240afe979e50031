"""Reads what commands are given: files, folders, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from flowengine import documents
from flowengine.cli.stdin import read_bytes
from flowengine.documents import faults
from flowengine.flow.library import NO_FLOWS, Library
from flowengine.flow.loading import SUFFIX, beside
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


def library_of(file: str) -> Library:
    """Give the flows that a flow may use as steps: those in its folder."""
    return NO_FLOWS if file == STDIN else beside(Path(file))


def find_files(paths: Sequence[str]) -> list[Path]:
    """Give the files that paths mean, folders searched, each once, in order.

    Raises:
        UsageError: A path is not there, or a folder has nothing to check.
    """
    found: dict[str, Path] = {}
    for written in paths:
        path = Path(written)
        if not is_there(path):
            raise click.UsageError(f"there is no file or folder {click.format_filename(written)}")
        files = list(_search(path)) if is_folder(path) else [path]
        if not files:
            where = click.format_filename(written)
            raise click.UsageError(f"no *{SUFFIX} and no {DEPLOYMENT} in {where}")
        for file in files:
            found.setdefault(real(file), file)
    return list(found.values())


def _search(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.yaml")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and (path.name.endswith(SUFFIX) or is_deployment(path)):
            yield path


def read_source(path: str) -> tuple[SourceText | None, list[Diagnostic]]:
    """Read a file, or standard input where the path is ``-``."""
    return _read_stdin() if path == STDIN else documents.read(Path(path))


def _read_stdin() -> tuple[SourceText | None, list[Diagnostic]]:
    raw = read_bytes(documents.SIZE_LIMIT_BYTES + 1)
    try:
        return SourceText("<stdin>", raw.decode("utf-8").removeprefix("\ufeff")), []
    except UnicodeDecodeError as error:
        damaged = SourceText("<stdin>", raw.decode("utf-8", "replace"))
        return None, [faults.not_utf8(damaged, len(raw[: error.start].decode("utf-8")), raw)]
