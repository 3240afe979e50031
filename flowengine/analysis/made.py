"""What a sign-in makes, which proves nothing later in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from flowengine.accounts.evidence import written_attribute
from flowengine.flow.program import ChallengeNode, FlowProgram


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


def makings(node: ChallengeNode, outcome: str, made: Iterable[str]) -> Iterator[frozenset[str]]:
    """Give all that may have been made at a node: by its answer, or by operations before that.

    Args:
        made: What is of any matter, as :func:`made_in` names it.
    """
    facts, right = node.kind.facts, outcome == "proved"
    operated = bool(facts.operations) and outcome != "unavailable"
    attributes = frozenset(written_at(node, made) if right else ())
    for enrolled in _subsets(facts.enrols if right or operated else (), least=int(right)):
        yield enrolled
        if attributes:
            yield enrolled | attributes


def _subsets(names: Sequence[str], least: int = 0) -> Iterator[frozenset[str]]:
    """Give the subsets of so many names at least, or the empty one where there are none."""
    for number in range(min(least, len(names)), len(names) + 1):
        yield from map(frozenset, combinations(names, number))
