"""What a flow's transition system is made of."""

from __future__ import annotations

from dataclasses import dataclass

from flowengine.flow.machine import Row


@dataclass(frozen=True, slots=True)
class Gain:
    """What may be gained, where ``where`` holds.

    Attributes:
        told: Whether that is worth a word.
        usual: Whether it is so only where it does not hold.
    """

    variable: int
    where: int
    told: bool = True
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow.

    Attributes:
        position: Of the arrow among those of its outcome at its node.
        event: Whether something has to happen for it; the others a walk takes by itself.
        request: Whether a request begins with it.
        before: What holds of the state that is left, before anything changes.
        changed: The variables that get any value, then those that ``after`` allows.
        writes: The paths that get any value beside what each request reads anew.
        gains: What may be gained besides, one after the other.
        after: What holds of the state that is come to.
    """

    source: str
    target: str
    outcome: str
    position: int
    row: Row
    event: bool
    request: bool
    before: int
    changed: frozenset[int]
    gains: tuple[Gain, ...]
    after: int
    writes: tuple[str, ...] = ()

    @property
    def touched(self) -> frozenset[int]:
        """The variables that may be others after it."""
        return self.changed.union(gain.variable for gain in self.gains)


@dataclass(frozen=True, slots=True)
class Door:
    """Where sign-ins begin.

    Attributes:
        name: The auth flow; empty for a flow that a backend begins itself.
        given: What holds at the beginning.
    """

    name: str
    node: str
    given: int
