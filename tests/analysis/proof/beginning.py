"""How sign-ins of a drawn flow begin: at each of its doors, and by a backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.user import UserFacts
from flowengine.flow.program import DoorProgram, FlowProgram
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from tests.analysis.proof.domains import BEGAN, TARGET, USER_AUTH

FACTORS: Final = ("totp", "sms", "email", "passkey", "password")


def beginnings(
    program: FlowProgram, facts: Mapping[str, Any], *, asked: bool
) -> Iterator[tuple[str, SignInRecord]]:
    """Give the nodes at which a sign-in may begin with some facts, each with its record.

    Args:
        asked: Whether the flow reads which levels are asked for.
    """
    if not facts["DEVICE_KEY"] and not facts["device"][0] and not facts[TARGET]:
        yield program.start, _record(program, "", facts)  # a backend says what was proved before
    for door in program.doors.values():
        takes_device = any(rule.key == "DEVICE_KEY" for rule in door.parameters)
        if facts["DEVICE_KEY"] and not takes_device:
            continue
        if facts["device"][0] and not facts["DEVICE_KEY"]:
            continue
        if facts[TARGET] and door.name != USER_AUTH:
            continue
        yield from _at_door(door, _record(program, door.name, facts), facts, asked=asked)


def _at_door(
    door: DoorProgram, record: SignInRecord, facts: Mapping[str, Any], *, asked: bool
) -> Iterator[tuple[str, SignInRecord]]:
    must = asked and door.name == USER_AUTH  # who brings a token asks for a level
    if door.token_start is not None and (facts[TARGET] or not must):
        yield door.token_start, record
    if door.continues or facts["earlier"]:
        return  # only a token tells what was proved before
    if not door.names_user:
        yield door.start, replace(record, named=False, ledger=Ledger(decoy=True))
        return
    yield door.start, record
    for name in ("email", "sms") if door.after_sign_up else ():
        confirmed = MappingProxyType({name: facts["request.time"]})
        yield (
            door.after_sign_up or "",
            replace(record, ledger=Ledger(decoy=False, proved=confirmed)),
        )


def user_of(facts: Mapping[str, Any]) -> UserFacts:
    """Give the user that some facts are of."""
    return UserFacts(
        username=facts["user.username"],
        sub="sub",
        status=facts["user.status"],
        groups=facts["user.groups"],
        has=frozenset(name for name in FACTORS if facts[f"user.has.{name}"]),
        prefers=facts["user.prefers"],
        attributes=facts["user.attributes"],
    )


def _record(program: FlowProgram, door: str, facts: Mapping[str, Any]) -> SignInRecord:
    return SignInRecord(
        flow=program.name,
        digest=program.digest,
        pool="",
        client="",
        auth_flow=door,
        user=user_of(facts),
        stamp="",
        ledger=Ledger(decoy=False, earlier=facts["earlier"]),
        started_at=BEGAN,
        issued_at=BEGAN,
        event_id="",
        parameters={"DEVICE_KEY": "key"} if facts["DEVICE_KEY"] else {},
        inputs={
            **{name: facts[name] for name in ("n", "k", "d", "tags")},
            "words": list(facts["words"]),
        },
        target_levels=("high",) if facts[TARGET] else (),
        device_key=facts["device"][0],
        device_remembered=facts["device"][1],
    )
