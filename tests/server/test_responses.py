"""What each operation answers is what botocore's model of the service says it may.

``wire.post`` and ``wire.admin`` hold every answer that any test gets against the model: its shapes,
required members, enums, patterns and lengths, and which errors an operation has. Here every
operation that is served answers and refuses at least once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest
from soft_webauthn import SoftWebauthnDevice

from flowengine.accounts.device import DeviceSettings
from flowengine.crypto import totp
from flowengine.engine.replies import ChallengeReply
from flowengine.engine.system import SystemClock
from flowengine.server.catalog import OPERATIONS
from flowengine.stores.memory_devices import MemoryDevices
from tests.authenticator import ORIGIN
from tests.operations.accounts import FRESH, VERIFIED, Mailing, forgot, mailing
from tests.operations.registering import PASSKEYS
from tests.operations.world import PASSWORD, POOL
from tests.planted import CLIENT_ID, CODE
from tests.server.test_devices import members_of
from tests.server.wire import admin, app_of, as_modelled, error_of, move_clock, post, succeeded
from tests.soft_authenticator import soft_create

Make = Callable[[Mailing], Mapping[str, Any]]
"""Prepares a deployment for a call; the members of the call."""

ATTRIBUTES: Final = [{"Name": "name", "Value": "Ada"}]
BY_MAIL: Final = {"EmailMfaSettings": {"Enabled": True, "PreferredMfa": True}}


def stage() -> Mailing:
    """Deploy all that operations speak of, with a user whose address was verified."""
    pool = replace(
        PASSKEYS, devices=DeviceSettings(), mfa_methods=("SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    )
    mails = mailing(pool, devices=MemoryDevices())
    move_clock(mails.world, SystemClock().now())
    mails.world.add_user(attributes=VERIFIED)
    return mails


def sent(mails: Mailing, operation: str, members: Mapping[str, Any]) -> httpx.Response:
    """Call an operation, signed where it has to be."""
    if OPERATIONS[operation].admin:
        return admin(mails.world, operation, members)
    return post(app_of(mails.world), operation, members)


def done(mails: Mailing, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
    return succeeded(sent(mails, operation, members), operation)


def of_ada(**more: Any) -> Make:
    return lambda _: {"UserPoolId": POOL.id, "Username": "ada", **more}


def of_pool(**more: Any) -> Make:
    return lambda _: {"UserPoolId": POOL.id, **more}


def of_client(**more: Any) -> Make:
    return lambda _: {"ClientId": CLIENT_ID, "Username": "ada", **more}


def by_token(**more: Any) -> Make:
    return lambda mails: {"AccessToken": mails.world.access_token(), **more}


def begun(auth_flow: str, **more: str) -> Mapping[str, Any]:
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    return {"ClientId": CLIENT_ID, "AuthFlow": auth_flow, "AuthParameters": parameters, **more}


def answered(mails: Mailing, **more: str) -> Mapping[str, Any]:
    asked = mails.world.initiate("CUSTOM_AUTH", USERNAME="ada")
    assert isinstance(asked, ChallengeReply)
    return {
        "ClientId": CLIENT_ID,
        "ChallengeName": asked.challenge_name,
        "ChallengeResponses": {"USERNAME": "ada", "ANSWER": CODE},
        "Session": asked.session,
        **more,
    }


def signed_up(mails: Mailing) -> Mapping[str, Any]:
    new = {"Username": "grace", "Password": PASSWORD, "UserAttributes": [
        {"Name": "email", "Value": "grace@example.com"}
    ]}  # fmt: skip
    done(mails, "SignUp", {"ClientId": CLIENT_ID, **new})
    return {"ClientId": CLIENT_ID, "Username": "grace"}


def named(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what names the user alone."""
    return {"Username": members["Username"]}


def refreshed(mails: Mailing) -> Mapping[str, Any]:
    result = done(mails, "InitiateAuth", begun("USER_PASSWORD_AUTH"))["AuthenticationResult"]
    return {"ClientId": CLIENT_ID, "RefreshToken": result["RefreshToken"]}


def revoked(mails: Mailing) -> Mapping[str, Any]:
    members = refreshed(mails)
    return {"ClientId": CLIENT_ID, "Token": members["RefreshToken"]}


def app_set_up(mails: Mailing) -> Mapping[str, Any]:
    token = by_token()(mails)
    secret = totp.from_text(done(mails, "AssociateSoftwareToken", token)["SecretCode"])
    code = totp.code(secret, totp.counter_at(mails.world.clock.now()))
    return {**token, "UserCode": code}


def passkey_made(mails: Mailing) -> Mapping[str, Any]:
    token = by_token()(mails)
    options = done(mails, "StartWebAuthnRegistration", token)["CredentialCreationOptions"]
    return {**token, "Credential": soft_create(SoftWebauthnDevice(), options, ORIGIN)}


def passkey_kept(mails: Mailing) -> Mapping[str, Any]:
    members = passkey_made(mails)
    done(mails, "CompleteWebAuthnRegistration", members)
    return {"AccessToken": members["AccessToken"]}


def passkey_named(mails: Mailing) -> Mapping[str, Any]:
    token = passkey_kept(mails)
    (listed,) = done(mails, "ListWebAuthnCredentials", token)["Credentials"]
    return {**token, "CredentialId": listed["CredentialId"]}


def device_kept(mails: Mailing, **more: str) -> Mapping[str, Any]:
    members = members_of(mails.world)
    done(mails, "ConfirmDevice", members)
    return {"AccessToken": members["AccessToken"], "DeviceKey": members["DeviceKey"], **more}


def reset(mails: Mailing) -> Mapping[str, Any]:
    forgot(mails.world)
    return of_client(ConfirmationCode=mails.code, Password=FRESH)(mails)


