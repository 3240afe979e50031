"""Mends in a file what needs nobody's judgement: ``flowengine check --fix``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from flowengine import documents
from flowengine.analysis.checking import check_flow
from flowengine.cli.reading import library_of
from flowengine.cli.sources import is_deployment, real
from flowengine.source import Diagnostic, Edit, SourceText

_PASSES: Final = 1000
"""A text that YAML cannot read tells one fault at a time."""


def fix_file(path: Path) -> int:
    """Mend a file in place and say how many findings were mended.

    The file is replaced in one step, by one that has its mode; a link is followed, not replaced.
    What can be read of it otherwise (line ends, byte order mark, comments) stays as it is.

    Raises:
        OSError: The file could not be written; it is as it was.
    """
    source, _ = documents.read(path)
    if source is None:
        return 0
    mended, count = _mended(source, path)
    if count:
        _replace(Path(real(path)), mended.text)
    return count


def _mended(source: SourceText, path: Path) -> tuple[SourceText, int]:
    count = 0
    for _ in range(_PASSES):
        edits = _edits(_found(source, path))
        if not edits:
            break
        source = SourceText(source.name, _applied(source.text, edits))
        count += len(edits)
    return source, count


def _found(source: SourceText, path: Path) -> list[Diagnostic]:
    if is_deployment(path):
        return documents.load(source)[1]
    return check_flow(source, library_of(str(path)))[1]


def _edits(found: Iterable[Diagnostic]) -> list[Edit]:
    """Give the edits by place; of two that touch each other the first."""
    edits: list[Edit] = []
    offered = {each.fix for each in found if each.fix is not None and each.suppression is None}
    for edit in sorted(offered, key=lambda each: (each.span.start, each.span.end)):
        if not edits or edits[-1].span.end <= edit.span.start:
            edits.append(edit)
    return edits


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces: list[str] = []
    done = 0
    for edit in edits:
        pieces += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*pieces, text[done:]))


def _replace(path: Path, text: str) -> None:
    mark = documents.BYTE_ORDER_MARK if _has_mark(path) else ""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, which has no path
            file.write((mark + text).encode("utf-8"))
        Path(name).chmod(path.stat().st_mode & 0o7777)
        os.replace(name, path)  # noqa: PTH105 - beside the other calls of its kind
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _has_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == documents.BYTE_ORDER_MARK.encode("utf-8")
