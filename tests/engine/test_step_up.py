"""Levels that a client asks USER_AUTH for: TARGET_ACR_VALUES and MAX_AGE."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.pool import Pool
from flowengine.crypto import totp
from flowengine.engine.replies import AuthenticationResult, ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import UnavailableError
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, SourceText
from flowengine.stores.memory_grants import MemoryGrants
from tests import planted
from tests.engine.levels import LEVELS
from tests.operations.accounts import told
from tests.operations.refreshing import claims_of, get_tokens
from tests.operations.world import FLOWS, PASSWORD, POOL, WEB, World, new_world, run

INVALID: Final = "InvalidParameterException"
MISSING: Final = (INVALID, "Missing required parameter TARGET_ACR_VALUES")
NONE_KNOWN: Final = (INVALID, "Invalid value for parameter TARGET_ACR_VALUES")
NO_AGE: Final = (INVALID, "MAX_AGE should be a non-negative integer")
REACHED: Final = (INVALID, "The access token already has the requested authentication level")
FOREIGN: Final = ("NotAuthorizedException", "Invalid Access Token")
REFUSED: Final = ("NotAuthorizedException", "Incorrect username or password.")


def loaded(text: str) -> tuple[FlowProgram | None, list[Diagnostic]]:
    program, found = load_source(SourceText("levels.flow.yaml", text))
    return program, list(found)


def world(text: str = LEVELS, *, pool: Pool = POOL, **engine: Any) -> World:
    program, diagnostics = loaded(text)
    assert program is not None, [d.message for d in diagnostics]
    flows = {**FLOWS, "USER_AUTH": "levels", "USER_PASSWORD_AUTH": "levels"}
    there = new_world(pool, program, clients=[replace(WEB, auth_flows=flows)], **engine)
    there.add_user(totp=TotpFactor(planted.TOTP_SECRET))
    return there


def begin(there: World, **parameters: str) -> Any:
    return there.initiate("USER_AUTH", WEB, **{"USERNAME": "ada", **parameters})


def by_password(there: World, **parameters: str) -> Any:
    return begin(there, PASSWORD=PASSWORD, **parameters)


def step_up(there: World, token: str, target: str = "strong", **parameters: str) -> Any:
    return begin(there, ACCESS_TOKEN=token, TARGET_ACR_VALUES=target, **parameters)


def code(there: World, reply: Reply) -> Any:
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SOFTWARE_TOKEN_MFA"
    there.clock.advance(timedelta(seconds=30))
    right = totp.code(planted.TOTP_SECRET, totp.counter_at(there.clock.now()))
    return there.respond(reply, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=right)


def tokens_of(reply: Reply) -> AuthenticationResult:
    assert isinstance(reply, SuccessReply)
    assert reply.authentication_result is not None
    return reply.authentication_result


def signed_in(text: str = LEVELS) -> tuple[World, str]:
    there = world(text)
    return there, tokens_of(by_password(there)).access_token


def said(result: AuthenticationResult) -> list[tuple[object, object]]:
    """Give ``acr`` and ``amr`` of both tokens."""
    claims = (claims_of(token) for token in (result.access_token, result.id_token))
    return [(each.get("acr"), each.get("amr")) for each in claims]


def test_what_was_proved_before_and_a_code_are_the_higher_level() -> None:
    there, token = signed_in()
    before = claims_of(token)
    assert before["acr"] == "weak"
    result = tokens_of(code(there, step_up(there, token)))
    assert said(result) == [("strong", ["otp"])] * 2
    after = claims_of(result.access_token)
    assert after["auth_time"] == before["auth_time"] + 30
    assert after["origin_jti"] != before["origin_jti"]


def test_a_refresh_says_of_a_sign_in_what_its_first_tokens_said() -> None:
    there, token = signed_in()
    result = tokens_of(code(there, step_up(there, token)))
    assert result.refresh_token is not None
    there.clock.advance(timedelta(minutes=50))
    renewed = get_tokens(there, result.refresh_token)
    assert said(renewed) == [("strong", ["otp"])] * 2
    old, new = (claims_of(each.access_token) for each in (result, renewed))
    assert old["auth_time"] == new["auth_time"]


def test_a_level_is_asked_for_without_a_token_too() -> None:
    there = world()
    result = tokens_of(code(there, by_password(there, TARGET_ACR_VALUES="strong")))
    assert said(result) == [("strong", ["pwd", "otp", "mfa"])] * 2


def test_of_several_levels_any_will_do_and_the_first_that_is_reached_is_told() -> None:
    there = world()
    only = tokens_of(by_password(there, TARGET_ACR_VALUES="weak"))
    assert said(only) == [("weak", ["pwd"])] * 2
    for wanted, named in (("strong weak", "strong"), ("weak strong", "weak")):
        reply = code(there, by_password(there, TARGET_ACR_VALUES=wanted))
        assert reply.level == named
        assert claims_of(tokens_of(reply).access_token)["acr"] == named


def test_a_level_that_is_not_reached_is_refused_and_nothing_is_left() -> None:
    grants = MemoryGrants()
    text = LEVELS.replace("when: auth_flow.target.strong", 'when: request.ip == "192.0.2.1"')
    there = world(text, grants=grants)
    assert told(by_password, there, TARGET_ACR_VALUES="strong") == REFUSED
    assert all(grant.revoked for grant in grants._grants.values())
    assert isinstance(by_password(there, TARGET_ACR_VALUES="strong weak"), SuccessReply)


def test_a_level_is_what_is_true_and_not_which_end_was_come_to() -> None:
    text = LEVELS.replace("high: {end: success, level: strong}", "high: {end: success}")
    text = text.replace("nodes:\n", "nodes:\n  never: {end: success, level: strong}\n")
    there = world(text)
    assert code(there, by_password(there, TARGET_ACR_VALUES="strong")).level == "strong"
    plain = text.replace("when: auth_flow.target.strong", "when: user.enabled")
    there = world(plain)
    assert code(there, by_password(there)).level is None


@pytest.mark.parametrize(
    ("written", "missing"), [("", MISSING), (" ", NONE_KNOWN), ("Strong", NONE_KNOWN)]
)
def test_levels_that_the_flow_does_not_have_are_refused(
    written: str, missing: tuple[str, str]
) -> None:
    there, token = signed_in()
    assert told(step_up, there, token, written) == missing
    assert told(step_up, there, token, "urn:cognito:loa:4 top") == NONE_KNOWN
    assert told(by_password, there, TARGET_ACR_VALUES="urn:cognito:loa:4") == NONE_KNOWN
    assert told(begin, there, ACCESS_TOKEN=token) == MISSING


def test_levels_that_the_flow_does_not_have_are_passed_over_beside_one_that_it_has() -> None:
    there, token = signed_in()
    reply = code(there, step_up(there, token, "urn:cognito:loa:4  strong strong"))
    assert reply.level == "strong"


def test_a_token_that_has_the_level_is_renewed_by_nothing() -> None:
    there, token = signed_in()
    assert told(step_up, there, token, "weak") == REACHED
    assert told(step_up, there, token, "weak strong") == REACHED
    higher = tokens_of(code(there, step_up(there, token, "strong weak"))).access_token
    assert told(step_up, there, higher, "strong") == REACHED
    assert isinstance(step_up(there, higher, "weak strong"), ChallengeReply)  # weak is wanted more


def test_a_step_up_ends_above_what_the_token_has() -> None:
    text = LEVELS.replace("- when: has(age.password)\n        goto: totp\n      - else", "- else")
    text = text.replace("when: auth_flow.target.strong", "when: proved.totp")
    there, token = signed_in(text)
    reply = step_up(there, token, "strong weak")
    assert isinstance(reply, ChallengeReply)
    assert told(there.respond, reply, USERNAME="ada", PASSWORD=PASSWORD) == REFUSED


def test_a_sign_in_that_is_too_long_ago_counts_for_nothing() -> None:
    there, token = signed_in()
    there.clock.advance(timedelta(seconds=60))
    assert step_up(there, token, MAX_AGE="60").challenge_name == "SOFTWARE_TOKEN_MFA"
    assert step_up(there, token, MAX_AGE="0060").challenge_name == "SOFTWARE_TOKEN_MFA"
    there.clock.advance(timedelta(microseconds=1))
    anew = step_up(there, token, MAX_AGE="60")
    assert anew.challenge_name == "PASSWORD"
    asked = there.respond(anew, USERNAME="ada", PASSWORD=PASSWORD)
    assert said(tokens_of(code(there, asked))) == [("strong", ["pwd", "otp", "mfa"])] * 2
    assert step_up(there, token).challenge_name == "SOFTWARE_TOKEN_MFA"


def test_a_sign_in_that_is_too_long_ago_has_no_level() -> None:
    there, token = signed_in()
    there.clock.advance(timedelta(seconds=1))
    assert told(step_up, there, token, "weak", MAX_AGE="1") == REACHED
    anew = step_up(there, token, "weak", MAX_AGE="0")
    reply = there.respond(anew, USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(reply, SuccessReply)
    assert reply.level == "weak"


def test_a_token_is_as_old_as_its_sign_in_whatever_was_refreshed() -> None:
    there = world()
    result = tokens_of(by_password(there))
    assert result.refresh_token is not None
    there.clock.advance(timedelta(minutes=59))
    renewed = get_tokens(there, result.refresh_token).access_token
    assert step_up(there, renewed, MAX_AGE="3539").challenge_name == "PASSWORD"
    assert step_up(there, renewed, MAX_AGE="3540").challenge_name == "SOFTWARE_TOKEN_MFA"


@pytest.mark.parametrize("written", ["-1", "1.5", "1e3", "x", " 60", "60 ", "+1", "٦", "9" * 5000])
def test_what_is_no_number_of_seconds_is_refused(written: str) -> None:
    there, token = signed_in()
    assert told(step_up, there, token, MAX_AGE=written) == NO_AGE
    assert told(by_password, there, MAX_AGE=written) == NO_AGE


def test_the_longest_number_of_seconds_is_one() -> None:
    there, token = signed_in()
    assert step_up(there, token, MAX_AGE="9" * 10).challenge_name == "SOFTWARE_TOKEN_MFA"
    assert step_up(there, token, MAX_AGE="").challenge_name == "SOFTWARE_TOKEN_MFA"


def test_another_auth_flow_has_no_such_parameters() -> None:
    there = world()
    given = {"PASSWORD": PASSWORD, "TARGET_ACR_VALUES": "strong", "MAX_AGE": "x"}
    reply = there.initiate("USER_PASSWORD_AUTH", WEB, USERNAME="ada", **given)
    assert isinstance(reply, SuccessReply)
    assert reply.level == "weak"


def test_without_a_token_a_sign_in_begins_like_any_other() -> None:
    there = world()
    assert begin(there).challenge_name == "PASSWORD"
    assert begin(there, ACCESS_TOKEN="").challenge_name == "PASSWORD"


def test_the_name_beside_a_token_is_demanded_and_must_be_its_users() -> None:
    there, token = signed_in()
    there.add_user("grace")
    assert told(step_up, there, token, USERNAME="grace") == FOREIGN
    assert told(step_up, there, token, USERNAME="nobody") == FOREIGN
    missing = (INVALID, "Missing required parameter USERNAME")
    assert told(step_up, there, token, USERNAME="") == missing


def test_a_flow_without_levels_asks_for_what_it_requires() -> None:
    text = LEVELS.replace(", level: weak", "").replace(", level: strong", "")
    text = text.replace("auth_flow.target.strong", 'request.ip == "192.0.2.1"')
    there, token = signed_in(text)
    assert "acr" not in claims_of(token)
    assert "amr" not in claims_of(token)
    reply = code(there, begin(there, ACCESS_TOKEN=token))
    assert reply.level is None
    assert told(step_up, there, token, "strong") == NONE_KNOWN


def test_levels_are_called_as_the_pool_calls_them() -> None:
    called = replace(POOL, acr={"strong": "urn:cognito:loa:4"})
    there = world(pool=called)
    result = tokens_of(by_password(there))
    assert said(result) == [("weak", ["pwd"])] * 2
    assert told(step_up, there, result.access_token, "strong") == NONE_KNOWN
    reply = code(there, step_up(there, result.access_token, "urn:cognito:loa:4 weak"))
    assert (reply.level, said(tokens_of(reply))) == ("strong", [("urn:cognito:loa:4", ["otp"])] * 2)
    again = tokens_of(reply)
    assert told(step_up, there, again.access_token, "urn:cognito:loa:4") == REACHED
    assert again.refresh_token is not None
    renewed = get_tokens(there, again.refresh_token)
    assert claims_of(renewed.access_token)["acr"] == "urn:cognito:loa:4"


def test_a_step_up_needs_grants() -> None:
    with pytest.raises(UnavailableError, match="USER_AUTH continues sign-ins"):
        world(grants=None)


def test_a_level_that_no_success_has_is_no_name() -> None:
    program, found = loaded(LEVELS.replace("auth_flow.target.strong", "auth_flow.target.strnog"))
    assert program is None
    assert "strnog" in found[0].message
    assert "strong" in (found[0].hint or "")


def test_levels_of_a_flow_are_those_of_its_successes() -> None:
    program, _ = loaded(LEVELS)
    assert program is not None
    assert list(program.levels) == ["weak", "strong"]


def test_an_administrator_steps_a_user_up_too() -> None:
    there, token = signed_in()
    given = {"USERNAME": "ada", "ACCESS_TOKEN": token, "TARGET_ACR_VALUES": "strong"}
    request = InitiateAuthRequest(WEB.id, "USER_AUTH", given)
    reply = run(there.engine.initiate(request, admin=True))
    assert code(there, reply).level == "strong"


def test_a_user_who_does_not_exist_is_asked_alike_and_reaches_no_level() -> None:
    there = world()
    asked = begin(there, USERNAME="nobody", TARGET_ACR_VALUES="strong")
    assert asked.challenge_name == begin(there, TARGET_ACR_VALUES="strong").challenge_name
    given = {"USERNAME": "nobody", "PASSWORD": PASSWORD}
    assert told(there.respond, asked, **given) == REFUSED
