"""Input meant to crash or stall the loader costs bounded time and says one clear line."""

from __future__ import annotations

import pytest

from flowengine.documents import load, scalars, schemas, validate
from flowengine.documents.events import C_PARSER, PURE_PARSER
from flowengine.source import SourceText

PARSERS = [parser for parser in (C_PARSER, PURE_PARSER) if parser is not None]
KIB = 1024
BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 100_000, "yaml-depth"),
        ("{a: " * 100_000, "yaml-depth"),
        ("- " * 100_000, "yaml-depth"),
        ("".join(" " * i + "a:\n" for i in range(500)), "yaml-depth"),
        ("a: [\n" * 20_000, "yaml-depth"),
        (BOMB, "yaml-anchor"),
        ("a: b\n" * (10 * KIB * KIB), "yaml-size"),
        ("- \n" * 110_000, "yaml-size"),
        ("a: " + "9" * 500_000, "yaml-number"),
        ('a: "' + "x\n" * 100_000, "yaml-syntax"),
        ("%" * 500_000, "yaml-syntax"),
        ("a: [" + "?" * 500_000, "yaml-syntax"),
        ("#" * 500_000, "yaml-documents"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_hostile_input_is_one_clear_line(text: str, rule: str, parser: object) -> None:
    document, found = load(SourceText("flow.yaml", text), parser=parser)
    assert document is None
    assert [each.rule for each in found] == [rule]
    assert len(found[0].message) < 100


def test_a_file_full_of_faults_is_given_up_after_twenty() -> None:
    _, found = load(SourceText("flow.yaml", "a: 1\n" * 10_000))
    assert len(found) == 20


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "a: x" + " " * 500_000 + "y\n z",
        "a: '" + " " * 500_000 + "y\n z'",
        "a: x" + "\n" * 500_000 + " y",
        "a: '" + "\t" * 500_000 + "'",
        'a: "' + "\\n" * 200_000 + '"',
        "a: |\n" + "".join(" " * i + "\n" for i in range(900)),
        "# \t" + "\t#" * 200_000 + "\na: 1",
    ],
    ids=["plain", "quoted", "breaks", "tabs", "escapes", "indents", "comment"],
)
def test_long_runs_are_decoded_in_linear_time(text: str) -> None:
    document, found = load(SourceText("flow.yaml", text))
    assert not found
    assert document is not None
    for scalar in scalars(document.root):
        assert scalar.excerpt.text == scalar.text


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "responses", ["[" + "'b c'," * 40_000 + "]", "[" + "a,1," * 20_000 + "]"], ids=["bad", "mixed"]
)
def test_a_schema_finds_at_most_two_hundred_things(responses: str) -> None:
    text = f"flow: a\nstart: b\nnodes: {{b: {{challenge: X, next: c, responses: {responses}}}}}\n"
    document, _ = load(SourceText("flow.yaml", text))
    assert document is not None
    assert len(validate(document, schemas.load("flow.schema.json"))) == 200


@pytest.mark.parametrize("parser", PARSERS)
def test_windows_line_ends_are_read_like_others(parser: object) -> None:
    text = "a: b\nc: |\n  x\n  y\nd: 'e\n  f'\n"
    document, _ = load(SourceText("flow.yaml", text), parser=parser)
    windows, found = load(SourceText("flow.yaml", text.replace("\n", "\r\n")), parser=parser)
    assert not found
    assert document is not None
    assert windows is not None
    assert [each.text for each in scalars(windows.root)] == [
        each.text for each in scalars(document.root)
    ]
