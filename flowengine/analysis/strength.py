"""How much ways through a flow have proved, and whether one client can choose the weaker."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from flowengine.accounts.evidence import BUILTIN_EVIDENCE, EvidenceKind
from flowengine.analysis.standing import Memory, Place, TooManyPlacesError
from flowengine.analysis.walking import Walker
from flowengine.flow.program import EndNode, FlowProgram


def kinds(program: FlowProgram, names: Iterable[str]) -> frozenset[str]:
    """Give the kinds of evidence; a name of another flow's own is a kind by itself."""
    own = program.definition.evidence
    found: set[str] = set()
    for name in names:
        if name in BUILTIN_EVIDENCE:
            found |= {kind.value for kind in BUILTIN_EVIDENCE[name]}
        else:
            found.add(own[name].text if name in own else name)
    return frozenset(found - {EvidenceKind.NONE.value})


def strength(program: FlowProgram, names: Iterable[str]) -> int:
    """Count the kinds of factor: what a thief would have to come by."""
    return len(kinds(program, names))


class Same:
    """A program as a key: by identity, since its tables have no hash."""

    __slots__ = ("program",)

    def __init__(self, program: FlowProgram) -> None:
        self.program = program

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.program is other.program

    def __hash__(self) -> int:
        return hash(self.program.digest)


def places(program: FlowProgram, door: str) -> tuple[Place, ...] | None:
    """Give every place that a sign-in by a door can come to; None where there are too many."""
    return _places(Same(program), door)


def successes(program: FlowProgram, door: str) -> tuple[Place, ...] | None:
    """Give the places among them that are successes."""
    found = places(program, door)
    return None if found is None else tuple(p for p in found if is_success(program, p))


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a sign-in can come to, with what it has proved and enrolled there; no more is told.

    Attributes:
        is_exact: Whether conditions were taken together; else there may be more than can be.
        given_up: Whether there is too much that may have been proved, and no place is known.
    """

    places: tuple[Place, ...]
    is_exact: bool
    given_up: bool = False

    def successes(self, program: FlowProgram) -> tuple[Place, ...]:
        """Give those that are successes."""
        return tuple(place for place in self.places if is_success(program, place))


def reached(program: FlowProgram, door: str) -> Reached:
    """Find where a sign-in by a door can come to."""
    return _reached(Same(program), door)


def is_success(program: FlowProgram, place: Place) -> bool:
    """Say whether a place is a success."""
    node = program.nodes.get(place.node)
    return isinstance(node, EndNode) and node.success


@lru_cache(maxsize=16)
def _places(same: Same, door: str) -> tuple[Place, ...] | None:
    """Walk once for all rules that ask; the last few programs are kept."""
    try:
        return tuple(Walker(same.program).places(door))
    except TooManyPlacesError:
        return None


@lru_cache(maxsize=16)
def _reached(same: Same, door: str) -> Reached:
    """Walk once for all rules that ask, as above."""
    try:
        return Reached(_found(same, door, Memory.AHEAD), is_exact=True)
    except TooManyPlacesError:
        pass
    try:
        return Reached(_found(same, door, Memory.NONE), is_exact=False)
    except TooManyPlacesError:
        return Reached((), is_exact=False, given_up=True)


def _found(same: Same, door: str, memory: Memory) -> tuple[Place, ...]:
    return tuple(Walker(same.program, memory=memory).places(door))


def weaker(
    mine: tuple[FlowProgram, Collection[Place]], others: tuple[FlowProgram, Collection[Place]]
) -> tuple[Place, Place] | None:
    """Find facts under which the weakest of mine is weaker than every other.

    Returns:
        One of mine and one of the others that the same facts lead to, or None.
    """
    counted = [(place, strength(others[0], place.proved)) for place in others[1]]
    most = max((number for _, number in counted), default=0)
    for place in _distinct(mine):
        least = strength(mine[0], place.proved)
        if least >= most:
            continue
        weak = [o for o, n in counted if n <= least and o.begun.agrees(place.begun)]
        for other, number in counted:
            if number <= least or not other.begun.agrees(place.begun):
                continue
            if not any(each.begun.agrees(other.begun) for each in weak):
                return place, other
    return None


def _distinct(mine: tuple[FlowProgram, Collection[Place]]) -> list[Place]:
    found = {(p.begun.key, strength(mine[0], p.proved)): p for p in mine[1]}
    return list(found.values())


def worded(names: Iterable[str]) -> str:
    """Name what was proved: ``password and totp``."""
    words = sorted(names)
    return " and ".join(words) if words else "nothing"
