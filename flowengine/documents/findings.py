"""Collects what jsonschema found about one document, each at its place in the tree."""

from __future__ import annotations

from collections.abc import Sequence as Ordered
from typing import Final

from flowengine.documents.schema_words import (
    ONE_OF,
    TWO_LEADING_KEYS,
    Finding,
    Place,
    words,
    wrong_type,
)
from flowengine.documents.tree import Document, Mapping, Node, Scalar, Sequence
from flowengine.documents.validators import SECOND_KEY, Misfit
from flowengine.source import Diagnostic, Span

FINDING_LIMIT: Final = 200
"""Findings of one document; whoever has that many will check again anyway."""


class Findings:
    """The diagnostics of one document."""

    __slots__ = ("_ambiguous", "_document", "_found", "_sensitive")

    def __init__(self, document: Document, sensitive: Ordered[Span]) -> None:
        """Begin; a value within one of ``sensitive`` will be part of no message."""
        self._document = document
        self._sensitive = sensitive
        self._found: list[Finding] = []
        self._ambiguous: list[Span] = []

    def ordered(self) -> list[Diagnostic]:
        """Give what was found by place, once each.

        Of a mapping with two leading keys nothing else is said: its kind is not known.
        """
        kept = [
            Diagnostic(each.rule, each.message, self._document.source, each.span, each.hint)
            for each in dict.fromkeys(self._found)
            if each.rule == TWO_LEADING_KEYS or not self._is_within(each.span, self._ambiguous)
        ]
        return sorted(kept, key=lambda each: (*each.sort_key(), each.message))

    def add(self, misfit: Misfit) -> None:
        """Put one misfit into words, or those of the alternative that was meant."""
        if len(self._found) >= FINDING_LIMIT:
            return
        if misfit.branches:
            self._union(misfit)
            return
        place = self._place(misfit)
        if misfit.keyword == SECOND_KEY:
            self._ambiguous.append(place.node.span)
        self._found += words(misfit, place)

    def _union(self, misfit: Misfit) -> None:
        """Report the alternative of the value's own type; no other was meant."""
        fitting = [branch for branch in misfit.branches if not any(map(_is_type, branch))]
        if len(fitting) == 1:
            for each in fitting[0]:
                self.add(each)
            return
        place = self._place(misfit)
        expected = misfit.schema.get("x-expected")
        if fitting:
            message = f"expected {expected or 'one of several forms'}, found {place.found}"
            self._found.append(Finding(ONE_OF, message, place.node.span))
        else:
            types = [name for branch in misfit.branches for name in _types(branch)]
            self._found.append(wrong_type(place, types, expected))

    def _place(self, misfit: Misfit) -> Place:
        node: Node = self._document.root
        key: Scalar | None = None
        for step in misfit.path:
            if isinstance(node, Mapping) and (entry := node.entry(str(step))):
                node, key = entry.value, entry.key
            elif isinstance(node, Sequence) and isinstance(step, int):
                node, key = node.items[step], None
        if isinstance(node, Mapping) and isinstance(misfit.instance, str):
            # ``propertyNames`` speaks of a key, with the path of the mapping around it.
            entry = node.entry(misfit.instance)
            node, key = (entry.key, entry.key) if entry else (node, key)
        bracket = self._document.source.text[node.span.start : node.span.start + 1]
        is_flow = not isinstance(node, Scalar) and bracket in ("[", "{")
        return Place(node, key, self._is_within(node.span, self._sensitive), is_flow)

    @staticmethod
    def _is_within(inner: Span, spans: Ordered[Span]) -> bool:
        return any(outer.start <= inner.start and inner.end <= outer.end for outer in spans)


def _is_type(misfit: Misfit) -> bool:
    return misfit.keyword == "type" and misfit.is_whole


def _types(branch: Ordered[Misfit]) -> list[str]:
    found = [each.wanted for each in branch if _is_type(each)]
    return [name for each in found for name in ([each] if isinstance(each, str) else each)]
