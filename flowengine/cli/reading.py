"""Reads the flows that commands are given, and those beside them."""

from __future__ import annotations

from pathlib import Path

from flowengine import documents
from flowengine.cli.sources import STDIN
from flowengine.cli.stdin import read_bytes
from flowengine.documents import faults
from flowengine.flow.library import NO_FLOWS, Library
from flowengine.flow.loading import beside
from flowengine.source import Diagnostic, SourceText


def library_of(file: str) -> Library:
    """Give the flows that a flow may use as steps: those in its folder."""
    return NO_FLOWS if file == STDIN else beside(Path(file))


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
