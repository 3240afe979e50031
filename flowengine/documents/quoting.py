"""Puts the quotes around a value that its author left out, where it is plain what the value is."""

from __future__ import annotations

import re
from typing import Final

from flowengine.source import Edit, SourceText, Span

_BEFORE: Final = re.compile(r"[ ]*(?:-[ ]+)*(?P<key>[A-Za-z_][\w.-]*)[ ]*:[ ]+")
_VALUE: Final = re.compile(r"[^\r\n]*?(?=[ \t]*(?:[ \t]#[^\r\n]*)?(?:\r?\n|$))")
_FOLLOWING: Final = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*(?P<indent>[ ]*)")
_KEY: Final = re.compile(r"[A-Za-z_][\w.*-]*\?")


def quoted_value(source: SourceText, start: int) -> Edit | None:
    """Quote what stands behind a key up to the line's end or a comment.

    None inside [ ] and { }, and where the next line could be the value's own.
    """
    line = source.text.rfind("\n", 0, start) + 1
    before = _BEFORE.fullmatch(source.text, line, start)
    value = _VALUE.match(source.text, start)
    if before is None or value is None:
        return None
    end_of_line = source.text.find("\n", start)
    following = _FOLLOWING.match(source.text, end_of_line + 1) if end_of_line >= 0 else None
    if following is not None and len(following["indent"]) > before.start("key") - line:
        return None
    text = value.group().replace("'", "''")
    return Edit(Span(start, value.end()), f"'{text}'")


def quoted_key(source: SourceText, span: Span) -> Edit | None:
    """Quote ``KEY?``."""
    text = source.text[span.start : span.end]
    return Edit(span, f"'{text}'") if _KEY.fullmatch(text) else None
