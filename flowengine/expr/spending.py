"""One budget for many evaluations, such as all those of one step of a sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowengine.errors import CostExceededError
from flowengine.expr.cost import BUDGET

if TYPE_CHECKING:
    from flowengine.expr.compiler import Run

SHARED_BUDGET = 100 * BUDGET
"""What all evaluations over the same bindings may cost together, in units of cel-go."""

_TENTHS = 10


class BudgetedBindings(dict[str, Any]):
    """Bindings over which all evaluations together have one budget; one thread's.

    What has no loop costs what was found when it was compiled; a loop costs what it did.

    Attributes:
        left: What is left of the budget, in tenths of a unit; below zero it is spent.
    """

    __slots__ = ("left",)

    left: int

    def __init__(self, bindings: Mapping[str, Any], budget: int = SHARED_BUDGET) -> None:
        """Take the bindings; nothing is spent yet."""
        super().__init__(bindings)
        self.left = budget * _TENTHS

    @property
    def exhausted(self) -> bool:
        """Whether an evaluation was ended as the budget was spent; each one after it is, too."""
        return self.left < 0


def granted(bindings: object, most: int) -> int:
    """Give what an evaluation may spend, in tenths: never more than its bindings have left."""
    return min(most, bindings.left) if isinstance(bindings, BudgetedBindings) else most


def settle(bindings: object, most: int, left: int) -> None:
    """Take what an evaluation has spent, which began with ``most``, from its bindings' budget."""
    if isinstance(bindings, BudgetedBindings):
        bindings.left -= min(most, bindings.left) - left


def counted(run: Run, fixed_cost: int) -> Run:
    """Make an evaluation count against the budget of its bindings, where they have one.

    It raises CostExceededError, an EvaluationError, where that is spent.

    Args:
        fixed_cost: What it costs beside its loops, in units.
    """
    fixed = fixed_cost * _TENTHS

    def evaluate(bindings: Mapping[str, object]) -> object:
        if isinstance(bindings, BudgetedBindings):
            bindings.left -= fixed
            if bindings.left < 0:
                raise CostExceededError("the evaluations cost more than their budget")
        return run(bindings)

    return evaluate
