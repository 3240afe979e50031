"""What must fail wherever it runs, as all that decides it is written out.

It is refused even where it need not run, behind ``||`` or in a branch: whoever wrote it meant
something else. Only what a literal operand beside it decides, as in ``true || 1 / 0 > 2``, has a
value in CEL's conformance cases; it is warned of, as the literal is.
"""

from __future__ import annotations

from flowengine.errors import EvaluationError
from flowengine.expr import times, typed
from flowengine.expr.compiler import compile_node
from flowengine.expr.library import TRUSTED
from flowengine.expr.typed import Overload, TypedNode
from flowengine.expr.types import ListType, MapType

_DIVISIONS = frozenset(
    {Overload.DIVIDE_INT, Overload.DIVIDE_UINT, Overload.MODULO_INT, Overload.MODULO_UINT}
)
_ZONE_ARGUMENTS = 2
_NO_KEY = "no such key"


def must_fail(node: TypedNode, *, dead: bool = False) -> list[tuple[TypedNode, str, bool]]:
    """Find the innermost parts that must fail.

    Args:
        dead: A literal decides, so that this part never counts.

    Returns:
        Each part with the reason, and whether it never counts.
    """
    dead = dead or _decided(node)
    inner = [found for part in typed.children(node) for found in must_fail(part, dead=dead)]
    if inner:
        return inner
    reason = _failure(node)
    return [] if reason is None else [(node, reason, dead)]


def _decided(node: TypedNode) -> bool:
    """Tell whether an operand that is a literal decides over all the others."""
    match node:
        case typed.Conjunction():
            return any(_is(operand, value=False) for operand in node.operands)
        case typed.Disjunction():
            return any(_is(operand, value=True) for operand in node.operands)
        case _:
            return False


def _is(node: TypedNode, *, value: bool) -> bool:
    return isinstance(node, typed.Constant) and node.value is value


def _failure(node: TypedNode) -> str | None:  # noqa: PLR0911 - one per kind of node
    match node:
        case typed.Operation(operands=(_, divisor)) if node.overload in _DIVISIONS:
            if _fixed(divisor) and _value(divisor) == 0:
                return "division by zero"
            return _error_of(node) if _fixed(node) else None
        case typed.Operation() if _fixed(node):
            return _error_of(node)
        case typed.ElementOf():
            return _no_element(node.operand, node.index)
        case typed.MapOf():
            keys = [key.value for key, _ in node.entries if isinstance(key, typed.Constant)]
            return "the same key twice in a map" if len(set(keys)) < len(keys) else None
        case typed.Invocation():
            return _error_of(node) if _fixed(node) else _zone_fault(node)
        case _:
            return None


def _fixed(node: TypedNode) -> bool:
    """Tell whether a value depends on literals alone."""
    match node:
        case typed.Constant():
            return True
        case typed.Operation():
            return all(map(_fixed, node.operands))
        case typed.Invocation():
            return node.function.implementation in TRUSTED and all(map(_fixed, node.arguments))
        case _:
            return False


def _no_element(operand: TypedNode, index: TypedNode) -> str | None:
    """Say why a literal list or map has no such element, or no list could have it."""
    if not _fixed(index):
        return None
    wanted = _value(index)
    if isinstance(operand.type, ListType) and isinstance(wanted, int):
        if wanted < 0:
            return "a list has no element before its first"
        beyond = isinstance(operand, typed.ListOf) and wanted >= len(operand.elements)
        return "the list has no such element" if beyond else None
    if isinstance(operand, typed.MapOf) and isinstance(operand.type, MapType):
        keys = [key.value for key, _ in operand.entries if isinstance(key, typed.Constant)]
        return _NO_KEY if len(keys) == len(operand.entries) and wanted not in keys else None
    return None


def _value(node: TypedNode) -> object:
    """Evaluate what depends on literals alone; None where it fails."""
    try:
        return compile_node(node)({})
    except EvaluationError:
        return None


def _error_of(node: TypedNode) -> str | None:
    try:
        compile_node(node)({})
    except EvaluationError as error:
        return str(error)
    return None


def _zone_fault(node: typed.Invocation) -> str | None:
    getter = node.function.method and node.function.name.startswith("get")
    if not getter or len(node.arguments) != _ZONE_ARGUMENTS or not _fixed(node.arguments[1]):
        return None
    zone = _value(node.arguments[1])
    try:
        times.zone_offset(0, zone if isinstance(zone, str) else "")
    except EvaluationError as error:
        return str(error)
    return None
