"""Puts what a proof found into words, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowengine.accounts.evidence import ANY_ATTRIBUTE, written_attribute
from flowengine.analysis.proof.facts import EARLIER
from flowengine.analysis.proof.proving import FlowProof, Promise
from flowengine.analysis.proof.verdict import (
    Counterexample,
    FactValue,
    Proved,
    Refuted,
    Step,
    Unproven,
)
from flowengine.flow.definition import (
    CallNodeDefinition,
    ChallengeDefinition,
    ChooseDefinition,
    EdgeDefinition,
    FlowDefinition,
    FlowNodeDefinition,
    NodeDefinition,
    OfferDefinition,
)
from flowengine.flow.inlining import FAILED_EXIT, NEXT
from flowengine.flow.machine import FAILED, OFFERED, RETURNED, SWITCHED, Row
from flowengine.flow.nodes import OUTCOMES
from flowengine.flow.program import FlowProgram
from flowengine.source import Span

_AGE = ("age",)
_LEDGER = (("proved",), ("enrolled",))
_FEW = 4
_DATED = (("proved",), (EARLIER,))
_KEYS = {outcome: key for key, outcome in OUTCOMES.items()}


def place_of(program: FlowProgram, example: Counterexample) -> Span:
    """Give the branch that lets a counter-example through: the last one that was a choice."""
    chosen = [each for each in example.steps if _is_choice(program, each)]
    if chosen or example.steps:
        step = (chosen or list(example.steps))[-1]
        return branch_span(program, step.node, step.outcome, step.position)
    return node_span(program, example.start)


def node_span(program: FlowProgram, name: str) -> Span:
    """Give where a node stands in the flow's own file; one of a step's, where the step does."""
    return _definition(program.definition, name).name.span


def branch_span(program: FlowProgram, node: str, outcome: str, position: int) -> Span:
    """Give where a branch stands in the flow's own file: its condition, else its target."""
    definition = _definition(program.definition, node)
    edge = _edge(definition, node, outcome)
    if edge is not None and position < len(edge.branches):
        branch = edge.branches[position]
        if branch.when is not None:
            return branch.when.span(0, len(branch.when.text))
        return branch.goto.span
    return definition.name.span


def path_notes(example: Counterexample) -> tuple[str, ...]:
    """Tell a counter-example step by step."""
    begun = f"a sign-in by {example.auth_flow}" if example.auth_flow else "a sign-in"
    lines = [f"{begun} begins at {example.start}"]
    lines += [_told(step) for step in example.steps]
    lines.append(f"{example.end} is come to where {told_values(example.final)}")
    return tuple(lines)


def told_values(values: Sequence[FactValue]) -> str:
    """List values as a person reads them: no age of what was not proved, in words what was before.

    A condition reads an age only where it is there, so what makes it so stands in the list.
    Evidence that is not there is named where there is little of it.
    """
    there = {each.path[1] for each in values if each.value is True and each.path[:1] in _DATED}
    shown = [each for each in values if each.path[:1] != _AGE or each.path[1] in there]
    missing = [each for each in shown if each.path[:1] in _LEDGER and each.value is False]
    if len(missing) > _FEW:
        shown = [each for each in shown if each not in missing]
    told = [*filter(None, map(_written, shown))]
    if len(missing) > _FEW:
        told.append(f"none of the other {len(missing)} is there")
    return ", ".join(told) or "nothing was proved"


def _written(value: FactValue) -> str:
    attribute = written_attribute(value.path[1]) if value.path[:1] == ("enrolled",) else None
    if attribute is not None:
        what = "some attribute" if attribute == ANY_ATTRIBUTE else f"the attribute {attribute}"
        return f"{what} was written in this sign-in" if value.value is True else ""
    if value.path[:1] != (EARLIER,):
        return str(value)
    return f"{value.path[1]} was proved before this sign-in" if value.value is True else ""


def named(promise: Promise) -> str:
    """Name a condition: its text on one line."""
    return f"`{' '.join(promise.condition.text.split())}`"


def _told(step: Step) -> str:
    happened = "" if step.outcome == "decide" else f"{_happened(step.outcome)}, "
    branch = _guard(step.row) if step.row.text else "on"
    because = f" as {told_values(step.telling)}" if step.telling else ""
    return f"{step.node}: {happened}{branch} -> {step.target}{because}"


def _happened(outcome: str) -> str:
    for prefix, verb in ((OFFERED, "takes"), (SWITCHED, "switches to")):
        if outcome.startswith(prefix):
            return f"{verb} {outcome.removeprefix(prefix)}"
    return outcome


def _is_choice(program: FlowProgram, step: Step) -> bool:
    if "/" in step.node and not step.node.endswith((NEXT, FAILED_EXIT)):
        return False
    rows = [r for r in program.machine.table if (r.source, r.outcome) == (step.node, step.outcome)]
    return len(rows) > 1


def _definition(flow: FlowDefinition, name: str) -> NodeDefinition:
    mine = name.partition("/")[0]
    return next(node for node in flow.nodes if node.name.text == mine)


def _edge(definition: NodeDefinition, node: str, outcome: str) -> EdgeDefinition | None:
    inner = node.partition("/")[2]
    match definition:
        case ChallengeDefinition():
            return definition.edges.get(_KEYS.get(outcome, outcome))
        case OfferDefinition():
            return definition.none if outcome == "none" else None
        case ChooseDefinition():
            return definition.edge
        case CallNodeDefinition():
            return {RETURNED: definition.next, FAILED: definition.failed}.get(outcome)
        case FlowNodeDefinition():
            return {NEXT: definition.next, FAILED_EXIT: definition.failed}.get(inner)
        case _:
            return None


def explained(proof: FlowProof) -> Iterator[str]:
    """Say of each promise whether it is proved and on which facts, and which branches overlap."""
    for promise in proof.require:
        yield f"require {named(promise)} {_verdict(promise)}"
    for promise in proof.needs:
        yield f"needs {named(promise)} of node '{promise.node}' {_verdict(promise)}"
    for promise in proof.levels:
        yield f"level {named(promise)} of node '{promise.node}' {_verdict(promise)}"
    for each in proof.overlaps:
        yield (
            f"branch {_guard(each.first)} of node '{each.first.source}' takes what "
            f"{_guard(each.second)} is true of too: {told_values(each.values)}"
        )


def _guard(row: Row) -> str:
    return f"`{' '.join((row.text or '').split())}`"


def _verdict(promise: Promise) -> str:
    match promise.verdict:
        case Proved(rests_on, states):
            return f"proved over {states} nodes by {', '.join(rests_on) or 'the arrows alone'}"
        case Refuted():
            return "refuted"
        case Unproven(because):
            return f"not proved: {because}"
