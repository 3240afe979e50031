"""Replays a counter-example through ``runtime.step``: it claims nothing that the engine denies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from flowengine.accounts.device import DeviceSettings
from flowengine.accounts.pool import Client, Mfa, Pool
from flowengine.accounts.user import HAS_NAMES, UserFacts, UserStatus
from flowengine.analysis.proof.facts import EARLIER, Form, Path
from flowengine.analysis.proof.regions import STRANGER
from flowengine.analysis.proof.verdict import Counterexample, FactValue, Step
from flowengine.expr import BOOL, DOUBLE, INT, ListType, MapType, RecordType, Type
from flowengine.flow.program import CallNode, Condition, FlowProgram
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import Advance, Ended, Happened, Started, holds, step

_BEGAN = datetime(2030, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PACE = timedelta(seconds=10)

Told = Mapping[str, FactValue]


class Replay:
    """One replay.

    Attributes:
        known: The settled variables: ``pool``, ``client``.
    """

    def __init__(
        self, program: FlowProgram, example: Counterexample, known: Mapping[str, Any]
    ) -> None:
        """Begin where the counter-example begins."""
        self._program = program
        self._example = example
        self._known = known
        self._requests = 0
        self._record = self._beginning()
        self._snapshot = self._read(example.facts)

    def breaks(self, condition: Condition) -> bool:
        """Say whether the sign-in succeeds at the end although the condition is not true."""
        advance = self._walk()
        if advance is None or not isinstance(advance.arrival, Ended):
            return False
        end = advance.arrival.end
        if end is None or not end.success or end.name != self._example.end:
            return False
        facts = self._snapshot.bindings(self._program, advance.record)
        return not holds(condition, facts)

    def refused_at(self, node: str, condition: Condition) -> bool:
        """Say whether the sign-in comes to a node and is refused by this one of its ``needs``."""
        advance = self._walk()
        if advance is None or advance.arrival != Ended(None) or not advance.trail:
            return False
        last = advance.trail[-1]
        facts = self._snapshot.bindings(self._program, advance.record)
        return last.node == node and last.outcome == "needs" and not holds(condition, facts)

    def _walk(self) -> Advance | None:
        """Take every step; None where the engine does otherwise than is claimed."""
        steps = list(self._example.steps)
        event: Started | Happened = Started(self._example.start)
        while True:
            advance = step(self._program, self._record, event, self._snapshot)
            walked = [] if isinstance(event, Started) else [steps.pop(0)]
            while steps and not steps[0].event:
                walked.append(steps.pop(0))
            taken = [
                (each.node, each.outcome, each.target)
                for each in advance.trail
                if each.outcome != "needs" and not each.failed
            ]
            if taken[: len(walked)] != [(s.node, s.outcome, s.target) for s in walked]:
                return None
            if not steps:
                return advance if len(taken) == len(walked) else None
            self._record = advance.record
            if isinstance(advance.arrival, Ended) or self._record.node != steps[0].node:
                return None
            event = self._happens(steps[0])

    def _happens(self, taken: Step) -> Happened:
        """Give the event of a step, and read the world anew where a request begins."""
        node = self._program.nodes[taken.node]
        if taken.request:
            self._requests += 1
            self._snapshot = self._read(taken.values)
            self._record = _on_device(self._record, taken.values)
        if isinstance(node, CallNode) and node.save is not None and taken.outcome == "returned":
            value = _saved(node, taken.values)
            kept = MappingProxyType({**self._record.vars, node.save: value})
            self._record = replace(self._record, vars=kept)
        now = self._snapshot.request.time
        proved = {name: self._record.ledger.proved.get(name, now) for name in taken.proved}
        ledger = replace(
            self._record.ledger, proved=MappingProxyType(proved), enrolled=taken.enrolled
        )
        return Happened(taken.outcome, ledger, _user(taken.values))

    def _beginning(self) -> SignInRecord:
        example, told = self._example, self._example.facts
        parameters = {
            each.path[2]: _string(told, each.path)
            for each in told.values()
            if each.path[:2] == ("auth_flow", "parameters") and each.value is True
            if each.form is Form.PRESENCE
        }
        record = SignInRecord(
            flow=self._program.name,
            digest=self._program.digest,
            pool="",
            client="",
            auth_flow=example.auth_flow,
            user=_user(told),
            stamp="",
            ledger=Ledger(
                decoy=False,
                proved=MappingProxyType(dict.fromkeys(_true(told, "proved"), _BEGAN)),
                earlier=MappingProxyType(dict.fromkeys(_true(told, EARLIER), _BEGAN)),
            ),
            started_at=_BEGAN,
            issued_at=_BEGAN,
            event_id="",
            parameters=parameters,
            target_levels=tuple(
                each.path[2]
                for each in told.values()
                if each.path[:2] == ("auth_flow", "target") and each.value is True
            ),
            inputs={
                name: _made(declared.type, (name,), told)
                for name, declared in self._program.inputs.items()
            },
        )
        return _on_device(record, told)

    def _read(self, told: Told) -> Snapshot:
        request = RequestFacts(
            time=self._time(told),
            ip=_value(told, ("request", "ip"), default=""),
            user_agent=_value(told, ("request", "user_agent"), default=""),
            context_ip=_value(told, ("request", "context", "ip"), default=""),
            context_data=_value(told, ("request", "context", "data"), default=""),
            metadata=_mapping(told, ("request", "metadata")),
        )
        pool, client = self._known.get("pool"), self._known.get("client")
        return Snapshot(
            pool=_pool(told) if pool is None else _known_pool(pool),
            client=Client(
                id=_value(told, ("client", "id"), default="") if client is None else client["id"],
                name=_value(told, ("client", "name"), default="")
                if client is None
                else client["name"],
                pool_id="",
            ),
            request=request,
            attempts=_value(told, ("session", "attempts"), default=1),
            responses={**_mapping(told, ("responses",)), **_required(told, "responses")},
        )

    def _time(self, told: Told) -> datetime:
        written = _value(told, ("request", "time"), default=None)
        if written is None:
            return _BEGAN + self._requests * _PACE
        return _EPOCH + timedelta(microseconds=written // 1000)


def _on_device(record: SignInRecord, told: Told) -> SignInRecord:
    named = _value(told, ("device", "named"), default=False)
    remembered = _value(told, ("device", "remembered"), default=False)
    return replace(record, device_key="key" if named else "", device_remembered=remembered)


def _value(told: Told, path: Path, *, default: Any) -> Any:  # noqa: ANN401 - a fact's value
    for each in told.values():
        if each.form is Form.VALUE and each.path == path:
            return each.value
    return default


def _true(told: Told, root: str) -> Iterator[str]:
    for each in told.values():
        if each.form is Form.VALUE and each.path[:1] == (root,) and each.value is True:
            yield each.path[1]


def _string(told: Told, path: Path) -> str:
    return str(_value(told, path, default="other"))


def _members(told: Told, path: Path) -> tuple[str, ...]:
    return tuple(
        "other" if each.member is STRANGER else each.member
        for each in told.values()
        if each.form is Form.MEMBER and each.path == path and each.value is True
    )


def _mapping(told: Told, path: Path) -> dict[str, str]:
    depth = len(path)
    there = {
        each.path[depth]
        for each in told.values()
        if each.form is Form.PRESENCE and each.path[:depth] == path and each.value is True
    }
    return {key: _string(told, (*path, key)) for key in there}


def _required(told: Told, root: str) -> dict[str, str]:
    """Give the values of fields that are always there, and so have no presence of their own."""
    optional = {each.path for each in told.values() if each.form is Form.PRESENCE}
    return {
        each.path[1]: str(each.value)
        for each in told.values()
        if each.form is Form.VALUE and each.path[:1] == (root,) and each.path not in optional
    }


def _user(told: Told) -> UserFacts:
    def value(*path: str, default: Any) -> Any:  # noqa: ANN401 - a fact's value
        return _value(told, ("user", *path), default=default)

    return UserFacts(
        username=value("username", default="user"),
        sub=value("sub", default="sub"),
        status=UserStatus(value("status", default="CONFIRMED")),
        enabled=value("enabled", default=True),
        exists=value("exists", default=True),
        groups=_members(told, ("user", "groups")),
        has=frozenset(name for name in HAS_NAMES if value("has", name, default=False)),
        prefers=value("prefers", default=""),
        email_verified=value("verified", "email", default=False),
        phone_verified=value("verified", "phone", default=False),
        attributes=_mapping(told, ("user", "attributes")),
    )


def _pool(told: Told) -> Pool:
    challenged = _value(told, ("pool", "device_challenge"), default=False)
    return Pool(
        id=_value(told, ("pool", "id"), default=""),
        name=_value(told, ("pool", "name"), default=""),
        mfa=Mfa(_value(told, ("pool", "mfa"), default="optional")),
        mfa_methods=_members(told, ("pool", "mfa_methods")),
        devices=DeviceSettings(challenge_on_new=True) if challenged else None,
    )


def _known_pool(known: Mapping[str, Any]) -> Pool:
    challenged = known["device_challenge"]
    return Pool(
        id=known["id"],
        name=known["name"],
        mfa=Mfa(known["mfa"]),
        mfa_methods=tuple(known["mfa_methods"]),
        devices=DeviceSettings(challenge_on_new=True) if challenged else None,
    )


def _saved(node: CallNode, told: Told) -> Any:  # noqa: ANN401 - JSON
    site, _, name = (node.save or "").rpartition("/")
    if node.returns is None:
        return None
    return _made(node.returns, (f"{site}/vars" if site else "vars", name), told)


def _made(type_: Type, path: Path, told: Told) -> Any:  # noqa: ANN401 - a value of the type
    """Make a value of a type that has what is told of it; the rest is the type's simplest."""
    match type_:
        case RecordType(_, fields):
            return {n: _made(field.type, (*path, n), told) for n, field in fields.items()}
        case ListType():
            return list(_members(told, path))
        case MapType():
            return _mapping(told, path)
        case _:
            plain: dict[Type, Any] = {BOOL: False, INT: 0, DOUBLE: 0.0}
            return _value(told, path, default=plain.get(type_, ""))
