"""The expression language's parser, from tables that ship: building them takes longer than a check.

The tables are JSON beside the grammar, not Lark's own cache, which is a pickle at a path that
others can guess. They are those of one grammar and one version of Lark; with any other the parser
is built from the grammar, as it is where there are none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any, Final

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from flowengine import resources

GRAMMAR: Final = "expression.lark"
TABLES: Final = "expression.tables.json"


@cache
def expression_parser() -> Lark:
    """Give the parser; some 3 ms from tables and 50 ms without, hence at the first use."""
    text = resources.grammar(GRAMMAR)
    try:
        kept = json.loads(resources.grammar(TABLES))
    except FileNotFoundError:
        return build(text)
    return _load(kept) if kept["made_of"] == _made_of(text) else build(text)


def build(text: str) -> Lark:
    """Build the parser out of the grammar's text."""
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
    )


def tables(text: str) -> str:
    """Give the tables of a grammar, as they ship."""
    data, memo = build(text).memo_serialize([TerminalDef, Rule])
    return json.dumps({"made_of": _made_of(text), "data": data, "memo": memo}, sort_keys=True)


def _made_of(text: str) -> list[str]:
    return [lark.__version__, sha256(text.encode("utf-8")).hexdigest()]


def _load(kept: dict[str, Any]) -> Lark:
    """Give Lark its own tables again, whose numbers JSON has made strings where they are keys."""
    table = kept["data"]["parser"]["parser"]
    table["tokens"] = _by_number(table["tokens"])
    states = {state: _by_number(actions) for state, actions in table["states"].items()}
    table["states"] = _by_number(states)
    load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001 - Lark's generated parsers load so
    return load(kept["data"], _by_number(kept["memo"]))


def _by_number(given: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in given.items()}
