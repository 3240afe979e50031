"""Addresses that an answer writes: what a flow's own functions send there proves nothing later."""

from __future__ import annotations

from collections.abc import Iterable

from flowengine.accounts.evidence import TYPED
from flowengine.analysis.proof.bdd import TRUE
from flowengine.analysis.proof.facts import Facts
from flowengine.flow.program import ChallengeNode, FlowProgram

_MARKS = {
    TYPED["email"]: ("email", ("user", "verified", "email")),
    TYPED["phone_number"]: ("sms", ("user", "verified", "phone")),
}
"""What the address is called once it is enrolled, and where it stands that it was verified."""


def made_in(program: FlowProgram) -> frozenset[str]:
    """Name what a sign-in may make; of the addresses that it writes, those that evidence is of."""
    asking = [node for node in program.nodes.values() if isinstance(node, ChallengeNode)]
    enrolled = {name for node in asking for name in node.kind.facts.enrols}
    makers = {maker for node in asking for e in node.evidence for maker in program.makers(e)}
    return frozenset(enrolled | ({name for node in asking for name in node.types} & makers))


def unverified(facts: Facts, typed: Iterable[str], made: frozenset[str]) -> int:
    """Say that an address which was written is not verified, unless it was enrolled since."""
    if not facts.closed:
        for name in typed:
            facts.flag(_MARKS[name][1])
        return TRUE
    bdd, found = facts.bdd, [TRUE]
    for name in typed:
        enrolled, mark = _MARKS[name]
        verified = facts.flag(mark)
        if enrolled in made:
            verified = bdd.both(verified, bdd.negated(facts.flag(("enrolled", enrolled))))
        written = facts.flag(("enrolled", name))
        found.append(bdd.negated(bdd.both(written, verified)))
    return bdd.all_of(found)
