"""Finds the tabs that YAML's two parsers disagree about; every one of them is refused.

A tab may stand inside a quoted text, a block of text and a comment, and nowhere at the
beginning of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from flowengine.source import Span

_INDENTING: Final = re.compile(r"^ *(\t)", re.MULTILINE)
_COMMENT_OR_TAB: Final = re.compile(r"(?:^|(?<= ))#[^\n]*|(\t)", re.MULTILINE)


def first_stray_tab(text: str, texts: Iterable[Span]) -> int | None:
    """Find the first tab that is refused.

    Args:
        text: The whole text.
        texts: Where the quoted texts and the blocks of text stand, in order.
    """
    if "\t" not in text:
        return None
    indenting = _INDENTING.search(text)
    found = [indenting.start(1)] if indenting else []
    for gap in _between(texts, len(text)):
        matches = _COMMENT_OR_TAB.finditer(text, gap.start, gap.end)
        found += [match.start(1) for match in matches if match.group(1)][:1]
    return min(found, default=None)


def _between(texts: Iterable[Span], end: int) -> Iterator[Span]:
    at = 0
    for each in texts:
        yield Span(at, each.start)
        at = each.end
    yield Span(at, end)
