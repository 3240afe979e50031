"""Why a text is not YAML, in the words of someone who writes flows.

The parser's own words speak of tokens and nodes. They choose among ours and are never shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from flowengine.documents import faults
from flowengine.documents.events import DEPTH_LIMIT, UnreadableError
from flowengine.source import Diagnostic, SourceText, Span

_VALUE_LINE: Final = re.compile(
    r"(?P<indent>[ ]*(?:-[ ]+)*)(?:(?P<key>[A-Za-z_][\w.-]*)[ ]*:[ ]+)?(?P<value>[^\s#].*)"
)
_COMMENT: Final = re.compile(r"\s#")
_INDENT: Final = re.compile(r"[ ]*(?:-[ ]+)*\t")
_MISREAD: Final = "!&*[{\"'@`%"
_RULES: Final = {"!": "yaml-tag", "&": "yaml-anchor", "*": "yaml-anchor"}


@dataclass(frozen=True, slots=True)
class _Value:
    """The value on one line: its key or None for a list's item, its text, its offset."""

    key: str | None
    text: str
    offset: int

    @property
    def span(self) -> Span:
        return Span(self.offset, self.offset + len(self.text))


def explain(source: SourceText, error: UnreadableError, shift: int) -> Diagnostic:
    """Say what is wrong.

    Args:
        source: The whole text.
        error: What the parser said of it.
        shift: What the parser's offsets lack: 1 where a byte order mark was cut off.
    """
    at = min(error.offset + shift, len(source.text))
    began = error.context_offset + shift if error.context_offset is not None else None
    if "nesting depth" in error.problem:
        return faults.too_deep(source, _one(source, at), DEPTH_LIMIT)
    return (
        _tab(source, at)
        or _misread(source, at, began, error)
        or _by_problem(source, at, began, error)
    )


def _line_start(source: SourceText, offset: int) -> int:
    return source.text.rfind("\n", 0, offset) + 1


def _tab(source: SourceText, at: int) -> Diagnostic | None:
    """Find a tab where the parser stopped, or before it on the line."""
    if source.text[at : at + 1] == "\t":
        return faults.tab(source, at)
    found = _INDENT.match(source.text, _line_start(source, at))
    if found is None or found.end() > at:
        return None
    return faults.tab(source, found.end() - 1)


def _value_at(source: SourceText, offset: int) -> _Value | None:
    start = _line_start(source, offset)
    end = source.text.find("\n", start)
    line = source.text[start : end if end >= 0 else len(source.text)].rstrip()
    found = _VALUE_LINE.match(line)
    if found is None or (found["key"] is None and "-" not in found["indent"]):
        return None
    comment = _COMMENT.search(line, found.start("value"))
    text = line[found.start("value") : comment.start() if comment else len(line)].rstrip()
    return _Value(found["key"], text, start + found.start("value"))


def _misread(
    source: SourceText, at: int, began: int | None, error: UnreadableError
) -> Diagnostic | None:
    """Find a value that would read well if it were quoted."""
    value = _value_at(source, at)
    if value is not None and at >= value.offset:
        return _misread_here(source, value, error)
    opened = _value_at(source, began) if began is not None else None
    if opened is None or opened.offset != began or opened.key not in faults.EXPRESSION_KEYS:
        return None
    return _misread_here(source, opened, error)


def _misread_here(source: SourceText, value: _Value, error: UnreadableError) -> Diagnostic | None:
    lead = value.text[0]
    if lead in "\"'" and ("escape" in error.problem or "hex" in error.problem):
        return None
    if lead in _MISREAD and (value.key in faults.EXPRESSION_KEYS or not _is_open(value.text)):
        rule = _RULES.get(lead, "yaml-syntax")
        return faults.misread_lead(source, value.span, rule, value.key, value.text)
    if lead not in _MISREAD and ": " in value.text and "mapping values" in error.problem:
        return faults.misread_colon(source, value.span, value.key, value.text)
    return None


def _is_open(text: str) -> bool:
    """Tell a list, mapping or quoted text that is only begun from one that goes on past its end."""
    if text[0] in "[{":
        return text.count(text[0]) > text.count({"[": "]", "{": "}"}[text[0]]) or text.endswith(
            ("]", "}")
        )
    return text[0] in "\"'" and text.count(text[0]) < 2  # noqa: PLR2004 - an end needs a second


