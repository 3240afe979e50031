"""Collects what the compiler has to say about one flow."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from flowengine.flow.definition import Name
from flowengine.source import Diagnostic, Severity, SourceText, Span


class Findings:
    """The diagnostics of one flow, in the order they were found."""

    def __init__(self, source: SourceText) -> None:
        """Begin with none."""
        self.source = source
        self.found: list[Diagnostic] = []

    def error(self, rule: str, message: str, span: Span, hint: str | None = None) -> None:
        """Add an error about a place."""
        self.found.append(Diagnostic(rule, message, self.source, span, hint, Severity.ERROR))

    def unknown(self, rule: str, what: str, name: Name, known: Iterable[str]) -> None:
        """Add an error about a word that is none of those known, with the nearest of them."""
        near = difflib.get_close_matches(name.text, list(known), 1)
        hint = f"did you mean '{near[0]}'?" if near else None
        self.error(rule, f"unknown {what} '{name.text}'", name.span, hint)
