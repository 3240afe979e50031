"""What is not YAML, in our words and never in the parser's."""

from __future__ import annotations

import pytest

from flowengine.documents import load
from flowengine.documents.events import C_PARSER, PURE_PARSER
from flowengine.source import SourceText

PARSERS = [parser for parser in (C_PARSER, PURE_PARSER) if parser is not None]

CASES: list[tuple[str, str, str | None]] = [
    (
        '- when: "a" == b\n  goto: x\n',
        '1:9: YAML reads " at the start of a value as a quoted text that ends at the next quote',
        "quote it: `when: '…'`",
    ),
    (
        "when: [a] == b\n",
        "1:7: YAML reads [ at the start of a value as a list",
        "quote it: `when: '…'`",
    ),
    (
        "when: {a: b}.a\n",
        "1:7: YAML reads { at the start of a value as a mapping",
        "quote it: `when: '…'`",
    ),
    (
        "when: !a && b\n",
        "1:7: YAML reads ! at the start of a value as a tag",
        "quote it: `when: '…'`",
    ),
    (
        "require:\n  - !(a || b)\n",
        "2:5: YAML reads ! at the start of a value as a tag",
        "quote it: `- '…'`",
    ),
    (
        "when: a ? b : c\n",
        "1:7: YAML reads ': ' inside an unquoted value as a key and its value",
        "quote it: `when: '…'`",
    ),
    (
        "when: 'a' == b\n",
        "1:7: YAML reads ' at the start of a value as a quoted text that ends at the next quote",
        'quote it: `when: "…"`',
    ),
    (
        "when: \"a\" == 'b'\n",
        '1:7: YAML reads " at the start of a value as a quoted text that ends at the next quote',
        "quote it: `when: '…'`, with \"…\" for the texts inside",
    ),
    (
        "- when: [a\n  goto: b\n",
        "1:9: YAML reads [ at the start of a value as a list",
        "quote it: `when: '…'`",
    ),
    (
        "summary: this: that\n",
        "1:10: YAML reads ': ' inside an unquoted value as a key and its value",
        "quote it: `summary: '…'`",
    ),
    (
        "a:\n  - b\n c: d\n",
        "3:2: this does not fit into the mapping that begins on line 1",
        "its keys begin in column 1",
    ),
    (
        "a:\n  - b\n  c: d\n",
        "3:3: this does not fit into the list that begins on line 2",
        "its items begin with '- ' in column 3",
    ),
    (
        "a: b\n  c: d\n",
        "2:4: a key and its value cannot stand here",
        "check the indentation of this line and of the one above",
    ),
    ("a: [b, c\nd: e\n", "2:2: expected ',' or ']' in the list that begins on line 1", None),
    ("a: {b: c\n", "1:4: expected ',' or '}' in the mapping that begins on line 1", None),
    ("a: 'b\n", "1:4: the quoted text that begins on line 1 is not closed", None),
    ("a: b\nkey\nc: d\n", "2:1: expected ':' after this key", "a key is written `key: value`"),
    (
        "a: - b\n",
        "1:4: a list's item cannot stand here",
        "put each '- ' on a line of its own, below the key",
    ),
    ("a: ]\n", "1:4: a value is missing here", None),
    ("{a: b}\nc: d\n", "2:1: unexpected text after the end of the document", None),
]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(("text", "report", "hint"), CASES)
def test_a_mistake_is_explained_where_it_is(
    text: str, report: str, hint: str | None, parser: object
) -> None:
    document, found = load(SourceText("flow.yaml", text), parser=parser)
    assert document is None
    assert len(found) == 1
    at = found[0].source.position(found[0].span.start)
    assert f"{at.line}:{at.column}: {found[0].message}" == report
    assert hint is None or found[0].hint == hint


THEIR_WORDS = (
    "while ",
    "token",
    "block mapping",
    "flow ",
    "scalar",
    "did not find",
    "<",
    "parsing",
)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        *(text for text, _, _ in CASES),
        'a: "\\q"\n',
        'a: "\\x4"\n',
        'a: "\\ud800"\n',
        "a: @x\n",
        "a: %x\n",
        "a: `x\n",
        "a: &\n",
        "a: !e!x y\n",
        "a: |0\n  x\n",
        "a: |12\n  x\n",
        "a: 'x\n---\n",
        "? a\n? b: c\n: d: e\n",
        "- a\nb\n",
        "[" * 5000,
        "a: {b\n",
        "a: b: c: d\n",
    ],
)
def test_the_parsers_own_words_are_never_shown(text: str, parser: object) -> None:
    document, found = load(SourceText("flow.yaml", text), parser=parser)
    assert document is None
    for each in found:
        assert not any(theirs in each.message for theirs in THEIR_WORDS)
        assert each.message != "this is not YAML"


def test_a_bad_escape_tells_how_to_write_a_backslash() -> None:
    _, found = load(SourceText("flow.yaml", 'pattern: "\\d+"\n'))
    assert found[0].message == "unknown escape in a double-quoted text"
    assert found[0].hint == "use single quotes, or write \\\\ for a backslash"
