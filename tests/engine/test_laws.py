"""What a sign-in must never do, tried on the engine: docs/LAWS.md names the law of each test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from flowengine.accounts.pool import FunctionInput
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import (
    CallerError,
    NotAuthorizedError,
    SpentSessionError,
    UnknownSessionError,
)
from flowengine.flow.loading import load_source
from flowengine.runtime.stored import Claimed
from flowengine.runtime.token import StepToken
from flowengine.source import SourceText
from flowengine.stores.memory import MemorySessions
from tests import planted
from tests.engine.lawful import ADDRESSES, EVERYTHING, PASSKEY, begin, say
from tests.engine.world import PASSWORD, World

# T1: what is not there lets nobody in.


@pytest.mark.parametrize("nodes", ["", "nodes: {}", "nodes: {done: {end: success}}"])
def test_a_flow_that_asks_for_nothing_signs_nobody_in(nodes: str) -> None:
    text = "flow: sign-in\nversion: 1\nauth_flows: [CUSTOM_AUTH]\nrequire: [proved.password]\n"
    source = SourceText("f", f"{text}start: done\n{nodes}\n")
    compiled, found = load_source(source)
    assert (compiled is None) == ("success" not in nodes), found
    flows = [] if compiled is None else [compiled]
    world = World()
    parts = replace(world.engine.parts, flows={each.name: each for each in flows})
    world.engine = Engine.over(
        replace(
            parts,
            clients={world.client.id: replace(world.client, auth_flows={"CUSTOM_AUTH": "sign-in"})},
        )
    )
    world.add_user()
    with pytest.raises(CallerError):
        begin(world)


# T2: what was submitted is not proved.

ASKS: Final = {
    "PASSWORD": "PASSWORD",
    "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE",
    "EMAIL_OTP": "EMAIL_OTP_CODE",
    "SMS_OTP": "SMS_OTP_CODE",
    "SMS_MFA": "SMS_MFA_CODE",
    "WEB_AUTHN": "CREDENTIAL",
    "NEW_PASSWORD_REQUIRED": "NEW_PASSWORD",
    "CUSTOM_CHALLENGE": "ANSWER",
}
"""Kinds, and the key that answers each."""
ONE: Final = """
flow: one
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {{quiz: knowledge}}
require: ['true']
start: only
nodes:
  only: {{challenge: {kind}, responses: [{keys}], {more}next: done}}
  done: {{end: success}}
"""
CUSTOM: Final = "create: {call: ask}, verify: responses.ANSWER == private.answer, evidence: quiz, "


def asked_by(kind: str) -> World:
    """Give a world in which a sign-in is one challenge."""
    more = CUSTOM if kind == "CUSTOM_CHALLENGE" else ""

    def ask() -> ChallengeParameters:
        return ChallengeParameters(public={}, private={"answer": planted.CODE})

    keys = ASKS.get(kind, "")
    functions = {"ask": ask} if more else {}
    world = World(ONE.format(kind=kind, keys=keys, more=more), EVERYTHING, functions)
    world.add_user(with_totp=True, attributes=ADDRESSES, sms_mfa=True, passkeys=PASSKEY)
    return world


@pytest.mark.parametrize("kind", [*ASKS, "MFA_SETUP"])
def test_what_was_only_submitted_proves_nothing(kind: str) -> None:
    key = ASKS.get(kind, "USERNAME")
    said: tuple[Mapping[str, str], ...] = (
        {}, {key: ""}, {key: "true"}, {key: "{}"}, {"ACTION": "continue"}, {"ANSWER": ""},
        {"proved": "true"},
    )  # fmt: skip
    for answer in said:
        world = asked_by(kind)
        responses = {"USERNAME": "alice", **answer}
        reply = begin(world)
        try:
            told = world.answer(kind, reply.session, responses)
        except CallerError:
            continue
        assert isinstance(told, ChallengeReply), answer
        assert told.challenge_name == kind
        assert kind == "CUSTOM_CHALLENGE", "only this kind is asked anew instead of refused"


ANOTHER_WAY: Final = """
flow: another-way
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password, proved.totp || proved.email]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: totp}
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    switch: {key: TRY_ANOTHER_WAY, to: [mailbox]}
    next: done
  mailbox: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""


def test_another_way_asks_for_its_own_proof_and_takes_no_other() -> None:
    """Keycloak CVE-2026-18963: the other way took a bare action for an answer."""
    world = World(ANOTHER_WAY, EVERYTHING)
    world.add_user(with_totp=True, attributes=ADDRESSES, email_mfa=True)
    first = world.sign_in_by_password()
    other = say(world, first, TRY_ANOTHER_WAY="EMAIL_OTP")
    assert isinstance(other, ChallengeReply)
    assert other.challenge_name == "EMAIL_OTP"
    code = world.delivery.messages[-1].code
    for answer in (
        {},
        {"TRY_ANOTHER_WAY": "EMAIL_OTP"},
        {"EMAIL_OTP_CODE": ""},
        {"SOFTWARE_TOKEN_MFA_CODE": world.totp_code()},
    ):
        with pytest.raises(CallerError):
            say(world, other, **answer)
    with pytest.raises(SpentSessionError):
        say(world, first, SOFTWARE_TOKEN_MFA_CODE=world.totp_code())
    with pytest.raises(UnknownSessionError):
        world.answer_totp(other)
    done = say(world, other, EMAIL_OTP_CODE=code)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "email"}


