"""The comments of a document, found where the YAML scanner found no scalar.

PyYAML drops comments. Outside of scalars a document has nothing but white space, indicators and
comments, so the first ``#`` of a line there begins one, and no text in quotes or in a block can be
taken for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flowengine.documents.offsets import Style
from flowengine.documents.tree import Document, Scalar, scalars
from flowengine.source import Span

_BLOCKS: Final = frozenset({Style.LITERAL, Style.FOLDED})


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment.

    Attributes:
        text: What stands behind the ``#``, as it was written.
        span: From the ``#`` to the end of the line.
        alone: Whether nothing but white space stands before it on its line.
    """

    text: str
    span: Span
    alone: bool


def comments(document: Document) -> Iterator[Comment]:
    """Give the comments of a document in the order of writing."""
    text, at = document.source.text, 0
    for scalar in scalars(document.root):
        start, end = _content(scalar, text)
        yield from _within(text, at, start)
        at = max(at, end)
    yield from _within(text, at, len(text))


def _content(scalar: Scalar, text: str) -> tuple[int, int]:
    """Give where a scalar's own characters stand; a block's header may have a comment."""
    if scalar.style not in _BLOCKS:
        return scalar.span.start, scalar.span.end
    header = text.find("\n", scalar.span.start)
    return (header if header >= 0 else scalar.span.end), scalar.span.end


def _within(text: str, start: int, end: int) -> Iterator[Comment]:
    at = text.find("#", start, end)
    while at >= 0:
        line_end = text.find("\n", at)
        stop = len(text) if line_end < 0 else line_end
        written = text[at:stop].rstrip("\r")
        before = text[text.rfind("\n", 0, at) + 1 : at]
        yield Comment(written[1:], Span(at, at + len(written)), not before.strip())
        at = text.find("#", stop, end)
