"""What stands in the way where nobody is named yet, and what is done once somebody is."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.account import SrpCredential
from flowengine.accounts.device import Device, DeviceSettings
from flowengine.accounts.pool import FunctionInput
from flowengine.engine.functions import BlockingFunctions
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.engine.triggers.registering import PoolTriggers, registered
from flowengine.errors import (
    EvaluationError,
    InvalidLambdaResponseError,
    SoftwareTokenMFANotFoundError,
    UnavailableError,
    UnknownSessionError,
)
from flowengine.flow.compiler import compile_condition
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import holds
from flowengine.runtime.token import parse_session
from tests.engine.test_naming import (
    FLOW,
    by_passkey,
    by_password,
    nobodys,
    record_of,
    switched,
    world,
)
from tests.engine.test_web_authn import PASSKEYS, options, phone
from tests.engine.world import NOW, WEB, World


def test_nobody_proves_anything_even_if_a_record_says_so() -> None:
    """What stands in the way should a flow ever come to success without a name."""
    there = world(phone())
    record = record_of(there, nobodys(there).session)
    assert record.ledger.gain(("passkey",), NOW) is None
    assert SignInRecord.from_json(record.to_json()) == record


def test_a_node_that_names_nobody_takes_no_answer_of_nobody() -> None:
    """Should a record ever come to one: whatever its ledger says, and whoever is named."""
    there = world()
    there.add_user(with_totp=True)
    asked = by_password(there, switched(there, "PASSWORD"))
    assert isinstance(asked, ChallengeReply)
    token = parse_session(asked.session or "")
    assert token is not None
    row = there.sessions._rows[token.id]
    lost = replace(record_of(there, asked.session), named=False)
    there.sessions._rows[token.id] = replace(row, now=replace(row.now, record=lost.to_json()))
    for username in ("alice", "bob"):
        with pytest.raises(UnknownSessionError):
            there.answer_totp(asked, there.totp_code(), username)


def test_a_device_is_its_users_once_they_are_named() -> None:
    alice, bob = phone(), phone("bob")
    there = world(alice, bob)
    there.pool = replace(PASSKEYS, devices=DeviceSettings())
    there.engine._parts = replace(there.engine.parts, pools={PASSKEYS.id: there.pool})
    key = "eu-west-1_0123abcd"
    credential = SrpCredential("00", 4)
    device = Device(
        PASSKEYS.id, "sub-of-alice", key, "-group", credential, "", remembered=True,
        created_at=NOW, modified_at=NOW, seen_at=NOW,
    )  # fmt: skip
    assert asyncio.run(there.devices.add(device))
    reply = nobodys(there, DEVICE_KEY=key)
    with pytest.raises(SoftwareTokenMFANotFoundError):  # asked, since the device is remembered
        by_passkey(there, reply, alice.get(options(reply)))
    reply = nobodys(there, DEVICE_KEY=key)
    assert isinstance(by_passkey(there, reply, bob.get(options(reply))), SuccessReply)


@pytest.mark.parametrize("text", ["user.enabled", "!user.has.totp", "!device.claimed"])
def test_of_nobody_nothing_is_true(text: str) -> None:
    """What stands in the way should an expression ever read a user before there is one."""
    there = world()
    record = record_of(there, nobodys(there).session)
    (program,) = there.engine.parts.flows.values()
    snapshot = Snapshot(there.pool, there.client, RequestFacts(NOW))
    condition = compile_condition(program, text)
    assert not holds(condition, snapshot.bindings(program, record))
    with pytest.raises(EvaluationError):
        condition.program.evaluate(snapshot.bindings(program, record))


def test_a_door_that_names_nobody_takes_no_input_that_is_a_function_of_the_user() -> None:
    flow = FLOW.replace("require:", "inputs:\n  risk: {type: int, default: 9}\nrequire:")
    given = {"risk": FunctionInput("risk")}
    with pytest.raises(UnavailableError, match="input risk is a function of the user"):
        World(flow, PASSKEYS, {"risk": lambda **_: 1}, inputs=given)
    there = World(flow, PASSKEYS, {"risk": lambda **_: 1})
    client = replace(there.client, inputs=given)
    there.engine._parts = replace(there.engine.parts, clients={client.id: client})
    with pytest.raises(InvalidLambdaResponseError):
        nobodys(there)


def test_pre_authentication_is_asked_once_there_is_somebody() -> None:
    asked: list[tuple[str, Any]] = []

    def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
        asked.append((event["userName"], event["request"]["validationData"]))
        return event

    alice = phone()
    there = world(alice)
    functions = BlockingFunctions(
        registered({PASSKEYS.id: PoolTriggers(pre_authentication=handler)})
    )
    there.engine._parts = replace(there.engine.parts, functions=functions)
    reply = nobodys(there)
    assert asked == []
    responses = {"CREDENTIAL": json.dumps(alice.get(options(reply)))}
    answer = RespondToAuthChallengeRequest(
        WEB, "WEB_AUTHN", reply.session, responses, client_metadata={"tab": "1"}
    )
    assert isinstance(there.engine.respond(answer), SuccessReply)
    assert asked == [("alice", {})]
