"""Which expressions can fail at all; the others need no error handling around them.

A host that keeps its word is taken for granted here: a required field is there and has its
type. When it breaks it the evaluation ends in an error, whatever stands beside it.
"""

from __future__ import annotations

from flowengine.expr.optional_nodes import SparseMap
from flowengine.expr.typed import (
    Bind,
    Constant,
    ElementOf,
    FieldOf,
    Invocation,
    Local,
    MapOf,
    Never,
    Operation,
    Overload,
    TypedNode,
    children,
)

_TOTAL = frozenset(
    {
        Overload.NOT,
        Overload.EQUALS,
        Overload.NOT_EQUALS,
        Overload.LESS,
        Overload.LESS_EQUALS,
        Overload.GREATER,
        Overload.GREATER_EQUALS,
        Overload.IN_LIST,
        Overload.IN_MAP,
        Overload.NEGATE_DOUBLE,
        Overload.ADD_DOUBLE,
        Overload.SUBTRACT_DOUBLE,
        Overload.MULTIPLY_DOUBLE,
        Overload.DIVIDE_DOUBLE,
    }
)


def can_fail(node: TypedNode) -> bool:
    """Tell whether an expression may have no value for bindings of the declared types."""
    if isinstance(node, Bind):
        return can_fail(node.body)
    return _fails_itself(node) or any(map(can_fail, children(node)))


def _fails_itself(node: TypedNode) -> bool:  # noqa: PLR0911 - one per kind of node
    match node:
        case FieldOf():
            return not node.required
        case ElementOf() | Never():
            return True
        case MapOf():
            return not distinct_keys(node)
        case SparseMap():
            return len(node.entries) > 1
        case Operation():
            return node.overload not in _TOTAL
        case Local():
            return node.lazy
        case Invocation():
            return not node.function.total
        case _:
            return False


def distinct_keys(node: MapOf) -> bool:
    """Tell whether a map's keys are known to be different from each other."""
    keys = [key.value for key, _ in node.entries if isinstance(key, Constant)]
    return len(node.entries) <= 1 or len(set(keys)) == len(node.entries)
