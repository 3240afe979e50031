"""Compiles edges into the arrows of the machine's table."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from flowengine.expr import BOOL, Environment
from flowengine.flow.definition import BranchDefinition, EdgeDefinition, Name
from flowengine.flow.findings import Findings
from flowengine.flow.machine import Row
from flowengine.flow.targets import AGAIN, BUILTIN_TARGETS

MAY_STAY = frozenset({"wrong", "expired"})
"""The outcomes that may lead ``again``: the node once more, nothing sent."""


def edge_rows(
    source: str,
    outcome: str,
    edge: EdgeDefinition,
    environment: Environment,
    names: Collection[str],
    findings: Findings,
) -> Iterator[Row]:
    """Give the arrows of one edge, in the order in which they are tried."""
    for branch in edge.branches:
        check_target(branch.goto, names, findings)
        if branch.goto.text == AGAIN and outcome not in MAY_STAY:
            findings.error(
                "misplaced-again",
                "'again' sends nothing, so only 'wrong' and 'expired' may lead to it",
                branch.goto.span,
            )
        yield _row(source, outcome, branch, environment, findings)
    _check_else(edge, findings)


def check_target(target: Name, names: Collection[str], findings: Findings) -> None:
    """Refuse a target that is no node."""
    if target.text not in names and target.text not in BUILTIN_TARGETS:
        findings.unknown("dangling-target", "node", target, (*names, *BUILTIN_TARGETS))


def _row(
    source: str,
    outcome: str,
    branch: BranchDefinition,
    environment: Environment,
    findings: Findings,
) -> Row:
    if branch.when is None:
        return Row(outcome, source, branch.goto.text)
    program, found = environment.check(branch.when, BOOL)
    findings.found.extend(found)
    guard = program.counted if program is not None else None
    return Row(outcome, source, branch.goto.text, branch.when.text, guard, program)


def _check_else(edge: EdgeDefinition, findings: Findings) -> None:
    *before, last = edge.branches
    if last.when is not None:
        findings.error(
            "missing-else",
            "the branches have no else: an answer that fits none of them has no way on",
            edge.span,
            hint="close the list with '- else: refused'",
        )
    for branch in before:
        if branch.when is None:
            findings.error(
                "misplaced-else",
                "what stands behind an else is never tried",
                branch.goto.span,
                hint="move the else to the end of the list",
            )
