"""The texts that clients branch on, beyond those of challenges (COGNITO.md, F.5)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.user import UserStatus
from flowengine.crypto import srp
from flowengine.tokens import jwt
from tests.operations.world import NOW
from tests.planted import CODE
from tests.server.refusals.checking import Case, Scene, check
from tests.server.refusals.stage import (
    DEVICE_KEY,
    GROUP,
    LEGACY,
    NARROW,
    UNKNOWN_DEVICE,
    WRONG,
    Act,
    Stage,
    good,
)

LEGAL: Final = "Correct-Horse-9"
STRICT: Final = {
    "pool": {
        "password_policy": PasswordPolicy(
            require_lowercase=True,
            require_uppercase=True,
            require_numbers=True,
            require_symbols=True,
        )
    }
}


def temporary_too_old(stage: Stage) -> Act:
    stage.add(status=UserStatus.FORCE_CHANGE_PASSWORD, temporary_until=NOW + timedelta(days=7))
    stage.wait(days=7)
    return stage.password


# Refresh


def refresh(token: str) -> Callable[[Stage], Act]:
    return lambda stage: lambda: stage.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)


def refresh_after(**wait: float) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        stage.add()
        token = stage.tokens()["RefreshToken"]
        stage.wait(**wait)
        return refresh(token)(stage)

    return scene


def refresh_without_device(stage: Stage) -> Scene:
    stage.add_device(stage.add())
    asked = stage.device_proof_asked()
    signed_in = good(stage.respond(asked, **stage.device_claim(asked)))
    token = signed_in["AuthenticationResult"]["RefreshToken"]
    again = {"REFRESH_TOKEN": token, "DEVICE_KEY": DEVICE_KEY}
    return Scene(refresh(token)(stage), lambda: stage.initiate("REFRESH_TOKEN_AUTH", **again))


def refresh_revoked(stage: Stage) -> Act:
    stage.add()
    token = stage.tokens()["RefreshToken"]
    good(stage.call("RevokeToken", Token=token, ClientId=stage.client.id))
    return refresh(token)(stage)


# Access tokens


def get_user(token: str) -> Callable[[Stage], Act]:
    return lambda stage: lambda: stage.call("GetUser", AccessToken=token)


def access_expired(stage: Stage) -> Act:
    stage.add()
    token = stage.tokens()["AccessToken"]
    stage.wait(hours=1)
    return get_user(token)(stage)


def access_revoked(stage: Stage) -> Act:
    stage.add()
    token = stage.tokens()["AccessToken"]
    good(stage.call("GlobalSignOut", AccessToken=token))
    return get_user(token)(stage)


def other_scope(stage: Stage) -> Act:
    stage.add()
    key = stage.world.parts.signing[stage.pool.id].access
    token = stage.tokens()["AccessToken"]
    claims = {**jwt_claims(token), "scope": "openid"}
    return get_user(jwt.sign(key, claims))(stage)


def jwt_claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


# Codes of operations


def nobody(stage: Stage) -> Act:
    return lambda: stage.call("ResendConfirmationCode", ClientId=LEGACY, Username="nobody")


def wrong_confirmation(stage: Stage) -> Scene:
    attributes = [{"Name": "email", "Value": "new@example.com"}]
    named = {"ClientId": stage.client.id, "Username": "new"}
    good(stage.call("SignUp", **named, Password=LEGAL, UserAttributes=attributes))
    return Scene(
        lambda: stage.call("ConfirmSignUp", **named, ConfirmationCode="0"),
        lambda: stage.call("ConfirmSignUp", **named, ConfirmationCode=stage.sent()),
    )


def reset(wait: timedelta, *, wrong: bool) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        stage.add()
        named = {"ClientId": stage.client.id, "Username": "ada"}
        good(stage.call("ForgotPassword", **named))
        stage.clock.advance(wait)
        sent = {**named, "ConfirmationCode": "0" if wrong else stage.sent(), "Password": WRONG}
        return lambda: stage.call("ConfirmForgotPassword", **sent)

    return scene


# Apps and devices


def app_code_wrong(stage: Stage) -> Act:
    stage.add()
    token = stage.tokens()["AccessToken"]
    good(stage.call("AssociateSoftwareToken", AccessToken=token))
    members = {"AccessToken": token, "UserCode": "000000"}
    return lambda: stage.call("VerifySoftwareToken", **members)


def no_apps(stage: Stage) -> Act:
    stage.add()
    token = stage.tokens()["AccessToken"]
    return lambda: stage.call("AssociateSoftwareToken", AccessToken=token)


def never_associated(stage: Stage) -> Act:
    stage.add()
    members = {"AccessToken": stage.tokens()["AccessToken"], "UserCode": "000000"}
    return lambda: stage.call("VerifySoftwareToken", **members)


def foreign_device(stage: Stage) -> Act:
    stage.add()
    asked = stage.srp()
    result = good(stage.respond(asked, **stage.claim(asked)))["AuthenticationResult"]
    verifier = srp.verifier(GROUP, UNKNOWN_DEVICE, CODE, 1)
    config = {
        "PasswordVerifier": base64.b64encode(srp.pad(verifier)).decode(),
        "Salt": base64.b64encode(srp.pad(1)).decode(),
    }
    members = {"DeviceKey": UNKNOWN_DEVICE, "DeviceSecretVerifierConfig": config}
    return lambda: stage.call("ConfirmDevice", AccessToken=result["AccessToken"], **members)


def preferring(**settings: Any) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        stage.add(attributes={})
        token = stage.tokens()["AccessToken"]
        return lambda: stage.call("SetUserMFAPreference", AccessToken=token, **settings)

    return scene


# Auth flows and passwords


def by_admin(auth_flow: str) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        stage.add()
        parameters = {"USERNAME": "ada", "PASSWORD": WRONG}
        members = {"ClientId": stage.client.id, "AuthParameters": parameters}
        return lambda: stage.by_admin("AdminInitiateAuth", AuthFlow=auth_flow, **members)

    return scene


def by_user(auth_flow: str, *client: str) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        stage.add()
        return lambda: stage.initiate(auth_flow, *client, PASSWORD=WRONG, SRP_A="a" * 64)

    return scene


def imported(stage: Stage) -> Act:
    stage.add(password=None)
    asked = stage.srp()
    claim = stage.claim(asked)
    return lambda: stage.respond(asked, **claim)


def proposing(password: str) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        members = {"ClientId": stage.client.id, "Username": "new", "Password": password}
        return lambda: stage.call("SignUp", **members)

    return scene


REFUSED: Final = ("counters: new", "sessions: refused")
CASES: Final = {
    "a temporary password is too old": Case(temporary_too_old, ("sessions: new, refused",)),
    "what is no refresh token": Case(refresh(CODE)),
    "a refresh token without its device": Case(refresh_without_device),
    "a refresh token expired": Case(refresh_after(days=30)),
    "a refresh token was revoked": Case(refresh_revoked),
    "what is no access token": Case(get_user("a.b.c")),
    "an access token expired": Case(access_expired),
    "an access token was revoked": Case(access_revoked),
    "an access token has another scope": Case(other_scope),
    "nobody to sign up again": Case(nobody),
    "a code that confirms is wrong": Case(wrong_confirmation, ("counters: new",)),
    "a code that resets is wrong": Case(reset(timedelta(), wrong=True), ("counters: new",)),
    "a code that resets is late": Case(reset(timedelta(hours=1), wrong=False), ("counters: new",)),
    "an app is set up with a wrong code": Case(app_code_wrong, ("counters: new",)),
    "a pool has no apps": Case(no_apps, stage={"pool": {"mfa_methods": ("SMS_MFA",)}}),
    "an app was never associated": Case(never_associated),
    "a user's auth flow comes from an administrator": Case(by_admin("USER_PASSWORD_AUTH")),
    "an administrator's auth flow comes from a user": Case(by_user("ADMIN_USER_PASSWORD_AUTH")),
    "an auth flow is not enabled": Case(by_user("USER_SRP_AUTH", NARROW)),
    "a device key is another token's": Case(foreign_device),
    "a user was imported without a password": Case(imported, REFUSED),
    "an app is preferred that was not verified": Case(
        preferring(SoftwareTokenMfaSettings={"Enabled": True})
    ),
    "a phone is preferred that was not verified": Case(
        preferring(SMSMfaSettings={"Enabled": True})
    ),
    "a password has no lowercase": Case(proposing("ONLY-UPPER-9"), stage=STRICT),
    "a password has no uppercase": Case(proposing("only-lower-9"), stage=STRICT),
    "a password has no numbers": Case(proposing("No-Numbers-here"), stage=STRICT),
    "a password has no symbols": Case(proposing("NoSymbolsHere9"), stage=STRICT),
}


@pytest.mark.parametrize("name", CASES)
def test_a_text_is_told_as_clients_know_it(name: str, template: Path, tmp_path: Path) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
