"""Reads what commands are given: files, folders, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from flowengine import documents
from flowengine.deployment.flow_files import SUFFIX
from flowengine.documents import faults
from flowengine.source import Diagnostic, SourceText

STDIN: Final = "-"
DEPLOYMENT: Final = "flowengine.yaml"


def is_deployment(path: Path) -> bool:
    """Say whether a file is a deployment: ``flowengine.yaml``, ``x.flowengine.yaml``."""
    return path.name == DEPLOYMENT or path.name.endswith("." + DEPLOYMENT)


def find_files(paths: Sequence[str]) -> list[Path]:
    """Give the files that paths mean, folders searched, each once, in order.

    Raises:
        UsageError: A path is not there, or a folder has nothing to check.
    """
    found: dict[Path, Path] = {}
    for written in paths:
        path = Path(written)
        if not path.exists():
            raise click.UsageError(f"there is no file or folder {click.format_filename(written)}")
        files = list(_search(path)) if path.is_dir() else [path]
        if not files:
            where = click.format_filename(written)
            raise click.UsageError(f"no *{SUFFIX} and no {DEPLOYMENT} in {where}")
        for file in files:
            found.setdefault(file.resolve(), file)
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
    raw = sys.stdin.buffer.read(documents.SIZE_LIMIT_BYTES + 1)
    try:
        return SourceText("<stdin>", raw.decode("utf-8").removeprefix("\ufeff")), []
    except UnicodeDecodeError as error:
        damaged = SourceText("<stdin>", raw.decode("utf-8", "replace"))
        return None, [faults.not_utf8(damaged, len(raw[: error.start].decode("utf-8")), raw)]
