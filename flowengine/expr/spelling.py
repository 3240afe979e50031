"""Reads CEL's own spelling of types: ``map(string, list(int))``."""

from __future__ import annotations

import re

from flowengine.errors import ExpressionError
from flowengine.expr.findings import Findings, did_you_mean, quoted
from flowengine.expr.types import KEY_TYPES, SCALARS, ListType, MapType, OptionalType, Type
from flowengine.source import Excerpt, Span

_TOKEN = re.compile(r"[a-zA-Z_]+|\S")
_DEEPEST = 8
_LONGEST = 256


def parse_type(text: str | Excerpt) -> Type:
    """Read a type.

    Raises:
        ExpressionError: Pointing at what is not one.
    """
    excerpt = text if isinstance(text, Excerpt) else Excerpt.whole(text, "<type>")
    reader = _Reader(excerpt)
    kind = reader.type(1)
    reader.end()
    return kind


class _Reader:
    def __init__(self, excerpt: Excerpt) -> None:
        self._excerpt = excerpt
        self._tokens = list(_TOKEN.finditer(excerpt.text[:_LONGEST]))
        self._next = 0

    def type(self, depth: int) -> Type:
        start, name = self._next, self._take()
        if name in ("list", "map", "optional_type") and depth > _DEEPEST:
            raise self._wrong(start, f"types are nested more than {_DEEPEST} levels deep")
        if name in ("list", "optional_type"):
            self._expect("(")
            element = self.type(depth + 1)
            self._expect(")")
            return ListType(element) if name == "list" else OptionalType(element)
        if name == "map":
            return self._map(depth)
        if name in SCALARS:
            return SCALARS[name]
        hint = did_you_mean(name, [*SCALARS, "list", "map", "optional_type"])
        raise self._wrong(start, f"unknown type {quoted(name)}", hint)

    def end(self) -> None:
        if self._next < len(self._tokens) or len(self._excerpt.text) > _LONGEST:
            raise self._wrong(self._next, "the type should end here")

    def _map(self, depth: int) -> Type:
        self._expect("(")
        start = self._next
        key = self.type(depth + 1)
        if key not in KEY_TYPES:
            raise self._wrong(start, f"expected bool, int, uint or string, found {key}")
        self._expect(",")
        value = self.type(depth + 1)
        self._expect(")")
        return MapType(key, value)

    def _expect(self, wanted: str) -> None:
        start = self._next
        if self._take() != wanted:
            raise self._wrong(start, f"expected {quoted(wanted)}")

    def _take(self) -> str:
        if self._next >= len(self._tokens):
            raise self._wrong(self._next, "the type ends too early")
        self._next += 1
        return self._tokens[self._next - 1][0]

    def _wrong(self, token: int, message: str, hint: str | None = None) -> ExpressionError:
        end = len(self._excerpt.text)
        start, stop = self._tokens[token].span() if token < len(self._tokens) else (end, end)
        findings = Findings(self._excerpt)
        findings.add("expression-syntax", Span(start, stop), message, hint)
        return ExpressionError(findings.ordered())
