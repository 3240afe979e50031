from __future__ import annotations

from typing import Any

import pytest

from flowengine.crypto import totp
from flowengine.testing.fakes import KeptMessages
from tests.operations.world import NOW, PASSWORD, POOL, World, new_world
from tests.planted import CLIENT_ID
from tests.server.wire import admin, app_of, error_of, move_clock, post, succeeded

NAMED = {"UserPoolId": POOL.id, "Username": "grace"}
NEW = {
    **NAMED,
    "TemporaryPassword": "temporary-secret-1",
    "UserAttributes": [
        {"Name": "email", "Value": "g@example.com"},
        {"Name": "email_verified", "Value": "true"},
        {"Name": "nickname"},
    ],
    "ValidationData": [{"Name": "anything", "Value": "at all"}],
    "DesiredDeliveryMediums": ["EMAIL"],
    "ClientMetadata": {"a": "b"},
    "ForceAliasCreation": False,
}


def test_an_administrator_makes_looks_at_and_removes_a_user() -> None:
    sent = KeptMessages()
    world = new_world(delivery=sent)
    made = succeeded(admin(world, "AdminCreateUser", NEW), "AdminCreateUser")["User"]
    assert [(each.to, each.code) for each in sent.messages] == [
        ("g@example.com", NEW["TemporaryPassword"])
    ]
    assert made["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert made["Enabled"] is True
    assert made["UserCreateDate"] == world.user("grace").created_at.timestamp()
    assert made["Attributes"] == [
        {"Name": "sub", "Value": world.user("grace").sub},
        {"Name": "email", "Value": "g@example.com"},
        {"Name": "email_verified", "Value": "true"},
    ]
    seen = succeeded(admin(world, "AdminGetUser", NAMED), "AdminGetUser")
    assert seen["UserAttributes"] == made["Attributes"]
    assert seen["Username"] == "grace"
    succeeded(admin(world, "AdminDeleteUser", NAMED), "AdminDeleteUser")
    gone = error_of(admin(world, "AdminGetUser", NAMED))
    assert gone == (400, "UserNotFoundException", "User does not exist.")


def test_times_are_seconds_with_a_fraction() -> None:
    world = new_world()
    world.add_user()
    seen = succeeded(
        admin(world, "AdminGetUser", {"UserPoolId": POOL.id, "Username": "ada"}), "AdminGetUser"
    )
    assert seen["UserCreateDate"] == NOW.timestamp()
    assert seen["UserCreateDate"] % 1 == 0.25


def test_an_administrator_sets_a_password() -> None:
    world = new_world()
    world.add_user()
    members = {"UserPoolId": POOL.id, "Username": "ada", "Password": "a fresh one, please"}
    answer = admin(world, "AdminSetUserPassword", {**members, "Permanent": True})
    assert succeeded(answer, "AdminSetUserPassword") == {}
    assert world.user().status == "CONFIRMED"
    succeeded(admin(world, "AdminSetUserPassword", members), "AdminSetUserPassword")
    assert world.user().status == "FORCE_CHANGE_PASSWORD"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"TemporaryPassword": None}, None),
        ({"TemporaryPassword": None, "MessageAction": "SUPPRESS"}, None),
        ({"MessageAction": "RESEND"}, "UserNotFoundException"),
        ({"MessageAction": "RESEND", "Username": "ada"}, "UnsupportedUserStateException"),
        ({"DesiredDeliveryMediums": ["SMS"]}, "InvalidParameterException"),
        ({"DesiredDeliveryMediums": ["PIGEON"]}, "InvalidParameterException"),
        ({"ForceAliasCreation": True}, "InvalidParameterException"),
        ({"TemporaryPassword": "short"}, "InvalidPasswordException"),
        ({"Username": "ada"}, "UsernameExistsException"),
        (
            {"UserAttributes": [{"Name": "name", "Value": "x"}, {"Name": "name"}]},
            "InvalidParameterException",
        ),
        ({"UserPoolId": "eu-west-1_Nowhere"}, "ResourceNotFoundException"),
    ],
)
def test_what_is_asked_of_a_new_user_is_checked(changes: dict[str, Any], error: str | None) -> None:
    world = new_world(delivery=KeptMessages())
    world.add_user()
    answer = admin(world, "AdminCreateUser", {**NEW, **changes})
    if error is None:
        succeeded(answer, "AdminCreateUser")
    else:
        assert error_of(answer)[1] == error


