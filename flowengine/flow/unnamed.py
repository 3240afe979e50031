"""Sign-ins that begin with nobody: a proof that no user is asked about before one is named.

Behind a door with ``names_user: false`` there is nobody until a right answer names its user. So
on every way from such a door, whatever conditions say, up to the first right answer of a node
that names one: nothing reads ``user`` or ``device``, nobody but a naming node asks anything, no
menu is shown, and nothing succeeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from flowengine.challenges.offers import Offer
from flowengine.expr import Program
from flowengine.expr.typed import TypedNode, Variable, children
from flowengine.flow.findings import Findings
from flowengine.flow.machine import Row
from flowengine.flow.program import ChallengeNode, DoorProgram, EndNode, NodeProgram
from flowengine.flow.reachability import reachable
from flowengine.flow.variables import programs_of
from flowengine.source import Span

_OF_A_USER: Final = ("user", "device")
_PROVED: Final = "proved"


def check_naming(
    table: Iterable[Row],
    nodes: Mapping[str, NodeProgram],
    doors: Iterable[DoorProgram],
    place: Callable[[str], Span],
    findings: Findings,
) -> None:
    """Demand that somebody is named wherever a user is read, asked or signed in.

    Args:
        place: Where a node stands in the flow's file.
    """
    before = [row for row in table if not names_user(nodes.get(row.source), row.outcome)]
    starts = [door.start for door in doors if not door.names_user]
    unnamed = reachable(before, *starts)
    for name in sorted(unnamed & nodes.keys()):
        node = nodes[name]
        if isinstance(node, EndNode) and node.success:
            message = f"'{name}' succeeds on a way on which nobody was named"
            findings.error("unnamed-user", message, place(name))
        if isinstance(node, ChallengeNode) and node.names is None:
            findings.error("unnamed-user", *_asking(node, name, place(name)))
        for program in programs_of(node):
            _check(program, name, place(name), findings)
    for row in before:
        if row.source in unnamed and row.program is not None:
            _check(row.program, row.source, place(row.source), findings)


def names_user(node: NodeProgram | None, outcome: str) -> bool:
    """Say whether it is that of an answer which named its user, where nobody was named."""
    return outcome == _PROVED and isinstance(node, ChallengeNode) and node.names is not None


def _asking(node: ChallengeNode, name: str, span: Span) -> tuple[str, Span, str]:
    kind = node.kind.facts
    hint = "only WEB_AUTHN, and PASSWORD and PASSWORD_SRP that declare USERNAME, name a user"
    if isinstance(node.settings, Offer):
        hint = (
            "a menu shows what its user has; `switch` of a node that names the user leads to the "
            "other ways"
        )
    elif kind.names_user_by is not None:
        hint = f"declare {kind.names_user_by.value} under its responses, not as optional"
    return f"'{name}' asks {kind.name} of a user before anyone is named", span, hint


def _check(program: Program, node: str, elsewhere: Span, findings: Findings) -> None:
    for read in _reads(program.tree):
        # A condition of a step is told at the step.
        mine = program.source is findings.source
        findings.error(
            "unnamed-user",
            f"'{read.name}' is read at '{node}' before anyone is named",
            program.place(read.span) if mine else elsewhere,
            hint="ask it behind the node that names the user",
        )


def _reads(tree: TypedNode) -> Iterator[Variable]:
    if isinstance(tree, Variable) and tree.name in _OF_A_USER:
        yield tree
    for child in children(tree):
        yield from _reads(child)
