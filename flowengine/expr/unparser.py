"""From tree to text, canonically: ``parse(unparse(node)) == node``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import assert_never

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
from flowengine.expr.types import UINT

_CONDITIONAL, _OR, _AND, _RELATION, _ADDITION, _MULTIPLICATION, _UNARY, _MEMBER = range(8)

_BINARY_LEVEL = MappingProxyType(
    {"+": _ADDITION, "-": _ADDITION, "*": _MULTIPLICATION, "/": _MULTIPLICATION}
    | {"%": _MULTIPLICATION}
)
_IDENTIFIER = re.compile(r"(?!(?:true|false|null|in)\Z)[_a-zA-Z][_a-zA-Z0-9]*")
_ESCAPES = MappingProxyType({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ASCII_END = 0x7F
_BMP_END = 0xFFFF


def unparse(node: Node) -> str:
    """Write a tree as its one canonical text, with no bracket that is not needed."""
    match node:
        case Literal():
            return _literal(node)
        case Identifier() | Select() | Index() | Call():
            return _primary(node)
        case Unary() | Binary() | Logical() | Conditional():
            return _operation(node)
        case ListLiteral():
            elements = map(unparse, node.elements)
            return f"[{', '.join(_marked(elements, node.optional))}]"
        case MapLiteral():
            entries = (f"{unparse(key)}: {unparse(value)}" for key, value in node.entries)
            return "{" + ", ".join(_marked(entries, node.optional)) + "}"
        case _:
            assert_never(node)


def _marked(parts: Iterable[str], optional: tuple[int, ...]) -> Iterator[str]:
    """Put a ``?`` before the optional ones."""
    return (f"?{part}" if number in optional else part for number, part in enumerate(parts))


def _primary(node: Identifier | Select | Index | Call) -> str:
    match node:
        case Identifier():
            return f".{node.name}" if node.rooted else node.name
        case Select():
            name = node.field if _IDENTIFIER.fullmatch(node.field) else f"`{node.field}`"
            mark = "?" if node.optional else ""
            return f"{_at(_MEMBER, node.operand)}.{mark}{name}"
        case Index():
            mark = "?" if node.optional else ""
            return f"{_at(_MEMBER, node.operand)}[{mark}{unparse(node.index)}]"
        case Call():
            receiver = "" if node.receiver is None else f"{_at(_MEMBER, node.receiver)}."
            return f"{receiver}{node.function}({_listed(node.arguments)})"
        case _:
            assert_never(node)


def _operation(node: Unary | Binary | Logical | Conditional) -> str:
    match node:
        case Unary():
            return f"{node.operator}{_signed(node)}"
        case Binary():
            level = _level(node)
            return f"{_at(level, node.left)} {node.operator} {_at(level + 1, node.right)}"
        case Logical():
            above = _level(node) + 1
            return f" {node.operator} ".join(_at(above, operand) for operand in node.operands)
        case Conditional():
            condition, positive = _at(_OR, node.condition), _at(_OR, node.positive)
            return f"{condition} ? {positive} : {unparse(node.negative)}"
        case _:
            assert_never(node)


def _signed(node: Unary) -> str:
    """Write what stands after a sign, which binds to a bare number and does not mix."""
    operand = node.operand
    bare = node.operator == "-" and isinstance(operand, Literal)
    mixed = isinstance(operand, Unary) and operand.operator != node.operator
    negative = isinstance(operand, Literal) and _level(operand) == _UNARY
    return f"({unparse(operand)})" if bare or mixed or negative else _at(_UNARY, operand)


def _at(level: int, node: Node) -> str:
    """Write a node where only what binds at least as tightly as ``level`` may stand bare."""
    written = unparse(node)
    return written if _level(node) >= level else f"({written})"


def _level(node: Node) -> int:
    match node:
        case Conditional():
            return _CONDITIONAL
        case Logical():
            return _OR if node.operator == "||" else _AND
        case Binary():
            return _BINARY_LEVEL.get(node.operator, _RELATION)
        case Unary():
            return _UNARY
        case Literal():
            return _UNARY if _literal(node).startswith("-") else _MEMBER
        case _:
            return _MEMBER


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(unparse, nodes))


def _literal(node: Literal) -> str:
    match node.value:
        case None:
            return "null"
        case bool():
            return "true" if node.value else "false"
        case str():
            return '"' + "".join(map(_character, node.value)) + '"'
        case bytes():
            return 'b"' + "".join(map(_octet, node.value)) + '"'
        case _:
            return f"{node.value}u" if node.type == UINT else repr(node.value)


def _character(character: str) -> str:
    """Write one character of a string; what does not print is escaped, so a reader sees it."""
    code = ord(character)
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    if code <= _ASCII_END:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _BMP_END else f"\\U{code:08x}"


def _octet(octet: int) -> str:
    printable = octet < _ASCII_END and chr(octet).isprintable()
    return _character(chr(octet)) if printable else f"\\x{octet:02x}"
