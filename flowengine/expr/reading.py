"""From lark's tree to ours: literals get their values, a sign joins its number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from lark import Token, Tree

from flowengine.expr import literals
from flowengine.expr.literals import Flaw
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
from flowengine.expr.types import BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT
from flowengine.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowengine.expr.findings import Findings

_RESERVED_WORDS = (
    "as break const continue else for function if import let loop package namespace return var"
    " void while"
)
RESERVED = frozenset(_RESERVED_WORDS.split())
"""Words that the language keeps for itself; a field may still have such a name."""

_Value = TypeVar("_Value")


def build(tree: Tree[Token], findings: Findings) -> Node:
    """Turn lark's tree, already known not to be too deep, into ours."""
    return _Builder(findings).node(tree)


class _Builder:
    """Has one method for each rule of the grammar, named like it."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def node(self, tree: Tree[Token]) -> Node:
        rule: Callable[[Tree[Token]], Node] = getattr(self, f"_{tree.data}")
        return rule(tree)

    def _nodes(self, tree: Tree[Token]) -> tuple[Node, ...]:
        return tuple(map(self.node, _trees(tree)))

    def _group(self, tree: Tree[Token]) -> Node:
        return self._nodes(tree)[0]

    def _conditional(self, tree: Tree[Token]) -> Node:
        condition, positive, negative = self._nodes(tree)
        return Conditional(condition, positive, negative, _span(tree))

    def _disjunction(self, tree: Tree[Token]) -> Node:
        return self._logical("||", tree)

    def _conjunction(self, tree: Tree[Token]) -> Node:
        return self._logical("&&", tree)

    def _logical(self, operator: str, tree: Tree[Token]) -> Node:
        operands: list[Node] = []
        for operand in self._nodes(tree):
            if isinstance(operand, Logical) and operand.operator == operator:
                operands += operand.operands
            else:
                operands.append(operand)
        return Logical(operator, tuple(operands), _span(tree))

    def _binary(self, tree: Tree[Token]) -> Node:
        left, right = self._nodes(tree)
        (operator,) = _tokens(tree)
        return Binary(str(operator), left, right, _span(tree), _token_span(operator))

    def _prefixed(self, tree: Tree[Token]) -> Node:
        signs, (operand,) = _tokens(tree), _trees(tree)
        end = _span(tree).end
        if signs[-1] == "-" and _is_signed_number(operand):
            sign = signs.pop()
            node: Node = self._number(_tokens(operand)[0], _from(sign, end), negative=True)
        else:
            node = self.node(operand)
        for sign in reversed(signs):
            node = Unary(str(sign), node, _from(sign, end))
        return node

    def _select(self, tree: Tree[Token]) -> Select:
        (name,) = _tokens(tree)
        return Select(self._nodes(tree)[0], name.strip("`"), _span(tree), _token_span(name))

    def _optional_select(self, tree: Tree[Token]) -> Node:
        return replace(self._select(tree), optional=True)

    def _method(self, tree: Tree[Token]) -> Node:
        receiver, *arguments = self._nodes(tree)
        (name,) = _tokens(tree)
        return Call(str(name), receiver, tuple(arguments), _span(tree), _token_span(name))

    def _function(self, tree: Tree[Token]) -> Node:
        (name,) = _tokens(tree)
        function = self._unreserved(name)
        return Call(function, None, self._nodes(tree), _span(tree), _token_span(name))

    def _index(self, tree: Tree[Token]) -> Index:
        operand, index = self._nodes(tree)
        return Index(operand, index, _span(tree))

    def _optional_index(self, tree: Tree[Token]) -> Node:
        return replace(self._index(tree), optional=True)

    def _identifier(self, tree: Tree[Token]) -> Node:
        return Identifier(self._unreserved(_tokens(tree)[0]), span=_span(tree))

    def _root_identifier(self, tree: Tree[Token]) -> Node:
        return Identifier(self._unreserved(_tokens(tree)[0]), rooted=True, span=_span(tree))

    def _list(self, tree: Tree[Token]) -> Node:
        return ListLiteral(self._nodes(tree), _span(tree), _marked(_trees(tree)))

    def _map(self, tree: Tree[Token]) -> Node:
        nodes = self._nodes(tree)
        entries = tuple(zip(nodes[::2], nodes[1::2], strict=True))
        return MapLiteral(entries, _span(tree), _marked(_trees(tree)[::2]))

    def _optional(self, tree: Tree[Token]) -> Node:
        return self._nodes(tree)[0]

    def _literal(self, tree: Tree[Token]) -> Node:
        (token,), span = _tokens(tree), _span(tree)
        match token.type:
            case "STRING":
                value = self._value(literals.read_string(str(token)), "", token)
                return Literal(value, STRING, span)
            case "BYTES":
                octets = self._value(literals.read_bytes(str(token)), b"", token)
                return Literal(octets, BYTES, span)
            case "NULL":
                return Literal(None, NULL, span)
            case "TRUE" | "FALSE":
                return Literal(token == "true", BOOL, span)
            case _:
                return self._number(token, span)

    def _number(self, token: Token, span: Span, *, negative: bool = False) -> Literal:
        if token.type == "DOUBLE":
            value = self._value(literals.read_double(str(token)), 0.0, token)
            return Literal(-value if negative else value, DOUBLE, span)
        integer = literals.read_integer(str(token), negative=negative)
        kind = UINT if token.type == "UINT" else INT
        return Literal(self._value(integer, 0, token), kind, span)

    def _value(self, read: _Value | Flaw, instead: _Value, token: Token) -> _Value:
        if not isinstance(read, Flaw):
            return read
        start = _token_span(token).start
        self._findings.add(
            "expression-syntax", Span(start + read.start, start + read.end), read.message
        )
        return instead

    def _unreserved(self, token: Token) -> str:
        if token in RESERVED:
            self._findings.add(
                "expression-syntax", _token_span(token), f"{token} is a reserved word"
            )
        return str(token)


def _is_signed_number(tree: Tree[Token]) -> bool:
    return tree.data == "literal" and _tokens(tree)[0].type in ("INT", "DOUBLE")


def _marked(trees: list[Tree[Token]]) -> tuple[int, ...]:
    """Give the positions of what is written with a ``?`` before it."""
    return tuple(number for number, tree in enumerate(trees) if tree.data == "optional")


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


def _span(tree: Tree[Token]) -> Span:
    return Span(tree.meta.start_pos, tree.meta.end_pos)


def _token_span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


def _from(token: Token, end: int) -> Span:
    return Span(_token_span(token).start, end)
