"""Custom authentication that begins with the password: second factors, new passwords, devices."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flowengine.accounts.device import DeviceSettings
from flowengine.accounts.pool import Mfa
from flowengine.crypto import srp_client
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.errors import (
    CallerError,
    CodeMismatchError,
    InvalidParameterError,
    NotAuthorizedError,
)
from tests import planted
from tests.engine.test_devices import DEVICE_SECRET, GROUP, KEY, device_of
from tests.engine.triggered import (
    Event,
    Triggered,
    create_passwordless,
    define_captcha,
    define_passwordless,
    in_pool,
)
from tests.engine.world import FORCED


def entry(name: str, metadata: str | None = None, *, result: bool = True) -> Event:
    return {"challengeName": name, "challengeResult": result, "challengeMetadata": metadata}


def captcha(**arguments: Any) -> Triggered:
    return Triggered(define_captcha, **arguments)


def names(world: Triggered) -> list[str]:
    return [each["challengeName"] for each in world.define.events[-1]["request"]["session"]]


def test_a_sign_in_that_begins_with_the_password_asks_the_captcha_after_it() -> None:
    world = captcha(create=create_captcha)
    world.add_alice()
    asked = world.begin_by_srp()
    assert asked.challenge_name == "PASSWORD_VERIFIER"
    assert asked.session is not None
    assert world.define.events[0]["request"]["session"] == [entry("SRP_A")]
    riddle = world.prove_password(asked)
    assert isinstance(riddle, ChallengeReply)
    assert riddle.challenge_name == "CUSTOM_CHALLENGE"
    session = [entry("SRP_A"), entry("PASSWORD_VERIFIER")]
    assert world.create.events[0]["request"]["session"] == session
    done = world.say(riddle)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "custom"}


def create_captcha(event: Event, _context: Any) -> Event:
    event["response"]["publicChallengeParameters"] = {"captchaUrl": "url/123.jpg"}
    event["response"]["privateChallengeParameters"] = {"secretLoginCode": planted.CODE}
    event["response"]["challengeMetadata"] = "CAPTCHA_CHALLENGE"
    return event


def test_a_wrong_password_ends_the_sign_in_and_define_is_not_called() -> None:
    world = captcha(create=create_captcha)
    world.add_alice()
    asked = world.begin_by_srp()
    with pytest.raises(NotAuthorizedError, match=r"^Incorrect username or password\.$"):
        world.prove_password(asked, planted.OTHER_PASSWORD)
    assert len(world.define.events) == 1


def test_an_unknown_user_who_begins_with_the_password_fails_as_a_wrong_password_does() -> None:
    world = captcha(create=create_captcha)
    asked = world.begin_by_srp("nobody")
    assert asked.challenge_name == "PASSWORD_VERIFIER"
    with pytest.raises(NotAuthorizedError, match=r"^Incorrect username or password\.$"):
        world.prove_password(asked)


def test_the_users_own_second_factor_comes_after_the_password_without_define() -> None:
    world = captcha(create=create_captcha)
    world.add_alice(with_totp=True)
    totp = world.prove_password(world.begin_by_srp())
    assert isinstance(totp, ChallengeReply)
    assert totp.challenge_name == "SOFTWARE_TOKEN_MFA"
    assert len(world.define.events) == 1
    with pytest.raises(CodeMismatchError):
        world.answer_totp(totp, "000000")
    riddle = world.answer_totp(totp)
    assert names(world) == ["SRP_A", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA"]
    assert world.define.events[-1]["request"]["session"][-1] == entry("SOFTWARE_TOKEN_MFA")
    assert isinstance(world.say(riddle), SuccessReply)


def test_a_menu_of_second_factors_is_no_entry_of_the_session() -> None:
    methods = ("SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    world = captcha(create=create_captcha, pool=in_pool(mfa_methods=methods))
    world.add_alice(with_totp=True, email_mfa=True)
    menu = world.prove_password(world.begin_by_srp())
    assert isinstance(menu, ChallengeReply)
    assert menu.challenge_name == "SELECT_MFA_TYPE"
    chosen = {"USERNAME": "alice", "ANSWER": "EMAIL_OTP"}
    mail = world.answer("SELECT_MFA_TYPE", menu.session, chosen)
    assert isinstance(mail, ChallengeReply)
    code = {"USERNAME": "alice", "EMAIL_OTP_CODE": world.delivery.messages[-1].code}
    assert isinstance(world.answer("EMAIL_OTP", mail.session, code), ChallengeReply)
    assert names(world) == ["SRP_A", "PASSWORD_VERIFIER", "EMAIL_OTP"]


def test_a_temporary_password_is_replaced_before_define_is_asked_again() -> None:
    world = captcha(create=create_captcha)
    world.add_alice(status=FORCED)
    fresh = world.prove_password(world.begin_by_srp())
    assert isinstance(fresh, ChallengeReply)
    given = {"USERNAME": "alice", "NEW_PASSWORD": planted.OTHER_PASSWORD}
    riddle = world.answer("NEW_PASSWORD_REQUIRED", fresh.session, given)
    assert names(world) == ["SRP_A", "PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"]
    status = world.define.events[-1]["request"]["userAttributes"]["cognito:user_status"]
    assert status == "CONFIRMED"
    assert isinstance(world.say(riddle), SuccessReply)


def test_password_verifier_without_srp_a_is_refused_and_says_why() -> None:
    def define(event: Event, _context: Any) -> Event:
        event["response"]["challengeName"] = "PASSWORD_VERIFIER"
        return event

    world = Triggered(define)
    world.add_alice()
    with pytest.raises(CallerError, match="needs an SRP_A") as refused:
        world.begin()
    assert refused.value.code == "InvalidParameterException"


def test_challenge_name_srp_a_without_srp_a_misses_it_and_has_a_second_spelling() -> None:
    world = captcha()
    world.add_alice()
    named: tuple[dict[str, Any], ...] = ({"CHALLENGE_NAME": "SRP_A"}, {"ChallengeName": "SRP_A"})
    for parameters in named:
        with pytest.raises(InvalidParameterError, match="Missing required parameter SRP_A"):
            world.begin(**parameters)
    asked = world.begin(ChallengeName="SRP_A", SRP_A=world.ephemeral.srp_a)
    assert asked.challenge_name == "PASSWORD_VERIFIER"
    harmless = Triggered()
    harmless.add_alice()
    harmless.begin(CHALLENGE_NAME="CUSTOM_CHALLENGE")
    assert harmless.define.events[0]["request"]["session"] == []


def with_device(*, challenge_on_new: bool, with_totp: bool) -> Triggered:
    settings = DeviceSettings(challenge_on_new=challenge_on_new)
    world = captcha(create=create_captcha, pool=in_pool(devices=settings))
    account = world.add_alice(with_totp=with_totp)
    assert asyncio.run(world.devices.add(device_of(account)))
    return world


def test_a_remembered_device_proves_itself_before_any_token() -> None:
    world = with_device(challenge_on_new=False, with_totp=False)
    world.define.handler, world.create.handler = define_passwordless, create_passwordless
    done = prove_device(world, world.say(world.begin(DEVICE_KEY=KEY)))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"custom", "device"}


def test_a_remembered_device_replaces_the_second_factor_where_the_pool_says_so() -> None:
    world = with_device(challenge_on_new=True, with_totp=True)
    riddle = prove_device(world, world.prove_password(world.begin_by_srp(DEVICE_KEY=KEY)))
    assert names(world)[2:] == ["DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"]
    done = world.say(riddle)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "device", "custom"}


def prove_device(world: Triggered, reply: Reply) -> Reply:
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "DEVICE_SRP_AUTH"
    named = {"USERNAME": "alice", "DEVICE_KEY": KEY}
    ephemeral, sent = world.ephemeral, {**named, "SRP_A": world.ephemeral.srp_a}
    asked = world.answer("DEVICE_SRP_AUTH", reply.session, sent)
    assert isinstance(asked, ChallengeReply)
    told = asked.challenge_parameters
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    claim = srp_client.answer(ephemeral, GROUP, KEY, DEVICE_SECRET, server, world.clock.now())
    responses = {**named, **claim.responses()}
    return world.answer("DEVICE_PASSWORD_VERIFIER", asked.session, responses)


def test_a_pool_without_mfa_asks_for_no_second_factor() -> None:
    world = captcha(create=create_captcha, pool=in_pool(mfa=Mfa.NONE))
    world.add_alice(with_totp=True)
    riddle = world.prove_password(world.begin_by_srp())
    assert isinstance(world.say(riddle), SuccessReply)


def test_a_pool_that_requires_mfa_has_a_user_without_a_factor_set_one_up() -> None:
    world = captcha(create=create_captcha, pool=in_pool(mfa=Mfa.REQUIRED))
    world.add_alice()
    setting_up = world.prove_password(world.begin_by_srp())
    assert isinstance(setting_up, ChallengeReply)
    assert setting_up.challenge_name == "MFA_SETUP"
    assert len(world.define.events) == 1


def test_a_factor_that_the_pool_does_not_take_any_more_is_not_asked_for() -> None:
    world = captcha(create=create_captcha, pool=in_pool(mfa_methods=("EMAIL_OTP",)))
    world.add_alice(with_totp=True)
    riddle = world.prove_password(world.begin_by_srp())
    assert isinstance(world.say(riddle), SuccessReply)