# T5: to begin again is to begin.

POLICY: Final = """
flow: by-policy
version: 1
auth_flows: [CUSTOM_AUTH]
inputs: {policy: {type: {strong: bool}}}
require: [proved.password, proved.totp || !policy.strong]
start: entry
nodes:
  entry: {choose: [{when: proved.password, goto: second}, {else: password}]}
  password: {challenge: PASSWORD, responses: [PASSWORD], next: second}
  second: {choose: [{when: policy.strong, goto: totp}, {else: done}]}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success}
"""


def test_who_begins_again_brings_nothing_and_the_policy_is_asked_again() -> None:
    """Keycloak CVE-2026-94218: a restart forgot which stronger flow the policy had chosen."""
    strong = False

    def policy(**_: object) -> dict[str, bool]:
        return {"strong": strong}

    inputs = {"policy": FunctionInput("policy")}
    world = World(POLICY, functions={"policy": policy}, inputs=inputs)
    world.add_user(with_totp=True)
    weak = begin(world)
    strong = True
    first = begin(world)
    halfway = say(world, first, PASSWORD=PASSWORD)
    again = begin(world)
    assert isinstance(halfway, ChallengeReply)
    assert [halfway.challenge_name, again.challenge_name] == ["SOFTWARE_TOKEN_MFA", "PASSWORD"]
    assert again.session not in (first.session, halfway.session)
    with pytest.raises(UnknownSessionError):  # the password of the other sign-in does not count
        world.answer_totp(again)
    second = say(world, again, PASSWORD=PASSWORD)
    assert isinstance(second, ChallengeReply), "the policy as it is now, not as it was"
    done = world.answer_totp(second)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "totp"}
    # Each goes on by what was chosen for it.
    assert isinstance(say(world, weak, PASSWORD=PASSWORD), SuccessReply)
    strong = False
    with pytest.raises(CallerError):
        say(world, halfway)


# T8: a handle is good for one step, and whoever had an older one has nothing.


def test_a_sign_in_that_somebody_prepared_is_lost_to_them_once_it_was_answered() -> None:
    """Keycloak CVE-2026-7507: a login session that an attacker had begun was adopted."""
    world = World(ANOTHER_WAY.replace("[USER_PASSWORD_AUTH]", "[CUSTOM_AUTH]"), EVERYTHING)
    world.add_user(with_totp=True, attributes=ADDRESSES)
    prepared = begin(world)
    halfway = say(world, prepared, PASSWORD=PASSWORD)  # by the user, to whom it was handed
    assert isinstance(halfway, ChallengeReply)
    assert prepared.session is not None
    assert halfway.session is not None
    assert prepared.session[-43:] != halfway.session[-43:], "the secret of each step is drawn anew"
    for answer in ({"PASSWORD": PASSWORD}, {"SOFTWARE_TOKEN_MFA_CODE": world.totp_code()}):
        for challenge in ("PASSWORD", "SOFTWARE_TOKEN_MFA"):
            with pytest.raises((SpentSessionError, UnknownSessionError)):
                world.answer(challenge, prepared.session, {"USERNAME": "alice", **answer})
    assert isinstance(world.answer_totp(halfway), SuccessReply)
    with pytest.raises(SpentSessionError):
        world.answer_totp(halfway)


# T9: what was reached is what the ledger bears out, whatever a flow or a row says.

LEVELS: Final = """
flow: levels
version: 1
auth_flows: [USER_PASSWORD_AUTH]
define: {strong: proved.password && proved.totp}
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: which}
  which: {choose: [{when: user.has.totp, goto: totp}, {else: done}]}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success, level: strong}
"""


def test_a_level_that_was_not_reached_is_not_told() -> None:
    """Keycloak CVE-2026-97176: the level that was asked for was ignored on a weaker way."""
    world = World(LEVELS)
    world.add_user()
    with pytest.raises(NotAuthorizedError):
        world.sign_in_by_password()
    world.add_user("bob", with_totp=True)
    done = world.answer_totp(world.sign_in_by_password("bob"), username="bob")
    assert isinstance(done, SuccessReply)
    assert done.level == "strong"


class Tampered(MemorySessions):
    """A store in which somebody has moved each sign-in to a later node."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    async def claim(self, token: StepToken, now: Any) -> Claimed | None:
        claimed = await super().claim(token, now)
        if claimed is None:
            return None
        record = json.dumps({**json.loads(claimed.record), "node": self._node})
        return replace(claimed, record=record, node=self._node)


def test_a_row_that_says_a_sign_in_is_further_signs_nobody_in() -> None:
    """Ory Kratos CVE-2024-45042: the level was read from a column instead of from what was done."""
    world = World(FURTHER)
    world.engine = Engine.over(replace(world.engine.parts, sessions=Tampered("totp")))
    world.add_user(with_totp=True)
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        world.answer_totp(begin(world))
    event, fields = world.notes.events[-1]
    assert (event, fields["require"]) == ("require-not-met", "proved.password")


FURTHER: Final = """
flow: further
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.password, proved.totp]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: totp}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success}
"""
