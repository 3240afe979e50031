"""What each part of an expression is, for bindings: why it is true, false or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowengine.errors import EvaluationError
from flowengine.expr import typed
from flowengine.expr.compiler import compile_node
from flowengine.expr.optional_nodes import OptionalMap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowengine.expr.compiler import Run
    from flowengine.expr.program import Program
    from flowengine.expr.typed import TypedNode
    from flowengine.expr.types import Type


def explained(program: Program, bindings: Mapping[str, object]) -> list[tuple[str, Type, object]]:
    """Evaluate every part that has a value of its own, inner ones first, the whole last.

    Returns:
        Each part's text, type, and value or EvaluationError. What is inside of a macro's body
        has a value for each element and is left out, as are literals.
    """
    *parts, whole = _parts(program.tree)
    runs = [*map(compile_node, parts), program.evaluate]
    return [
        (program.text[node.span.start : node.span.end], node.type, _value(run, bindings))
        for node, run in zip((*parts, whole), runs, strict=True)
    ]


def _parts(node: TypedNode) -> Iterator[TypedNode]:
    for part in typed.children(node):
        if not isinstance(part, typed.Constant) and not _free(part):
            yield from _parts(part)
    yield node


def _free(node: TypedNode) -> frozenset[int]:
    """Number the macros' variables that a part speaks of without being their macro."""
    inner: frozenset[int] = frozenset().union(*map(_free, typed.children(node)))
    match node:
        case typed.Local():
            return frozenset({node.number})
        case typed.PairComprehension():
            return inner - {node.variable.number, node.second.number}
        case typed.Comprehension() | typed.Bind() | OptionalMap():
            return inner - {node.variable.number}
        case _:
            return inner


def _value(run: Run, bindings: Mapping[str, object]) -> object:
    try:
        return run(bindings)
    except EvaluationError as error:
        return error
