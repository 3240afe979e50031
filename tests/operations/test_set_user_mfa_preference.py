"""SetUserMFAPreference, AdminSetUserMFAPreference and GetUserAuthFactors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import Account, Passkey, TotpFactor
from flowengine.accounts.pool import Mfa, Pool
from flowengine.accounts.user import MFA_METHODS
from flowengine.engine.replies import ChallengeReply
from flowengine.operations.admin_set_user_mfa_preference import admin_set_user_mfa_preference
from flowengine.operations.get_user import get_user
from flowengine.operations.get_user_auth_factors import get_user_auth_factors
from flowengine.operations.mfa_preferences import EMAIL, SMS, TOTP, MfaPreferences, MfaSettings
from flowengine.operations.set_user_mfa_preference import set_user_mfa_preference
from tests.operations.accounts import (
    BY_PHONE,
    DISABLED,
    MAIL,
    NO_POOL,
    NO_USER,
    PHONE,
    VERIFIED,
    Told,
    changed,
    signs_in,
    told,
    told_by,
)
from tests.operations.refreshing import claims_of
from tests.operations.world import (
    NOW,
    PASSWORD,
    POOL,
    TOTP_SECRET,
    World,
    contended,
    new_world,
    run,
)

FULL = replace(POOL, mfa_methods=(SMS, TOTP, EMAIL))
REQUIRED = replace(FULL, mfa=Mfa.REQUIRED)
APP = TotpFactor(TOTP_SECRET, active=False)
ON = MfaSettings(enabled=True)
OFF = MfaSettings(enabled=False)
FIRST = MfaSettings(enabled=True, preferred=True)
MISSING = "{} is not enabled for the user pool."
NO_CONFIG = "User does not have delivery config set to turn on {}"
NOT_PREFERRED = "{} cannot be preferred while it is disabled."
MUST_STAY = "The user pool requires MFA: one method has to stay enabled."


def bad(text: str) -> Told:
    return "InvalidParameterException", text


def signed_in(pool: Pool = FULL, **changes: Any) -> tuple[World, str]:
    """Put a world together whose user has all that a factor needs, and an access token."""
    world = new_world(pool)
    before = world.add_user(pool=pool)
    token = world.access_token()
    attributes = {**VERIFIED, **BY_PHONE}
    has = {"attributes": attributes, "totp": APP, "stamp": "full"}
    made = dict.fromkeys(MFA_METHODS, claims_of(token)["origin_jti"])
    full = replace(before, **{**has, "made_by": made, **changes})
    assert run(world.directory.save(full, before.stamp))
    return world, token


def prefer(world: World, token: str, **factors: MfaSettings) -> None:
    run(set_user_mfa_preference(world.parts, token, MfaPreferences(factors)))


def prefer_by_admin(world: World, pool_id: str = POOL.id, **factors: MfaSettings) -> None:
    preferences = MfaPreferences(factors)
    run(admin_set_user_mfa_preference(world.parts, pool_id, "ada", preferences))


def both(world: World, token: str, **factors: MfaSettings) -> list[Told]:
    """Give how the user and how an administrator is refused."""
    user = told(prefer, world, token, **factors)
    return [user, told(prefer_by_admin, world, **factors)]


def test_each_factor_is_turned_on_and_off() -> None:
    world, token = signed_in()
    before = world.user()
    later = world.clock.advance(timedelta(minutes=1))
    prefer(world, token, SMS_MFA=ON, SOFTWARE_TOKEN_MFA=FIRST, EMAIL_OTP=ON)
    after = world.user()
    assert after == replace(
        before,
        stamp=after.stamp,
        modified_at=later,
        totp=replace(APP, active=True),
        sms_mfa=True,
        email_mfa=True,
        prefers=TOTP,
        made_by=after.made_by,
    )
    assert changed(world, before)
    profile = run(get_user(world.parts, token))
    assert profile.mfa_methods == (SMS, TOTP, EMAIL)
    assert profile.preferred_mfa == TOTP
    prefer(world, token, SMS_MFA=OFF, SOFTWARE_TOKEN_MFA=OFF, EMAIL_OTP=OFF)
    none = world.user()
    assert none == replace(before, stamp=none.stamp, modified_at=later, made_by=none.made_by)


def test_an_administrator_does_the_same() -> None:
    world, _ = signed_in()
    before = world.user()
    prefer_by_admin(world, EMAIL_OTP=FIRST)
    assert (world.user().email_mfa, world.user().prefers) == (True, EMAIL)
    assert changed(world, before)


def test_what_is_not_asked_stays_as_it_is() -> None:
    world, token = signed_in(sms_mfa=True, email_mfa=True, prefers=SMS)
    prefer(world, token, EMAIL_OTP=OFF)
    account = world.user()
    assert (account.sms_mfa, account.email_mfa, account.prefers) == (True, False, SMS)
    prefer(world, token, SMS_MFA=MfaSettings(), EMAIL_OTP=MfaSettings(preferred=False))
    assert (world.user().sms_mfa, world.user().prefers) == (True, SMS)


def test_a_preference_moves_and_goes() -> None:
    world, token = signed_in(sms_mfa=True, email_mfa=True, prefers=SMS)
    prefer(world, token, EMAIL_OTP=MfaSettings(preferred=True))
    assert world.user().prefers == EMAIL
    prefer(world, token, EMAIL_OTP=MfaSettings(preferred=False))
    assert (world.user().prefers, world.user().email_mfa) == ("", True)
    prefer(world, token, SMS_MFA=FIRST)
    prefer(world, token, SMS_MFA=OFF)
    assert world.user().prefers == ""


def test_an_app_that_is_turned_on_is_asked_for() -> None:
    world, token = signed_in()
    assert signs_in(world, PASSWORD)
    prefer(world, token, SOFTWARE_TOKEN_MFA=ON)
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == TOTP


def test_a_sign_in_under_way_ends() -> None:
    world, token = signed_in(totp=replace(APP, active=True))
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    prefer(world, token, SOFTWARE_TOKEN_MFA=OFF)
    code = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": "000000"}
    session = ("NotAuthorizedException", "Invalid session for the user.")
    assert told(world.respond, asked, **code) == session


@pytest.mark.parametrize(
    ("changes", "factors", "text"),
    [
        ({"totp": None}, {TOTP: ON}, "User has not verified software token mfa"),
        ({"attributes": {}}, {SMS: ON}, NO_CONFIG.format(SMS)),
        ({"attributes": {}}, {EMAIL: ON}, NO_CONFIG.format(EMAIL)),
        (
            {"attributes": {"email": MAIL, "email_verified": "false"}},
            {EMAIL: ON},
            NO_CONFIG.format(EMAIL),
        ),
        (
            {"attributes": {"phone_number": PHONE, "phone_number_verified": "false"}},
            {SMS: ON},
            NO_CONFIG.format(SMS),
        ),
        ({}, {SMS: MfaSettings(preferred=True)}, NOT_PREFERRED.format(SMS)),
        ({"totp": None}, {TOTP: MfaSettings(preferred=True)}, NOT_PREFERRED.format(TOTP)),
        (
            {},
            {EMAIL: MfaSettings(enabled=False, preferred=True)},
            NOT_PREFERRED.format(EMAIL),
        ),
        ({}, {SMS: FIRST, EMAIL: FIRST}, "Only one MFA method can be preferred."),
        ({}, {"WEB_AUTHN": ON}, "There is no such MFA method."),
    ],
)
def test_what_the_user_does_not_have_is_not_turned_on(
    changes: dict[str, Any], factors: dict[str, Any], text: str
) -> None:
    world, token = signed_in(**changes)
    before = world.user()
    assert both(world, token, **factors) == [bad(text)] * 2
    assert world.user() == before


@pytest.mark.parametrize(
    ("pool", "method"),
    [(replace(FULL, mfa=Mfa.NONE), TOTP), (POOL, SMS), (POOL, EMAIL)],
)
def test_what_the_pool_does_not_have_is_not_turned_on(pool: Pool, method: str) -> None:
    world, token = signed_in(pool)
    factors = {method: ON}
    assert both(world, token, **factors) == [bad(MISSING.format(method))] * 2
    off = {method: OFF}
    prefer(world, token, **off)


def test_turning_off_what_was_never_there_is_no_error() -> None:
    world, token = signed_in(totp=None, attributes={})
    prefer(world, token, SMS_MFA=OFF, SOFTWARE_TOKEN_MFA=OFF, EMAIL_OTP=OFF)
    assert world.user().totp is None


def test_where_the_pool_requires_a_factor_the_last_one_stays() -> None:
    world, token = signed_in(REQUIRED, totp=replace(APP, active=True), sms_mfa=True)
    prefer(world, token, SMS_MFA=OFF)
    before = world.user()
    assert both(world, token, SOFTWARE_TOKEN_MFA=OFF) == [bad(MUST_STAY)] * 2
    assert world.user() == before
    prefer(world, token, SOFTWARE_TOKEN_MFA=OFF, EMAIL_OTP=ON)


def test_a_factor_whose_address_is_not_verified_any_more_does_not_count() -> None:
    lost = {**VERIFIED, "phone_number": PHONE, "phone_number_verified": "false"}
    world, token = signed_in(REQUIRED, attributes=lost, sms_mfa=True, email_mfa=True)
    assert told(prefer, world, token, EMAIL_OTP=OFF) == bad(MUST_STAY)


def test_passkeys_are_not_turned_on_here() -> None:
    world, token = signed_in()
    preferences = MfaPreferences(web_authn=True)
    error = bad("WebAuthnMfaSettings is not supported.")
    assert told_by(set_user_mfa_preference(world.parts, token, preferences)) == error


def test_who_is_not_there_or_not_good_is_refused() -> None:
    world, token = signed_in()
    assert told(prefer_by_admin, world, "eu-west-1_Nowhere") == NO_POOL
    before = world.user()
    assert run(world.directory.save(replace(before, enabled=False, stamp="2"), before.stamp))
    assert told(prefer, world, token, SMS_MFA=ON) == DISABLED
    assert told_by(get_user_auth_factors(world.parts, token)) == DISABLED
    assert run(world.directory.remove(POOL.id, "ada"))
    assert told(prefer, world, token, SMS_MFA=ON) == NO_USER
    assert told(prefer_by_admin, world, SMS_MFA=ON) == NO_USER


def test_what_changed_meanwhile_is_asked_again() -> None:
    def rival(user: Account) -> Account:
        return replace(user, enabled=False, stamp="theirs")

    world = contended(rival)
    assert told(prefer, world, world.access_token(), SOFTWARE_TOKEN_MFA=OFF) == DISABLED
    assert world.user().stamp == "theirs"


def test_a_user_sees_what_there_is_to_sign_in_with() -> None:
    passkey = Passkey(b"id", b"key", 0, "example.com", NOW)
    world, token = signed_in(passkeys=(passkey,), email_mfa=True, prefers=EMAIL)
    factors = run(get_user_auth_factors(world.parts, token))
    assert factors.configured == (
        "PASSWORD",
        "EMAIL_OTP",
        "SMS_OTP",
        "WEB_AUTHN",
        "SOFTWARE_TOKEN",
    )
    assert (factors.profile.mfa_methods, factors.profile.preferred_mfa) == ((EMAIL,), EMAIL)
    bare, other = signed_in(attributes={}, totp=None)
    assert run(get_user_auth_factors(bare.parts, other)).configured == ("PASSWORD",)
