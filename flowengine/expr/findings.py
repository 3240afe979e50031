"""Collects what is wrong with one expression, each finding at its own characters."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowengine.source import Diagnostic, Excerpt, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_NAME_TO_COMPARE = 64
_LONGEST_QUOTED = 64


class Findings:
    """The findings of one compilation; lives no longer than that."""

    def __init__(self, excerpt: Excerpt) -> None:
        """Start empty.

        Args:
            excerpt: The expression's text, and where its characters came from.
        """
        self._excerpt = excerpt
        self._found: list[Diagnostic] = []

    def add(
        self,
        rule: str,
        span: Span,
        message: str,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note one finding; the span's offsets are into the expression's own text."""
        place = self._excerpt.span(span.start, span.end)
        self._found.append(Diagnostic(rule, message, self._excerpt.source, place, hint, severity))

    def __bool__(self) -> bool:
        return bool(self._found)

    def ordered(self) -> tuple[Diagnostic, ...]:
        """Give all findings in the order of their places."""
        return tuple(sorted(self._found, key=Diagnostic.sort_key))


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """Word a hint for a name that is not there, when one of the candidates is close."""
    if len(name) > _LONGEST_NAME_TO_COMPARE:
        return None
    by_lower = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    close = get_close_matches(name.lower(), by_lower, n=1)
    return f"did you mean {by_lower[close[0]]}?" if close else None


def quoted(text: str) -> str:
    """Put a text in double quotes for a message, cut, what cannot be printed escaped."""
    if len(text) > _LONGEST_QUOTED:
        return f"{quoted(text[:_LONGEST_QUOTED])}…"
    escaped = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return f'"{escaped}"'
