"""The one state machine of a flow: nodes are states, outcomes triggers, guards conditions.

A sign-in is never attached to it as a model: a ``Walk`` carries the state of one request.
``event_cls`` and ``transition_cls`` are ours, so that an event costs a look-up and its
guards and not the stock machinery of callbacks, names and log lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transitions import Event, Machine, MachineError, Transition

from flowengine.errors import EvaluationError
from flowengine.expr import Program
from flowengine.flow.targets import AGAIN

OFFERED = "offered "
"""Begins the outcome of a choice; the challenge's name follows."""

SWITCHED = "switched "
"""Begins the outcome of a switch; the challenge's name follows."""

RETURNED = "returned"
FAILED = "failed"
"""The outcomes of a call: it gave what it declares, or anything else."""

RESENT = "resent"
"""The outcome of a request for a new code."""

Guard = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One arrow: on this outcome, from here to there, if the guard is true.

    Attributes:
        outcome: ``proved``, ``wrong``, ``exhausted``, ``expired``, ``denied``,
            ``unavailable``; ``decide`` for a decision; ``returned`` or ``failed`` for a call.
        text: The guard as written; None for an arrow without one.
        program: The guard as it was compiled, for whoever asks what it reads.
    """

    outcome: str
    source: str
    target: str
    text: str | None = None
    guard: Guard | None = field(default=None, repr=False)
    program: Program | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """How one event was decided, for the audit and for people.

    Attributes:
        target: None where nothing was true, or the guard ``text`` had no value.
        text: The guard that was true, or that failed; None for an arrow without one.
        failed: Whether that guard raised.
    """

    node: str
    outcome: str
    target: str | None
    text: str | None = None
    failed: bool = False


class Walk:
    """Where one request stands in the machine: the model that is never attached."""

    __slots__ = ("facts", "state", "trail")

    def __init__(self, state: str, facts: Mapping[str, Any]) -> None:
        """Begin at a node with the facts that guards read."""
        self.state = state
        self.facts = facts
        self.trail: list[Decision] = []


class FlowTransition(Transition):
    """An arrow whose only callbacks are its guards."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the signature is the library's
        """Keep the guard where one attribute look-up finds it."""
        super().__init__(*args, **kwargs)
        guards = [c.func for c in self.conditions if isinstance(c.func, LabelledGuard)]
        self.guard: LabelledGuard | None = guards[0] if guards else None
        self.target = str(self.dest)


@dataclass(frozen=True, slots=True)
class LabelledGuard:
    """A guard and the text it was written as."""

    text: str
    check: Guard

    def __call__(self, facts: Mapping[str, Any]) -> object:
        """Evaluate; only exactly True lets through."""
        return self.check(facts)


class FlowEvent(Event):
    """An outcome: the first arrow from the walk's node whose guard is true moves it."""

    def trigger(self, model: object, *_: Any, **__: Any) -> bool:  # noqa: ANN401 - the signature is the library's
        """Move the walk; False when nothing is true.

        A guard without a value ends the search: what stands behind it is not tried.

        Raises:
            MachineError: The node has no arrow of this name.
        """
        if not isinstance(model, Walk):
            raise TypeError("a flow's machine moves walks and nothing else")
        node = model.state
        arrows = self.transitions.get(node)
        if not arrows:
            message = f"no outcome {self.name!r} at {node!r}"
            raise MachineError(message)
        for arrow in arrows:
            if not isinstance(arrow, FlowTransition):
                raise TypeError("a flow's machine is made of its own transitions")
            guard = arrow.guard
            if guard is not None:
                try:
                    if guard.check(model.facts) is not True:
                        continue
                except EvaluationError:
                    model.trail.append(Decision(node, self.name, None, guard.text, failed=True))
                    return False
            model.state = arrow.target
            text = guard.text if guard is not None else None
            model.trail.append(Decision(node, self.name, arrow.target, text))
            return True
        model.trail.append(Decision(node, self.name, None))
        return False


class FlowMachine(Machine):
    """A ``transitions`` machine without models, built once for each program.

    Attributes:
        staying: The nodes at which an answer may leave the sign-in as it is.
    """

    event_cls = FlowEvent
    transition_cls = FlowTransition

    def __init__(self, states: Iterable[str], table: Sequence[Row]) -> None:
        """Build it from the table of arrows."""
        self.table = tuple(table)
        self.staying = frozenset(row.source for row in table if row.target == AGAIN)
        super().__init__(
            model=None,
            states=list(states),
            initial=None,
            auto_transitions=False,
            send_event=False,
            transitions=[
                {
                    "trigger": row.outcome,
                    "source": row.source,
                    "dest": row.target,
                    "conditions": [LabelledGuard(row.text or "", row.guard)] if row.guard else None,
                }
                for row in table
            ],
        )

    def fire(self, walk: Walk, outcome: str) -> bool:
        """Take the arrow of an outcome; False, hence deny, for all that is not one.

        "No true guard" and "no such outcome here" both deny, and both leave a trail.
        """
        event = self.events.get(outcome)
        if event is None:
            walk.trail.append(Decision(walk.state, outcome, None))
            return False
        try:
            return event.trigger(walk)
        except MachineError:
            walk.trail.append(Decision(walk.state, outcome, None))
            return False
