"""A user without a second factor sets one up inside the sign-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.pool import Mfa
from flowengine.challenges.catalog import builtin_catalog
from flowengine.challenges.kind import Advanced, Answering
from flowengine.challenges.mfa_setup import MfaSetup
from flowengine.crypto import totp
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CallerError,
    EnableSoftwareTokenMFAError,
    ExpiredCodeError,
    ExpiredSessionError,
    InvalidParameterError,
    NotAuthorizedError,
    SoftwareTokenMFANotFoundError,
    SpentSessionError,
    UnknownSessionError,
)
from tests import planted
from tests.engine.world import POOL, WEB, World

FLOW = """
flow: enrolling
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require:
  - proved.password
  - proved.totp || enrolled.totp
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: user.has.totp
        goto: totp
      - else: set-up
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  set-up:
    challenge: MFA_SETUP
    responses: []
    attempts: 3
    needs: proved.password
    next:
      - when: user.has.totp
        goto: done
      - else: refused
  done:
    end: success
"""
APPS = replace(POOL, mfa=Mfa.REQUIRED, mfa_methods=("SOFTWARE_TOKEN_MFA",))


def begun() -> tuple[World, str]:
    world = World(FLOW, APPS)
    world.add_user()
    return world, session_of(world.sign_in_by_password())


def session_of(reply: Reply) -> str:
    assert isinstance(reply, ChallengeReply)
    assert reply.session is not None
    return reply.session


def associated(world: World, session: str) -> tuple[bytes, str]:
    done = world.engine.advance(session, "AssociateSoftwareToken")
    return totp.from_text(done.result["SecretCode"]), done.session


def verified(world: World, session: str, code: str, name: str = "my app") -> str:
    members = {"UserCode": code, "FriendlyDeviceName": name}
    done = world.engine.advance(session, "VerifySoftwareToken", members)
    assert done.result == {"Status": "SUCCESS"}
    return done.session


def code_of(world: World, secret: bytes, periods: int = 0) -> str:
    return totp.code(secret, totp.counter_at(world.clock.now()) + periods)


def wrong_code(world: World, secret: bytes) -> str:
    right = {code_of(world, secret, periods) for periods in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


def mismatch(world: World, session: str, secret: bytes) -> None:
    wrong = refusal(verified, world, session, wrong_code(world, secret))
    assert isinstance(wrong, EnableSoftwareTokenMFAError)


def finish(world: World, session: str, username: str = "alice") -> Reply:
    return world.answer("MFA_SETUP", session, {"USERNAME": username})


def refusal(call: Callable[..., Any], *arguments: Any) -> CallerError:
    with pytest.raises(CallerError) as error:
        call(*arguments)
    return error.value


def test_the_client_is_told_what_can_be_set_up() -> None:
    world = World(FLOW, APPS)
    world.add_user()
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "MFA_SETUP"
    assert json.loads(reply.challenge_parameters["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]
    assert reply.challenge_parameters["USER_ID_FOR_SRP"] == "alice"


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in() -> None:
    world, session = begun()
    stamp = world.find().stamp
    secret, session = associated(world, session)
    assert world.find().totp is None
    session = verified(world, session, code_of(world, secret))
    factor = world.find().totp
    assert factor is not None
    assert (factor.secret, factor.active, factor.name) == (secret, True, "my app")
    assert world.find().stamp != stamp
    done = finish(world, session)
    assert isinstance(done, SuccessReply)
    assert list(done.proved) == ["password"]
    asked = world.sign_in_by_password()
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "SOFTWARE_TOKEN_MFA"
    refused = refusal(world.answer_totp, asked, code_of(world, secret))
    assert isinstance(refused, ExpiredCodeError), "the code that verified the app was spent"
    assert isinstance(world.answer_totp(asked, code_of(world, secret, 1)), SuccessReply)


@pytest.mark.parametrize("after", ["nothing", "association"])
def test_an_answer_before_an_app_was_verified_is_refused_and_costs_nothing(after: str) -> None:
    world, session = begun()
    if after == "association":
        _, session = associated(world, session)
    for _ in range(5):
        assert isinstance(refusal(finish, world, session), UnknownSessionError)
    assert world.find().totp is None
    secret, session = associated(world, session)
    session = verified(world, session, code_of(world, secret))
    assert isinstance(finish(world, session), SuccessReply)


def test_each_operation_has_a_session_of_its_own_and_ends_the_one_before() -> None:
    world, first = begun()
    secret, second = associated(world, first)
    assert isinstance(refusal(associated, world, first), SpentSessionError)
    assert isinstance(refusal(finish, world, first), SpentSessionError)
    third = verified(world, second, code_of(world, secret))
    spent = refusal(verified, world, second, code_of(world, secret, 1))
    assert isinstance(spent, SpentSessionError)
    assert isinstance(refusal(finish, world, second), SpentSessionError)
    assert isinstance(finish(world, third), SuccessReply)
    assert isinstance(refusal(associated, world, third), SpentSessionError)


def test_a_factor_that_was_made_in_a_sign_in_proves_nothing_in_it() -> None:
    """Keycloak CVE-2023-3597: who has the password alone makes a second factor and uses it."""
    asked_at_once = FLOW.replace("proved.totp || enrolled.totp", "proved.totp").replace(
        "      - when: user.has.totp\n        goto: done\n", "      - when: user.has.totp\n"
        "        goto: totp\n"
    )  # fmt: skip
    world = World(asked_at_once, APPS)
    world.add_user()
    secret, session = associated(world, session_of(world.sign_in_by_password()))
    session = verified(world, session, code_of(world, secret))
    asked = finish(world, session)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "SOFTWARE_TOKEN_MFA"
    refused = refusal(world.answer_totp, asked, code_of(world, secret, 1))
    assert isinstance(refused, NotAuthorizedError)
    assert world.notes.events[-1][0] == "require-not-met"
    world.clock.advance(timedelta(minutes=2))
    asked = world.sign_in_by_password()
    done = world.answer_totp(asked, code_of(world, secret))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "totp"}


def test_a_password_that_was_chosen_in_a_sign_in_proves_nothing_in_it() -> None:
    """authentik CVE-2022-46145: settings could be run without a login."""
    settings = """
