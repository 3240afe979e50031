"""Replaces ``${NAME}`` by environment variables, after parsing and only where a schema says so.

A value of the environment is never part of a message. ``$${`` is a literal ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

from flowengine.deployment.findings import Findings
from flowengine.documents import Document, Entry, Node, Scalar, Sequence
from flowengine.documents import Mapping as MappingNode
from flowengine.documents.sensitive import resolve

MARK: Final = "x-env"
_REFERENCE: Final = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{")


def substitute(
    document: Document,
    schema: Mapping[str, Any],
    environment: Mapping[str, str],
    findings: Findings,
) -> Document:
    """Give the document with its references replaced; what cannot be is a finding."""
    return replace(document, root=_Walk(schema, environment, findings).visit(document.root, schema))


class _Walk:
    """One walk over a tree beside its schema."""

    def __init__(
        self, root: Mapping[str, Any], environment: Mapping[str, str], findings: Findings
    ) -> None:
        self._root = root
        self._environment = environment
        self._findings = findings

    def visit(self, node: Node, schema: Any) -> Node:  # noqa: ANN401 - a schema may be a bool
        parts = list(_same_place(schema, self._root))
        match node:
            case Scalar():
                allowed = any(part.get(MARK) for part in parts)
                return self._scalar(node, allowed=allowed)
            case Sequence():
                inner = next((part["items"] for part in parts if "items" in part), None)
                return replace(node, items=tuple(self.visit(item, inner) for item in node.items))
            case MappingNode():
                entries = (self._entry(entry, parts) for entry in node.entries)
                return MappingNode(tuple(entries), node.span)
            case _:
                assert_never(node)

    def _entry(self, entry: Entry, parts: list[dict[str, Any]]) -> Entry:
        self._scalar(entry.key, allowed=False)
        inner = next(filter(None, (_part(part, entry.key.text) for part in parts)), None)
        return Entry(entry.key, self.visit(entry.value, inner))

    def _scalar(self, scalar: Scalar, *, allowed: bool) -> Scalar:
        if not isinstance(scalar.value, str) or "${" not in scalar.text:
            return scalar
        if not allowed:
            message = "${…} is not replaced here: write the value out"
            self._findings.error("env-not-allowed", message, scalar.span)
            return scalar
        text = _REFERENCE.sub(lambda found: self._value(found, scalar), scalar.text)
        return replace(scalar, value=text, text=text)

    def _value(self, found: re.Match[str], scalar: Scalar) -> str:
        if found[0] == "$${":
            return "${"
        name, span = found[1], scalar.excerpt.span(*found.span())
        if name is None:
            message = "'${' begins the name of an environment variable, and none follows"
            hint = "write ${NAME}; a literal ${ is written $${"
            self._findings.error("env-malformed", message, span, hint)
            return ""
        value = self._environment.get(name, "")
        if not value:
            state = "empty" if name in self._environment else "not set"
            message = f"environment variable {name} is {state}"
            self._findings.error("env-unset", message, span, f"set it: export {name}=…")
        return value


def _same_place(schema: Any, root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a schema
    if not isinstance(schema, dict):
        return
    yield schema
    if "$ref" in schema:
        yield from _same_place(resolve(schema["$ref"], root), root)
    for part in schema.get("anyOf", ()):
        yield from _same_place(part, root)


def _part(schema: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - any part of a schema
    properties = schema.get("properties", {})
    return properties[key] if key in properties else schema.get("additionalProperties")
