"""What the loader refuses, in our words: one function for each fault.

No message shows a value: a file that does not load has no schema yet to say which of its
values are secret. Keys are shown.
"""

from __future__ import annotations

from typing import Final

from flowengine.documents.quoting import quoted_key, quoted_value
from flowengine.documents.wording import bare, count, shown
from flowengine.source import Diagnostic, SourceText, Span

EXPRESSION_KEYS: Final = frozenset({"when", "that", "needs", "verify", "prefer"})
"""Keys whose value is an expression wherever they stand."""

_LEADS: Final = {
    "!": "a tag",
    "&": "an anchor",
    "*": "an alias",
    "[": "a list",
    "{": "a mapping",
    '"': "a quoted text that ends at the next quote",
    "'": "a quoted text that ends at the next quote",
    "@": "a reserved sign",
    "`": "a reserved sign",
    "%": "a directive",
}


def quote_hint(key: str | None, value: str) -> str:
    """Tell how to quote a value; ``key`` is None for a list's item."""
    before = "- " if key is None else f"{bare(key)}: "
    if value.startswith("'"):
        return f'quote it: `{before}"…"`'
    inner = ', with "…" for the texts inside' if "'" in value else ""
    return f"quote it: `{before}'…'`{inner}"


def misread_lead(
    source: SourceText, span: Span, rule: str, key: str | None, value: str
) -> Diagnostic:
    """Tell that YAML takes the first character of a value for something else."""
    lead = value[0]
    what = _LEADS[lead]
    message = f"YAML reads {lead} at the start of a value as {what}"
    fix = quoted_value(source, span.start) if key in EXPRESSION_KEYS else None
    return Diagnostic(rule, message, source, span, quote_hint(key, value), fix=fix)


def misread_colon(source: SourceText, span: Span, key: str | None, value: str) -> Diagnostic:
    """Tell that YAML takes ``: `` inside a value for a key and its value."""
    message = "YAML reads ': ' inside an unquoted value as a key and its value"
    fix = quoted_value(source, span.start) if key in EXPRESSION_KEYS else None
    return Diagnostic("yaml-syntax", message, source, span, quote_hint(key, value), fix=fix)


def bare_question_mark(source: SourceText, span: Span) -> Diagnostic:
    """Refuse ``[KEY?]``: the C parser reads it, the pure one does not."""
    message = "a bare '?' inside [ ] or { } is not read by every YAML parser"
    hint, fix = "quote it: `'KEY?'`", quoted_key(source, span)
    return Diagnostic("yaml-syntax", message, source, span, hint, fix=fix)


def tag(source: SourceText, span: Span, key: str | None, written: str) -> Diagnostic:
    """Refuse a tag; in the place of an expression it is a ``!`` that lacks quotes."""
    if key in EXPRESSION_KEYS:
        return misread_lead(source, span, "yaml-tag", key, written)
    if written.startswith(("!!", "!<")):
        hint = "remove it: what a value is follows from how it is written"
    else:
        hint = f"if it is an expression, {quote_hint(key, written)}"
    return Diagnostic("yaml-tag", "tags are not allowed", source, span, hint)


def anchor(source: SourceText, span: Span, key: str | None, written: str) -> Diagnostic:
    """Refuse an anchor or an alias, which also rules out every alias bomb."""
    if key in EXPRESSION_KEYS:
        return misread_lead(source, span, "yaml-anchor", key, written)
    message = "anchors (&) and aliases (*) are not allowed"
    hint = "write the value out where it is needed, or quote it if it is text"
    return Diagnostic("yaml-anchor", message, source, span, hint)


def directive(source: SourceText, span: Span) -> Diagnostic:
    """Refuse ``%YAML`` and ``%TAG``, which the two parsers treat differently."""
    hint = "remove the line; the file is read as YAML 1.2"
    return Diagnostic("yaml-syntax", "directives (%) are not allowed", source, span, hint)


def duplicate_key(source: SourceText, first: Span, second: Span, key: str) -> Diagnostic:
    """Refuse a key that is given twice, naming both lines."""
    lines = source.position(first.start).line, source.position(second.start).line
    message = f"key {shown(key)} on line {lines[1]} was already given on line {lines[0]}"
    return Diagnostic("yaml-duplicate-key", message, source, second, "keep one of the two")


def merge_key(source: SourceText, span: Span) -> Diagnostic:
    """Refuse ``<<``."""
    hint = "write the keys out where they are needed"
    return Diagnostic("yaml-merge-key", "merge keys (<<) are not allowed", source, span, hint)