def test_a_user_sets_an_app_up_and_sees_it() -> None:
    world = new_world()
    world.add_user(attributes={"email": "ada@example.com"})
    app, token = app_of(world), {"AccessToken": world.access_token()}
    began = succeeded(post(app, "AssociateSoftwareToken", token), "AssociateSoftwareToken")
    secret = totp.from_text(began["SecretCode"])
    code = totp.code(secret, totp.counter_at(world.clock.now()))
    members = {**token, "UserCode": code, "FriendlyDeviceName": "phone"}
    wrong = {**members, "UserCode": "000000" if code != "000000" else "000001"}
    mismatch = (400, "EnableSoftwareTokenMFAException", "Code mismatch")
    assert error_of(post(app, "VerifySoftwareToken", wrong)) == mismatch
    verified = succeeded(post(app, "VerifySoftwareToken", members), "VerifySoftwareToken")
    assert verified == {"Status": "SUCCESS"}
    me = succeeded(post(app, "GetUser", token), "GetUser")
    assert me == {
        "Username": "ada",
        "UserAttributes": [
            {"Name": "sub", "Value": world.user().sub},
            {"Name": "email", "Value": "ada@example.com"},
        ],
        "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"],
    }


def test_an_authorization_header_means_nothing_to_an_operation_of_users() -> None:
    world = new_world()
    world.add_user()
    answer = post(
        app_of(world),
        "GetUser",
        {"AccessToken": world.access_token()},
        headers={"authorization": "Bearer nonsense"},
    )
    assert succeeded(answer, "GetUser")["Username"] == "ada"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetUser", {"AccessToken": "a.b.c"}),
        ("AssociateSoftwareToken", {"AccessToken": "a.b.c"}),
        ("VerifySoftwareToken", {"AccessToken": "a.b.c", "UserCode": "123456"}),
    ],
)
def test_what_is_no_token_is_refused(operation: str, members: dict[str, str]) -> None:
    error = error_of(post(app_of(new_world()), operation, members))
    assert error == (400, "NotAuthorizedException", "Invalid Access Token")


@pytest.mark.parametrize(
    ("operation", "members", "told"),
    [
        ("AssociateSoftwareToken", {"Session": "s" * 20}, "NotAuthorizedException"),
        (
            "VerifySoftwareToken",
            {"Session": "s" * 20, "UserCode": "123456"},
            "NotAuthorizedException",
        ),
        ("AssociateSoftwareToken", {}, "InvalidParameterException"),
    ],
)
def test_a_session_is_not_taken_for_a_token(
    operation: str, members: dict[str, str], told: str
) -> None:
    assert error_of(post(app_of(new_world()), operation, members))[1] == told


def test_an_expired_token_is_told_as_such() -> None:
    world = new_world()
    world.add_user()
    token = world.access_token()
    move_clock(world, world.clock.now().replace(hour=23))
    error = error_of(post(app_of(world), "GetUser", {"AccessToken": token}))
    assert error == (400, "NotAuthorizedException", "Access Token has expired")


def test_a_made_user_signs_in_over_the_wire() -> None:
    world: World = new_world()
    members = {**NEW, "MessageAction": "SUPPRESS"}
    succeeded(admin(world, "AdminCreateUser", members), "AdminCreateUser")
    permanent = {**NAMED, "Password": PASSWORD, "Permanent": True}
    succeeded(admin(world, "AdminSetUserPassword", permanent), "AdminSetUserPassword")
    start = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": CLIENT_ID,
        "AuthParameters": {"USERNAME": "g@example.com", "PASSWORD": PASSWORD},
    }
    body = succeeded(post(app_of(world), "InitiateAuth", start), "InitiateAuth")
    assert "AuthenticationResult" in body
