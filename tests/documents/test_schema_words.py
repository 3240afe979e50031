"""What does not fit a schema, keyword by keyword: place, words, hint."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.documents import load, validate
from flowengine.source import Diagnostic, SourceText

NODE = {"x-leading-keys": {"noun": "node", "keys": ["ask", "end"], "owns": {"offer": ["ask"]}}}
EITHER = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]}


def found(text: str, schema: dict[str, Any]) -> list[Diagnostic]:
    document, faults = load(SourceText("flow.yaml", text))
    assert not faults
    assert document is not None
    return validate(document, schema)


def report(each: Diagnostic) -> str:
    at = each.source.position(each.span.start)
    written = each.source.text[each.span.start : each.span.end]
    return f"{at.line}:{at.column}: {written!r}: {each.message} [{each.rule}]"


def of(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {name: schema}}


CASES: list[tuple[str, dict[str, Any], str, str | None]] = [
    (
        "nodes: 1\nnods: 2\n",
        {"properties": {"nodes": {}, "start": {}}, "additionalProperties": False},
        "2:1: 'nods': unknown key 'nods' [schema-unknown-key]",
        "the keys here are nodes, start",
    ),
    (
        "strt: 2\n",
        {"properties": {"nodes": {}, "start": {}}, "additionalProperties": False},
        "1:1: 'strt': unknown key 'strt' [schema-unknown-key]",
        "did you mean 'start'?",
    ),
    (
        "a: 1\nb: 2\n",
        {"required": ["a", "responses"]},
        "1:1: 'a': missing key 'responses' [schema-missing-key]",
        None,
    ),
    (
        "a: {}\n",
        of("a", {"required": ["b"]}),
        "1:4: '{}': missing key 'b' [schema-missing-key]",
        None,
    ),
    (
        "a: x\n",
        of("a", {"type": "array"}),
        "1:4: 'x': expected a list, found a string [schema-type]",
        None,
    ),
    (
        "a:\n",
        of("a", {"type": ["array", "object"]}),
        "1:3: '': expected a list or a mapping, found nothing [schema-type]",
        None,
    ),
    (
        "a: 5.0\n",
        of("a", {"type": "integer"}),
        "1:4: '5.0': expected a whole number, found a number [schema-type]",
        None,
    ),
    (
        "a: yes\n",
        of("a", {"type": "boolean"}),
        "1:4: 'yes': expected true or false, found a string [schema-type]",
        "write true",
    ),
    (
        "a: true\n",
        of("a", {"type": "string"}),
        "1:4: 'true': expected a string, found a boolean [schema-type]",
        "quote it if it is text: 'true'",
    ),
    (
        "a: [b]\n",
        of("a", {"type": "string"}),
        "1:4: '[b]': expected a string, found a list [schema-type]",
        "if it is an expression, quote it: `a: '…'`",
    ),
    (
        "a: blu\n",
        of("a", {"enum": ["red", "blue"]}),
        "1:4: 'blu': expected one of red, blue, found 'blu' [schema-value]",
        "did you mean 'blue'?",
    ),
    (
        "a: b\n",
        of("a", {"enum": ["nothing"]}),
        "1:4: 'b': expected 'nothing', found 'b' [schema-value]",
        None,
    ),
    (
        "a: 2\n",
        of("a", {"const": 1}),
        "1:4: '2': expected '1', found '2' [schema-value]",
        None,
    ),
    (
        "a: 5 min\n",
        of("a", {"pattern": "^[0-9]+m$", "x-expected": "a duration such as 5m"}),
        "1:4: '5 min': expected a duration such as 5m, found '5 min' [schema-value]",
        None,
    ),
    (
        "a: b\n",
        of("a", {"pattern": "^c$"}),
        "1:4: 'b': expected a text like '^c$', found 'b' [schema-value]",
        None,
    ),
    (
        "a: ''\n",
        of("a", {"minLength": 1}),
        "1:4: \"''\": expected at least 1 character, found '' [schema-value]",
        None,
    ),
    (
        "a: xyz\n",
        of("a", {"maxLength": 2}),
        "1:4: 'xyz': expected at most 2 characters, found 'xyz' [schema-value]",
        None,
    ),
    (
        "a: 0\n",
        of("a", {"minimum": 1}),
        "1:4: '0': expected 1 or more, found '0' [schema-value]",
        None,
    ),
    (
        "a: 9\n",
        of("a", {"maximum": 8}),
        "1:4: '9': expected 8 or less, found '9' [schema-value]",
        None,
    ),
    (
        "a: 9\n",
        of("a", {"multipleOf": 2}),
        "1:4: '9': expected what 'multipleOf' of the schema allows, found '9' [schema-value]",
        None,
    ),
    (
        "a: []\n",
        of("a", {"minItems": 1}),
        "1:1: 'a': expected at least 1 item, found none [schema-value]",
        None,
    ),
    (
        "a: [b, c]\n",
        of("a", {"maxItems": 1}),
        "1:1: 'a': expected at most 1 item, found 2 [schema-value]",
        None,
    ),
    (
        "a: {}\n",
        of("a", {"minProperties": 2}),
        "1:1: 'a': expected at least 2 keys, found none [schema-value]",
        None,
    ),
    (
        "a: {b: 1, c: 2}\n",
        of("a", {"maxProperties": 1}),
        "1:1: 'a': expected at most 1 key, found 2 [schema-value]",
        None,
    ),
    (
        "a: [b, c, b]\n",
        of("a", {"uniqueItems": True}),
        "1:11: 'b': 'b' is in this list already [schema-value]",
        None,
    ),
    (
        "a: 1\n",
        {"dependentRequired": {"a": ["b"]}},
        "1:1: 'a': key 'a' needs 'b' beside it [schema-missing-key]",
        None,
    ),
    (
        "a: {B: 1}\n",
        of("a", {"propertyNames": {"pattern": "^[a-z]$", "x-expected": "a name"}}),
        "1:5: 'B': expected a name, found 'B' [schema-value]",
        None,
    ),
    (
        "a: 1\n",
        of("a", {"not": {}, "x-message": "'a' is reserved"}),
        "1:1: 'a': 'a' is reserved [schema-value]",
        None,
    ),
    (
        "a: 1\n",
        {"properties": {"a": False}},
        "1:1: 'a': key 'a' cannot stand here [schema-unknown-key]",
        None,
    ),
    (
        "a: {k: 1}\n",
        of("a", {"if": {"required": ["k"]}, "then": {"required": ["l"]}}),
        "1:5: 'k': missing key 'l' [schema-missing-key]",
        None,
    ),
    (
        "a: {b: 1}\n",
        of("a", EITHER),
        "1:4: '{b: 1}': expected a string or a list, found a mapping [schema-type]",
        "if it is an expression, quote it: `a: '…'`",
    ),
    (
        "a: {b: 1}\n",
        of("a", {**EITHER, "x-expected": "a name or names"}),
        "1:4: '{b: 1}': expected a name or names, found a mapping [schema-type]",
        None,
    ),
    (
        "a: [1, x]\n",
        of("a", EITHER),
        "1:8: 'x': expected a whole number, found a string [schema-type]",
        None,
    ),
    (
        "a: z\n",
        of("a", {"anyOf": [{"pattern": "^b"}, {"pattern": "^c"}], "x-expected": "a b or a c"}),
        "1:4: 'z': expected a b or a c, found 'z' [schema-one-of]",
        None,
    ),
    (
        "a: z\n",
        of("a", {"oneOf": [{"type": "string"}, {"minLength": 1}]}),
        "1:4: 'z': 'z' fits more than one of the allowed forms [schema-one-of]",
        None,
    ),
    (
        "n:\n  x: 1\n",
        of("n", NODE),
        "2:3: 'x': a node starts with one of ask, end [schema-missing-key]",
        None,
    ),
    (
        "n:\n  x: 1\n  asc: 2\n",
        of("n", NODE),
        "3:3: 'asc': a node starts with one of ask, end [schema-missing-key]",
        "did you mean 'ask'?",
    ),
    (
        "n:\n  end: 1\n  ask: 2\n",
        of("n", {**NODE, "properties": {"end": {"type": "string"}}}),
        "3:3: 'ask': a node cannot have both 'end' and 'ask' [two-leading-keys]",
        "give it one of ask, end",
    ),
]


@pytest.mark.parametrize(("text", "schema", "words", "hint"), CASES)
def test_each_keyword_has_words_of_its_own(
    text: str, schema: dict[str, Any], words: str, hint: str | None
) -> None:
    every = found(text, schema)
    assert [report(each) for each in every] == [words]
    assert hint is None or every[0].hint == hint


def test_everything_is_found_at_once_in_the_order_of_the_file() -> None:
    schema = {
        "properties": {"a": {"type": "integer"}, "b": {"enum": ["x"]}},
        "required": ["c", "d"],
        "additionalProperties": False,
    }
    every = found("z: 1\nb: y\na: q\n", schema)
    assert [report(each).split(": ")[0] for each in every] == ["1:1", "1:1", "1:1", "2:4", "3:4"]
    assert every == found("z: 1\nb: y\na: q\n", schema)


def test_one_fault_seen_by_two_parts_of_a_schema_is_said_once() -> None:
    part = {"type": "string"}
    every = found("a: 1\n", {"allOf": [of("a", part), of("a", part)]})
    assert len(every) == 1


def test_an_unknown_key_lists_the_known_ones_when_none_is_near() -> None:
    schema = {"properties": {"next": {}, "attempts": {}}, "additionalProperties": False}
    assert found("zzz: 1\n", schema)[0].hint == "the keys here are attempts, next"


def test_a_whole_number_is_not_the_same_item_as_its_text() -> None:
    assert not found("a: [1, '1', true]\n", of("a", {"uniqueItems": True}))


def test_a_value_in_a_message_is_escaped_and_cut() -> None:
    every = found('a: "\\e[31m' + "x" * 100 + '"\n', of("a", {"enum": ["b", "c"]}))
    assert every[0].message.startswith(r"expected one of b, c, found '\x1b[31mxxx")
    assert every[0].message.endswith("x…'")
    assert len(every[0].message) < 110
