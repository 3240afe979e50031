"""What the loader refuses: the rule, the exact place, the words and the hint."""

from __future__ import annotations

import pytest

from flowengine.documents import Mapping, Sequence, load, plain
from flowengine.documents.events import C_PARSER, PURE_PARSER
from flowengine.source import Diagnostic, SourceText

PARSERS = [parser for parser in (C_PARSER, PURE_PARSER) if parser is not None]


def refused(text: str, parser: object = PARSERS[0]) -> list[Diagnostic]:
    document, found = load(SourceText("flow.yaml", text), parser=parser)
    assert document is None
    assert found
    return found


def place(found: Diagnostic) -> tuple[int, int, str]:
    at = found.source.position(found.span.start)
    return at.line, at.column, found.source.text[found.span.start : found.span.end]


CASES = [
    ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", (3, 1, "a")),
    ("a: 1\n'a': 3\n", "yaml-duplicate-key", (2, 1, "'a'")),
    ("{a: 1, a: 2}\n", "yaml-duplicate-key", (1, 8, "a")),
    ("a:\n\tb: c\n", "yaml-tab", (2, 1, "\t")),
    ("a:\n  b: c\n\td: e\n", "yaml-tab", (3, 1, "\t")),
    ("a:\n  b: c\n \t d: e\n", "yaml-tab", (3, 2, "\t")),
    ("a: [\n\tb]\n", "yaml-tab", (2, 1, "\t")),
    ("-\ta\n", "yaml-tab", (1, 2, "\t")),
    ("a: b\tc\n", "yaml-tab", (1, 5, "\t")),
    ("a: !foo b\n", "yaml-tag", (1, 4, "!foo")),
    ("a: !!str b\n", "yaml-tag", (1, 4, "!!str")),
    ("a: !<tag:x> b\n", "yaml-tag", (1, 4, "!<tag:x>")),
    ("a: ! b\n", "yaml-tag", (1, 4, "!")),
    ("a: !m {b: c}\n", "yaml-tag", (1, 4, "!m")),
    ("!k a: b\n", "yaml-tag", (1, 1, "!k")),
    ("a: &x b\n", "yaml-anchor", (1, 4, "&x")),
    ("a: *x\n", "yaml-anchor", (1, 4, "*x")),
    ("a: &x [b]\n", "yaml-anchor", (1, 4, "&x")),
    ("a:\n  <<: b\n", "yaml-merge-key", (2, 3, "<<")),
    ("? [a]\n: b\n", "yaml-key", (1, 3, "[a]")),
    ("? {a: b}\n: c\n", "yaml-key", (1, 3, "{a: b}")),
    ("1: a\n", "yaml-key", (1, 1, "1")),
    ("true: a\n", "yaml-key", (1, 1, "true")),
    ("null: a\n", "yaml-key", (1, 1, "null")),
    ("{: a}\n", "yaml-key", None),
    ("a: b\n---\nc: d\n", "yaml-documents", (2, 1, "---")),
    ("", "yaml-documents", (1, 1, "")),
    ("# nothing\n\n", "yaml-documents", (1, 1, "")),
    ("---\n", "yaml-documents", (1, 1, "")),
    ("a: 9223372036854775808\n", "yaml-number", (1, 4, "9223372036854775808")),
    ("a: 1e999\n", "yaml-number", (1, 4, "1e999")),
    ("a: [KEY?]\n", "yaml-syntax", None),
    ("a: [b:]\n", "yaml-syntax", (1, 6, ":")),
    ("%YAML 1.1\n---\na: b\n", "yaml-syntax", (1, 1, "%YAML 1.1")),
    ("# c\n%TAG ! x\n---\na: b\n", "yaml-syntax", (2, 1, "%TAG ! x")),
    ("a: |b\n  c\n", "yaml-syntax", None),
    ("a: |#b\n  c\n", "yaml-syntax", None),
    ("a: b\rc: d\n", "yaml-encoding", (1, 5, "\r")),
    ("a: b\u2028c: d\n", "yaml-encoding", (1, 5, "\u2028")),
    ("a: b\x85c: d\n", "yaml-encoding", (1, 5, "\x85")),
    ("a: \0\n", "yaml-encoding", (1, 4, "\0")),
    ("a: \x1b[31m\n", "yaml-encoding", (1, 4, "\x1b")),
    ("a: \ud800\n", "yaml-encoding", (1, 4, "\ud800")),
    ("a: b\ufeff\n", "yaml-encoding", (1, 5, "\ufeff")),
]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(("text", "rule", "where"), CASES)
def test_each_fault_has_its_rule_and_its_place(
    text: str, rule: str, where: tuple[int, int, str] | None, parser: object
) -> None:
    found = refused(text, parser)
    assert [each.rule for each in found] == [rule]
    assert where is None or place(found[0]) == where
    assert "\n" not in found[0].message
    assert not found[0].message.endswith(".")


