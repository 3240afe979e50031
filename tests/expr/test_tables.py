"""The parser's tables that ship; FLOWENGINE_GOLDEN=write makes them anew from the grammar."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from flowengine import resources
from flowengine.expr import tables

SHIPPED = Path(__file__).parents[2] / "grammars" / tables.TABLES
TEXTS = [
    "a && !b || c ? d : e",
    "[1, 2.5, 'x', b'y', 3u].exists(i, i in m && m[i].f(-1)[0] != {'k': null}['k'])",
    "has(a.b) // a comment",
]


def test_the_tables_that_ship_are_the_grammars() -> None:
    made = tables.tables(resources.grammar(tables.GRAMMAR)) + "\n"
    if os.environ.get("FLOWENGINE_GOLDEN") == "write":
        SHIPPED.write_text(made)
    kept, wanted = json.loads(SHIPPED.read_text()), json.loads(made)
    assert kept["made_of"][1] == wanted["made_of"][1], "the grammar changed: make the tables anew"
    if kept["made_of"] == wanted["made_of"]:  # another Lark builds its own
        assert kept.keys() == wanted.keys()


@pytest.mark.parametrize("text", TEXTS)
def test_both_parsers_read_the_same(text: str) -> None:
    built = tables.build(resources.grammar(tables.GRAMMAR))
    assert tables.expression_parser().parse(text) == built.parse(text)


def test_tables_of_another_grammar_or_lark_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    grammar, read = 'start: "x"', resources.grammar
    monkeypatch.setattr(resources, "grammar", lambda n: grammar if n.endswith("lark") else read(n))
    assert tables.expression_parser.__wrapped__().parse("x").data == "start"


def test_without_tables_the_parser_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "TABLES", "gone.json")
    assert tables.expression_parser.__wrapped__().parse("a").children