def _by_problem(
    source: SourceText, at: int, began: int | None, error: UnreadableError
) -> Diagnostic:
    problem, context = error.problem, error.context
    before = source.text[_line_start(source, at) : at]
    if source.text[at : at + 1] == ":" and not before.strip(" -{[,"):
        return faults.other_key(source, _one(source, at), "", "")
    if found := _unclosed(source, at, began, error):
        return found
    if began is not None and ("expected key" in problem or "block mapping" in context):
        return _misplaced(source, at, began, "mapping", "its keys begin")
    if began is not None and ("'-' indicator" in problem or "block collection" in context):
        return _misplaced(source, at, began, "list", "its items begin with '- '")
    if began is not None and "could not find expected ':'" in problem:
        span = _rest_of_line(source, began)
        message = "expected ':' after this key"
        return Diagnostic("yaml-syntax", message, source, span, "a key is written `key: value`")
    message, hint = _words(problem)
    return Diagnostic("yaml-syntax", message, source, _one(source, at), hint)


def _unclosed(
    source: SourceText, at: int, began: int | None, error: UnreadableError
) -> Diagnostic | None:
    if began is None:
        return None
    if "flow" in error.context and source.text[at : at + 1] == "?":
        return faults.bare_question_mark(source, _one(source, at))
    line = source.position(began).line
    if "end of stream" in error.problem or "document" in error.problem:
        message = f"the quoted text that begins on line {line} is not closed"
    elif "flow sequence" in error.context:
        message = f"expected ',' or ']' in the list that begins on line {line}"
    elif "flow mapping" in error.context:
        message = f"expected ',' or '}}' in the mapping that begins on line {line}"
    else:
        return None
    place = _one(source, began if at >= len(source.text.rstrip()) else at)
    return Diagnostic("yaml-syntax", message, source, place, None)


def _misplaced(source: SourceText, at: int, began: int, what: str, how: str) -> Diagnostic:
    start = source.position(began)
    message = f"this does not fit into the {what} that begins on line {start.line}"
    hint = f"{how} in column {start.column}"
    return Diagnostic("yaml-syntax", message, source, _one(source, at), hint)


_WORDS: Final[tuple[tuple[str, str, str | None], ...]] = (
    (
        "mapping values are not allowed",
        "a key and its value cannot stand here",
        "check the indentation of this line and of the one above",
    ),
    (
        "sequence entries are not allowed",
        "a list's item cannot stand here",
        "put each '- ' on a line of its own, below the key",
    ),
    ("unexpected :", "a space is missing after ':'", "a key is written `key: value`"),
    ("mapping keys are not allowed", "a '?' key cannot stand here", None),
    ("cannot start any token", "a value cannot begin like this", "quote it"),
    (
        "unknown escape character",
        "unknown escape in a double-quoted text",
        r"use single quotes, or write \\ for a backslash",
    ),
    ("hex", "an escape lacks hexadecimal digits", r"\x takes 2, \u takes 4, \U takes 8"),
    ("escape code", "an escape does not name a character", None),
    ("indentation indicator", "the number after | or > must be from 1 to 9", None),
    ("chomping or indentation", "unexpected text after | or >", "begin the text on the next line"),
    ("comment or", "unexpected text after | or >", "begin the text on the next line"),
    ("tab character", "a tab cannot stand here", "use spaces"),
    ("node content", "a value is missing here", None),
    ("document start", "unexpected text after the end of the document", None),
    ("alphabetic", "an anchor or alias needs a name, and neither is allowed", "quote the value"),
)


def _words(problem: str) -> tuple[str, str | None]:
    for theirs, message, hint in _WORDS:
        if theirs in problem.replace("<", "").replace("'", ""):
            return message, hint
    return "this is not YAML", "check the indentation and the quotes around here"


def _one(source: SourceText, at: int) -> Span:
    """Span one character, or none at the end of the text or of a line."""
    inside = at < len(source.text) and source.text[at] not in "\r\n"
    return Span(at, at + 1 if inside else at)


def _rest_of_line(source: SourceText, start: int) -> Span:
    end = source.text.find("\n", start)
    line = source.text[start : end if end >= 0 else len(source.text)]
    return Span(start, start + len(line.rstrip()))
