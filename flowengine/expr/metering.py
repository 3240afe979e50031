"""Writes the counting of what an evaluation costs: the backstop behind the static bound.

What has no loop has a cost that is known. A loop counts its elements, and inside of it whatever
looks at all of a text, a list or a map counts that. Nothing absorbs that the budget is spent.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowengine.expr import code, typed
from flowengine.expr.typed import Overload, is_bound
from flowengine.expr.types import (
    BYTES,
    STRING,
    ListType,
    MapType,
    OptionalType,
    Type,
)

if TYPE_CHECKING:
    from flowengine.expr.compiler import Writer
    from flowengine.expr.typed import TypedNode

LEFT = "left"
"""The variable of the generated code that has what is left of the budget, in tenths."""

_TENTHS = 10
_MADE = 1000
"""What a text that may be large is taken to cost where it is made."""

_COMPARED = frozenset(
    {
        Overload.EQUALS,
        Overload.NOT_EQUALS,
        Overload.LESS,
        Overload.LESS_EQUALS,
        Overload.GREATER,
        Overload.GREATER_EQUALS,
    }
)
_JOINED = frozenset({Overload.ADD_STRING, Overload.ADD_BYTES, Overload.ADD_LIST})
_FREE = frozenset({"size", "startsWith", "endsWith", "hasValue", "value", "optional.of"})
_MAKING = frozenset({"replace", "join", "format"})


def loop(writer: Writer, over: ast.expr, bodies: tuple[TypedNode | None, ...]) -> ast.expr:
    """Count a loop's elements before its first one; give what to walk."""
    held = writer.fresh()
    writer.block.append(code.assign(held, over))
    each = _TENTHS * (1 + sum(_steps(body) for body in bodies if body is not None))
    spent = ast.BinOp(code.call("len", code.name(held)), ast.Mult(), code.constant(each))
    writer.metered = True
    writer.block.append(ast.AugAssign(ast.Name(LEFT, ast.Store()), ast.Sub(), spent))
    below = code.compare(code.name(LEFT), ast.Lt(), code.constant(0))
    writer.block.append(ast.If(below, [ast.Expr(code.call("raise_exhausted"))], []))
    return code.name(held)


def whole(writer: Writer, value: ast.expr) -> ast.expr:
    """Count a value that is looked at down to its last part, where that is in a loop."""
    if not writer.loops:
        return value
    held = writer.fresh()
    named = code.naming(held, value)
    return _spending(writer, code.call("weight", named), code.name(held))


def operands(writer: Writer, node: typed.Operation, values: list[ast.expr]) -> list[ast.expr]:
    """Count what an operator looks at, where that is in a loop."""
    if not writer.loops:
        return values
    if node.overload in _JOINED:
        return [_counted(writer, *pair) for pair in zip(node.operands, values, strict=True)]
    bounded = any(isinstance(one, typed.Constant | typed.ListOf) for one in node.operands)
    if node.overload in _COMPARED and not bounded:
        return [_counted(writer, node.operands[0], values[0]), *values[1:]]
    if node.overload is Overload.IN_LIST and not bounded:
        return [values[0], _counted(writer, node.operands[1], values[1])]
    return values


def arguments(writer: Writer, node: typed.Invocation, values: list[ast.expr]) -> list[ast.expr]:
    """Count what a function looks at, where that is in a loop."""
    name = node.function.name
    if not writer.loops or not values or name in _FREE:
        return values
    counted = [_counted(writer, *pair) for pair in zip(node.arguments, values, strict=True)]
    if name in _MAKING:
        counted[0] = _spending(writer, code.constant(_MADE), counted[0])
    return counted


def _counted(writer: Writer, node: TypedNode, value: ast.expr) -> ast.expr:
    if isinstance(node, typed.Constant) or not _sized(node.type):
        return value
    if node.type not in (STRING, BYTES) and is_bound(node):
        return value  # counted where it was read
    held = writer.fresh()
    named = code.naming(held, value)
    return _spending(writer, code.call("weight", named), code.name(held))


def _spending(writer: Writer, spent: ast.expr, value: ast.expr) -> ast.expr:
    """Write ``value if (left := left - spent) >= 0 else raise_exhausted()``."""
    writer.metered = True
    remaining = code.naming(LEFT, ast.BinOp(code.name(LEFT), ast.Sub(), spent))
    test = code.compare(remaining, ast.GtE(), code.constant(0))
    return code.checked(test, value, code.call("raise_exhausted"))


def _sized(kind: Type) -> bool:
    return kind in (STRING, BYTES) or isinstance(kind, ListType | MapType | OptionalType)


def _steps(node: TypedNode) -> int:
    """Count the nodes that run once for each element; loops inside count their own."""
    if isinstance(node, typed.Comprehension | typed.PairComprehension):
        return 1 + _steps(node.range)
    return 1 + sum(map(_steps, typed.children(node)))
