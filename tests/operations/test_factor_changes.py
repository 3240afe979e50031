"""Who changes second factors has shown one: a password alone comes to no other level by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.crypto import totp
from flowengine.flow.loading import load_source
from flowengine.operations.delete_web_authn_credential import (
    DeleteWebAuthnCredentialRequest,
    delete_web_authn_credential,
)
from flowengine.operations.mfa_preferences import MfaPreferences, MfaSettings
from flowengine.operations.set_user_mfa_preference import set_user_mfa_preference
from flowengine.source import SourceText
from tests import planted
from tests.authenticator import Authenticator
from tests.engine.levels import LEVELS
from tests.operations.accounts import told
from tests.operations.registering import PASSKEYS, a_passkey, begin, complete
from tests.operations.test_software_tokens import associated, code_now, verify
from tests.operations.world import FLOWS, PASSWORD, WEB, World, new_world, run

REFUSED: Final = (
    "NotAuthorizedException",
    "Access Token is of a sign-in without the second factor of the user",
)
KEY: Final = a_passkey(1)


def world(**user: Any) -> World:
    program, found = load_source(SourceText("levels.flow.yaml", LEVELS))
    assert program is not None, found
    client = replace(WEB, auth_flows={**FLOWS, "USER_AUTH": "levels"})
    there = new_world(PASSKEYS, program, clients=[client])
    there.add_user(passkeys=(KEY,), **user)
    return there


def sign_in(there: World, *, level: str = "weak", **parameters: str) -> Any:
    """Come to a level; the strong one by the app that the user has at first."""
    target = {"TARGET_ACR_VALUES": level}
    named = {"USERNAME": "ada", **parameters}
    reply: Any = there.initiate("USER_AUTH", WEB, **named, **target)
    if level == "strong":
        there.clock.advance(totp.PERIOD * 2)
        code = code_now(there, planted.TOTP_SECRET)
        reply = there.respond(reply, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code)
    return reply.authentication_result.access_token


def replace_app(there: World, token: str) -> None:
    secret = associated(there, token)
    there.clock.advance(totp.PERIOD * 2)
    verify(there, token, code_now(there, secret))


def turn_app_off(there: World, token: str) -> None:
    preferences = MfaPreferences({"SOFTWARE_TOKEN_MFA": MfaSettings(enabled=False)})
    run(set_user_mfa_preference(there.parts, token, preferences))


def add_passkey(there: World, token: str) -> None:
    complete(there, token, Authenticator(credential_id=b"new").create(begin(there, token)))


def remove_passkey(there: World, token: str) -> None:
    request = DeleteWebAuthnCredentialRequest(token, "cGFzc2tleSAx")
    run(delete_web_authn_credential(there.parts, request))


CHANGES: Final = (replace_app, turn_app_off, add_passkey, remove_passkey)
Change = Callable[[World, str], None]


@pytest.mark.parametrize("change", CHANGES)
def test_a_password_changes_no_factor_of_who_has_turned_one_on(change: Change) -> None:
    there = world(totp=TotpFactor(planted.TOTP_SECRET))
    weak = sign_in(there, PASSWORD=PASSWORD)
    before = there.user()
    assert told(change, there, weak) == REFUSED
    assert replace(there.user(), pending_totp=None) == before
    change(there, sign_in(there, level="strong", PASSWORD=PASSWORD))


def test_who_stepped_up_has_shown_it() -> None:
    there = world(totp=TotpFactor(planted.TOTP_SECRET))
    weak = sign_in(there, PASSWORD=PASSWORD)
    turn_app_off(there, sign_in(there, level="strong", ACCESS_TOKEN=weak))


@pytest.mark.parametrize("change", [replace_app, add_passkey, remove_passkey])
def test_who_has_turned_none_on_makes_one_by_password(change: Change) -> None:
    there = world(totp=TotpFactor(planted.TOTP_SECRET, active=False))
    change(there, sign_in(there, PASSWORD=PASSWORD))


def test_whoever_made_a_factor_or_turned_it_on_changes_it_and_nobody_else_does() -> None:
    there = world()
    token, other = (sign_in(there, PASSWORD=PASSWORD) for _ in range(2))
    replace_app(there, token)
    assert told(turn_app_off, there, other) == REFUSED
    turn_app_off(there, token)
    on = MfaPreferences({"SOFTWARE_TOKEN_MFA": MfaSettings(enabled=True)})
    run(set_user_mfa_preference(there.parts, other, on))
    turn_app_off(there, other)
