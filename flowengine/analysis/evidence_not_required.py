"""Evidence that a flow asks for and no condition names: a way past it would be nobody's loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.formulas import Gained, atoms, formula
from flowengine.analysis.places import node_place
from flowengine.analysis.starts import starts
from flowengine.analysis.strength import kinds
from flowengine.flow.program import ChallengeNode, EndNode, FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import Diagnostic, Severity

NAME: Final = "evidence-not-required"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Hold what nodes prove against what ``require``, ``needs`` and levels name."""
    if not program.doors or not program.require:
        return
    named = frozenset(_named(program))
    told: set[str] = set()
    reached = reachable(program.machine.table, *starts(program))
    for name, node in program.nodes.items():
        if name not in reached:
            continue
        for evidence in node.evidence if isinstance(node, ChallengeNode) else ():
            if evidence in named or evidence in told or not kinds(program, (evidence,)):
                continue
            told.add(evidence)
            yield Diagnostic(
                NAME,
                f"node '{name}' asks for proved.{evidence}, and no line of `require` names it",
                program.definition.source,
                node_place(program, name),
                hint=f"say when it must have been proved: `require: [proved.{evidence} || …]`",
                severity=Severity.WARNING,
            )


def _named(program: FlowProgram) -> Iterator[str]:
    conditions = [*program.require, *(c for node in program.nodes.values() for c in node.needs)]
    conditions += [
        node.level for node in program.nodes.values() if isinstance(node, EndNode) and node.level
    ]
    for condition in conditions:
        for atom in atoms(formula(condition.program.tree)):
            if isinstance(atom, Gained) and atom.ledger == "proved":
                yield atom.name
