"""Sign-up, passwords, factors, attributes, lists and descriptions on the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.accounts.pool import Client, Mfa, Rotation, TokenLives
from flowengine.server.account_inputs import SIGN_UP
from flowengine.server.catalog import OPERATIONS
from flowengine.testing.fakes import KeptMessages
from tests.operations.accounts import BY_PHONE, MAIL, VERIFIED, Mailing, mailing, with_ada
from tests.operations.world import OPEN, OTHER, PASSWORD, POOL, TOTP_SECRET, World, new_world
from tests.planted import CLIENT_ID, OTHER_PASSWORD
from tests.server.wire import admin, app_of, error_of, post, succeeded

NAMED = {"UserPoolId": POOL.id, "Username": "ada"}
DETAILS = {
    "CodeDeliveryDetails": {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
}
SIGNED = (
    "AdminResetUserPassword",
    "AdminConfirmSignUp",
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminUpdateUserAttributes",
    "AdminSetUserMFAPreference",
    "ListUsers",
    "DescribeUserPool",
    "DescribeUserPoolClient",
)


def call(world: World, operation: str, **members: Any) -> dict[str, Any]:
    return succeeded(post(app_of(world), operation, members), operation)


def by_client(world: World, operation: str, **members: Any) -> dict[str, Any]:
    return call(world, operation, **{"ClientId": CLIENT_ID, "Username": "ada", **members})


def refused(world: World, operation: str, **members: Any) -> tuple[int, str, str]:
    sent = {"ClientId": CLIENT_ID, "Username": "ada", **members}
    return error_of(post(app_of(world), operation, sent))


def by_admin(world: World, operation: str, **members: Any) -> dict[str, Any]:
    return succeeded(admin(world, operation, {**NAMED, **members}), operation)


def signs_in(world: World, password: str) -> httpx.Response:
    parameters = {"USERNAME": "ada", "PASSWORD": password}
    start = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT_ID, "AuthParameters": parameters}
    return post(app_of(world), "InitiateAuth", start)


def attribute(name: str, value: str) -> dict[str, str]:
    return {"Name": name, "Value": value}


def test_a_user_signs_up_confirms_and_signs_in() -> None:
    mails = mailing()
    members = {"Password": PASSWORD, "UserAttributes": [attribute("email", MAIL)]}
    made = by_client(mails.world, "SignUp", **members, ValidationData=[attribute("a", "b")])
    assert made == {"UserConfirmed": False, "UserSub": mails.world.user().sub, **DETAILS}
    assert error_of(signs_in(mails.world, PASSWORD))[1] == "UserNotConfirmedException"
    assert by_client(mails.world, "ResendConfirmationCode") == DETAILS
    assert by_client(mails.world, "ConfirmSignUp", ConfirmationCode=mails.code) == {}
    succeeded(signs_in(mails.world, PASSWORD), "InitiateAuth")
    exists = (400, "UsernameExistsException", "User account already exists")
    assert refused(mails.world, "SignUp", **members) == exists


def test_a_sign_up_without_a_code_is_confirmed_by_an_administrator() -> None:
    world = new_world()
    made = by_client(world, "SignUp", Password=PASSWORD)
    assert set(made) == {"UserConfirmed", "UserSub"}
    assert by_admin(world, "AdminConfirmSignUp") == {}
    succeeded(signs_in(world, PASSWORD), "InitiateAuth")


def test_a_pool_may_let_nobody_sign_up() -> None:
    world = new_world(replace(POOL, sign_up=False))
    error = (400, "NotAuthorizedException", "SignUp is not permitted for this user pool")
    assert refused(world, "SignUp", Password=PASSWORD) == error


def test_a_forgotten_password_is_replaced() -> None:
    mails = with_ada()
    assert by_client(mails.world, "ForgotPassword") == DETAILS
    new = {"ConfirmationCode": mails.code, "Password": OTHER_PASSWORD}
    assert by_client(mails.world, "ConfirmForgotPassword", **new) == {}
    succeeded(signs_in(mails.world, OTHER_PASSWORD), "InitiateAuth")
    expired = (
        400,
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    )
    assert refused(mails.world, "ConfirmForgotPassword", **new) == expired


def answers(mails: Mailing, username: str) -> list[object]:
    """Do what a stranger can do with a name, and give all that is told."""
    heard: list[object] = [by_client(mails.world, "ForgotPassword", Username=username)]
    code = {"ConfirmationCode": "00000x", "Username": username}
    heard.append(refused(mails.world, "ConfirmForgotPassword", **code, Password=OTHER_PASSWORD))
    heard.append(by_client(mails.world, "ResendConfirmationCode", Username=username))
    heard += [refused(mails.world, "ConfirmSignUp", **code) for _ in range(6)]
    return heard


def shape(value: object) -> object:
    """Give what there is of an answer without the address that is masked."""
    if isinstance(value, dict):
        return {name: "*" if name == "Destination" else shape(v) for name, v in value.items()}
    return value


def test_a_stranger_cannot_tell_who_is_there() -> None:
    known = [shape(one) for one in answers(with_ada(), "ada")]
    disabled = [shape(one) for one in answers(with_ada(enabled=False), "ada")]
    unknown = [shape(one) for one in answers(mailing(), "ada")]
    assert known == disabled == unknown
    assert answers(with_ada(), MAIL)[0] == answers(mailing(), MAIL)[0] == DETAILS


def test_a_telling_client_tells() -> None:
    world = mailing().world
    members = {"ClientId": OPEN.id, "Username": "ada"}
    missing = (400, "UserNotFoundException", "Username/client id combination not found.")
    for operation in ("ForgotPassword", "ResendConfirmationCode"):
        assert error_of(post(app_of(world), operation, members)) == missing


def test_the_client_that_is_refused_is_named_in_the_answer() -> None:
    world = mailing().world
    error = refused(world, "ForgotPassword", ClientId="nobody")
    assert error == (400, "ResourceNotFoundException", "User pool client nobody does not exist.")
    hashed = refused(world, "SignUp", Password=PASSWORD, SecretHash="d3Jvbmc=")
    text = f"Unable to verify secret hash for client {CLIENT_ID}"
    assert hashed == (400, "NotAuthorizedException", text)


def test_a_signed_in_user_sets_another_password() -> None:
    world = with_ada().world
    token = world.access_token()
    members = {
        "AccessToken": token,
        "PreviousPassword": PASSWORD,
        "ProposedPassword": OTHER_PASSWORD,
    }
    assert call(world, "ChangePassword", **members) == {}
    succeeded(signs_in(world, OTHER_PASSWORD), "InitiateAuth")
    revoked = (400, "NotAuthorizedException", "Access Token has been revoked")
    assert error_of(post(app_of(world), "ChangePassword", members)) == revoked


def test_an_administrator_resets_disables_and_enables() -> None:
    mails = with_ada()
    assert by_admin(mails.world, "AdminResetUserPassword", ClientMetadata={"a": "b"}) == {}
    must = (400, "PasswordResetRequiredException", "Password reset required for the user")
    assert error_of(signs_in(mails.world, PASSWORD)) == must
    new = {"ConfirmationCode": mails.code, "Password": OTHER_PASSWORD}
    by_client(mails.world, "ConfirmForgotPassword", **new)
    assert by_admin(mails.world, "AdminDisableUser") == {}
    disabled = (400, "NotAuthorizedException", "User is disabled.")
    assert error_of(signs_in(mails.world, OTHER_PASSWORD)) == disabled
    assert by_admin(mails.world, "AdminEnableUser") == {}
    succeeded(signs_in(mails.world, OTHER_PASSWORD), "InitiateAuth")


def test_attributes_are_written_and_verified() -> None:
    mails = with_ada()
    token = {"AccessToken": mails.world.access_token()}
    written = {"UserAttributes": [attribute("email", "ada@new.example"), attribute("name", "A")]}
    sent = call(mails.world, "UpdateUserAttributes", **token, **written)
    details = {"Destination": "a***@n***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert sent == {"CodeDeliveryDetailsList": [details]}
    asked = call(mails.world, "GetUserAttributeVerificationCode", **token, AttributeName="email")
    assert asked == {"CodeDeliveryDetails": details}
    code = {"AttributeName": "email", "Code": mails.code}
    assert call(mails.world, "VerifyUserAttribute", **token, **code) == {}
    assert mails.world.user("ada@new.example").attributes["name"] == "A"
    by_admin(mails.world, "AdminUpdateUserAttributes", UserAttributes=[attribute("name", "")])
    assert "name" not in mails.world.user().attributes
    twice = {"UserAttributes": [attribute("name", "A"), attribute("name", "B")]}
    error = error_of(post(app_of(mails.world), "UpdateUserAttributes", {**token, **twice}))
    assert error[1:] == (
        "InvalidParameterException",
        "Invalid attributes given, a name is given twice",
    )


def test_factors_are_turned_on_and_seen() -> None:
    pool = replace(POOL, mfa_methods=("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"))
    mails = with_ada(
        pool,
        attributes={**VERIFIED, **BY_PHONE},
        totp=TotpFactor(TOTP_SECRET, active=False),
    )
    token = {"AccessToken": mails.world.access_token()}
    on = {"Enabled": True}
    members = {"SMSMfaSettings": on, "SoftwareTokenMfaSettings": {**on, "PreferredMfa": True}}
    assert call(mails.world, "SetUserMFAPreference", **token, **members) == {}
    assert by_admin(mails.world, "AdminSetUserMFAPreference", EmailMfaSettings=on) == {}
    mails.world.clock.advance(mails.world.user().created_at - mails.world.clock.now())
    assert call(mails.world, "GetUserAuthFactors", **token) == {
        "Username": "ada",
        "PreferredMfaSetting": "SOFTWARE_TOKEN_MFA",
        "UserMFASettingList": ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
        "ConfiguredUserAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "SOFTWARE_TOKEN"],
    }
    passkeys = {**token, "WebAuthnMfaSettings": on}
    error = error_of(post(app_of(mails.world), "SetUserMFAPreference", passkeys))
    assert error[2] == "WebAuthnMfaSettings is not supported."


def test_users_are_listed_in_pages() -> None:
    world = with_ada().world
    world.add_user("grace")
    pool = {"UserPoolId": POOL.id}
    first = succeeded(admin(world, "ListUsers", {**pool, "Limit": 1}), "ListUsers")
    assert [user["Username"] for user in first["Users"]] == ["ada"]
    more = {**pool, "PaginationToken": first["PaginationToken"]}
    second = succeeded(admin(world, "ListUsers", more), "ListUsers")
    assert [user["Username"] for user in second["Users"]] == ["grace"]
    assert "PaginationToken" not in second
    search = {**pool, "Filter": f'email = "{MAIL}"', "AttributesToGet": ["email"]}
    (found,) = succeeded(admin(world, "ListUsers", search), "ListUsers")["Users"]
    assert found["Attributes"] == [attribute("email", MAIL)]
    over = error_of(admin(world, "ListUsers", {**pool, "Limit": 61}))
    assert over[1] == "InvalidParameterException"


def described(world: World, operation: str, **members: Any) -> dict[str, Any]:
    answer = admin(world, operation, {"UserPoolId": POOL.id, **members})
    (body,) = succeeded(answer, operation).values()
    assert isinstance(body, dict)
    return body


def test_a_pool_is_described() -> None:
    pool = described(new_world(), "DescribeUserPool")
    assert (pool["Id"], pool["Name"], pool["MfaConfiguration"]) == (POOL.id, "main", "OPTIONAL")
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert pool["AliasAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": True}
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    assert "DeviceConfiguration" not in pool
    changed = replace(
        POOL,
        mfa=Mfa.REQUIRED,
        aliases=(),
        sign_up=False,
        required_attributes=("name",),
        devices=DeviceSettings(RememberDevices.ON_REQUEST, challenge_on_new=False),
        temporary_password_life=timedelta(hours=25),
    )
    other = described(new_world(changed), "DescribeUserPool")
    assert other["MfaConfiguration"] == "ON"
    assert "AliasAttributes" not in other
    assert other["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert other["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 2
    required = [each["Name"] for each in other["SchemaAttributes"] if each["Required"]]
    assert required == ["name", "sub"]
    assert other["DeviceConfiguration"] == {
        "ChallengeRequiredOnNewDevice": False,
        "DeviceOnlyRememberedOnUserPrompt": True,
    }


def test_a_client_is_described_with_its_secret() -> None:
    secret = "s3cretOfAClientThatIsLongEnough"
    client = Client(
        id="6described6",
        name="described",
        pool_id=POOL.id,
        secret=secret,
        prevent_user_existence_errors=False,
        session_validity=timedelta(minutes=4),
        tokens=TokenLives(refresh=timedelta(days=1), rotation=Rotation(timedelta(seconds=9))),
        auth_flows={"USER_SRP_AUTH": "sign-in"},
    )
    plain = replace(client, id="7plain7", secret=None, tokens=TokenLives())
    world = new_world(clients=(client, plain, OTHER))
    assert described(world, "DescribeUserPoolClient", ClientId=client.id) == {
        "UserPoolId": POOL.id,
        "ClientName": "described",
        "ClientId": client.id,
        "ClientSecret": secret,
        "AccessTokenValidity": 3600,
        "IdTokenValidity": 3600,
        "RefreshTokenValidity": 86400,
        "TokenValidityUnits": {
            "AccessToken": "seconds",
            "IdToken": "seconds",
            "RefreshToken": "seconds",
        },
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "PreventUserExistenceErrors": "LEGACY",
        "EnableTokenRevocation": True,
        "AuthSessionValidity": 4,
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 9},
    }
    other = described(world, "DescribeUserPoolClient", ClientId=plain.id)
    assert "ClientSecret" not in other
    assert other["ExplicitAuthFlows"][-1] == "ALLOW_REFRESH_TOKEN_AUTH"
    for stranger in (OTHER.id, "nobody"):
        answer = admin(
            world, "DescribeUserPoolClient", {"UserPoolId": POOL.id, "ClientId": stranger}
        )
        text = f"User pool client {stranger} does not exist."
        assert error_of(answer) == (400, "ResourceNotFoundException", text)


@pytest.mark.parametrize("operation", SIGNED)
def test_what_is_an_administrators_has_to_be_signed(operation: str) -> None:
    world = with_ada().world
    error = error_of(post(app_of(world), operation, {**NAMED, "ClientId": CLIENT_ID}))
    assert error[1] == "MissingAuthenticationTokenException"
    assert OPERATIONS[operation].admin


@pytest.mark.parametrize("operation", ["ForgotPassword", "ConfirmSignUp", "SignUp"])
def test_members_that_are_missing_or_malformed_are_told(operation: str) -> None:
    world = mailing().world
    error = error_of(post(app_of(world), operation, {"Username": "a b"}))
    assert error[1] == "InvalidParameterException"
    assert "'clientId'" in error[2]
    assert "'username'" in error[2]
    assert "a b" not in error[2]


def test_a_blank_in_a_code_is_no_code() -> None:
    error = refused(mailing().world, "ConfirmSignUp", ConfirmationCode="12 456")
    assert error[1] == "InvalidParameterException"
    assert "'confirmationCode'" in error[2]


def test_a_code_is_in_no_answer() -> None:
    mails = with_ada()
    answer = post(app_of(mails.world), "ForgotPassword", {"ClientId": CLIENT_ID, "Username": "ada"})
    assert isinstance(mails.sent, KeptMessages)
    told = json.dumps([answer.text, dict(answer.headers)])
    request_id = answer.headers["x-amzn-requestid"]
    assert mails.code not in told.replace(request_id, "")
    assert SIGN_UP.required == {"ClientId", "Username"}