flow: settings
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.password]
start: settings
nodes:
  settings: {challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: password}
  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
    world = World(settings)
    world.add_user()
    told = []
    for name in ("alice", "nobody"):
        begun = InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": name})
        reply = world.engine.initiate(begun)
        chosen = {"USERNAME": name, "NEW_PASSWORD": planted.OTHER_PASSWORD}
        asked = world.answer("NEW_PASSWORD_REQUIRED", session_of(reply), chosen)
        answer = {"USERNAME": name, "PASSWORD": planted.OTHER_PASSWORD}
        refused = refusal(world.answer, "PASSWORD", session_of(asked), answer)
        assert isinstance(refused, NotAuthorizedError)
        told.append(str(refused))
    assert told[0] == told[1]
    assert ("require-not-met", "proved.password") in [
        (event, fields.get("require")) for event, fields in world.notes.events
    ]


def test_the_newest_secret_is_the_one_that_counts() -> None:
    world, session = begun()
    old, session = associated(world, session)
    new, session = associated(world, session)
    wrong = refusal(verified, world, session, code_of(world, old))
    assert isinstance(wrong, EnableSoftwareTokenMFAError)
    assert verified(world, session, code_of(world, new))


def test_a_code_without_a_secret_is_refused_and_costs_nothing() -> None:
    world, session = begun()
    for _ in range(5):
        refused = refusal(verified, world, session, "123456")
        assert isinstance(refused, SoftwareTokenMFANotFoundError)
    assert associated(world, session)


def test_wrong_codes_use_up_the_tries_of_the_node() -> None:
    world, session = begun()
    secret, session = associated(world, session)
    for _ in range(3):
        wrong = refusal(verified, world, session, wrong_code(world, secret))
        assert isinstance(wrong, EnableSoftwareTokenMFAError)
    refused = refusal(verified, world, session, code_of(world, secret))
    assert isinstance(refused, SpentSessionError)
    assert world.find().totp is None


def test_a_new_secret_gives_no_new_tries() -> None:
    world, session = begun()
    for _ in range(3):
        secret, session = associated(world, session)
        mismatch(world, session, secret)
    assert isinstance(refusal(associated, world, session), SpentSessionError)


def test_wrong_codes_lock_the_codes_of_the_user() -> None:
    world, session = begun()
    world.add_user("bob", with_totp=True)
    secret, session = associated(world, session)
    for _ in range(3):
        mismatch(world, session, secret)
    secret, session = associated(world, session_of(world.sign_in_by_password()))
    for _ in range(2):
        mismatch(world, session, secret)
    refused = refusal(verified, world, session, code_of(world, secret))
    assert refused.message == "Password attempts exceeded"
    assert isinstance(
        world.answer_totp(world.sign_in_by_password("bob"), username="bob"), SuccessReply
    )


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"UserCode": "", "FriendlyDeviceName": "x" * 2049},
        {"UserCode": "", "FriendlyDeviceName": "\ud800"},
    ],
)
def test_what_is_malformed_costs_nothing(members: dict[str, str]) -> None:
    world, session = begun()
    secret, session = associated(world, session)
    for _ in range(5):
        refused = refusal(world.engine.advance, session, "VerifySoftwareToken", members)
        assert isinstance(refused, InvalidParameterError)
    assert verified(world, session, code_of(world, secret))


