"""Writes operators, functions, and lists and maps that are written out."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowengine.expr import code, metering, reads, typed
from flowengine.expr.conform import RANGES, conformer
from flowengine.expr.failing import distinct_keys
from flowengine.expr.functions import contains
from flowengine.expr.library import TRUSTED
from flowengine.expr.typed import Overload
from flowengine.expr.types import (
    DOUBLE,
    STRING,
    ListType,
    MapType,
    OptionalType,
    assignable,
    holds_double,
)

if TYPE_CHECKING:
    from flowengine.expr.compiler import Writer
    from flowengine.expr.typed import Operation, TypedNode

_COMPARED: MappingProxyType[Overload, ast.cmpop] = MappingProxyType(
    {
        Overload.LESS: ast.Lt(),
        Overload.LESS_EQUALS: ast.LtE(),
        Overload.GREATER: ast.Gt(),
        Overload.GREATER_EQUALS: ast.GtE(),
    }
)
_PLAIN: MappingProxyType[Overload, ast.operator] = MappingProxyType(
    {
        Overload.ADD_DOUBLE: ast.Add(),
        Overload.SUBTRACT_DOUBLE: ast.Sub(),
        Overload.MULTIPLY_DOUBLE: ast.Mult(),
    }
)
_RANGED: MappingProxyType[Overload, ast.operator] = MappingProxyType(
    {
        Overload.ADD_INT: ast.Add(),
        Overload.ADD_UINT: ast.Add(),
        Overload.ADD_TIMESTAMP: ast.Add(),
        Overload.ADD_DURATION: ast.Add(),
        Overload.SUBTRACT_INT: ast.Sub(),
        Overload.SUBTRACT_UINT: ast.Sub(),
        Overload.SUBTRACT_TIMESTAMPS: ast.Sub(),
        Overload.SUBTRACT_FROM_TIMESTAMP: ast.Sub(),
        Overload.SUBTRACT_DURATION: ast.Sub(),
        Overload.MULTIPLY_INT: ast.Mult(),
        Overload.MULTIPLY_UINT: ast.Mult(),
    }
)
_HELPED = MappingProxyType(
    {
        Overload.ADD_STRING: "concatenate",
        Overload.ADD_BYTES: "concatenate",
        Overload.ADD_LIST: "concatenate",
        Overload.DIVIDE_INT: "divide_int",
        Overload.DIVIDE_UINT: "divide_uint",
        Overload.DIVIDE_DOUBLE: "divide_double",
        Overload.MODULO_INT: "modulo_int",
        Overload.MODULO_UINT: "modulo_uint",
    }
)
_METHODS: MappingProxyType[object, str] = MappingProxyType(
    {str.startswith: "startswith", str.endswith: "endswith"}
)


def operation(writer: Writer, node: Operation) -> ast.expr:
    """Write one operator."""
    if node.overload in (Overload.IN_LIST, Overload.IN_MAP):
        return _membership(writer, node)
    operands = [writer.value(operand) for operand in node.operands]
    operands = metering.operands(writer, node, operands)
    if len(operands) == 1:
        return _prefixed(writer, node, operands[0])
    match node.overload:
        case Overload.EQUALS:
            return _equality(node, operands)
        case Overload.NOT_EQUALS:
            return code.negated(_equality(node, operands))
        case _ if node.overload in _COMPARED:
            return code.compare(operands[0], _COMPARED[node.overload], operands[1])
        case _:
            return _by_table(writer, node, operands)


def _prefixed(writer: Writer, node: Operation, operand: ast.expr) -> ast.expr:
    if node.overload is Overload.NOT:
        return code.negated(operand)
    negative = ast.UnaryOp(ast.USub(), operand)
    return negative if node.type == DOUBLE else _ranged(writer, node, negative)


def _by_table(writer: Writer, node: Operation, operands: list[ast.expr]) -> ast.expr:
    overload, (left, right) = node.overload, operands
    if overload in _PLAIN:
        return ast.BinOp(left, _PLAIN[overload], right)
    if overload in _HELPED:
        return code.call(_HELPED[overload], left, right)
    return _ranged(writer, node, ast.BinOp(left, _RANGED[overload], right))


def _ranged(writer: Writer, node: Operation, result: ast.expr) -> ast.expr:
    """Write a result with the check that it fits its type."""
    held, (low, high) = writer.fresh(), RANGES[node.type]
    test = code.between(low, code.naming(held, result), high)
    return code.checked(test, code.name(held), code.call("raise_overflow"))


def _equality(node: Operation, operands: list[ast.expr]) -> ast.expr:
    """Write ``==``; between values of one scalar type Python's own is CEL's."""
    left, right = node.operands
    if isinstance(left.type, ListType | MapType | OptionalType) and _either_holds_double(
        left, right
    ):
        return code.call("equal", *operands)
    return code.compare(operands[0], ast.Eq(), operands[1])


def _either_holds_double(left: TypedNode, right: TypedNode) -> bool:
    return holds_double(left.type) or holds_double(right.type)


def _membership(writer: Writer, node: Operation) -> ast.expr:
    left, right = node.operands
    value = writer.value(left)
    if isinstance(right.type, MapType):
        # True and 1 are one key to Python, so keys other than strings are looked at first.
        by_string = assignable(right.type.key, STRING)
        keys = reads.container(writer, right) if by_string else writer.value(right)
        return code.compare(value, ast.In(), keys)
    if _either_holds_double(left, right):
        return code.call("is_in", *metering.operands(writer, node, [value, writer.value(right)]))
    constants = _constants(right)
    if constants is not None and not isinstance(left.type, ListType | MapType | OptionalType):
        return code.compare(value, ast.In(), code.constant(constants))
    value, values = metering.operands(writer, node, [value, writer.value(right)])
    return code.compare(value, ast.In(), values)


def _constants(node: TypedNode) -> frozenset[object] | None:
    """Take a list's elements when all are written out and can be hashed."""
    if not isinstance(node, typed.ListOf):
        return None
    values = [one.value for one in node.elements if isinstance(one, typed.Constant)]
    return frozenset(values) if len(values) == len(node.elements) else None


def invocation(writer: Writer, node: typed.Invocation) -> ast.expr:
    """Write a call; what a host's function gives back is checked like a binding."""
    implementation = node.function.implementation
    if implementation is len:
        return code.call("len", reads.container(writer, node.arguments[0]))
    arguments = [writer.value(argument) for argument in node.arguments]
    arguments = metering.arguments(writer, node, arguments)
    if implementation is contains:
        return code.compare(arguments[1], ast.In(), arguments[0])
    if implementation in _METHODS:
        return code.method(arguments[0], _METHODS[implementation], *arguments[1:])
    called = code.call(writer.own(implementation), *arguments)
    if implementation in TRUSTED:
        return called
    return code.call(writer.own(conformer(node.type)), called)


def aggregate(writer: Writer, node: typed.ListOf | typed.MapOf) -> ast.expr:
    """Write a list or a map that is written out."""
    if isinstance(node, typed.ListOf):
        return ast.List([writer.value(element) for element in node.elements], ast.Load())
    entries = [(writer.value(key), writer.value(value)) for key, value in node.entries]
    if distinct_keys(node):
        return ast.Dict([key for key, _ in entries], [value for _, value in entries])
    pairs = (ast.Tuple([key, value], ast.Load()) for key, value in entries)
    return code.call("make_map", *pairs)
