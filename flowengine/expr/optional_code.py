"""Writes optional values: tuples of the one value there is, or of none."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowengine.expr import code, reads
from flowengine.expr.optional_nodes import (
    OptionalElement,
    OptionalField,
    OptionalMap,
    OptionalNode,
    OrElse,
    SparseList,
    SparseMap,
)
from flowengine.expr.types import STRING, ListType, MapType, OptionalType, RecordType, assignable

if TYPE_CHECKING:
    from flowengine.expr.compiler import Writer
    from flowengine.expr.typed import Presence, TypedNode

_NONE = ast.Tuple([], ast.Load())


def optional(writer: Writer, node: OptionalNode) -> ast.expr:
    """Write whatever has to do with optional values."""
    match node:
        case OptionalField() | OptionalElement():
            return _part(writer, node)
        case OrElse():
            return _or_else(writer, node)
        case OptionalMap():
            return _map(writer, node)
        case SparseList():
            return _sparse_list(writer, node)
        case SparseMap():
            return _sparse_map(writer, node)


def presence(writer: Writer, node: Presence) -> ast.expr:
    """Write ``has(optional.field)``: there is a value, and the field is in it."""
    held = writer.fresh()
    inner, field = _first(held), code.constant(node.field)
    if isinstance(node.operand.type, OptionalType) and isinstance(
        node.operand.type.element, RecordType
    ):
        there = code.method(inner, "get", field)
        test: ast.expr = code.compare(there, ast.IsNot(), code.constant(None))
    else:
        test = code.compare(field, ast.In(), inner)
    named = code.naming(held, writer.value(node.operand))
    return code.checked(named, test, code.constant(False))  # noqa: FBT003 - the value itself


def _part(writer: Writer, node: OptionalField | OptionalElement) -> ast.expr:
    """Write a field or element, through an optional operand where it has a value."""
    if not isinstance(node.operand.type, OptionalType):
        return _part_of(writer, node, node.operand.type, _operand(writer, node.operand))
    held = writer.fresh()
    named = code.naming(held, writer.value(node.operand))
    index = writer.fresh()
    if isinstance(node, OptionalElement):  # before the test, since an index that fails, fails
        writer.block.append(code.assign(index, writer.value(node.index)))
    inner = node.operand.type.element
    return code.checked(named, _part_of(writer, node, inner, _first(held), index), _NONE)


def _operand(writer: Writer, operand: TypedNode) -> ast.expr:
    by_string = isinstance(operand.type, MapType) and assignable(operand.type.key, STRING)
    if by_string or isinstance(operand.type, RecordType):
        return reads.container(writer, operand)  # its parts are checked when they are read
    return writer.value(operand)


def _part_of(
    writer: Writer,
    node: OptionalField | OptionalElement,
    kind: object,
    operand: ast.expr,
    index: str | None = None,
) -> ast.expr:
    """Write a part of a value that is there; ``index`` is where it was found already."""
    if not isinstance(node.type, OptionalType):
        raise TypeError
    inner = node.type.element
    if isinstance(node, OptionalField):
        name = code.constant(node.field)
        found = writer.fresh()
        there = code.naming(found, code.method(operand, "get", name))
        test = code.compare(there, ast.IsNot(), code.constant(None))
        return code.checked(test, _one(reads.checked(writer, inner, code.name(found))), _NONE)
    at = writer.value(node.index) if index is None else code.name(index)
    if isinstance(kind, ListType):
        return code.call("optional_element", operand, at)
    if not isinstance(kind, MapType):
        return _NONE
    key, within = writer.fresh(), writer.fresh()
    test = code.compare(code.naming(key, at), ast.In(), code.naming(within, operand))
    value = code.item(code.name(within), code.name(key))
    return code.checked(test, _one(reads.checked(writer, inner, value)), _NONE)


def _or_else(writer: Writer, node: OrElse) -> ast.expr:
    held = writer.fresh()
    writer.block.append(code.assign(held, writer.value(node.operand)))
    found = _first(held) if node.unwrapped else code.name(held)
    return _if_there(writer, held, found, node.other)


def _if_there(writer: Writer, held: str, found: ast.expr, other: TypedNode) -> ast.expr:
    statements, value = writer.apart(other)
    if not statements:
        return code.checked(code.name(held), found, value)
    result = writer.fresh()
    statements.append(code.assign(result, value))
    writer.block.append(ast.If(code.name(held), [code.assign(result, found)], statements))
    return code.name(result)


def _map(writer: Writer, node: OptionalMap) -> ast.expr:
    held, result = writer.fresh(), writer.fresh()
    writer.block.append(code.assign(held, writer.value(node.operand)))
    statements, value = writer.apart(node.body)
    name = reads.local_name(node.variable)
    body = [
        code.assign(name, _first(held)),
        *statements,
        code.assign(result, value if node.flat else _one(value)),
    ]
    writer.block.append(ast.If(code.name(held), body, [code.assign(result, _NONE)]))
    return code.name(result)


def _sparse_list(writer: Writer, node: SparseList) -> ast.expr:
    elements: list[ast.expr] = []
    for number, element in enumerate(node.elements):
        value = writer.value(element)
        elements.append(ast.Starred(value, ast.Load()) if number in node.optional else value)
    return ast.List(elements, ast.Load())


def _sparse_map(writer: Writer, node: SparseMap) -> ast.expr:
    pairs: list[ast.expr] = []
    for number, (key, value) in enumerate(node.entries):
        parts = [writer.value(key), writer.value(value)]
        if number in node.optional:
            pairs.append(ast.Starred(code.call("optional_entry", *parts), ast.Load()))
        else:
            pairs.append(ast.Tuple(parts, ast.Load()))
    return code.call("make_map", *pairs)


def _one(value: ast.expr) -> ast.expr:
    return ast.Tuple([value], ast.Load())


def _first(held: str) -> ast.expr:
    return code.item(code.name(held), code.constant(0))