def test_a_duplicate_key_names_both_lines() -> None:
    found = refused("a: 1\nb: 2\na: 3\n")
    assert found[0].message == "key 'a' on line 3 was already given on line 1"
    assert found[0].hint == "keep one of the two"


def test_all_faults_of_a_file_come_at_once() -> None:
    found = refused("a: !t 1\na: 2\n3: x\nb: 99999999999999999999\n")
    assert [each.rule for each in found] == [
        "yaml-tag",
        "yaml-duplicate-key",
        "yaml-key",
        "yaml-number",
    ]


def test_a_tag_where_an_expression_belongs_is_a_missing_quote() -> None:
    found = refused("when: !user.has.totp\ngoto: x\n")
    assert found[0].message == "YAML reads ! at the start of a value as a tag"
    assert found[0].hint == "quote it: `when: '…'`"


def test_an_alias_where_an_expression_belongs_is_a_missing_quote() -> None:
    found = refused("- that: *x\n")
    assert found[0].hint == "quote it: `that: '…'`"


def test_a_key_in_a_hint_is_escaped_and_cut() -> None:
    found = refused('"\\e[31m' + "x" * 100 + '": !a b\n')
    assert found[0].hint is not None
    assert found[0].hint.isprintable()
    assert len(found[0].hint) < 130


def test_depth_32_is_read_and_33_is_not() -> None:
    document, found = load(SourceText("flow.yaml", "[" * 32 + "]" * 32))
    assert document is not None
    assert not found
    found = refused("[" * 33 + "]" * 33)
    assert found[0].rule == "yaml-depth"
    assert place(found[0])[:2] == (1, 33)


def test_no_fault_shows_a_value() -> None:
    texts = [
        "secret: 99999999999999999999\n",
        "secret: !hunter2\n",
        "secret: &hunter2 x\n",
        "secret: *hunter2\n",
        'secret: "hunter2" x\n',
        "secret: hunter2: x\n",
        "secret: @hunter2\n",
        "secret: {hunter2\n",
        'secret: "\\hunter2"\n',
    ]
    for text in texts:
        for found in refused(text):
            assert "hunter2" not in found.message + (found.hint or "")
            assert "9999" not in found.message + (found.hint or "")


def test_a_clean_file_gives_a_tree_with_places() -> None:
    source = SourceText("flow.yaml", "a: [1, x]\nb:\n  c: on # note\n\n# end\n")
    document, found = load(source)
    assert not found
    assert document is not None
    root = document.root
    assert isinstance(root, Mapping)
    assert plain(root) == {"a": [1, "x"], "b": {"c": "on"}}
    sequence, inner = root.get("a"), root.get("b")
    assert isinstance(sequence, Sequence)
    assert isinstance(inner, Mapping)
    assert source.text[sequence.span.start : sequence.span.end] == "[1, x]"
    assert source.text[inner.span.start : inner.span.end] == "c: on"
    assert root.get("z") is None
    assert root.entry("z") is None
