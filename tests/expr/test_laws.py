from __future__ import annotations

import string
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowengine.errors import EvaluationError, ExpressionError
from flowengine.expr import (
    BOOL,
    BYTES,
    DOUBLE,
    INT,
    NULL,
    STRING,
    UINT,
    Environment,
    parse,
    parse_type,
    unparse,
)
from flowengine.expr.reading import RESERVED
from flowengine.expr.tree import (
    Binary,
    Call,
    Conditional,
    Identifier,
    Index,
    ListLiteral,
    Literal,
    Logical,
    MapLiteral,
    Node,
    Select,
    Unary,
)
from flowengine.source import Diagnostic
from tests.expr.builders import ENVIRONMENT, bindings

_KEYWORDS = {"true", "false", "null", "in"}
_words = st.text(string.ascii_letters + "_", min_size=1, max_size=6)
_names = _words.filter(lambda word: word not in RESERVED | _KEYWORDS)
_fields = st.one_of(_words.filter(lambda word: word not in _KEYWORDS), st.just("x-for/a b.c"))
_texts = st.text(
    st.one_of(st.sampled_from("\\\"'`\n\r\t\0\x7f"), st.characters(exclude_categories=["Cs"])),
    max_size=8,
)
_literals = st.one_of(
    st.booleans().map(lambda value: Literal(value, BOOL)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: Literal(value, INT)),
    st.integers(0, 2**64 - 1).map(lambda value: Literal(value, UINT)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: Literal(value, DOUBLE)),
    _texts.map(lambda value: Literal(value, STRING)),
    st.binary(max_size=8).map(lambda value: Literal(value, BYTES)),
    st.just(Literal(None, NULL)),
)


def _chain(operator: str, operands: list[Node]) -> Node:
    """Make a chain as the parser does: flat."""
    flat: list[Node] = []
    for operand in operands:
        same = isinstance(operand, Logical) and operand.operator == operator
        flat += operand.operands if same and isinstance(operand, Logical) else (operand,)
    return Logical(operator, tuple(flat))


def _list(elements: tuple[Node, ...], marked: set[int]) -> Node:
    optional = tuple(number for number in range(len(elements)) if number in marked)
    return ListLiteral(elements, optional=optional)


def _map(entries: list[tuple[Node, Node]], marked: set[int]) -> Node:
    optional = tuple(number for number in range(len(entries)) if number in marked)
    return MapLiteral(tuple(entries), optional=optional)


def _larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(nodes, max_size=3).map(tuple)
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", *"+-*/%"])
    return st.one_of(
        st.builds(Select, nodes, _fields, optional=st.booleans()),
        st.builds(Index, nodes, nodes, optional=st.booleans()),
        st.builds(Call, _names, st.none(), some),
        st.builds(Call, _words.filter(lambda word: word not in _KEYWORDS), nodes, some),
        st.builds(Unary, st.sampled_from("!-"), nodes),
        st.builds(Binary, operators, nodes, nodes),
        st.builds(_chain, st.sampled_from(["&&", "||"]), st.lists(nodes, min_size=2, max_size=3)),
        st.builds(Conditional, nodes, nodes, nodes),
        st.builds(_list, some, st.sets(st.integers(0, 2))),
        st.builds(_map, st.lists(st.tuples(nodes, nodes), max_size=2), st.sets(st.integers(0, 1))),
    )


_trees = st.recursive(
    st.one_of(_literals, st.builds(Identifier, _names, st.booleans())), _larger, max_leaves=8
)


def _findings(function: Callable[[str], object], text: str) -> tuple[Diagnostic, ...]:
    """Give what is wrong with a text; an error other than ExpressionError is a failure."""
    try:
        function(text)
    except ExpressionError as error:
        return error.diagnostics
    return ()


@given(_trees)
def test_what_is_written_reads_as_what_it_was_written_from(node: Node) -> None:
    text = unparse(node)
    found = _findings(parse, text)
    if found:
        assert {one.rule for one in found} == {"expression-limit"}
    else:
        assert parse(text) == node
        assert unparse(parse(text)) == text


_WORDS = (
    "user .has .totp .groups .exists( .all( .map( has( size( g , ) ( [ ] { } : ? && || ! - + *"
    " / % == != < <= in 1 0 2u 1.5 'a' \"b\" true null risk.score ports ratios history"
    " user.status duration( timestamp( '5m' .x x `ab` // \\ 'q .? [? ? optional.of("
    " optional.none() .orValue( .or( .optMap( .value() .hasValue()"
)
_soup = st.lists(st.sampled_from(_WORDS.split()), max_size=14).map(" ".join)


