"""A value that the schema marks sensitive is shown nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.documents import (
    Document,
    Mapping,
    Scalar,
    load,
    load_checked,
    scalars,
    sensitive_spans,
)
from flowengine.source import Diagnostic, SourceText

SECRET: dict[str, Any] = {"type": "string", "minLength": 20, "pattern": "^x", "x-sensitive": True}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "secret": {"$ref": "#/$defs/secret"},
        "color": {"enum": ["hunter1", "red"], "x-sensitive": True},
        "keys": {"type": "array", "items": {"$ref": "#/$defs/pair"}},
        "named": {"additionalProperties": {"anyOf": [{"$ref": "#/$defs/secret"}, {"const": 1}]}},
    },
    "additionalProperties": False,
    "$defs": {
        "secret": SECRET,
        "pair": {"type": "object", "if": True, "then": {"properties": {"secret": SECRET}}},
    },
}

TEXTS = [
    "secret: hunter2\n",
    "secret: 'hunter2'\nid: 5\n",
    "secret: [hunter2]\nid: 5\n",
    "secret: {a: hunter2}\nid: 5\n",
    "secret: |\n  hunter2\n  hunter2\nid: 5\n",
    "color: hunter2\n",
    "keys: [{secret: hunter2, id: x}, 3]\n",
    "keys:\n  - secret: hunter2\n",
    "named: {any: hunter2}\n",
    "secert: hunter2\n",
    'secret: "hunter2" x\n',
    "secret: hunter2: x\n",
    "id: 1\nsecret: |\n  hunter2\n  hunter2\nid: 2\n",
    "{id: x, 'secret': hunter2, id: y}\n",
    "keys:\n  - secret: !hunter2\n    id: 1\n",
    "secret:\n  hunter2\n\t\nid: 2\n",
]


def printed(each: Diagnostic) -> str:
    first = each.source.position(each.span.start).line
    last = each.source.position(each.span.end).line
    lines = [each.source.line(number) for number in range(first, last + 1)]
    return "\n".join([each.message, each.hint or "", *lines, repr(each)])


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_printed_of_a_finding_holds_the_secret(text: str) -> None:
    _, found = load_checked(SourceText("deployment.yaml", text), SCHEMA)
    assert found
    for each in found:
        assert "hunter2" not in printed(each)
        for number in range(1, text.count("\n") + 2):
            assert "hunter2" not in each.source.line(number)


def test_a_sensitive_value_is_told_by_its_type() -> None:
    _, found = load_checked(SourceText("deployment.yaml", "color: red1\n"), SCHEMA)
    assert [each.message for each in found] == ["expected one of hunter1, red, found a string"]
    assert found[0].hint is None


def test_what_is_not_sensitive_stays_readable() -> None:
    text = "id: 5\nsecret: hunter2\n"
    document, found = load_checked(SourceText("deployment.yaml", text), SCHEMA)
    assert document is not None
    assert found[0].source.line(1) == "id: 5"
    assert found[0].source.line(2) == "secret: *******"


def test_the_tree_keeps_the_value_and_its_source_hides_it() -> None:
    text = "secret: xhunter2hunter2hunter2\n"
    document, found = load_checked(SourceText("deployment.yaml", text), SCHEMA)
    assert not found
    assert isinstance(document, Document)
    assert isinstance(document.root, Mapping)
    value = document.root.get("secret")
    assert isinstance(value, Scalar)
    assert value.value == "xhunter2hunter2hunter2"
    assert document.source.line(1) == "secret: " + "*" * 22
    for scalar in scalars(document.root):
        assert scalar.excerpt.source.line(1) == document.source.line(1)


def test_sensitive_places_are_found_through_references_and_branches() -> None:
    text = "secret: a\nkeys: [{secret: b}]\nnamed: {z: c}\nid: d\n"
    document, _ = load(SourceText("deployment.yaml", text))
    assert document is not None
    spans = sensitive_spans(document, SCHEMA)
    assert [text[span.start : span.end] for span in spans] == ["a", "b", "c"]


def test_a_schema_without_secrets_hides_nothing() -> None:
    source = SourceText("flow.yaml", "a: 1\n")
    document, found = load_checked(source, {"properties": {"a": {"type": "integer"}}})
    assert not found
    assert document is not None
    assert document.source.secrets == ()


def test_a_schema_that_refers_to_itself_is_walked_once() -> None:
    looped = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, SECRET]}}}
    document, _ = load(SourceText("flow.yaml", "x\n"))
    assert document is not None
    assert len(sensitive_spans(document, looped)) == 1
