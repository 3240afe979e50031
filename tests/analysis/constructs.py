"""Random conditions over every construct of the language, for the prover's reading of them."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded one makes test data
from collections.abc import Iterator
from typing import Any, Final

from flowengine.errors import EvaluationError
from flowengine.expr import (
    BOOL,
    INT,
    STRING,
    EnumType,
    Environment,
    Field,
    ListType,
    MapType,
    RecordType,
    Type,
)
from flowengine.expr.compiler import compile_node
from flowengine.expr.typed import TypedNode, children
from tests.expr.generator import VARIABLES, Generator
from tests.expr.oracle import draw

_INNER: Final = RecordType("r.more", {"flag": Field(BOOL), "may": Field(INT, required=False)})
_TYPES: Final[dict[str, str | Type]] = {
    **VARIABLES,
    "e": EnumType("e", ("one", "two", "three")),
    "words": ListType(STRING),
    "w": MapType(STRING, STRING),
    "r": RecordType(
        "r",
        {
            "must": Field(BOOL),
            "may": Field(INT, required=False),
            "name": Field(STRING, required=False),
            "more": Field(_INNER, required=False),
        },
    ),
}
ENVIRONMENT: Final = Environment(_TYPES, budget=100_000_000)

ATOMS: Final = (
    "i < 5", "i <= 5", "7 > i", "i == 7", "i in [1, 7, 6]", 's == "a"', 's in ["a", "abc"]', "b",
    "m.a == 1", "d <= 1.5", "u > 5u", "t > timestamp(0)", "p <= duration('0s')",
    "t == timestamp(1)",
    'e == "one"', 'e != "two"', '"x" in words', 'words.exists(z, z == "x" || z == "y")',
    'words.all(z, z in ["x", "z"])', 'w.k == "v"', "has(w.k)", '"k" in w', 'w["j"] != "v"',
    "r.must", "r.may > 3", "has(r.may)", "r.more.flag", "has(r.more.may)", "r.more.may == 2",
    "r.?may.hasValue()", "r.?may.orValue(4) > 3", "r.?may.value() == 3", 'w.?k.orValue("v") == "v"',
    "r.?more.?may.orValue(1) == 2", "r.?more.?may.hasValue()", "r.?more.?flag.orValue(b)",
    'w[?"k"].hasValue()', 'r.?name.orValue(s) == "a"', "r.?may.or(optional.of(i)).orValue(2) < 4",
    "r.?may.or(r.?more.?may).hasValue()", "(b ? r.?may : r.?more.?may).orValue(7) == 7",
    "optional.of(r.may).orValue(1) > 3", "optional.none().or(r.?may).orValue(i) == 3",
    "optional.of(i).hasValue()", "(b ? r.?may : optional.none()).hasValue()",
    '(b ? s : "a") == "a"',
    "(b ? i : r.may) < (r.must ? 5 : 7)", "(r.may > 3 ? i : 2) in [2, 7]",
    "cel.bind(z, r.may, b || z > 3)", "cel.bind(z, r.may, z > 3 || z < 2)",
    'cel.bind(z, s, z == "a" || cel.bind(y2, z, y2 == "abc"))', "cel.bind(z, r.?may, z.hasValue())",
    "cel.bind(z, r.?more, z.?may.orValue(3) == 3)", "words.exists(z, cel.bind(y2, z, y2 == 'x'))",
    "r.?may == optional.of(3)", "r.?may.optMap(z, z > 3).orValue(b)", "[?r.?may].size() == 1",
    "words.exists_one(z, z == 'x')", "words.filter(z, z != 'y').size() == 1",
    "l.all(n, v, n < v)", "m.exists(key, v, v == 2)",
    "l.transformList(n, v, n + v).exists(z, z > i)",
    "s.startsWith('a')", "optional.of(r.may).hasValue()",
    "optional.of(1 / i).or(r.?may).hasValue()",
    "d / 0.0 > 1.0", "d / -0.0 > 1.0", "1 / i == 1", "l[0] == 1", "int(s) == 1",
    "s.matches('^a')", "t.getHours() < 12", "[i, 1].map(z, z + 1).exists(z, z == 8)",
    "r.may / i < 2",
)  # fmt: skip
"""Each form that is read exactly, and some that nobody looks into."""

_FORMS: Final = (
    "({}) && ({})",
    "({}) || ({})",
    "!({}) || ({})",
    "({}) == ({})",
    "({}) != ({})",
    "cel.bind(q2, ({}), q2 && ({}))",
    "optional.of({}).orValue({})",
    "(({}) ? ({}) : b)",
)


def condition(chance: random.Random, depth: int) -> str:
    """Draw a condition."""
    if depth > 0 and chance.random() < 0.8:
        form = chance.choice(_FORMS)
        return form.format(condition(chance, depth - 1), condition(chance, depth - 1))
    if chance.random() < 0.3:
        return Generator(chance, 0).make("bool", chance.randrange(3))
    return chance.choice(ATOMS)


def facts(chance: random.Random) -> dict[str, Any]:
    """Draw bindings."""
    bound, _ = draw(chance)
    record: dict[str, Any] = {"must": chance.random() < 0.5}
    if chance.random() < 0.5:
        record["may"] = chance.choice((0, 2, 3, 4, 7))
    if chance.random() < 0.5:
        record["name"] = chance.choice(("a", "b"))
    if chance.random() < 0.5:
        record["more"] = {"flag": chance.random() < 0.5}
        if chance.random() < 0.5:
            record["more"]["may"] = chance.choice((1, 2, 3))
    words = [one for one in ("x", "y", "z", "spare") if chance.random() < 0.4]
    labels = {key: chance.choice(("v", "u")) for key in ("k", "j") if chance.random() < 0.5}
    return {**bound, "e": chance.choice(("one", "two", "three")), "words": words, "w": labels} | {
        "r": record
    }


def outcome(tree: TypedNode, bound: dict[str, Any]) -> object:
    """Evaluate; None for an error."""
    try:
        return compile_node(tree, 10_000_000)(bound)
    except EvaluationError:
        return None


def nodes(tree: TypedNode) -> Iterator[TypedNode]:
    """Give a node and all below it."""
    yield tree
    for part in children(tree):
        yield from nodes(part)
