"""Sign-ins that continue another one: step-up by an access token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.user import UserStatus
from flowengine.crypto import totp
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.replies import AuthenticationResult, ChallengeReply, Reply, SuccessReply
from flowengine.errors import CallerError, UnavailableError
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.operations.global_sign_out import global_sign_out
from flowengine.operations.revoke_token import RevokeTokenRequest, revoke_token
from flowengine.source import SourceText
from flowengine.stores.memory import MemoryCounters, MemoryDirectory, MemorySessions
from tests import planted
from tests.operations.accounts import hash_of, told
from tests.operations.refreshing import get_tokens
from tests.operations.world import (
    CONFIDENTIAL,
    FLOWS,
    OTHER,
    OTHER_POOL,
    PASSWORD,
    POOL,
    WEB,
    World,
    new_world,
    run,
)

STEP_UP: Final = """\
flow: step-up
version: 1
auth_flows:
  USER_AUTH: {continues: true}
require:
  - proved.totp
  - age.password < duration("10m")
start: totp
nodes:
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done: {end: success}
"""
INVALID: Final = ("NotAuthorizedException", "Invalid Access Token")
EXPIRED: Final = ("NotAuthorizedException", "Access Token has expired")
REVOKED: Final = ("NotAuthorizedException", "Access Token has been revoked")
REFUSED: Final = ("NotAuthorizedException", "Incorrect username or password.")
SEED: Final = planted.TOTP_SECRET


def program(text: str) -> FlowProgram:
    found, diagnostics = load_source(SourceText("step-up.flow.yaml", text))
    assert found is not None, [d.message for d in diagnostics]
    return found


def world(text: str = STEP_UP) -> World:
    flows = {**FLOWS, "USER_AUTH": "step-up"}
    clients = [replace(client, auth_flows=flows) for client in (WEB, CONFIDENTIAL, OTHER)]
    return new_world(POOL, program(text), clients=clients)


def with_totp(there: World, username: str = "ada") -> None:
    """Give a user an app after they have signed in by password alone."""
    before = there.user(username)
    after = replace(before, stamp="with an app", totp=TotpFactor(SEED))
    assert run(there.directory.save(after, before.stamp))


def signed_in(text: str = STEP_UP) -> tuple[World, str]:
    there = world(text)
    there.add_user()
    token = there.access_token()
    with_totp(there)
    return there, token


def step_up(there: World, token: str, **parameters: str) -> Any:
    return there.initiate("USER_AUTH", WEB, **{"ACCESS_TOKEN": token, **parameters})


def answer(there: World, reply: Reply, username: str = "ada") -> Any:
    assert isinstance(reply, ChallengeReply)
    code = totp.code(SEED, int(there.clock.now().timestamp()) // 30)
    return there.respond(reply, USERNAME=username, SOFTWARE_TOKEN_MFA_CODE=code)


def tokens_of(reply: Reply) -> AuthenticationResult:
    assert isinstance(reply, SuccessReply)
    assert reply.authentication_result is not None
    return reply.authentication_result


def test_the_tokens_user_proves_more_and_has_tokens_of_a_new_sign_in() -> None:
    there, token = signed_in()
    reply = answer(there, step_up(there, token))
    assert set(reply.proved) == {"totp"}
    result = tokens_of(reply)
    assert reply.user.username == "ada"
    grants = there.parts.grants
    assert grants is not None
    assert result.refresh_token is not None
    run(revoke_token(there.parts, RevokeTokenRequest(WEB.id, result.refresh_token)))
    assert told(step_up, there, result.access_token) == REVOKED
    step_up(there, token)  # the sign-in that was continued lives on


def test_what_was_proved_before_is_not_proved_in_this_sign_in() -> None:
    text = STEP_UP.replace('age.password < duration("10m")', "proved.password")
    there, token = signed_in(text)
    assert told(answer, there, step_up(there, token)) == REFUSED


def test_the_age_of_what_was_proved_before_goes_on() -> None:
    there, token = signed_in()
    there.clock.advance(timedelta(minutes=9, seconds=59))
    waiting = step_up(there, token)
    there.clock.advance(timedelta(seconds=1))
    assert told(answer, there, waiting) == REFUSED


def test_an_age_is_there_for_what_was_proved_and_for_nothing_else() -> None:
    text = STEP_UP.replace("age.password <", "age.sms <")
    there, token = signed_in(text)
    assert told(answer, there, step_up(there, token)) == REFUSED


def test_a_continued_sign_in_is_continued_with_all_that_came_before() -> None:
    text = STEP_UP.replace("10m", "20m")
    there, token = signed_in(text)
    there.clock.advance(timedelta(minutes=10))
    second = tokens_of(answer(there, step_up(there, token)))
    there.clock.advance(timedelta(minutes=9))
    third = tokens_of(answer(there, step_up(there, second.access_token)))
    there.clock.advance(timedelta(minutes=1))
    assert told(answer, there, step_up(there, third.access_token)) == REFUSED


def test_what_is_proved_again_is_as_young_as_that() -> None:
    text = STEP_UP.replace("- proved.totp\n", "- proved.password\n").replace(
        "challenge: SOFTWARE_TOKEN_MFA\n    responses: [SOFTWARE_TOKEN_MFA_CODE]",
        "challenge: PASSWORD\n    responses: [PASSWORD]",
    )
    there, token = signed_in(text)
    there.clock.advance(timedelta(minutes=30))
    reply = step_up(there, token)
    assert isinstance(there.respond(reply, USERNAME="ada", PASSWORD=PASSWORD), SuccessReply)


def test_a_password_may_come_with_the_token() -> None:
    text = STEP_UP.replace("USER_AUTH: {continues", "USER_PASSWORD_AUTH: {continues")
    text = text.replace("proved.totp", "proved.password").replace(
        "challenge: SOFTWARE_TOKEN_MFA\n    responses: [SOFTWARE_TOKEN_MFA_CODE]",
        "challenge: PASSWORD\n    responses: [PASSWORD]",
    )
    there = new_world()
    there.add_user()
    token = there.access_token()
    flows = {**there.parts.flows, "step-up": program(text)}
    client = replace(WEB, auth_flows={"USER_PASSWORD_AUTH": "step-up"})
    there.engine._parts = replace(there.parts, flows=flows, clients={WEB.id: client})
    given = {"ACCESS_TOKEN": token, "PASSWORD": PASSWORD}
    assert isinstance(there.initiate("USER_PASSWORD_AUTH", WEB, **given), SuccessReply)
    wrong = {**given, "PASSWORD": planted.OTHER_PASSWORD}
    assert told(there.initiate, "USER_PASSWORD_AUTH", WEB, **wrong) == REFUSED
    assert told(there.initiate, "USER_PASSWORD_AUTH", WEB, USERNAME="ada", PASSWORD=PASSWORD) == (
        "InvalidParameterException",
        "Missing required parameter ACCESS_TOKEN",
    )


def test_a_refresh_asks_for_the_age_too() -> None:
    there, token = signed_in()
    result = tokens_of(answer(there, step_up(there, token)))
    assert result.refresh_token is not None
    get_tokens(there, result.refresh_token)
    there.clock.advance(timedelta(minutes=10))
    with pytest.raises(CallerError, match="revoked"):
        get_tokens(there, result.refresh_token)


@pytest.mark.parametrize(
    ("declared", "is_known"), [("knowledge", True), ("none", False), (None, False)]
)
def test_evidence_of_ones_own_is_known_where_it_is_of_the_same_kind(
    declared: str | None, *, is_known: bool
) -> None:
    text = STEP_UP.replace("age.password", "age.riddle").replace(
        "require:", f"evidence: {{riddle: {declared or 'knowledge'}}}\nrequire:"
    )
    there = world(text)
    there.add_user()
    reply = there.initiate("CUSTOM_AUTH", USERNAME="ada")
    assert isinstance(reply, ChallengeReply)
    token = tokens_of(there.respond(reply, USERNAME="ada", ANSWER=planted.CODE)).access_token
    with_totp(there)
    if declared is None:  # the flow of the sign-in is there no more
        flows = {n: f for n, f in there.parts.flows.items() if n != "riddles"}
        there.engine._parts = replace(there.parts, flows=flows)
    waiting = step_up(there, token)
    if is_known:
        assert isinstance(answer(there, waiting), SuccessReply)
    else:
        assert told(answer, there, waiting) == REFUSED


def test_a_token_that_has_expired_is_told_as_such() -> None:
    there, token = signed_in()
    there.clock.advance(timedelta(hours=1))
    assert told(step_up, there, token) == EXPIRED


@pytest.mark.parametrize("token", ["x", "a.b.c", "...", "é.b.c"])
def test_what_is_no_token_is_refused(token: str) -> None:
    there, _ = signed_in()
    assert told(step_up, there, token) == INVALID


def test_a_token_is_demanded() -> None:
    there, _ = signed_in()
    missing = ("InvalidParameterException", "Missing required parameter ACCESS_TOKEN")
    assert told(there.initiate, "USER_AUTH", USERNAME="ada") == missing
    assert told(there.initiate, "USER_AUTH", ACCESS_TOKEN="", USERNAME="ada") == missing


def test_a_token_whose_sign_in_was_revoked_is_refused() -> None:
    there, token = signed_in()
    run(global_sign_out(there.parts, token))
    assert told(step_up, there, token) == REVOKED


def test_a_sign_in_that_is_revoked_on_the_way_ends_what_continues_it() -> None:
    there, token = signed_in()
    waiting = step_up(there, token)
    run(global_sign_out(there.parts, token))
    assert told(answer, there, waiting) == REVOKED


def test_a_token_is_its_clients_alone() -> None:
    there, token = signed_in()
    sent = hash_of(CONFIDENTIAL, "ada")
    assert sent is not None
    parameters = {"ACCESS_TOKEN": token, "SECRET_HASH": sent}
    assert told(there.initiate, "USER_AUTH", CONFIDENTIAL, **parameters) == INVALID
    there.add_user(pool=OTHER_POOL)
    assert told(there.initiate, "USER_AUTH", OTHER, ACCESS_TOKEN=token) == INVALID


def test_an_id_token_or_a_refresh_token_names_nobody() -> None:
    there, token = signed_in()
    result = tokens_of(answer(there, step_up(there, token)))
    assert told(step_up, there, result.id_token) == INVALID
    assert told(step_up, there, str(result.refresh_token)) == INVALID


def test_a_name_beside_the_token_must_be_its_users() -> None:
    there, token = signed_in()
    there.add_user("robert")
    for name in ("robert", "nobody"):
        assert told(step_up, there, token, USERNAME=name) == INVALID
    assert isinstance(answer(there, step_up(there, token, USERNAME="ada")), SuccessReply)


def test_the_session_is_the_tokens_users_alone() -> None:
    there, token = signed_in()
    there.add_user("robert", totp=TotpFactor(SEED))
    foreign = ("NotAuthorizedException", "Invalid session for the user.")
    assert told(answer, there, step_up(there, token), "robert") == foreign


def test_the_secret_hash_is_of_the_tokens_user() -> None:
    there = world()
    there.add_user()
    right, other = hash_of(CONFIDENTIAL, "ada"), hash_of(CONFIDENTIAL, "bob")
    assert right is not None
    assert other is not None
    signed = there.initiate(
        "USER_PASSWORD_AUTH", CONFIDENTIAL, USERNAME="ada", PASSWORD=PASSWORD, SECRET_HASH=right
    )
    with_totp(there)
    token = {"ACCESS_TOKEN": tokens_of(signed).access_token}
    begun = there.initiate("USER_AUTH", CONFIDENTIAL, **token, SECRET_HASH=right)
    assert isinstance(begun, ChallengeReply)
    for wrong in ({}, {"SECRET_HASH": other}):
        code, _ = told(there.initiate, "USER_AUTH", CONFIDENTIAL, **token, **wrong)
        assert code == "NotAuthorizedException"


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"status": UserStatus.UNCONFIRMED}, {"stamp": "moved"}]
)
def test_who_may_not_sign_in_any_more_does_not_continue(change: Mapping[str, Any]) -> None:
    there, token = signed_in()
    waiting = step_up(there, token)
    before = there.user()
    assert run(there.directory.save(replace(before, **{"stamp": "other", **change}), before.stamp))
    with pytest.raises(CallerError):
        answer(there, waiting)
    if "stamp" not in change:
        with pytest.raises(CallerError):
            step_up(there, token)


def test_a_user_of_the_same_name_is_another() -> None:
    there, token = signed_in()
    assert run(there.directory.remove(POOL.id, "ada"))
    there.add_user(sub="another", totp=TotpFactor(SEED))
    with pytest.raises(CallerError):
        step_up(there, token)


def test_the_token_goes_no_further_than_the_door() -> None:
    text = STEP_UP.replace("{continues: true}", "{continues: true, parameters: [ACCESS_TOKEN]}")
    there, token = signed_in(text)
    reply = step_up(there, token)
    sessions = there.parts.sessions
    assert isinstance(sessions, MemorySessions)
    rows = [row for row in sessions._rows.values() if row.now.node == "totp"]
    assert [row.now.private for row in rows] == [None]
    assert all(token not in row.now.record for row in rows)
    assert isinstance(answer(there, reply), SuccessReply)


def test_an_engine_that_keeps_no_grants_cannot_continue() -> None:
    with pytest.raises(UnavailableError, match="continues sign-ins"):
        AsyncEngine(
            [program(STEP_UP)],
            sessions=MemorySessions(),
            counters=MemoryCounters(),
            directory=MemoryDirectory({POOL.id: POOL}),
            pools=[POOL],
        )
