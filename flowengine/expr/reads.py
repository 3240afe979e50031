"""Writes the reading of bindings; a value of the host's is checked where it is read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowengine.expr import code, metering, optional_code, typed
from flowengine.expr.conform import CLASSES, RANGES, conformer
from flowengine.expr.typed import is_bound
from flowengine.expr.types import (
    BOOL,
    NULL,
    STRING,
    EnumType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
    assignable,
)

if TYPE_CHECKING:
    from flowengine.expr.compiler import Writer
    from flowengine.expr.typed import TypedNode

Readable = typed.Variable | typed.Local | typed.FieldOf | typed.ElementOf


def read(writer: Writer, node: Readable) -> ast.expr:
    """Write the value of a variable, a field or an element, checked down to its last part."""
    if isinstance(node, typed.Local) and not isinstance(node.type, ListType | MapType | RecordType):
        return _place(writer, node)  # checked at the head of its loop
    if isinstance(node, typed.FieldOf) or is_bound(node):
        return checked(writer, node.type, _place(writer, node))
    return _place(writer, node)


def container(writer: Writer, node: TypedNode) -> ast.expr:
    """Write a value; of a list, map or record only what it is, as parts are checked when used."""
    if not is_bound(node) or not isinstance(node.type, ListType | MapType | RecordType):
        return writer.value(node)
    place, held = _place(writer, node), writer.fresh()
    match node.type:
        case ListType():
            test = code.has_class(code.naming(held, place), "list")
            return code.checked(test, code.name(held), code.call("as_list", code.name(held)))
        case MapType():
            test = code.has_class(code.naming(held, place), "dict")
            return code.checked(test, code.name(held), code.call("as_map", code.name(held)))
        case _:
            return place


def presence(writer: Writer, node: typed.Presence) -> ast.expr:
    """Write ``has``: the key is there and, in a record, its value is not None."""
    if isinstance(node.operand.type, OptionalType):
        return optional_code.presence(writer, node)
    operand, field = container(writer, node.operand), code.constant(node.field)
    if isinstance(node.operand.type, MapType):
        return code.compare(field, ast.In(), operand)
    return code.compare(code.method(operand, "get", field), ast.IsNot(), code.constant(None))


def _place(writer: Writer, node: TypedNode) -> ast.expr:
    """Write a value as the host gave it."""
    match node:
        case typed.Variable():
            return code.item(code.name(code.BINDINGS), code.constant(node.name))
        case typed.Local():
            held = code.name(local_name(node))
            return code.method(held, "value") if node.lazy else held
        case typed.FieldOf():
            return code.item(container(writer, node.operand), code.constant(node.field))
        case typed.ElementOf():
            return _element(writer, node)
        case _:
            return writer.value(node)


def local_name(local: typed.Local) -> str:
    """Name a macro's variable in the code."""
    return f"v{local.number}"


def _element(writer: Writer, node: typed.ElementOf) -> ast.expr:
    operand, index = node.operand, node.index
    if isinstance(operand.type, ListType):
        values = container(writer, operand)
        if isinstance(index, typed.Constant) and isinstance(index.value, int) and index.value >= 0:
            return code.item(values, code.constant(index.value))
        return code.call("element", values, writer.value(index))
    if isinstance(operand.type, MapType) and assignable(operand.type.key, STRING):
        # Nothing but a mapping has elements by string, so its class needs no look.
        place = _place(writer, operand) if is_bound(operand) else writer.value(operand)
        return code.item(place, writer.value(index))
    # True and 1 are one key to Python, so other keys are looked at first.
    return code.item(writer.value(operand), writer.value(index))


def checked(writer: Writer, kind: Type, value: ast.expr) -> ast.expr:
    """Write a value of the host's with the check that it is what it was declared as."""
    held = writer.fresh()
    named, again = code.naming(held, value), code.name(held)
    wrong = code.call("raise_wrong")
    if kind == BOOL:
        true = code.compare(named, ast.Is(), code.constant(True))  # noqa: FBT003 - the value itself
        false = code.compare(again, ast.Is(), code.constant(False))  # noqa: FBT003 - as above
        return code.checked(ast.BoolOp(ast.Or(), [true, false]), again, wrong)
    if kind == NULL:
        return code.checked(code.compare(named, ast.Is(), code.constant(None)), again, wrong)
    if kind == STRING or isinstance(kind, EnumType):
        return code.checked(code.has_class(named, "str"), again, code.call("as_string", again))
    if kind in RANGES:
        low, high = RANGES[kind]
        tests = [code.has_class(named, "int"), code.between(low, again, high)]
        return code.checked(ast.BoolOp(ast.And(), tests), again, wrong)
    if kind in CLASSES:
        return code.checked(code.has_class(named, CLASSES[kind].__name__), again, wrong)
    return code.call(writer.own(conformer(kind)), metering.whole(writer, value))
