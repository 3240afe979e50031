"""Refuses expressions that can cost too much, and says which size to bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowengine.expr.cost import worst_case

if TYPE_CHECKING:
    from flowengine.expr.findings import Findings
    from flowengine.expr.typed import TypedNode


def check_cost(
    node: TypedNode,
    sizes: Mapping[str, int],
    budget: int,
    places: Mapping[str, str] | None,
    findings: Findings,
) -> tuple[int, Mapping[str, int]]:
    """Report an expression that can cost more than the budget.

    Args:
        places: Where the size of each path is declared, in the words of whoever declares it; a
            path that is not in it has a size that nobody can change. None: the words are ours.

    Returns:
        Its cost, and the sizes that went into it, by path.
    """
    cost, used = worst_case(node, sizes)
    if cost > budget:
        path = _dearest(node, sizes, used, used if places is None else places)
        message = f"the expression can cost {cost}, more than {budget}"
        hint = None
        if path is not None:
            message += f", as {path} can have the size {used[path]}"
            place = f"the size of {path}" if places is None else places.get(path)
            hint = _advice(node, sizes, budget, path, used[path], place)
        findings.add("expression-cost", node.span, message, hint)
    return cost, used


def _dearest(
    node: TypedNode, sizes: Mapping[str, int], used: Mapping[str, int], free: Mapping[str, object]
) -> str | None:
    """Find the path that would lower the cost most if it were bound to one.

    A path whose size can be declared goes before one whose size cannot.
    """
    costs = {path: worst_case(node, {**sizes, path: 1})[0] for path in used}
    now = worst_case(node, sizes)[0]
    helpful = [path for path in used if path in free and costs[path] < now]
    return min(helpful or costs, key=lambda path: (costs[path], path), default=None)


def _advice(
    node: TypedNode,
    sizes: Mapping[str, int],
    budget: int,
    path: str,
    most: int,
    place: str | None,
) -> str:
    """Find the largest bound of a path that the budget allows."""
    if place is None:
        return f"no declaration bounds {path}: look at less of it"
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        fits = worst_case(node, {**sizes, path: middle})[0] <= budget
        low, high = (middle, high) if fits else (low, middle)
    if low == 0:
        return f"declare smaller sizes, of {path} and of what is looked at beside it"
    return f"declare that {place} is at most {low}"
