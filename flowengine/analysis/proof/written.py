"""Attributes that an answer writes: what functions are given of them proves nothing later."""

from __future__ import annotations

from collections.abc import Iterable

from flowengine.accounts.evidence import written, written_attribute
from flowengine.analysis.proof.bdd import TRUE
from flowengine.analysis.proof.facts import Facts
from flowengine.flow.program import ChallengeNode, FlowProgram

_MARKS = {
    written("email"): ("email", ("user", "verified", "email")),
    written("phone_number"): ("sms", ("user", "verified", "phone")),
}
"""What an address is called once it is enrolled, and where it stands that it was verified."""


def made_in(program: FlowProgram) -> frozenset[str]:
    """Name what a sign-in may make; of attributes that it writes, those that evidence is of."""
    asking = [node for node in program.nodes.values() if isinstance(node, ChallengeNode)]
    enrolled = {name for node in asking for name in node.kind.facts.enrols}
    makers = {maker for node in asking for e in node.evidence for maker in program.makers(e)}
    return frozenset(enrolled | {name for node in asking for name in written_at(node, makers)})


def written_at(node: ChallengeNode, made: Iterable[str]) -> list[str]:
    """Name what a right answer at a node may write, of all that is made."""
    attributes = {name: written_attribute(name) for name in made}
    return sorted(n for n, each in attributes.items() if each is not None and node.writes(each))


def unverified(facts: Facts, names: Iterable[str], made: frozenset[str]) -> int:
    """Say that an address which was written is not verified, unless it was enrolled since."""
    marked = {name: _MARKS[name] for name in names if name in _MARKS}
    if not facts.closed:
        for _, mark in marked.values():
            facts.flag(mark)
        return TRUE
    bdd, found = facts.bdd, [TRUE]
    for name, (enrolled, mark) in marked.items():
        verified = facts.flag(mark)
        if enrolled in made:
            verified = bdd.both(verified, bdd.negated(facts.flag(("enrolled", enrolled))))
        found.append(bdd.negated(bdd.both(facts.flag(("enrolled", name)), verified)))
    return bdd.all_of(found)
