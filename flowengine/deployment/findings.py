"""Collects what is wrong with one deployment."""

from __future__ import annotations

from collections.abc import Iterable

from flowengine.documents import did_you_mean
from flowengine.flow.definition import Name
from flowengine.source import Diagnostic, SourceText, Span


class Findings:
    """The diagnostics of one deployment, in the order they were found."""

    def __init__(self, source: SourceText) -> None:
        """Begin with none."""
        self._source = source
        self.found: list[Diagnostic] = []

    def error(self, rule: str, message: str, span: Span, hint: str | None = None) -> None:
        """Add an error about a place."""
        self.found.append(Diagnostic(rule, message, self._source, span, hint))

    def unknown(self, rule: str, what: str, name: Name, known: Iterable[str]) -> None:
        """Add an error about a word that is none of those known, with the nearest of them."""
        words = sorted(known)
        hint = did_you_mean(name.text, words)
        if hint is None:
            hint = f"there are {', '.join(words)}" if words else None
        self.error(rule, f"unknown {what} '{name.text}'", name.span, hint)
