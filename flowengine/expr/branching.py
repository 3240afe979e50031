"""Writes what does not evaluate everything: ``&&``, ``||``, ``?:`` and macros.

An error of one operand counts only when no other operand decides. With at most one operand
that can fail it is enough to ask that one last; with more, each has a ``try`` of its own.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowengine.expr import code, metering, reads
from flowengine.expr.failing import can_fail
from flowengine.expr.typed import (
    Comprehension,
    Conjunction,
    Disjunction,
    Macro,
    PairComprehension,
)
from flowengine.expr.types import ListType, MapType, RecordType

if TYPE_CHECKING:
    from flowengine.expr.compiler import Writer
    from flowengine.expr.typed import Bind, Choice, TypedNode

_Walk = Comprehension | PairComprehension
_Apart = tuple[list[ast.stmt], ast.expr]


def branching(writer: Writer, node: Conjunction | Disjunction | _Walk) -> ast.expr:
    """Write a chain of operands or a macro."""
    if isinstance(node, Comprehension | PairComprehension):
        return _comprehension(writer, node)
    return _chain(writer, node)


def choice(writer: Writer, node: Choice) -> ast.expr:
    """Write ``?:``; of the branches only the chosen one runs."""
    condition = writer.value(node.condition)
    (first, positive), (second, negative) = map(writer.apart, (node.positive, node.negative))
    if not first and not second:
        return code.checked(condition, positive, negative)
    result = writer.fresh()
    first.append(code.assign(result, positive))
    second.append(code.assign(result, negative))
    writer.block.append(ast.If(condition, first, second))
    return code.name(result)


def _chain(writer: Writer, node: Conjunction | Disjunction) -> ast.expr:
    unsure = [operand for operand in node.operands if can_fail(operand)]
    sure = [operand for operand in node.operands if not can_fail(operand)]
    absorbing = len(unsure) > 1
    written = [writer.apart(operand) for operand in sure]
    written += [writer.apart(operand, blocks=int(absorbing)) for operand in unsure]
    if absorbing or any(statements for statements, _ in written):
        tried = len(unsure) if absorbing else 0
        return _step_by_step(writer, written, tried, deciding=isinstance(node, Disjunction))
    operator = ast.And() if isinstance(node, Conjunction) else ast.Or()
    return ast.BoolOp(operator, [value for _, value in written])


def _step_by_step(writer: Writer, written: list[_Apart], tried: int, *, deciding: bool) -> ast.expr:
    """Ask operand after operand until one has the value ``deciding``.

    The last ``tried`` of them are asked in a ``try`` each.
    """
    result, error = writer.fresh(), writer.fresh()
    writer.block.append(code.assign(result, code.constant(not deciding)))
    if tried:
        writer.block.append(code.assign(error, code.constant(None)))
    open_still = code.negated(code.name(result)) if deciding else code.name(result)
    for number, (statements, value) in enumerate(written):
        body = [*statements, code.assign(result, value)]
        if number >= len(written) - tried:
            body = [attempt(writer, body, error)]
        writer.block.append(ast.If(open_still, body, []))
    if tried:
        writer.block.append(_raise_if_open(open_still, error))
    return code.name(result)


def attempt(writer: Writer, body: list[ast.stmt], error: str) -> ast.stmt:
    """Write a ``try`` that keeps what went wrong under a name."""
    caught = writer.fresh("e")
    kept = code.assign(error, code.call("failure", code.name(caught)))
    handler = ast.ExceptHandler(code.name("ABSORBED"), caught, [kept])
    return ast.Try(body, [handler], [], [])


def _raise_if_open(open_still: ast.expr, error: str) -> ast.stmt:
    failed = code.compare(code.name(error), ast.IsNot(), code.constant(None))
    test = ast.BoolOp(ast.And(), [open_still, failed])
    return ast.If(test, [ast.Raise(code.name(error))], [])


def bind(writer: Writer, node: Bind) -> ast.expr:
    """Write ``cel.bind``; a value that can fail is found when it is used first."""
    name = reads.local_name(node.variable)
    if node.variable.lazy:
        function = writer.function(lambda: writer.value(node.value))
        given = code.call("Lazy", code.name(function))
    else:
        given = writer.value(node.value)
    writer.block.append(code.assign(name, given))
    return writer.value(node.body)


def _comprehension(writer: Writer, node: _Walk) -> ast.expr:
    result = writer.fresh()
    match node.macro:
        case Macro.ALL | Macro.EXISTS:
            _quantifier(writer, node, result)
        case Macro.EXISTS_ONE | Macro.EXISTS_ONE_PAIR:
            writer.block.append(code.assign(result, code.constant(0)))
            one_more = ast.AugAssign(ast.Name(result, ast.Store()), ast.Add(), code.constant(1))
            _loop(writer, node, _when(writer, node.condition, [one_more]))
            return code.compare(code.name(result), ast.Eq(), code.constant(1))
        case Macro.TRANSFORM_MAP:
            _transform_map(writer, node, result)
        case Macro.FILTER | Macro.MAP | Macro.TRANSFORM_LIST:
            writer.block.append(code.assign(result, ast.List([], ast.Load())))
            kept = node.variable if node.transform is None else node.transform
            statements, value = writer.apart(kept, blocks=1, loops=1)
            append = ast.Expr(code.method(code.name(result), "append", value))
            _loop(writer, node, _when(writer, node.condition, [*statements, append]))
    return code.name(result)


def _transform_map(writer: Writer, node: _Walk, result: str) -> None:
    writer.block.append(code.assign(result, ast.Dict([], [])))
    kept = node.variable if node.transform is None else node.transform
    statements, value = writer.apart(kept, blocks=1, loops=1)
    key = code.name(reads.local_name(node.variable))
    place = ast.Subscript(code.name(result), key, ast.Store())
    store = ast.Assign([place], value, lineno=1)
    _loop(writer, node, _when(writer, node.condition, [*statements, store]))


def _when(writer: Writer, condition: TypedNode | None, then: list[ast.stmt]) -> list[ast.stmt]:
    if condition is None:
        return then
    statements, value = writer.apart(condition, blocks=1, loops=1)
    return [*statements, ast.If(value, then, [])]


def _quantifier(writer: Writer, node: _Walk, result: str) -> None:
    """Write ``all`` or ``exists``: the first element that decides ends the loop."""
    deciding = node.macro is Macro.EXISTS
    absorbing = node.condition is not None and can_fail(node.condition)
    error = writer.fresh()
    writer.block.append(code.assign(result, code.constant(not deciding)))
    if absorbing:
        writer.block.append(code.assign(error, code.constant(None)))
    body = _decide(writer, node, result, deciding=deciding, blocks=2 if absorbing else 1)
    _loop(writer, node, [attempt(writer, body, error)] if absorbing else body)
    if absorbing:
        open_still = code.negated(code.name(result)) if deciding else code.name(result)
        writer.block.append(_raise_if_open(open_still, error))


def _decide(
    writer: Writer, node: _Walk, result: str, *, deciding: bool, blocks: int
) -> list[ast.stmt]:
    if node.condition is None:
        return []
    statements, value = writer.apart(node.condition, blocks=blocks, loops=1)
    decided = [code.assign(result, code.constant(deciding)), ast.Break()]
    return [*statements, ast.If(value if deciding else code.negated(value), decided, [])]


def _loop(writer: Writer, node: _Walk, body: list[ast.stmt]) -> None:
    """Write the loop over a list, over the keys of a map, or over pairs."""
    if isinstance(node, PairComprehension):
        _pair_loop(writer, node, body)
        return
    variable = node.variable
    name = reads.local_name(variable)
    head: list[ast.stmt] = []
    if variable.bound and not isinstance(variable.type, ListType | MapType | RecordType):
        head = [code.assign(name, reads.checked(writer, variable.type, code.name(name)))]
    over = metering.loop(writer, reads.container(writer, node.range), _bodies(node))
    loop = ast.For(ast.Name(name, ast.Store()), over, [*head, *body], [], lineno=1)
    writer.block.append(loop)


def _bodies(node: _Walk) -> tuple[TypedNode | None, ...]:
    return node.condition, node.transform


def _pair_loop(writer: Writer, node: PairComprehension, body: list[ast.stmt]) -> None:
    """Write the loop over a list's indexes and elements, or a map's keys and values."""
    names = [reads.local_name(one) for one in (node.variable, node.second)]
    pair = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
    over = metering.loop(writer, writer.value(node.range), _bodies(node))
    if isinstance(node.range.type, MapType):
        pairs = code.method(over, "items")
    else:
        pairs = code.call("enumerate", over)
    writer.block.append(ast.For(pair, pairs, body or [ast.Pass()], [], lineno=1))