@pytest.mark.parametrize("session", ["", "x", "A" * 68, "é" * 68])
def test_what_was_never_handed_out_is_no_session(session: str) -> None:
    world, _ = begun()
    assert isinstance(refusal(associated, world, session), UnknownSessionError)


def test_a_sign_in_that_waits_for_something_else_takes_no_operation() -> None:
    world = World(FLOW, APPS)
    world.add_user(with_totp=True)
    asked = world.sign_in_by_password()
    for _ in range(6):
        assert isinstance(refusal(associated, world, session_of(asked)), UnknownSessionError)
    assert isinstance(world.answer_totp(asked), SuccessReply)


def test_only_its_own_operations_are_done_at_a_node() -> None:
    world, session = begun()
    for operation in ("ConfirmSignUp", "", "associate"):
        assert isinstance(refusal(world.engine.advance, session, operation), UnknownSessionError)


def test_an_expired_session_takes_no_operation_and_each_one_has_its_own_life() -> None:
    world, session = begun()
    world.clock.advance(timedelta(minutes=2))
    _, session = associated(world, session)
    world.clock.advance(timedelta(minutes=2))
    secret, session = associated(world, session)
    world.clock.advance(timedelta(minutes=3))
    refused = refusal(verified, world, session, code_of(world, secret))
    assert isinstance(refused, ExpiredSessionError)


def test_a_user_who_was_changed_meanwhile_enrols_nothing() -> None:
    world, session = begun()
    secret, session = associated(world, session)
    account = world.find()
    world.save(replace(account, stamp="another"), account.stamp)
    refused = refusal(verified, world, session, code_of(world, secret))
    assert isinstance(refused, NotAuthorizedError)
    assert world.find().totp is None


def test_a_user_who_is_removed_enrols_nothing() -> None:
    world, session = begun()
    secret, session = associated(world, session)
    account = world.find()
    world.save(replace(account, enabled=False, stamp="another"), account.stamp)
    assert refusal(verified, world, session, code_of(world, secret)).message == "User is disabled."


def test_a_pool_without_apps_has_nothing_to_set_up() -> None:
    for pool in (replace(APPS, mfa=Mfa.NONE), replace(APPS, mfa_methods=("SMS_MFA",))):
        world = World(FLOW, pool)
        world.add_user()
        assert isinstance(refusal(world.sign_in_by_password), SoftwareTokenMFANotFoundError)


OPEN = """
flow: open
version: 1
auth_flows: [CUSTOM_AUTH]
require: [enrolled.totp]
start: set-up
nodes:
  set-up: {challenge: MFA_SETUP, responses: [], next: done}
  done: {end: success}
"""


def test_an_unknown_user_enrols_nothing_even_where_a_flow_asks_for_no_proof() -> None:
    """And is told what a known one with a wrong code is told."""
    world = World(OPEN, APPS)
    request = InitiateAuthRequest(planted.CLIENT_ID, "CUSTOM_AUTH", {"USERNAME": "nobody"})
    secret, session = associated(world, session_of(world.engine.initiate(request)))
    refused = refusal(verified, world, session, code_of(world, secret))
    assert isinstance(refused, EnableSoftwareTokenMFAError)
    assert isinstance(refusal(finish, world, session, "nobody"), UnknownSessionError)


class Boastful(MfaSetup):
    """A kind that says it made what it never said it makes."""

    facts = replace(MfaSetup.facts, name="BOASTFUL_SETUP", enrols=())

    def operate(self, _: str, __: Answering) -> Advanced:
        return Advanced({}, {"done": True}, enrols=("totp",))


def test_a_kind_enrols_only_what_it_said_it_would() -> None:
    flow = OPEN.replace("MFA_SETUP", "BOASTFUL_SETUP")
    world = World(flow, APPS, catalog=builtin_catalog().with_kind(Boastful()))
    world.add_user()
    request = InitiateAuthRequest(planted.CLIENT_ID, "CUSTOM_AUTH", {"USERNAME": "alice"})
    session = session_of(world.engine.initiate(request))
    refused = refusal(world.engine.advance, session, "VerifySoftwareToken")
    assert isinstance(refused, NotAuthorizedError)


def test_no_added_kind_enrols_what_only_builtin_ones_can() -> None:
    boastful = Boastful()
    boastful.facts = replace(boastful.facts, enrols=("totp",))
    with pytest.raises(ValueError, match="only built-in kinds can prove or enrol totp"):
        builtin_catalog().with_kind(boastful)
