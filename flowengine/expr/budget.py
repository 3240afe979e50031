"""Refuses expressions that can cost too much, and says which size to bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowengine.expr.cost import worst_case

if TYPE_CHECKING:
    from flowengine.expr.findings import Findings
    from flowengine.expr.typed import TypedNode


def check_cost(node: TypedNode, sizes: Mapping[str, int], budget: int, findings: Findings) -> int:
    """Report an expression that can cost more than the budget; give its cost."""
    cost, used = worst_case(node, sizes)
    if cost > budget:
        path = _dearest(node, sizes, used)
        message = f"the expression can cost {cost}, more than {budget}"
        hint = None
        if path is not None:
            message += f", as {path} can have the size {used[path]}"
            hint = _advice(node, sizes, budget, path, used[path])
        findings.add("expression-cost", node.span, message, hint)
    return cost


def _dearest(node: TypedNode, sizes: Mapping[str, int], used: Mapping[str, int]) -> str | None:
    """Find the path that would lower the cost most if it were bound to one."""
    costs = {path: worst_case(node, {**sizes, path: 1})[0] for path in used}
    return min(costs, key=lambda path: (costs[path], path), default=None)


def _advice(node: TypedNode, sizes: Mapping[str, int], budget: int, path: str, most: int) -> str:
    """Find the largest bound of a path that the budget allows."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        fits = worst_case(node, {**sizes, path: middle})[0] <= budget
        low, high = (middle, high) if fits else (low, middle)
    if low == 0:
        return f"declare smaller sizes, of {path} and of what is looked at beside it"
    return f"declare that the size of {path} is at most {low}"
