"""What an expression may say but hardly means, and what in it must fail."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from flowengine.errors import EvaluationError
from flowengine.expr import times, typed
from flowengine.expr.compiler import compile_node
from flowengine.expr.optional_nodes import OptionalMap, OrElse
from flowengine.expr.typed import Overload, TypedNode
from flowengine.expr.types import BOOL, ListType
from flowengine.source import Severity

if TYPE_CHECKING:
    from flowengine.expr.findings import Findings

_DIVISIONS = frozenset(
    {Overload.DIVIDE_INT, Overload.DIVIDE_UINT, Overload.MODULO_INT, Overload.MODULO_UINT}
)
_NEVER_FAIL = frozenset({Overload.EQUALS, Overload.NOT_EQUALS, Overload.IN_LIST, Overload.IN_MAP})
_EXACT_PLACES = ("email", "mail", "host", "domain", "url", "origin", "user_agent")
_ZONE_ARGUMENTS = 2


def review(node: TypedNode, names: Collection[str], findings: Findings, warned: Findings) -> None:
    """Look for what must fail, and for what is suspicious.

    Args:
        names: Those of the environment, which a macro's variable should not hide.
        findings: Gets what fails whatever is bound.
        warned: Gets the rest, what fails where another operand may decide included.
    """
    _failures(node, findings, warned, certain=True)
    present = frozenset(_present(node))
    for each in _all(node):
        _suspect(each, names, present, warned)


def _warn(warned: Findings, node: TypedNode, message: str, hint: str | None = None) -> None:
    warned.add("expression-doubt", node.span, message, hint, Severity.WARNING)


def _failures(node: TypedNode, findings: Findings, warned: Findings, *, certain: bool) -> bool:
    """Report the innermost parts that must fail; tell whether there was one."""
    inner = [
        _failures(part, findings, warned, certain=certain and _runs(node, number))
        for number, part in enumerate(typed.children(node))
    ]
    if any(inner):
        return True
    reason = _failure(node)
    if reason is None:
        return False
    if certain:
        findings.add("expression-syntax", node.span, f"this always fails: {reason}")
    else:
        _warn(warned, node, f"this always fails: {reason}")
    return True


def _runs(node: TypedNode, part: int) -> bool:
    """Tell whether a part always runs, and its failure is the whole's."""
    match node:
        case typed.Conjunction() | typed.Disjunction() | typed.Bind():
            return False
        case typed.Comprehension() | typed.PairComprehension() | typed.Choice():
            return part == 0
        case OrElse() | OptionalMap():
            return part == 0
        case _:
            return True


def _failure(node: TypedNode) -> str | None:
    match node:
        case typed.Operation(operands=(_, typed.Constant(value=0))) if node.overload in _DIVISIONS:
            return "division by zero"
        case typed.Operation() if node.overload not in _NEVER_FAIL and _fixed(node):
            return _error_of(node)
        case typed.ElementOf(index=typed.Constant(value=int() as index)):
            below = index < 0 and isinstance(node.operand.type, ListType)
            return "a list has no element before its first" if below else None
        case typed.MapOf():
            keys = [key.value for key, _ in node.entries if isinstance(key, typed.Constant)]
            return "the same key twice in a map" if len(set(keys)) < len(keys) else None
        case typed.Invocation(arguments=(_, typed.Constant(value=str() as zone))):
            return _zone_fault(node, zone)
        case _:
            return None


def _fixed(node: TypedNode) -> bool:
    match node:
        case typed.Constant():
            return True
        case typed.Operation():
            return all(map(_fixed, node.operands))
        case _:
            return False


def _error_of(node: TypedNode) -> str | None:
    try:
        compile_node(node)({})
    except EvaluationError as error:
        return str(error)
    return None


def _zone_fault(node: typed.Invocation, zone: str) -> str | None:
    getter = node.function.method and node.function.name.startswith("get")
    if not getter or len(node.arguments) != _ZONE_ARGUMENTS:
        return None
    try:
        times.zone_offset(0, zone)
    except EvaluationError as error:
        return str(error)
    return None


def _all(node: TypedNode) -> Iterator[TypedNode]:
    yield node
    for part in typed.children(node):
        yield from _all(part)


def _present(node: TypedNode) -> Iterator[str]:
    """Give the paths that are asked for with ``has`` anywhere."""
    for each in _all(node):
        path = typed.path(each) if isinstance(each, typed.Presence) else None
        if path is not None:
            yield path


def _suspect(
    node: TypedNode, names: Collection[str], present: frozenset[str], warned: Findings
) -> None:
    match node:
        case typed.Comprehension() | typed.Bind() | OptionalMap():
            _hidden(node, node.variable, names, warned)
        case typed.PairComprehension():
            _hidden(node, node.variable, names, warned)
            _hidden(node, node.second, names, warned)
        case typed.Presence():
            _needless(node, warned)
        case typed.FieldOf(required=False):
            path = typed.path(node)
            if path is not None and path not in present:
                _warn(warned, node, f"{path} may be absent, which is an error", f"ask has({path})")
        case _:
            _suspect_condition(node, warned)


def _suspect_condition(node: TypedNode, warned: Findings) -> None:
    match node:
        case typed.Conjunction() | typed.Disjunction():
            for operand in node.operands:
                _constant(operand, warned)
        case typed.Choice():
            _constant(node.condition, warned)
        case typed.Operation(overload=Overload.EQUALS | Overload.NOT_EQUALS):
            if any(isinstance(one, typed.Constant) and one.type == BOOL for one in node.operands):
                _warn(warned, node, "a bool is compared with a literal", "write x or !x")
        case typed.Invocation(arguments=(text, typed.Constant(value=str() as pattern))):
            if node.function.name == "matches":
                _unanchored(node, text, pattern, warned)
        case _:
            pass


def _hidden(
    node: TypedNode, variable: typed.Local, names: Collection[str], warned: Findings
) -> None:
    if variable.name in names:
        _warn(warned, node, f"the variable {variable.name} hides what has this name outside")


def _needless(node: typed.Presence, warned: Findings) -> None:
    fields = getattr(node.operand.type, "fields", {})
    field = fields.get(node.field)
    if field is not None and field.required:
        _warn(warned, node, f"{node.field} is always there")


def _constant(node: TypedNode, warned: Findings) -> None:
    if isinstance(node, typed.Constant):
        _warn(warned, node, "this condition is a literal")


def _unanchored(node: TypedNode, text: TypedNode, pattern: str, warned: Findings) -> None:
    name = _name(text)
    anchored = pattern.startswith(("^", "\\A")) and pattern.endswith(("$", "\\z"))
    if not anchored and name.lower().endswith(_EXACT_PLACES):
        _warn(warned, node, f"the pattern may match any part of {name}", "write ^…$ around it")


def _name(node: TypedNode) -> str:
    """Give the last name of what a text is read from."""
    match node:
        case typed.ElementOf(index=typed.Constant(value=str() as key)):
            return key
        case typed.FieldOf():
            return node.field
        case typed.Variable():
            return node.name
        case _:
            return ""
