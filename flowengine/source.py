"""Text, positions in it, and what is to be said about a place."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source text.

    Attributes:
        start: Offset in code points of the first character.
        end: Offset past the last character; equal to ``start`` for a point.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Position:
    """A line and a column, both counted from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True)
class SourceText:
    """A file's text under the name it is reported by.

    Attributes:
        name: What stands before the line number in a report: a path, or ``<stdin>``.
        text: The decoded text, line ends as they were.
        secrets: Stretches that must never be printed, whatever is said about them.
    """

    name: str
    text: str = field(repr=False)
    secrets: tuple[Span, ...] = field(default=(), repr=False)

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        starts = [0]
        starts += [i + 1 for i, character in enumerate(self.text) if character == "\n"]
        return tuple(starts)

    def position(self, offset: int) -> Position:
        """Find the line and column of an offset; one past the end is the end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Give a line by its number from 1, without its end and with secrets starred."""
        start = self._line_starts[number - 1]
        after = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self._starred(start, after).rstrip("\r\n")

    def _starred(self, start: int, end: int) -> str:
        characters = list(self.text[start:end])
        for secret in self.secrets:
            for i in range(max(secret.start, start), min(secret.end, end)):
                if characters[i - start] not in "\r\n":
                    characters[i - start] = "*"
        return "".join(characters)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of text taken out of a source, and where each of its characters came from.

    A YAML scalar is not its characters in the file (quotes, escapes, folding), so an
    expression inside one needs this table to point at its own place.

    Attributes:
        text: The piece as its reader sees it.
        source: Where it was taken from.
        offsets: The source offset of each character of ``text``, then of its end.
    """

    text: str
    source: SourceText = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)

    @classmethod
    def whole(cls, text: str, name: str = "<expression>") -> Excerpt:
        """Make an excerpt that is the entire source."""
        return cls(text, SourceText(name, text), tuple(range(len(text) + 1)))

    def span(self, start: int, end: int) -> Span:
        """Map a stretch of ``text`` to the source; an empty stretch stays empty."""
        start = min(max(start, 0), len(self.text))
        if end <= start:
            return Span(self.offsets[start], self.offsets[start])
        end = min(end, len(self.text))
        return Span(self.offsets[start], max(self._past(end), self.offsets[start]))

    def _past(self, end: int) -> int:
        """Give the source offset past the character before ``end``, which may be an escape."""
        last, following = self.offsets[end - 1], self.offsets[end]
        # Where a line was folded, what follows begins on another one.
        folded = "\n" in self.source.text[last:following]
        return last + 1 if folded else max(following, last + 1)


class Severity(StrEnum):
    """How bad a finding is; ``error`` makes a check fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a source text that keeps its meaning: what to write over a stretch of it."""

    span: Span
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one place of a source text.

    Attributes:
        rule: The rule's name as printed in brackets: ``unreachable-node``.
        message: One line without a full stop; never contains a sensitive value.
        hint: What to do about it, or None.
        suppression: The author's reason why it does not count, or None where it does.
        fix: What mends it without anybody's judgement, or None.
        notes: What shows it, line by line: the path of a counter-example.
    """

    rule: str
    message: str
    source: SourceText
    span: Span
    hint: str | None = None
    severity: Severity = Severity.ERROR
    suppression: str | None = None
    fix: Edit | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_fatal(self) -> bool:
        """Whether it keeps a flow or a deployment from being used."""
        return self.severity is Severity.ERROR and self.suppression is None

    def sort_key(self) -> tuple[str, int, int, str]:
        """Order findings by file, place and rule, so that output is stable."""
        return (self.source.name, self.span.start, self.span.end, self.rule)