def complex_key(source: SourceText, span: Span) -> Diagnostic:
    """Refuse a list or a mapping as a key."""
    message = "a list or a mapping cannot be a key"
    return Diagnostic("yaml-key", message, source, span, "a key is a name: `key: value`")


def other_key(source: SourceText, span: Span, kind: str, text: str) -> Diagnostic:
    """Refuse a key that is not a string."""
    if not text:
        return Diagnostic("yaml-key", "a key is missing before ':'", source, span, None)
    message = f"a key must be a string, and {shown(text)} is {kind}"
    return Diagnostic("yaml-key", message, source, span, f"quote it: {shown(text)}")


def number_range(source: SourceText, span: Span) -> Diagnostic:
    """Refuse a number that has no exact place in 64 bits; it may be a secret, so not shown."""
    message = "the number is beyond 64 bits"
    return Diagnostic("yaml-number", message, source, span, "quote it if it is text")


def more_documents(source: SourceText, span: Span) -> Diagnostic:
    """Refuse a second document."""
    message = "the file has more than one YAML document"
    return Diagnostic("yaml-documents", message, source, span, "put each into a file of its own")


def no_document(source: SourceText) -> Diagnostic:
    """Refuse a file of nothing but blanks and comments."""
    return Diagnostic("yaml-documents", "the file is empty", source, Span(0, 0), None)


def too_deep(source: SourceText, span: Span, limit: int) -> Diagnostic:
    """Refuse nesting; checked on events, before anything recurses."""
    message = f"lists and mappings are nested more than {limit} deep"
    return Diagnostic("yaml-depth", message, source, span, None)


def too_many(source: SourceText, span: Span, limit: int) -> Diagnostic:
    """Refuse a tree with too many parts."""
    message = f"the file has more than {limit:,} keys and values"
    return Diagnostic("yaml-size", message, source, span, "split it")


def too_large(source: SourceText, limit: int) -> Diagnostic:
    """Refuse a file by its size in bytes."""
    message = f"the file is larger than {count(limit, 'byte')}"
    return Diagnostic("yaml-size", message, source, Span(0, 0), "split it")


def tight_colon(source: SourceText, span: Span) -> Diagnostic:
    """Refuse ``[key:]``: the pure parser reads it, the C one does not."""
    message = "a space is missing after ':'"
    return Diagnostic("yaml-syntax", message, source, span, "a key is written `key: value`")


def block_header(source: SourceText, span: Span) -> Diagnostic:
    """Refuse text on the line of ``|`` or ``>``."""
    message = "unexpected text after | or >"
    return Diagnostic("yaml-syntax", message, source, span, "begin the text on the next line")


def tab(source: SourceText, offset: int) -> Diagnostic:
    """Refuse a tab that indents or stands between values."""
    before = source.text[source.text.rfind("\n", 0, offset) + 1 : offset]
    indents = not before.strip(" \t-")
    message = "a tab cannot indent in YAML" if indents else "a tab cannot separate values"
    hint = "indent with spaces" if indents else "use spaces"
    return Diagnostic("yaml-tab", message, source, Span(offset, offset + 1), hint)


def not_utf8(source: SourceText, offset: int, raw: bytes) -> Diagnostic:
    """Refuse bytes that are not UTF-8."""
    span = Span(offset, offset + 1)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "the file is UTF-16, not UTF-8"
    else:
        message = "the file is not UTF-8 from here on"
    return Diagnostic("yaml-encoding", message, source, span, "save it as UTF-8")


def forbidden_character(source: SourceText, offset: int) -> Diagnostic:
    """Refuse a character that YAML 1.2 does not allow, or that hides where a line ends."""
    character = source.text[offset]
    code = f"U+{ord(character):04X}"
    span = Span(offset, offset + 1)
    if character == "\r":
        message = "a line ends with a carriage return alone"
        return Diagnostic("yaml-encoding", message, source, span, "end lines with LF or CR LF")
    if character in "\x85\u2028\u2029":
        message = f"{code} is a line break to some readers and not to others"
    else:
        message = f"the character {code} is not allowed"
    hint = f'in a double-quoted text it is written "\\u{ord(character):04x}"'
    return Diagnostic("yaml-encoding", message, source, span, hint)


def unreadable_file(source: SourceText, reason: str) -> Diagnostic:
    """Report a file that the system does not let us read; ``reason`` is the system's."""
    message = f"cannot read the file: {reason}"
    return Diagnostic("file-unreadable", message, source, Span(0, 0), None)


def unreadable_folder(source: SourceText, reason: str) -> Diagnostic:
    """Report a folder whose files cannot be known; ``reason`` is the system's."""
    message = f"cannot read the folder: {reason}"
    return Diagnostic("file-unreadable", message, source, Span(0, 0), None)
