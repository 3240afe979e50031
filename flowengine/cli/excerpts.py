"""A line of a source as a terminal shows it, with the columns that a span covers there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from flowengine.cli.escaping import escaped_each
from flowengine.source import SourceText, Span

TAB_STOP: Final = 4
_ELLIPSIS: Final = "…"
_TAB: Final = "→"
_MARGIN: Final = 12
"""Cells that stay visible before the span when a line is cut on its left."""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One line and the part of it that is meant.

    Attributes:
        number: Of the line, from 1.
        text: Escaped, tabs expanded, cut to its width.
        start: The first cell that is marked, from 0.
        width: How many cells are marked; at least 1.
    """

    number: int
    text: str
    start: int
    width: int


def marked_line(source: SourceText, span: Span, limit: int) -> MarkedLine | None:
    """Show the line on which a span begins; None where there is nothing to see.

    Args:
        limit: The widest that the text may be, in cells.
    """
    place = source.position(span.start)
    line = source.line(place.line)
    if not line.strip() and span.start == span.end:
        return None
    first = min(place.column - 1, len(line))
    last = min(first + max(span.end - span.start, 0), len(line))
    # A line may be as long as a file: what is far off the span is not even looked at.
    near = range(max(first - 2 * limit, 0), min(first + 2 * limit, len(line)))
    first, last = first - near.start, min(last, near.stop) - near.start
    pieces = _pieces(line[near.start : near.stop], range(first, last))
    edges = list(accumulate((_cells(piece) for piece in pieces), initial=0))
    marked = edges[first], max(edges[last], edges[first] + 1)
    if edges[-1] <= limit and len(near) == len(line):
        return MarkedLine(place.line, "".join(pieces).rstrip(), marked[0], marked[1] - marked[0])
    return _cut(
        place.line, pieces, edges, marked, limit, more=(near.start > 0, near.stop < len(line))
    )


def _pieces(line: str, marked: range) -> list[str]:
    """Give what each character is shown as; a tab fills up to its stop, seen where it is meant."""
    pieces: list[str] = []
    column = 0
    for index, (character, safe) in enumerate(zip(line, escaped_each(line), strict=True)):
        if character == "\t":
            filling = TAB_STOP - column % TAB_STOP
            piece = (_TAB if index in marked else " ").ljust(filling)
        else:
            piece = safe
        pieces.append(piece)
        column += _cells(piece)
    return pieces


def _cut(
    number: int,
    pieces: Sequence[str],
    edges: Sequence[int],
    marked: tuple[int, int],
    limit: int,
    *,
    more: tuple[bool, bool],
) -> MarkedLine:
    """Cut a line to a window around what is marked, with an ellipsis at each end that was cut.

    Args:
        more: Whether the line goes on before the pieces, and after them.
    """
    start, end = marked
    room = max(limit - 2, 1)
    wanted = start - max(_MARGIN, (room - (end - start)) // 2)
    left = next(edge for edge in edges if edge >= min(max(wanted, 0), max(edges[-1] - room, 0)))
    right = left + room
    kept = [
        piece
        for piece, edge, following in zip(pieces, edges, edges[1:], strict=False)
        if edge >= left and following <= right
    ]
    before = _ELLIPSIS if left > 0 or more[0] else ""
    after = _ELLIPSIS if edges[-1] > right or more[1] else ""
    shift = left - len(before)
    width = max(min(end, right) - start, 1)
    return MarkedLine(number, before + "".join(kept) + after, start - shift, width)


def _cells(text: str) -> int:
    from rich.cells import get_character_cell_size  # noqa: PLC0415 - slow to import

    return sum(map(get_character_cell_size, text))
