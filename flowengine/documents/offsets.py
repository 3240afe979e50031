"""Where each character of a decoded scalar stands in the file; YAML 1.2.2, chapters 7 and 8.

The parser gives a scalar's text and its two ends, nothing between. This module undoes
quoting, escapes, folding and indentation once more, keeping the place of each character.
Line breaks are LF and CRLF only: the loader refuses every other kind.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, assert_never

from flowengine.source import Span


class Style(StrEnum):
    """How a scalar was written."""

    PLAIN = "plain"
    SINGLE_QUOTED = "single-quoted"
    DOUBLE_QUOTED = "double-quoted"
    LITERAL = "literal"
    FOLDED = "folded"


_BREAK: Final = re.compile(r"\r?\n")
_GAP: Final = re.compile(r"[ \t]*(?:\r?\n[ \t]*)+")
_PLAIN_GAP: Final = re.compile(r"(?<![ \t])[ \t]*(?:\r?\n[ \t]*)+")
"""Starts only where a run of blanks does, or a long run would be tried from each of them."""
_ESCAPED_GAP: Final = re.compile(r"\r?\n[ \t]*(?:\r?\n[ \t]*)*")
_HEADER: Final = re.compile(r"[|>]([-+]?)([1-9]?)([-+]?)[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)")
_LINE: Final = re.compile(r"( *)([^\r\n]*)(\r?\n|$)")
_ESCAPES: Final = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_HEX_DIGITS: Final = {"x": 2, "u": 4, "U": 8}


class _Decoded:
    """Characters and their offsets, as they are found."""

    __slots__ = ("characters", "offsets")

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.offsets: list[int] = []

    def add(self, character: str, offset: int) -> None:
        self.characters.append(character)
        self.offsets.append(offset)

    def add_run(self, source: str, start: int, end: int) -> None:
        self.characters.extend(source[start:end])
        self.offsets.extend(range(start, end))

    def add_fold(self, source: str, start: int, end: int) -> None:
        """Fold a gap: one break is a space, each further one a line break of its own."""
        breaks = [found.start() for found in _BREAK.finditer(source, start, end)]
        if len(breaks) == 1:
            self.add(" ", breaks[0])
        self.add_breaks(breaks[1:])

    def add_breaks(self, breaks: list[int]) -> None:
        for offset in breaks:
            self.add("\n", offset)

    def ended_at(self, offset: int) -> tuple[str, tuple[int, ...]]:
        return "".join(self.characters), (*self.offsets, offset)


def decode(source: str, span: Span, style: Style, outer_column: int) -> tuple[str, tuple[int, ...]]:
    """Decode the scalar at a place.

    Args:
        source: The whole text.
        span: The scalar's place; its quotes or its block header are inside.
        style: How it was written.
        outer_column: Of the block collection around it, -1 for none.

    Returns:
        The decoded text, and the offset in ``source`` of each of its characters, then of
        its end.
    """
    match style:
        case Style.PLAIN:
            return _plain(source, span)
        case Style.SINGLE_QUOTED:
            return _quoted(source, span, "'")
        case Style.DOUBLE_QUOTED:
            return _quoted(source, span, "\\")
        case Style.LITERAL:
            return _block(source, span, outer_column, folded=False)
        case Style.FOLDED:
            return _block(source, span, outer_column, folded=True)
        case _:
            assert_never(style)


def _plain(source: str, span: Span) -> tuple[str, tuple[int, ...]]:
    text = source[span.start : span.end]
    if "\n" not in text:
        return text, tuple(range(span.start, span.end + 1))
    decoded = _Decoded()
    at = span.start
    for gap in _PLAIN_GAP.finditer(source, span.start, span.end):
        decoded.add_run(source, at, gap.start())
        decoded.add_fold(source, gap.start(), gap.end())
        at = gap.end()
    decoded.add_run(source, at, span.end)
    return decoded.ended_at(span.end)


def _quoted(source: str, span: Span, escape: str) -> tuple[str, tuple[int, ...]]:
    """Decode between quotes; ``escape`` is what stands before an escaped character."""
    decoded = _Decoded()
    at, end = span.start + 1, span.end - 1
    while at < end:
        character = source[at]
        if character == escape:
            at = _escaped(source, at, end, decoded)
        elif character in " \t\r\n" and (gap := _GAP.match(source, at, end)):
            decoded.add_fold(source, at, gap.end())
            at = gap.end()
        elif character in " \t":
            at = _blanks(source, at, end, decoded)
        else:
            decoded.add(character, at)
            at += 1
    return decoded.ended_at(end)


def _blanks(source: str, at: int, end: int, decoded: _Decoded) -> int:
    """Take a run of blanks at once: trying each of them as a gap would be quadratic."""
    after = at
    while after < end and source[after] in " \t":
        after += 1
    decoded.add_run(source, at, after)
    return after


def _escaped(source: str, at: int, end: int, decoded: _Decoded) -> int:
    """Decode the escape at ``at``; give the offset past it."""
    character = source[at + 1]
    if source[at] == "'":
        decoded.add("'", at)
        return at + 2
    if gap := _ESCAPED_GAP.match(source, at + 1, end):
        breaks = [found.start() for found in _BREAK.finditer(source, at + 1, gap.end())]
        decoded.add_breaks(breaks[1:])
        return gap.end()
    if character in _HEX_DIGITS:
        after = at + 2 + _HEX_DIGITS[character]
        decoded.add(chr(int(source[at + 2 : after], 16)), at)
        return after
    decoded.add(_ESCAPES[character], at)
    return at + 2


def _block(
    source: str, span: Span, outer_column: int, *, folded: bool
) -> tuple[str, tuple[int, ...]]:
    header = _HEADER.match(source, span.start)
    if header is None:  # pragma: no cover - the parser has read this header
        return "", (span.start,)
    chomping = header.group(1) or header.group(3)
    if digit := header.group(2):
        indent = max(outer_column, 0) + int(digit)
    else:
        indent = _found_indent(source, header.end(), max(outer_column + 1, 1))
    return _lines(source, header.end(), indent, chomping, folded=folded)


def _found_indent(source: str, at: int, least: int) -> int:
    """Find the indentation: the deepest of the leading blank lines and the first other."""
    while line := _LINE.match(source, at):
        least = max(least, len(line.group(1)))
        if line.group(2) or line.end() == len(source):
            break
        at = line.end()
    return least


def _lines(
    source: str, at: int, indent: int, chomping: str, *, folded: bool
) -> tuple[str, tuple[int, ...]]:
    """Decode a block scalar's lines; see ``yaml_parser_scan_block_scalar`` of libyaml."""
    decoded = _Decoded()
    last_break: list[int] = []
    blank_breaks: list[int] = []
    spaced_before = True
    while at < len(source) and (line := _LINE.match(source, at)):
        blanks, rest, line_break = line.groups()
        if len(blanks) < indent and rest:
            break
        at = line.end()
        broken = [line.start(3)] if line_break else []
        if len(blanks) <= indent and not rest:
            blank_breaks += broken
            continue
        start = line.start() + indent
        spaced = source[start] in " \t"
        if folded and last_break and not spaced_before and not spaced:
            if not blank_breaks:
                decoded.add(" ", last_break[0])
        else:
            decoded.add_breaks(last_break)
        decoded.add_breaks(blank_breaks)
        decoded.add_run(source, start, line.start(3))
        last_break, blank_breaks, spaced_before = broken, [], spaced
    if chomping != "-":
        decoded.add_breaks(last_break)
    if chomping == "+":
        decoded.add_breaks(blank_breaks)
    return decoded.ended_at(decoded.offsets[-1] + 1 if decoded.offsets else at)
