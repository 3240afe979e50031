"""Prints findings as people read them: the place, the line, a caret under it, a hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flowengine.cli.escaping import escaped, escaped_name
from flowengine.cli.excerpts import MarkedLine, marked_line
from flowengine.source import Diagnostic, Severity

WIDTH: Final = 100
"""Cells in a line of a report that does not go to a terminal."""
_NARROWEST: Final = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a report and how it looks: the name of a style, or nothing."""

    text: str
    style: str = ""


_STYLES: Final = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTE: "bold cyan",
}


def report(found: Iterable[Diagnostic], width: int = WIDTH) -> Iterator[list[Piece]]:
    """Give the lines of a report, with a blank one after each finding that nobody accepted."""
    for finding in (each for each in found if each.suppression is None):
        yield list(_heading(finding))
        yield from _excerpt(finding, width)
        yield []


def _heading(finding: Diagnostic) -> Iterator[Piece]:
    place = finding.source.position(finding.span.start)
    yield Piece(f"{escaped_name(finding.source.name)}:{place.line}:{place.column}: ", "bold")
    yield Piece(f"{finding.severity.value}: ", _STYLES[finding.severity])
    yield Piece(escaped(finding.message), "bold")
    yield Piece(f" [{finding.rule}]", "dim")


def _excerpt(finding: Diagnostic, width: int) -> Iterator[list[Piece]]:
    number = str(finding.source.position(finding.span.start).line)
    room = max(width - len(number) - len(" | ") - 1, _NARROWEST)
    line = marked_line(finding.source, finding.span, room)
    if line is not None:
        yield [Piece(f" {number} | ", "dim"), Piece(line.text)]
        yield [Piece(f" {' ' * len(number)} | ", "dim"), Piece(_caret(line), "bold red")]
    margin = Piece(f" {' ' * len(number)} = ", "dim")
    for note in finding.notes:
        yield [margin, Piece(escaped(note))]
    if finding.hint is not None:
        yield [margin, Piece("hint: ", "bold"), Piece(escaped(finding.hint))]


def _caret(line: MarkedLine) -> str:
    return " " * line.start + "^" * line.width


def summary(found: Sequence[Diagnostic], flows: int, deployments: int) -> str:
    """Count what was found, or what was looked at: ``3 flows, no findings``."""
    if not found:
        looked_at = [_count(deployments, "deployment")] if deployments else []
        looked_at += [_count(flows, "flow")] if flows or not deployments else []
        return ", ".join([*looked_at, "no findings"])
    counts = [
        _count(sum(each.severity is severity for each in found), severity.value)
        for severity in Severity
        if any(each.severity is severity for each in found)
    ]
    files = len({each.source.name for each in found})
    return f"{', '.join(counts)} in {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
