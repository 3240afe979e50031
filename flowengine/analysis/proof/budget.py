"""How much a solver may do before a question is given up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

EFFORT: Final = 4_000_000
"""Steps that a question may take: some five seconds of z3 as it is used here.

They are counted, not timed, so that the same is said on every machine.
"""


class EffortError(Exception):
    """A question takes more steps than it may."""


@dataclass(slots=True)
class Budget:
    """What one question may take.

    Attributes:
        effort: Steps of the solver in all.
        left: Those that are left.
    """

    effort: int = EFFORT
    left: int = field(init=False)

    def __post_init__(self) -> None:
        """Begin with all of them."""
        self.left = self.effort

    def spend(self, steps: int) -> None:
        """Take steps off.

        Raises:
            EffortError: There are not as many left.
        """
        self.left -= steps
        if self.left <= 0:
            raise EffortError
