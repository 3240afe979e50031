"""What calls saved: a proof that no variable is read before it was set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from flowengine.challenges.custom_settings import CustomCall, CustomSettings, Term
from flowengine.expr import Program
from flowengine.expr.typed import (
    Choice,
    Conjunction,
    Disjunction,
    FieldOf,
    Operation,
    Overload,
    Presence,
    TypedNode,
    Variable,
    children,
)
from flowengine.flow.findings import Findings
from flowengine.flow.machine import RETURNED, Row
from flowengine.flow.program import CallNode, ChallengeNode, Condition, EndNode, NodeProgram

VARS: Final = "vars"

_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Use:
    """A read that no condition beside it guards."""

    name: str
    node: TypedNode


def unguarded(tree: TypedNode, guarded: frozenset[str] = _NOTHING) -> Iterator[Use]:
    """Give the variables that an expression reads where they might not be set.

    ``has(vars.X)`` guards what stands on its right.
    """
    name = _variable(tree)
    if name is not None:
        if name not in guarded and not isinstance(tree, Presence):
            yield Use(name, tree)
        return
    match tree:
        case Conjunction() | Disjunction():
            for operand in tree.operands:
                yield from unguarded(operand, guarded)
                guarded |= _present(operand, isinstance(tree, Disjunction))
        case Choice():
            yield from unguarded(tree.condition, guarded)
            yield from unguarded(tree.positive, guarded | _present(tree.condition, negated=False))
            yield from unguarded(tree.negative, guarded | _present(tree.condition, negated=True))
        case _:
            for child in children(tree):
                yield from unguarded(child, guarded)


def _variable(tree: TypedNode) -> str | None:
    """Name what ``vars.X`` reads; None for anything else. Inner flows have a prefix."""
    if isinstance(tree, FieldOf | Presence) and isinstance(tree.operand, Variable):
        group = tree.operand.name
        if group == VARS or group.endswith(f"/{VARS}"):
            return group.removesuffix(VARS) + tree.field
    return None


def _present(tree: TypedNode, negated: bool) -> frozenset[str]:  # noqa: FBT001 - of one condition
    """Give the variables that are set wherever a condition is true, or false if ``negated``."""
    if negated:
        if isinstance(tree, Operation) and tree.overload is Overload.NOT:
            return _present(tree.operands[0], negated=False)
        return _NOTHING
    if isinstance(tree, Conjunction):
        return frozenset().union(*(_present(each, negated=False) for each in tree.operands))
    name = _variable(tree) if isinstance(tree, Presence) else None
    return _NOTHING if name is None else frozenset({name})


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Which variables are set at each node, on every way to it.

    Attributes:
        at: By node; a node that cannot be come to is not there.
    """

    at: Mapping[str, frozenset[str]] = field(default_factory=dict)


def set_variables(
    table: tuple[Row, ...], nodes: Mapping[str, NodeProgram], starts: Iterator[str]
) -> SetVariables:
    """Find what is set at each node, whatever conditions say."""
    at: dict[str, frozenset[str]] = dict.fromkeys(starts, _NOTHING)
    waiting = list(at)
    by_source: dict[str, list[Row]] = {}
    for row in table:
        by_source.setdefault(row.source, []).append(row)
    while waiting:
        source = waiting.pop()
        for row in by_source.get(source, ()):
            after = _after(nodes.get(source), row, at[source])
            known = at.get(row.target)
            met = after if known is None else after & known
            if met != known:
                at[row.target] = met
                waiting.append(row.target)
    return SetVariables(at)


def _after(node: NodeProgram | None, row: Row, before: frozenset[str]) -> frozenset[str]:
    if not isinstance(node, CallNode) or node.save is None:
        return before
    return before | {node.save} if row.outcome == RETURNED else before - {node.save}


def check_variables(
    table: tuple[Row, ...],
    nodes: Mapping[str, NodeProgram],
    starts: Iterator[str],
    require: tuple[Condition, ...],
    findings: Findings,
) -> None:
    """Demand that every variable is set wherever it is read."""
    reached = set_variables(table, nodes, starts).at
    for row in table:
        if row.program is not None and row.source in reached:
            is_set = _after(nodes.get(row.source), row, reached[row.source])
            _check(row.program, is_set, row.source, findings)
    for name, is_set in reached.items():
        node = nodes.get(name)
        for program in programs_of(node):
            _check(program, is_set, name, findings)
        if isinstance(node, EndNode) and node.success:
            for condition in require:
                _check(condition.program, is_set, name, findings)


def programs_of(node: NodeProgram | None) -> Iterator[Program]:
    """Give the expressions of a node itself; those of its edges stand in the table."""
    if node is None:
        return
    yield from (condition.program for condition in node.needs)
    if isinstance(node, CallNode):
        yield from _of(node.call.arguments)
    if isinstance(node, EndNode) and node.level is not None:
        yield node.level.program
    if isinstance(node, ChallengeNode) and isinstance(node.settings, CustomSettings):
        settings = node.settings
        yield from _of(settings.parameters)
        for call in (settings.create, settings.verify):
            if isinstance(call, CustomCall):
                yield from _of(call.arguments)


def _of(terms: Mapping[str, Term]) -> Iterator[Program]:
    return (term for term in terms.values() if isinstance(term, Program))


def _check(program: Program, is_set: frozenset[str], node: str, findings: Findings) -> None:
    if program.source is not findings.source:
        return  # of another flow, which is checked where it stands
    for use in unguarded(program.tree):
        if use.name not in is_set:
            name = use.name.rpartition("/")[2]
            findings.error(
                "unset-variable",
                f"vars.{name} is not set on every way to '{node}'",
                program.place(use.node.span),
                hint=f"ask has(vars.{name}) before, or call what saves it on every way here",
            )
