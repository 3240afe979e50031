"""Where a walk through a flow stands, and what it keeps on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from flowengine.analysis.answers import NOTHING, Answers


class Memory(Enum):
    """What a walk keeps from one condition to the next.

    Attributes:
        WHOLE: Every answer, and what is known of the facts as they were at first.
        AHEAD: Answers to what is asked again: the same nodes, with the same proved and enrolled, as
            all answers give; nothing of the beginning, of claims and of what was written.
        NONE: Nothing: more ways than there are, and no more places than nodes with what was proved.
    """

    WHOLE = auto()
    AHEAD = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One way on: the row that was taken, and its place among those of its outcome."""

    source: str
    outcome: str
    index: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands, and what it has behind it.

    Attributes:
        now: What is known of the facts as they are.
        begun: What is known of the facts as they were when the sign-in began.
        written: The facts that nodes behind it may have changed.
        claims: The branches that were decided by what the client says.
        way: The nodes behind it; two places that differ only in it are one.
    """

    node: str
    proved: frozenset[str] = frozenset()
    enrolled: frozenset[str] = frozenset()
    now: Answers = field(default=NOTHING, compare=False)
    begun: Answers = field(default=NOTHING, compare=False)
    written: frozenset[str] = frozenset()
    claims: frozenset[Step] = frozenset()
    way: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others."""
        return (self, self.now.key, self.begun.key)


class TooManyPlacesError(Exception):
    """A walk was given up."""