@given(st.one_of(_soup, st.text(max_size=40), _trees.map(unparse)))
def test_no_text_makes_anything_be_raised_but_our_own_two_errors(text: str) -> None:
    found = _findings(ENVIRONMENT.compile, text)
    for one in found:
        assert 0 <= one.span.start <= one.span.end <= len(text)
    if not found:
        with suppress(EvaluationError):
            ENVIRONMENT.compile(text).evaluate(bindings())


_anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 3),
        st.just(2**63),
        st.floats(),
        st.text("ab", max_size=2),
        st.binary(max_size=2),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "has", "totp"]), inner, max_size=3),
        st.dictionaries(st.integers(-1, 2) | st.booleans(), inner, max_size=2),
    ),
    max_leaves=6,
)
_CONDITIONS = tuple(
    Environment(
        {
            "b": "bool",
            "i": "int",
            "d": "double",
            "s": "string",
            "l": "list(int)",
            "m": "map(string, list(bool))",
            "n": "map(int, string)",
            "o": "optional_type(map(string, bool))",
        }
    ).compile(text, BOOL)
    for text in (
        "b",
        "!b || i < 2",
        "b && i == 1 || d > 0.5 && s == 'a'",
        "i in l || l[i] == 1 || l.exists(e, e == i)",
        "!(i in l) && l != [1]",
        "m.a[0] && m['b'].all(e, !e)",
        "has(m.a) && m.exists_one(k, m[k][0])",
        "n[i] == s || i in n",
        "size(l) + size(m) + size(s) > i",
        "b ? l == [i] : m == {'a': [b]}",
        "[d] == [d] || d in [d]",
        "s.startsWith('a') && ('ab' + s).contains(s)",
        "m.?a[0].orValue(b) && l[?i].hasValue() || o.a.value()",
        "has(o.a) && o[?'b'].optMap(x, !x).or(m[?s][?0]).value()",
        "[?l[?i], i] == [i] && {?s: o.?a, 'b': b}.b",
    )
)


@given(
    st.sampled_from(_CONDITIONS),
    st.dictionaries(st.sampled_from(list("bidslmno")), _anything) | _anything,
)
def test_no_bindings_make_evaluate_raise_anything_but_an_evaluation_error(
    condition: Any, bound: Any
) -> None:
    try:
        found = condition.evaluate(bound)
    except EvaluationError:
        return
    assert found is True or found is False


_operands = st.lists(st.sampled_from(["true", "false", "x", "z", "w"]), min_size=2, max_size=4)


@given(_operands, st.sampled_from(["&&", "||"]), st.randoms(use_true_random=False))
def test_the_order_of_operands_does_not_matter(
    operands: list[str], operator: str, random: Any
) -> None:
    meanings = {"x": "(m[1] == 1)", "z": "(m[0] == 1)", "w": "(m[0] == 2)"}
    shuffled = list(operands)
    random.shuffle(shuffled)
    outcomes = [
        _outcome(f" {operator} ".join(meanings.get(one, one) for one in order))
        for order in (operands, shuffled)
    ]
    assert outcomes[0] == outcomes[1] == _expected(operands, operator)


def _outcome(text: str) -> object:
    made = Environment({"m": "map(int, int)"}).compile(text, BOOL)
    try:
        return made.evaluate({"m": {0: 1}})
    except EvaluationError:
        return "error"


def _expected(operands: list[str], operator: str) -> object:
    known = {"true": True, "false": False, "x": "error", "z": True, "w": False}
    values = [known[one] for one in operands]
    deciding = operator == "||"
    if any(value is deciding for value in values):
        return deciding
    return "error" if "error" in values else not deciding


_type_texts = st.recursive(
    st.sampled_from(["bool", "int", "uint", "double", "string", "bytes", "duration"]),
    lambda inner: st.one_of(
        inner.map(lambda kind: f"list({kind})"),
        inner.map(lambda kind: f"map(string, {kind})"),
        inner.map(lambda kind: f"optional_type({kind})"),
    ),
    max_leaves=3,
)


@given(_type_texts)
def test_a_type_reads_as_what_it_was_written_from(text: str) -> None:
    assert str(parse_type(text)) == text


@given(st.text("listmapn(), ", max_size=30))
def test_no_text_makes_parse_type_raise_anything_but_an_expression_error(text: str) -> None:
    assert all(one.span.end <= len(text) for one in _findings(parse_type, text))
