"""What a proof says: proved, refuted by a path, or neither, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowengine.analysis.proof.facts import Form, Path
from flowengine.expr import BOOL, DURATION, TIMESTAMP, Type
from flowengine.expr.times import write_duration, write_timestamp
from flowengine.flow.machine import Row


@dataclass(frozen=True, slots=True)
class FactValue:
    """The value that one fact has at one place of a path.

    Attributes:
        text: The fact as it is printed: ``risk.score``, ``"staff" in user.groups``.
        member: Of a list, what is or is not in it.
        value: Of a ``VALUE`` its value; else whether it is there; None for an error.
        type: Of a ``VALUE`` its type: moments and durations are nanoseconds.
    """

    form: Form
    text: str
    path: Path
    value: Any
    member: Any = None
    fresh: bool = False
    type: Type = BOOL

    def __str__(self) -> str:
        """Write it as a person reads it."""
        if self.value is None:
            return f"{self.text} has no value"
        return f"{self.text} = {self._value()}".replace("'", '"')

    def _value(self) -> str:
        """Write the value as a condition has it."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if self.form is Form.VALUE and self.type == DURATION:
            return f'duration("{write_duration(self.value)}")'
        if self.form is Form.VALUE and self.type == TIMESTAMP:
            return f'timestamp("{write_timestamp(self.value)}")'
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of a counter-example.

    Attributes:
        outcome: What happened at the node: ``proved``, ``decide``.
        position: Of the arrow among those of its outcome.
        event: Whether something had to happen; the others a walk takes by itself.
        request: Whether a request begins with it.
        values: The facts as they are when the branches are read.
        telling: Those of them that the branches up to this one read.
        proved: The ledger as it is then.
    """

    node: str
    outcome: str
    target: str
    position: int
    event: bool
    request: bool
    row: Row = field(repr=False)
    values: Mapping[str, FactValue] = field(repr=False)
    telling: tuple[FactValue, ...] = ()
    proved: frozenset[str] = frozenset()
    enrolled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A sign-in that comes where it must not.

    Attributes:
        auth_flow: The auth flow that it began by; empty where a backend began it.
        start: The node that it began at.
        facts: What holds when it begins.
        end: The node that it comes to.
        final: What the condition reads there.
    """

    auth_flow: str
    start: str
    facts: Mapping[str, FactValue] = field(repr=False)
    steps: tuple[Step, ...]
    end: str
    final: tuple[FactValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Proved:
    """No sign-in whatever breaks the condition.

    Attributes:
        rests_on: The facts that it takes to see that.
        states: How many nodes can be come to.
    """

    rests_on: tuple[str, ...]
    states: int


@dataclass(frozen=True, slots=True)
class Refuted:
    """A sign-in breaks the condition; its path was replayed through ``runtime.step``."""

    by: Counterexample


@dataclass(frozen=True, slots=True)
class Unproven:
    """Neither.

    Attributes:
        because: What stands in the way, in words.
        by: The path that may or may not be one.
        played: Whether ``runtime.step`` goes it, and whoever played it came out otherwise.
    """

    because: str
    by: Counterexample | None = None
    played: bool = False


Verdict = Proved | Refuted | Unproven
