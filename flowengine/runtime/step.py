"""The step: from where a sign-in stands and what happened to where it stands next.

Pure: no clock, no randomness, no I/O. The same record, event and snapshot give the same
advance, always. All conditions on its way have one budget, and a step beyond it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, assert_never

from flowengine.accounts.user import UserFacts
from flowengine.challenges.offers import SELECT_CHALLENGE, Offer
from flowengine.errors import EvaluationError
from flowengine.flow.machine import FAILED, OFFERED, RESENT, RETURNED, Decision, Walk
from flowengine.flow.program import (
    CallNode,
    ChallengeNode,
    ChooseNode,
    Condition,
    EndNode,
    FlowProgram,
)
from flowengine.flow.targets import AGAIN, LOCKED, REFUSED
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import HistoryEntry, SignInRecord


@dataclass(frozen=True, slots=True)
class Started:
    """The sign-in begins at this node."""

    node: str


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened at the record's node.

    Attributes:
        outcome: ``proved``, ``wrong``, ``exhausted``, ``expired``, ``denied``,
            ``unavailable``; ``resent``; ``returned`` or ``failed`` for a call; or a choice:
            ``offered SMS_MFA``, ``switched SMS_MFA``.
        ledger: The ledger with what was gained; gains come before branches are read.
        user: The facts as this answer changed them.
    """

    outcome: str
    ledger: Ledger
    user: UserFacts


@dataclass(frozen=True, slots=True)
class Asks:
    """The sign-in waits at a node whose challenge is to be issued.

    Attributes:
        available: What the user could have chosen, where a choice was made on the way.
    """

    node: ChallengeNode
    available: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """The sign-in waits for what a registered function returns."""

    node: CallNode


@dataclass(frozen=True, slots=True)
class Stays:
    """The sign-in stays where it is and nothing is sent; the same handle stays good."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The sign-in is over.

    Attributes:
        end: The end that was reached; None for ``refused`` and ``locked``.
        locked: Whether it was ``locked``.
    """

    end: EndNode | None
    locked: bool = False


ANSWERED = ("proved", "wrong", "exhausted")
"""The outcomes that an answer was compared for."""

_WITHIN = ("unavailable", RETURNED, FAILED)
"""The outcomes without a request of their own: all conditions that a request comes to read the same
number of steps."""

CLOSED = "closed"
"""The outcome that no edge is of: the engine itself refuses."""

Arrival = Asks | Calls | Stays | Ended


@dataclass(frozen=True, slots=True)
class Advance:
    """What a step comes to.

    Attributes:
        record: As it is next; unchanged where it stays.
        trail: How each branch on the way was decided.
    """

    record: SignInRecord
    arrival: Arrival
    trail: tuple[Decision, ...]


def step(
    program: FlowProgram, record: SignInRecord, event: Started | Happened, snapshot: Snapshot
) -> Advance:
    """Take one event through the machine, and on through decisions, to where it rests."""
    if isinstance(event, Happened):
        record = _after(program, record, event)
    facts = snapshot.bindings(program, record)
    match event:
        case Started(node):
            walk = Walk(node, facts)
        case Happened():
            walk = Walk(record.node, facts)
            given = program.gives(walk.state, event.outcome)
            if not program.machine.fire(walk, event.outcome if given else CLOSED):
                walk.state = REFUSED
        case _:
            assert_never(event)
    arrival = _arrive(program, walk)
    if facts.exhausted:
        arrival = Ended(None)
    if isinstance(arrival, Asks):
        now = snapshot.request.time
        record = replace(record, node=arrival.node.name, issued_at=now, asking="")
    if isinstance(arrival, Calls):
        record = _calling(record, arrival.node)
    return Advance(record, arrival, tuple(walk.trail))


def _calling(record: SignInRecord, node: CallNode) -> SignInRecord:
    """Rest at a call; what it saved before is unset until it has returned again."""
    kept = {name: value for name, value in record.vars.items() if name != node.save}
    return replace(record, node=node.name, vars=MappingProxyType(kept))


def _after(program: FlowProgram, record: SignInRecord, event: Happened) -> SignInRecord:
    node = program.nodes[record.node]
    kind = node.kind.facts.name if isinstance(node, ChallengeNode) else ""
    history = record.history
    if event.outcome in ANSWERED:
        history = (*history, HistoryEntry(kind, event.outcome == "proved", record.metadata))
    resends = record.resends
    if event.outcome == RESENT:
        resends = {**resends, record.node: resends.get(record.node, 0) + 1}
    return replace(
        record,
        resends=resends,
        ledger=event.ledger,
        user=event.user,
        steps=record.steps + (event.outcome not in _WITHIN),
        history=history,
    )


def _arrive(program: FlowProgram, walk: Walk) -> Arrival:
    """Walk on until a node rests; a walk longer than the flow has nodes is refused."""
    available: tuple[str, ...] = ()
    for _ in range(len(program.nodes) + 1):
        if walk.state == AGAIN:
            return Stays()
        node = program.nodes.get(walk.state)
        if node is None or not _may_enter(node.needs, walk):
            return Ended(None, locked=walk.state == LOCKED)
        if isinstance(node, EndNode | CallNode):
            return Calls(node) if isinstance(node, CallNode) else Ended(node)
        outcome, told = _decided(node, walk.facts)
        available = told or available
        if outcome is None and isinstance(node, ChallengeNode):
            return Asks(node, available)
        if outcome is None or not program.machine.fire(walk, outcome):
            return Ended(None)
    return Ended(None)


def _decided(
    node: ChallengeNode | ChooseNode, facts: Mapping[str, Any]
) -> tuple[str | None, tuple[str, ...]]:
    """Give the outcome of a node where nobody needs to be asked; None for one that asks.

    Beside it, what AvailableChallenges tells where the node is a menu of first factors.
    """
    if isinstance(node, ChooseNode):
        return "decide", ()
    if not isinstance(node.settings, Offer):
        return None, ()
    options = node.settings.available(facts)
    told = options if node.settings.menu == SELECT_CHALLENGE else ()
    return _chosen(node.settings, options, facts), told


def _chosen(offer: Offer, options: tuple[str, ...], facts: Mapping[str, Any]) -> str | None:
    """Give the outcome of an offer where nobody needs to be asked; None for the menu."""
    if not options:
        return "none"
    preferred = _preferred(offer, facts)
    if preferred in options:
        return f"{OFFERED}{preferred}"
    return f"{OFFERED}{options[0]}" if len(options) == 1 else None


def _preferred(offer: Offer, facts: Mapping[str, Any]) -> object:
    """Evaluate ``prefer``; without a value nothing is preferred, and the menu asks."""
    if offer.prefer is None:
        return None
    try:
        return offer.prefer.counted(facts)
    except EvaluationError:
        return None


def _may_enter(needs: tuple[Condition, ...], walk: Walk) -> bool:
    for condition in needs:
        if not holds(condition, walk.facts):
            walk.trail.append(Decision(walk.state, "needs", None, condition.text))
            return False
    return True


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Say whether a condition is true; an error is not."""
    try:
        return condition.program.counted(facts) is True
    except EvaluationError:
        return False
