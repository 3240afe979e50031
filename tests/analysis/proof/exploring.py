"""Explores a flow to the end by nothing but the pure ``step``: the oracle of the prover.

It knows of no diagrams: facts have a few values each, with one to spare beyond every literal that
the drawn conditions compare them with, and every combination of them is tried.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserFacts, UserStatus
from flowengine.challenges.offers import SELECT_MFA_TYPE, Offer, has_challenge
from flowengine.flow.machine import Decision
from flowengine.flow.program import CallNode, ChallengeNode, FlowProgram
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import Advance, Asks, Calls, Ended, Happened, Started, holds, step
from tests.analysis.proof.beginning import FACTORS, beginnings, user_of
from tests.analysis.proof.domains import TARGET
from tests.analysis.proof.writing import told_names, written_by

SOAK: Final = os.environ.get("FLOWENGINE_SOAK") == "1"
STEPS: Final = 20_000 if SOAK else 500
"""Reachable steps past which a flow is passed over."""


class TooManyStepsError(Exception):
    """The flow is too large to be explored."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The shortest ways on which something breaks, in arrows, from each auth flow; "": a backend.

    Attributes:
        require: By the auth flow and the position of the condition.
        needs: By the auth flow, the node and its condition.
        happened: What did: somebody was ``named``, a sign-in was ``continued``, a factor that was
            ``made`` was asked for.
        came: Where sign-ins are asked: the auth flow, the node, what was proved and enrolled.
    """

    require: dict[tuple[str, int], int] = field(default_factory=dict)
    needs: dict[tuple[str, str, str], int] = field(default_factory=dict)
    happened: set[str] = field(default_factory=set)
    came: set[tuple[str, str, frozenset[str], frozenset[str]]] = field(default_factory=set)


def explore(
    program: FlowProgram, domains: Mapping[str, tuple[Any, ...]], most: int = STEPS
) -> Broken:
    """Find the shortest violation of each condition, over everything that can happen.

    Raises:
        TooManyStepsError: There is more of it than ``most``.
    """
    explorer = _Explorer(program, domains, most)
    explorer.run()
    return explorer.broken


class _Explorer:
    """One exploration, nearest states first."""

    def __init__(
        self, program: FlowProgram, domains: Mapping[str, tuple[Any, ...]], most: int
    ) -> None:
        self._program = program
        self._domains = domains
        self.broken = Broken()
        self._nearest: dict[Any, int] = {}
        self._asked_at: dict[Any, int] = {}
        self._waiting: list[tuple[int, int, SignInRecord, Any, Snapshot]] = []
        self._order = itertools.count()
        self._most = most
        self._counts = len(domains["counts"]) > 1
        self._told = told_names(program)

    def run(self) -> None:
        """Try everything."""
        if math.prod(map(len, self._domains.values())) > self._most:
            raise TooManyStepsError
        asked = len(self._domains[TARGET]) > 1
        for facts in filter(self._lets_in, self._valuations()):
            for node, record in beginnings(self._program, facts, asked=asked):
                if not record.named and self._has_user(facts):
                    continue  # whose it is will be seen
                self._add(0, record, Started(node), _snapshot(facts))
                if record.auth_flow and record.ledger.earlier:
                    self.broken.happened.add("continued")
        while self._waiting:
            length, _, record, event, snapshot = heapq.heappop(self._waiting)
            advance = step(self._program, record, event, snapshot)
            self._follow(length, advance, snapshot)

    def _lets_in(self, facts: Mapping[str, Any]) -> bool:
        """Say whether the engine lets a user in anywhere: not one of a directory, unconfirmed."""
        confirmed = facts["user.status"] is not UserStatus.UNCONFIRMED
        return confirmed or not self._program.needs_directory

    def _has_user(self, facts: Mapping[str, Any]) -> bool:
        """Say whether something of the user, or of a device, is not as it is at first."""
        own = [name for name in self._domains if name.startswith(("user.", "device"))]
        return any(facts[name] is not self._domains[name][0] for name in own)

    def _add(
        self, length: int, record: SignInRecord, event: Started | Happened, snapshot: Snapshot
    ) -> None:
        happened: object = event.node if isinstance(event, Started) else event.outcome
        after = record if isinstance(event, Started) else event
        who = (_who(record.ledger, record.user), _who(after.ledger, after.user))
        key = (self._where(record), who, happened, _told(snapshot))
        if length < self._nearest.get(key, length + 1):
            self._nearest[key] = length
            if len(self._nearest) > self._most:
                raise TooManyStepsError
            heapq.heappush(self._waiting, (length, next(self._order), record, event, snapshot))

    def _follow(self, length: int, advance: Advance, snapshot: Snapshot) -> None:
        length += sum(1 for each in advance.trail if each.target is not None)
        record, arrival = advance.record, advance.arrival
        match arrival:
            case Ended():
                self._ended(length, record, arrival, advance.trail, snapshot)
            case Calls(node):
                for event, after in self._called(record, node):
                    self._add(length, after, event, snapshot)
            case Asks(node):
                proved, enrolled = frozenset(record.ledger.proved), record.ledger.enrolled
                self.broken.came.add((record.auth_flow, node.name, proved, enrolled))
                self._add(
                    length, record, Happened("unavailable", record.ledger, record.user), snapshot
                )
                if self._nearer(length, record, snapshot.pool):
                    self._asked(length, record, node, snapshot.pool)

    def _where(self, record: SignInRecord) -> tuple[object, ...]:
        """Give all of a record but its user that can matter again."""
        return (
            record.auth_flow,
            record.named,
            record.node,
            bool(record.device_key),
            record.device_remembered,
            min(record.steps, 3) if self._counts else 0,
            *record.parameters,
            *record.target_levels,
            repr(record.inputs),
            *((name, *value.values()) for name, value in record.vars.items()),
        )

    def _nearer(self, length: int, record: SignInRecord, pool: Pool) -> bool:
        who = _who(record.ledger, record.user)
        key = (self._where(record), who, pool.mfa, pool.mfa_methods)
        if length >= self._asked_at.get(key, length + 1):
            return False
        self._asked_at[key] = length
        return True

    def _ended(
        self,
        length: int,
        record: SignInRecord,
        ended: Ended,
        trail: tuple[Decision, ...],
        snapshot: Snapshot,
    ) -> None:
        facts = snapshot.bindings(self._program, record)
        if trail and trail[-1].outcome == "needs":
            for condition in self._program.nodes[trail[-1].node].needs:
                if not holds(condition, facts):
                    key = (record.auth_flow, trail[-1].node, condition.text)
                    self.broken.needs[key] = min(length, self.broken.needs.get(key, length))
        if ended.end is None or not ended.end.success:
            return
        for number, condition in enumerate(self._program.require):
            if not holds(condition, facts):
                known = self.broken.require.get((record.auth_flow, number), length)
                self.broken.require[record.auth_flow, number] = min(length, known)

    def _called(
        self, record: SignInRecord, node: CallNode
    ) -> Iterator[tuple[Happened, SignInRecord]]:
        yield Happened("failed", record.ledger, record.user), record
        for value in self._domains["vars.c"]:
            saved = replace(record, vars=MappingProxyType({**record.vars, node.save or "": value}))
            yield Happened("returned", record.ledger, record.user), saved

    def _asked(self, length: int, record: SignInRecord, node: ChallengeNode, pool: Pool) -> None:
        for fresh in self._valuations("request", "session"):
            snapshot = replace(_snapshot(fresh), pool=pool)
            for after in self._on_devices(record):
                for outcome, ledger, user in self._happenings(after, node, snapshot):
                    self._add(length, after, Happened(outcome, ledger, user), snapshot)
            for after in self._somebodys(record):
                self.broken.happened.add("named")
                for outcome, ledger, user in self._changed("proved", after, node, snapshot):
                    self._add(length, after, Happened(outcome, ledger, user), snapshot)

    def _somebodys(self, record: SignInRecord) -> Iterator[SignInRecord]:
        """Give a record as an answer may leave it that names its user: anybody, on any device."""
        for facts in () if record.named else filter(self._lets_in, self._valuations("user.")):
            named = replace(record, named=True, user=user_of(facts), ledger=Ledger(decoy=False))
            yield from self._on_devices(named)

    def _on_devices(self, record: SignInRecord) -> Iterator[SignInRecord]:
        """Give a record as an answer may leave it: where it has no device, one may be named."""
        yield record
        may = record.named and not record.device_key
        for key, remembered in self._domains["device"] if may else ():
            if key:
                yield replace(record, device_key=key, device_remembered=remembered)

    def _happenings(
        self, record: SignInRecord, node: ChallengeNode, snapshot: Snapshot
    ) -> Iterator[tuple[str, Ledger, UserFacts]]:
        ledger, user = record.ledger, record.user
        facts = snapshot.bindings(self._program, record)
        if isinstance(node.settings, Offer):
            for name in node.settings.available(facts):
                yield f"offered {name}", ledger, user
            for outcome in ("exhausted", "expired", "denied"):
                yield outcome, ledger, user
            return
        for name in node.switch.to if node.switch else ():
            if not record.named or has_challenge(SELECT_MFA_TYPE, name, facts):
                yield f"switched {name}", ledger, user
        for outcome in ("wrong", "exhausted", "expired", "denied"):
            yield from self._changed(outcome, record, node, snapshot)
        if record.named:
            yield from self._changed("proved", record, node, snapshot)

    def _changed(
        self, outcome: str, record: SignInRecord, node: ChallengeNode, snapshot: Snapshot
    ) -> Iterator[tuple[str, Ledger, UserFacts]]:
        """Give what an outcome leaves of the ledger and the user, in every way."""
        ledger, kind = record.ledger, node.kind.facts.name
        proved: Ledger | None = ledger
        if outcome == "proved":
            own = [n for n in node.evidence if not self._program.makers(n) & ledger.enrolled]
            if len(own) < len(node.evidence):
                self.broken.happened.add("made")
            proved = ledger.gain(own, snapshot.request.time)
        assert proved is not None
        if kind == "MFA_SETUP":
            yield from self._enrolled(outcome, record, snapshot)
        elif kind == "NEW_PASSWORD_REQUIRED" and outcome == "proved":
            for names in written_by(node, self._told):
                proved = ledger.enrol(("password", *names))
                assert proved is not None
                for user in self._users(record.user, "user.has.", "user.attributes"):
                    yield outcome, proved, replace(user, status=UserStatus.CONFIRMED)
        else:
            yield outcome, proved, record.user

    def _enrolled(
        self, outcome: str, record: SignInRecord, snapshot: Snapshot
    ) -> Iterator[tuple[str, Ledger, UserFacts]]:
        methods = {"totp": "SOFTWARE_TOKEN_MFA", "email": "EMAIL_OTP"}
        may = [name for name, method in methods.items() if method in snapshot.pool.mfa_methods]
        if outcome != "proved":
            yield outcome, record.ledger, record.user
        for count in range(1, len(may) + 1):
            for names in itertools.combinations(may, count):
                ledger = record.ledger.enrol(names)
                assert ledger is not None
                made = ledger.enrolled - record.ledger.enrolled
                for user in self._users(record.user, "user.has.", "user.attributes"):
                    yield outcome, ledger, replace(user, has=user.has | made)

    def _users(self, user: UserFacts, *prefixes: str) -> Iterator[UserFacts]:
        for facts in self._valuations(*prefixes):
            has = frozenset(n for n in FACTORS if facts[f"user.has.{n}"])
            yield replace(user, has=has, attributes=facts["user.attributes"])

    def _valuations(self, *prefixes: str) -> Iterator[dict[str, Any]]:
        """Give every combination of values; of those without a prefix only the first."""
        chosen = [
            values if not prefixes or name.startswith(prefixes) else values[:1]
            for name, values in self._domains.items()
        ]
        for values in itertools.product(*chosen):
            yield dict(zip(self._domains, values, strict=True))


def _snapshot(facts: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        pool=Pool(id="", name="", mfa=facts["pool.mfa"], mfa_methods=facts["pool.mfa_methods"]),
        client=Client(id="", name="", pool_id=""),
        request=RequestFacts(
            time=facts["request.time"], ip=facts["request.ip"], metadata=facts["request.metadata"]
        ),
        attempts=facts["session.attempts"],
    )


def _who(ledger: Ledger, user: UserFacts) -> tuple[object, ...]:
    return (
        frozenset(ledger.proved.items()),
        frozenset(ledger.earlier.items()),
        ledger.enrolled,
        (user.username, user.status, user.groups, user.has, user.prefers),
        *user.attributes.items(),
    )


def _told(snapshot: Snapshot) -> tuple[object, ...]:
    request, pool = snapshot.request, snapshot.pool
    metadata = tuple(request.metadata.items())
    return (request.ip, request.time, metadata, snapshot.attempts, pool.mfa, pool.mfa_methods)
