"""What an expression may say but hardly means, and what in it must fail."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from flowengine.expr import typed
from flowengine.expr.optional_nodes import OptionalMap
from flowengine.expr.refusals import must_fail
from flowengine.expr.typed import Overload, TypedNode
from flowengine.expr.types import BOOL
from flowengine.source import Severity

if TYPE_CHECKING:
    from flowengine.expr.findings import Findings

_EXACT_PLACES = ("email", "mail", "host", "domain", "url", "origin", "user_agent")


def review(node: TypedNode, names: Collection[str], findings: Findings, warned: Findings) -> None:
    """Look for what must fail, and for what is suspicious.

    Args:
        names: Those of the environment, which a macro's variable should not hide.
        findings: Gets what must fail (``refusals``).
        warned: Gets the rest, what would fail but never runs included.
    """
    for failing, reason, dead in must_fail(node):
        if dead:
            _warn(warned, failing, f"this always fails: {reason}")
        else:
            findings.add("expression-syntax", failing.span, f"this always fails: {reason}")
    present = frozenset(_present(node))
    for each in _all(node):
        _suspect(each, names, present, warned)


def _warn(warned: Findings, node: TypedNode, message: str, hint: str | None = None) -> None:
    warned.add("expression-doubt", node.span, message, hint, Severity.WARNING)


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