def verified(mails: Mailing) -> Mapping[str, Any]:
    members = by_token(AttributeName="email")(mails)
    done(mails, "GetUserAttributeVerificationCode", members)
    return {**members, "Code": mails.code}


CALLS: Final[Mapping[str, Make]] = {
    "InitiateAuth": lambda _: begun("USER_PASSWORD_AUTH"),
    "RespondToAuthChallenge": answered,
    "AdminInitiateAuth": lambda _: begun("ADMIN_USER_PASSWORD_AUTH", UserPoolId=POOL.id),
    "AdminRespondToAuthChallenge": lambda mails: answered(mails, UserPoolId=POOL.id),
    "AdminCreateUser": of_pool(Username="grace", TemporaryPassword=PASSWORD),
    "AdminSetUserPassword": of_ada(Password=FRESH, Permanent=True),
    "AdminGetUser": of_ada(),
    "AdminDeleteUser": of_ada(),
    "AssociateSoftwareToken": by_token(),
    "VerifySoftwareToken": app_set_up,
    "StartWebAuthnRegistration": by_token(),
    "CompleteWebAuthnRegistration": passkey_made,
    "ListWebAuthnCredentials": passkey_kept,
    "DeleteWebAuthnCredential": passkey_named,
    "SignUp": of_client(Username="grace", Password=PASSWORD),
    "ConfirmSignUp": lambda mails: {**signed_up(mails), "ConfirmationCode": mails.code},
    "ResendConfirmationCode": signed_up,
    "ForgotPassword": of_client(),
    "ConfirmForgotPassword": reset,
    "ChangePassword": by_token(PreviousPassword=PASSWORD, ProposedPassword=FRESH),
    "AdminResetUserPassword": of_ada(),
    "AdminConfirmSignUp": lambda mails: {**named(signed_up(mails)), "UserPoolId": POOL.id},
    "AdminDisableUser": of_ada(),
    "AdminEnableUser": of_ada(),
    "AdminUpdateUserAttributes": of_ada(UserAttributes=ATTRIBUTES),
    "UpdateUserAttributes": by_token(UserAttributes=[{"Name": "email", "Value": "a@new.example"}]),
    "GetUserAttributeVerificationCode": by_token(AttributeName="email"),
    "VerifyUserAttribute": verified,
    "SetUserMFAPreference": by_token(**BY_MAIL),
    "AdminSetUserMFAPreference": of_ada(**BY_MAIL),
    "GetUserAuthFactors": by_token(),
    "ListUsers": of_pool(),
    "DescribeUserPool": of_pool(),
    "DescribeUserPoolClient": of_pool(ClientId=CLIENT_ID),
    "GetUser": by_token(),
    "ConfirmDevice": lambda mails: members_of(mails.world),
    "GetDevice": device_kept,
    "ListDevices": lambda mails: {"AccessToken": device_kept(mails)["AccessToken"]},
    "UpdateDeviceStatus": lambda mails: device_kept(mails, DeviceRememberedStatus="remembered"),
    "ForgetDevice": device_kept,
    "GetTokensFromRefreshToken": refreshed,
    "RevokeToken": revoked,
    "GlobalSignOut": by_token(),
    "AdminUserGlobalSignOut": of_ada(),
}  # fmt: skip


def test_every_operation_that_is_served_is_called_here() -> None:
    assert CALLS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_answer_is_one_that_the_model_allows(operation: str) -> None:
    mails = stage()
    done(mails, operation, CALLS[operation](mails))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_is_one_that_the_model_allows(operation: str) -> None:
    refused = error_of(sent(stage(), operation, {}))
    assert refused[:2] == (400, "InvalidParameterException")


@pytest.mark.parametrize("operation", [name for name, one in OPERATIONS.items() if not one.admin])
def test_a_body_that_cannot_be_read_is_refused_by_the_protocols_own_name(operation: str) -> None:
    refused = error_of(post(app_of(stage().world), operation, b"{"))
    assert refused[:2] == (400, "SerializationException")


GOOD: Final = {
    "UserConfirmed": False,
    "UserSub": "5c0d8f1e-0000-4000-8000-000000000000",
    "CodeDeliveryDetails": {"DeliveryMedium": "EMAIL", "AttributeName": "email"},
}
REFUSAL: Final = {"__type": "InvalidPasswordException", "message": "Too short."}


def read(status: int, body: Mapping[str, Any], *without: str, **changes: Any) -> httpx.Response:
    """Hold an answer of SignUp against the model."""
    kept = {name: value for name, value in {**body, **changes}.items() if name not in without}
    return as_modelled(httpx.Response(status, content=json.dumps(kept)), "SignUp")


def test_what_the_model_allows_is_read() -> None:
    read(200, GOOD)
    read(400, REFUSAL)
    read(400, REFUSAL, __type="InvalidParameterException", reasonCode="x")


@pytest.mark.parametrize(
    ("without", "changes"),
    [
        (("UserSub",), {}),
        ((), {"UserSub": None}),
        ((), {"UserSub": "x" * 131_073}),
        ((), {"UserConfirmed": "false"}),
        ((), {"CodeDeliveryDetails": {"DeliveryMedium": "PIGEON"}}),
        ((), {"More": 1}),
    ],
)
def test_what_the_model_does_not_allow_is_found(
    without: tuple[str, ...], changes: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError, match="SignUp"):
        read(200, GOOD, *without, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"__type": "DeviceKeyExistsException"},
        {"__type": "InternalFailure"},
        {"reasonCode": "x"},
        {"message": None},
    ],
)
def test_an_error_that_an_operation_does_not_have_is_found(changes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="SignUp"):
        read(400, REFUSAL, **changes)
