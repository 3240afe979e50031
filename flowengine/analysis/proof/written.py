"""Attributes that an answer writes: what functions are given of them proves nothing later."""

from __future__ import annotations

from collections.abc import Iterable

from flowengine.accounts.evidence import written
from flowengine.analysis.proof.bdd import TRUE
from flowengine.analysis.proof.facts import Facts

_MARKS = {
    written("email"): ("email", ("user", "verified", "email")),
    written("phone_number"): ("sms", ("user", "verified", "phone")),
}
"""What an address is called once it is enrolled, and where it stands that it was verified."""


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
