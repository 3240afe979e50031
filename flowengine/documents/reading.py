"""From bytes to a text, and from a text to a tree; every refusal is a diagnostic."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Final

from flowengine.documents import events, faults, syntax
from flowengine.documents.builder import TreeBuilder
from flowengine.documents.offsets import Style
from flowengine.documents.tree import Document, Node, Scalar
from flowengine.source import Diagnostic, SourceText, Span

SIZE_LIMIT_BYTES: Final = 1024 * 1024

BYTE_ORDER_MARK: Final = "\ufeff"
_FORBIDDEN: Final = re.compile(
    # YAML 1.2.2, production 1 (c-printable), less what is a line break to some readers only.
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    r"|\r(?!\n)"
)
_DIRECTIVE: Final = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*(%[^\r\n]*)")


def read(
    path: Path, *, limit: int = SIZE_LIMIT_BYTES
) -> tuple[SourceText | None, list[Diagnostic]]:
    """Read a file as text.

    A leading byte order mark is left out of the text. A pipe or a device that lies among files
    is not read.

    Args:
        path: Where it lies; as a string it is the text's name.
        limit: In bytes; no more than one byte beyond it is ever read.

    Returns:
        The text, or None and the one reason.
    """
    name = str(path)
    try:
        if _never_ends(path):
            return None, [faults.unreadable_file(SourceText(name, ""), "it is a pipe or a device")]
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        return None, [faults.unreadable_file(SourceText(name, ""), reason)]
    return _decoded(name, raw, limit)


def _never_ends(path: Path) -> bool:
    """Say whether reading could wait for ever; under /dev a shell puts pipes that do end."""
    mode = path.stat().st_mode
    is_file = stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    return not is_file and not str(path).startswith(("/dev/", "/proc/"))


def _decoded(name: str, raw: bytes, limit: int) -> tuple[SourceText | None, list[Diagnostic]]:
    if len(raw) > limit:
        return None, [faults.too_large(SourceText(name, ""), limit)]
    try:
        source = SourceText(name, raw.decode("utf-8").removeprefix(BYTE_ORDER_MARK))
    except UnicodeDecodeError as error:
        offset = len(raw[: error.start].decode("utf-8"))
        damaged = SourceText(name, raw.decode("utf-8", "replace"))
        return None, [faults.not_utf8(damaged, offset, raw)]
    if fault := _text_fault(source, 0, limit):
        return None, [fault]
    return source, []


def load(
    source: SourceText,
    *,
    limit: int = SIZE_LIMIT_BYTES,
    parser: events.Parser = events.FASTEST_PARSER,
) -> tuple[Document | None, list[Diagnostic]]:
    """Read a text as one YAML document.

    Args:
        source: The text, with or without a byte order mark.
        limit: Of the text's size in bytes of UTF-8.
        parser: Which of PyYAML's parsers reads; both give the same tree.

    Returns:
        The document and nothing, or None and what is wrong, ordered by place.
    """
    shift = 1 if source.text.startswith(BYTE_ORDER_MARK) else 0
    if fault := _text_fault(source, shift, limit):
        return None, [fault]
    builder = TreeBuilder(source, shift)
    try:
        for event in events.parse(source.text[shift:], parser):
            builder.take(event)
            if builder.stopped:
                break
    except events.UnreadableError as error:
        builder.faults.append(syntax.explain(source, error, shift))
    else:
        if not builder.stopped:
            builder.finish()
    if not builder.faults and _is_empty(builder.root):
        builder.faults.append(faults.no_document(source))
    if builder.faults or builder.root is None:
        return None, _ordered(builder.faults)
    return Document(source, builder.root), []


def _text_fault(source: SourceText, shift: int, limit: int) -> Diagnostic | None:
    """Find what makes a text unfit before any parser sees it."""
    if len(source.text) > limit or len(source.text.encode("utf-8", "replace")) > limit:
        return faults.too_large(source, limit)
    if found := _FORBIDDEN.search(source.text, shift):
        return faults.forbidden_character(source, found.start())
    if found := _DIRECTIVE.match(source.text, shift):
        return faults.directive(source, Span(found.start(1), found.end(1)))
    return None


def _is_empty(root: Node | None) -> bool:
    if root is None:
        return True
    return isinstance(root, Scalar) and root.style is Style.PLAIN and not root.text


def _ordered(found: list[Diagnostic]) -> list[Diagnostic]:
    unique = {(each.rule, each.message, each.span): each for each in found}
    return sorted(unique.values(), key=Diagnostic.sort_key)
