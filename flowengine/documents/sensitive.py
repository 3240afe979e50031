"""Finds the values that a schema marks ``"x-sensitive": true``, so that nothing prints them.

It errs towards too much: every branch of a schema counts, whether or not the value fits it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Schema
from functools import lru_cache
from typing import Any, Final

from flowengine.documents.identity import ByIdentity
from flowengine.documents.tree import Document, Mapping, Node, Scalar, Sequence
from flowengine.source import Span

MARK: Final = "x-sensitive"

_SAME_PLACE: Final = ("allOf", "anyOf", "oneOf")
_SAME_PLACE_ONE: Final = ("if", "then", "else", "not")


def sensitive_spans(document: Document, schema: Schema[str, Any]) -> tuple[Span, ...]:
    """Find where the sensitive values stand, ordered by place.

    The value of a key that the schema does not know counts too, where a sensitive key was
    possible: it may be that key, misspelt.
    """
    if not _has_mark(ByIdentity(schema)):
        return ()
    search = _Search(schema)
    search.visit(document.root, schema)
    return tuple(sorted(search.found, key=lambda span: (span.start, span.end)))


def suspected_spans(text: str, schema: Schema[str, Any]) -> tuple[Span, ...]:
    """Find sensitive values in a text that is not YAML, by the names of their keys."""
    names = sorted(_sensitive_names(schema))
    if not names:
        return ()
    keys = "|".join(map(re.escape, names))
    pattern = re.compile(rf"""(?<![\w-])(?:{keys})["']?[ \t]*:""", re.IGNORECASE)
    return tuple(_value_block(text, found.end()) for found in pattern.finditer(text))


def _value_block(text: str, start: int) -> Span:
    """Span the rest of a line and the deeper lines below it."""
    line_start = text.rfind("\n", 0, start) + 1
    depth = _indent(text[line_start:start])
    end = _line_end(text, start)
    while end < len(text):
        following = _line_end(text, end + 1)
        line = text[end + 1 : following]
        if line.strip() and _indent(line) <= depth:
            break
        end = following
    return Span(start, end)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t-"))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


@lru_cache(maxsize=16)
def _has_mark(key: ByIdentity) -> bool:
    return _is_marked(key.schema)


def _is_marked(schema: Any) -> bool:  # noqa: ANN401 - any part of a JSON document
    match schema:
        case dict():
            return bool(schema.get(MARK)) or any(map(_is_marked, schema.values()))
        case list():
            return any(map(_is_marked, schema))
        case _:
            return False


def _sensitive_names(schema: Any) -> set[str]:  # noqa: ANN401 - any part of a JSON document
    match schema:
        case dict():
            named = {
                name
                for name, part in schema.get("properties", {}).items()
                if isinstance(part, dict) and part.get(MARK)
            }
            return named.union(*map(_sensitive_names, schema.values()))
        case list():
            return set().union(*map(_sensitive_names, schema))
        case _:
            return set()


class _Search:
    """One walk over a tree beside its schema."""

    __slots__ = ("_seen", "found", "root")

    def __init__(self, root: Schema[str, Any]) -> None:
        self.root = root
        self.found: set[Span] = set()
        self._seen: set[tuple[int, int]] = set()

    def visit(self, node: Node, schema: Any) -> None:  # noqa: ANN401 - a schema may be a bool
        visited = (id(node), id(schema))
        if not isinstance(schema, dict) or visited in self._seen:
            return
        self._seen.add(visited)
        if schema.get(MARK):
            self.found.add(node.span)
        for same_place in _same_place(schema, self.root):
            self.visit(node, same_place)
        match node:
            case Mapping():
                self._mapping(node, schema)
            case Sequence():
                self._sequence(node, schema)
            case Scalar():
                pass

    def _mapping(self, node: Mapping, schema: dict[str, Any]) -> None:
        properties = schema.get("properties", {})
        hides = any(self._hides(part) for part in properties.values())
        for entry in node.entries:
            name = entry.key.text
            parts = list(_parts(schema, name))
            for part in parts:
                self.visit(entry.value, part)
            if hides and not parts:
                self.found.add(entry.value.span)

    def _sequence(self, node: Sequence, schema: dict[str, Any]) -> None:
        first = schema.get("prefixItems", [])
        for index, item in enumerate(node.items):
            self.visit(item, first[index] if index < len(first) else schema.get("items"))

    def _hides(self, part: Any) -> bool:  # noqa: ANN401 - a schema may be a bool
        if not isinstance(part, dict):
            return False
        return bool(part.get(MARK) or any(each.get(MARK) for each in _same_place(part, self.root)))


def _same_place(schema: dict[str, Any], root: Schema[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the schemas that speak of the same value."""
    parts: list[Any] = [part for name in _SAME_PLACE for part in schema.get(name, ())]
    parts += [schema[name] for name in _SAME_PLACE_ONE if name in schema]
    parts += schema.get("dependentSchemas", {}).values()
    if "$ref" in schema:
        parts.append(resolve(schema["$ref"], root))
    yield from (part for part in parts if isinstance(part, dict))


def resolve(reference: str, root: Schema[str, Any]) -> Any:  # noqa: ANN401 - a schema may be a bool
    """Follow a reference within one schema: ``#/$defs/name``.

    Raises:
        KeyError: The schema, which is ours, has no such part.
    """
    part: Any = root
    for step in reference.removeprefix("#").split("/"):
        if step:
            part = part[step.replace("~1", "/").replace("~0", "~")]
    return part


def _parts(schema: dict[str, Any], name: str) -> Iterator[Any]:
    """Give the schemas of a key's value: by name, by pattern, else the one for others."""
    parts = [schema["properties"][name]] if name in schema.get("properties", {}) else []
    patterns = schema.get("patternProperties", {})
    parts += [part for pattern, part in patterns.items() if re.search(pattern, name)]
    if not parts and isinstance(schema.get("additionalProperties"), dict):
        parts.append(schema["additionalProperties"])
    yield from parts
