"""Finds what a walk may forget: answers to what no node from here on asks again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from flowengine.analysis.answers import place_of
from flowengine.analysis.formulas import Formula, atoms


def live(
    asked: Mapping[str, Iterable[Formula]], arrows: Iterable[tuple[str, str]]
) -> Mapping[str, frozenset[Hashable]]:
    """Give for each node what it and those behind it ask, as ``Answers`` names it.

    Args:
        asked: What each node asks when it is entered or left.
        arrows: Each from a node to the next.
    """
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        before[target].append(source)
    found = {
        node: {place_of(atom) for whole in formulas for atom in atoms(whole)}
        for node, formulas in asked.items()
    }
    waiting = list(found)
    while waiting:
        node = waiting.pop()
        for earlier in before[node]:
            mine = found.setdefault(earlier, set())
            if not found[node] <= mine:
                mine |= found[node]
                waiting.append(earlier)
    return {node: frozenset(keys) for node, keys in found.items()}
