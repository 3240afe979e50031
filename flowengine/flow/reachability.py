"""Which nodes a flow can come to, over arrows whatever their guards say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from flowengine.flow.machine import FAILED, RETURNED, Row

DECISIONS = frozenset({"decide", "none", RETURNED, FAILED})
"""The outcomes of nodes that go on without asking anybody."""


def reachable(table: Iterable[Row], *starts: str) -> frozenset[str]:
    """Give all states that can be come to from the starts, themselves included."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for row in table:
        arrows[row.source].add(row.target)
    return _closure(arrows, starts)


def leading_to(table: Iterable[Row], ends: Iterable[str]) -> frozenset[str]:
    """Give all states from which one of the ends can be come to, the ends included."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for row in table:
        arrows[row.target].add(row.source)
    return _closure(arrows, ends)


def _closure(arrows: dict[str, set[str]], starts: Iterable[str]) -> frozenset[str]:
    found, waiting = set(starts), list(starts)
    while waiting:
        for target in arrows.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)


def decision_loop(table: Iterable[Row]) -> tuple[str, ...] | None:
    """Find a loop that runs through decisions only, or None."""
    arrows: dict[str, list[str]] = defaultdict(list)
    for row in table:
        if row.outcome in DECISIONS:
            arrows[row.source].append(row.target)
    done: set[str] = set()
    for start in list(arrows):
        path: list[str] = []
        # Each entry is a node and the targets still to be tried from it.
        stack = [(start, iter(arrows[start]))] if start not in done else []
        path = [start] if stack else []
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                path.pop()
                done.add(node)
            elif target in path:
                return tuple(path[path.index(target) :])
            elif target in arrows and target not in done:
                stack.append((target, iter(arrows[target])))
                path.append(target)
    return None
