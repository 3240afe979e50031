"""Users of pools that were made: named by an address, with attributes of the pool's own."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import pytest

from flowengine.crypto import srp_client
from flowengine.server.app import App
from tests.operations.world import PASSWORD, new_world
from tests.server.developed import call, developed_app, done, new_client, new_pool, refused
from tests.server.wire import error_of, post, succeeded

WEAK = {"PasswordPolicy": {"MinimumLength": 6}}
BY_CHOICE = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}
MAIL = "ada@example.com"
TIER = {
    "Name": "tier",
    "AttributeDataType": "String",
    "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"},
}
SEATS = {
    "Name": "seats",
    "AttributeDataType": "Number",
    "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "100"},
}
SINCE = {"Name": "since", "AttributeDataType": "DateTime", "Mutable": False}
TRIAL = {"Name": "trial", "AttributeDataType": "Boolean"}
SCHEMA = [TIER, SEATS, SINCE, TRIAL]
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@pytest.fixture(scope="module")
def app() -> App:
    return developed_app()


@pytest.fixture
def pool(app: App) -> str:
    return new_pool(app, UsernameAttributes=["email"], Schema=SCHEMA, Policies=WEAK)


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("_", ":", 1), "Value": value} for name, value in values.items()]


def sign_up(app: App, client: dict[str, Any], name: str = MAIL, **values: str) -> Any:
    members = {"ClientId": client["ClientId"], "Username": name, "Password": PASSWORD}
    return post(app, "SignUp", {**members, "UserAttributes": attributes(**values)})


def signed_up(app: App, pool: str, **values: str) -> tuple[dict[str, Any], str]:
    """Make a user who signs up, and is confirmed by an administrator; the client, and the sub."""
    client = new_client(app, pool, ExplicitAuthFlows=FLOWS, PreventUserExistenceErrors="ENABLED")
    sub = succeeded(sign_up(app, client, **values), "SignUp")["UserSub"]
    done(app, "AdminConfirmSignUp", UserPoolId=pool, Username=MAIL)
    return client, sub


def sign_in(app: App, client: dict[str, Any], name: str) -> dict[str, Any]:
    parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
    members = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client["ClientId"]}
    answer = post(app, "InitiateAuth", {**members, "AuthParameters": parameters})
    result: dict[str, Any] = succeeded(answer, "InitiateAuth")["AuthenticationResult"]
    return result


def update(app: App, token: str, **values: str) -> Any:
    members = {"AccessToken": token, "UserAttributes": attributes(**values)}
    return post(app, "UpdateUserAttributes", members)


def test_an_address_names_a_user_who_is_called_by_the_sub(app: App, pool: str) -> None:
    client, sub = signed_up(app, pool)
    for name in (MAIL, sub):
        token = sign_in(app, client, name)["AccessToken"]
        body = succeeded(post(app, "GetUser", {"AccessToken": token}), "GetUser")
        assert body["Username"] == sub
        assert {"Name": "email", "Value": MAIL} in body["UserAttributes"]
    assert error_of(sign_up(app, client))[1] == "UsernameExistsException"


def test_an_administrator_makes_a_user_by_an_address(app: App, pool: str) -> None:
    members = {"UserPoolId": pool, "Username": MAIL, "MessageAction": "SUPPRESS"}
    made = done(app, "AdminCreateUser", **members)["User"]
    UUID(made["Username"])
    assert {"Name": "email", "Value": MAIL} in made["Attributes"]
    found = done(app, "AdminGetUser", UserPoolId=pool, Username=MAIL)
    assert found["Username"] == made["Username"]
    assert error_of(call(app, "AdminCreateUser", **members))[1] == "UsernameExistsException"


@pytest.mark.parametrize(
    ("attributes_of_pool", "names", "said"),
    [
        (["email"], ["ada", "+15550100"], "Username should be an email."),
        (["phone_number"], ["ada", MAIL], "Username should be a phone number."),
        (
            ["email", "phone_number"],
            ["ada"],
            "Username should be either an email or a phone number.",
        ),
    ],
)
def test_a_name_that_is_no_address_is_refused(
    app: App, attributes_of_pool: list[str], names: list[str], said: str
) -> None:
    pool = new_pool(app, UsernameAttributes=attributes_of_pool, Policies=WEAK)
    client = new_client(app, pool)
    for name in names:
        assert error_of(sign_up(app, client, name))[2] == said
        assert refused(app, "AdminCreateUser", UserPoolId=pool, Username=name) == said


def test_a_name_and_an_attribute_that_differ_are_refused(app: App, pool: str) -> None:
    client = new_client(app, pool)
    told = error_of(sign_up(app, client, email="other@example.com"))
    assert told[1:] == (
        "InvalidParameterException",
        "Username and the attribute email are not the same.",
    )


def test_an_address_that_names_somebody_is_nobody_elses(app: App, pool: str) -> None:
    client, _ = signed_up(app, pool)
    succeeded(sign_up(app, client, "bob@example.com"), "SignUp")
    token = sign_in(app, client, MAIL)["AccessToken"]
    assert error_of(update(app, token, email="bob@example.com"))[1] == "AliasExistsException"
    succeeded(update(app, token, email="lovelace@example.com"), "UpdateUserAttributes")
    assert sign_in(app, client, "lovelace@example.com")["AccessToken"]
    gone = error_of(update(app, token, email=""))
    assert gone[2] == "Invalid user attributes: email is required"


def begun(app: App, client: dict[str, Any], name: str) -> dict[str, str]:
    ephemeral = srp_client.begin(new_world().entropy.draw)
    members = {
        "AuthFlow": "USER_SRP_AUTH",
        "ClientId": client["ClientId"],
        "AuthParameters": {"USERNAME": name, "SRP_A": ephemeral.srp_a},
    }
    told: dict[str, str] = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")[
        "ChallengeParameters"
    ]
    return told


def test_what_an_unknown_address_is_called_is_no_sign_of_it(app: App, pool: str) -> None:
    client, sub = signed_up(app, pool)
    known, unknown = (begun(app, client, name) for name in (MAIL, "bob@example.com"))
    assert known["USER_ID_FOR_SRP"] == sub
    called = unknown["USER_ID_FOR_SRP"]
    assert str(UUID(called)) == called
    assert UUID(called).version == UUID(sub).version
    again = begun(app, client, called)
    assert (again["SALT"], again["USER_ID_FOR_SRP"]) == (unknown["SALT"], called)
    assert begun(app, client, "bob@example.com")["SALT"] == unknown["SALT"]


@pytest.mark.parametrize(
    "settings", [{"UsernameAttributes": ["email"]}, {"AliasAttributes": ["email"]}]
)
def test_an_unknown_address_is_answered_by_each_of_its_names(
    app: App, settings: dict[str, Any]
) -> None:
    pool = new_pool(app, **settings, Policies={**WEAK, **BY_CHOICE})
    flows = ["ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH"]
    known = new_client(app, pool, ExplicitAuthFlows=flows, PreventUserExistenceErrors="ENABLED")
    client = {"ClientId": known["ClientId"]}
    first = begun(app, known, MAIL)
    called = first["USER_ID_FOR_SRP"]
    assert (called, first["USERNAME"]) == (str(UUID(called)), called)
    srp_a = srp_client.begin(new_world().entropy.draw).srp_a
    for name in (MAIL, called):
        answer = chosen(app, client, name, srp_a)
        told = succeeded(answer, "RespondToAuthChallenge")["ChallengeParameters"]
        assert (told["USER_ID_FOR_SRP"], told["SALT"]) == (called, first["SALT"])
    assert error_of(chosen(app, client, "ada", srp_a))[1] == "NotAuthorizedException"


def chosen(app: App, client: dict[str, str], name: str, srp_a: str) -> Any:
    """Begin with an address, and choose SRP under another name."""
    members = {**client, "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": MAIL}}
    menu = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")
    answer = {
        "ChallengeName": "SELECT_CHALLENGE",
        "Session": menu["Session"],
        "ChallengeResponses": {"USERNAME": name, "ANSWER": "PASSWORD_SRP", "SRP_A": srp_a},
    }
    return post(app, "RespondToAuthChallenge", {**client, **answer})


def test_attributes_of_a_pools_own_are_kept_and_are_claims(app: App, pool: str) -> None:
    values = {"custom_tier": "gold", "custom_seats": "7", "custom_since": "2026-01-02"}
    client, _ = signed_up(app, pool, **values)
    told = done(app, "AdminGetUser", UserPoolId=pool, Username=MAIL)["UserAttributes"]
    assert {"Name": "custom:tier", "Value": "gold"} in told
    result = sign_in(app, client, MAIL)
    payload = result["IdToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["custom:tier"], claims["custom:seats"]) == ("gold", "7")
    succeeded(update(app, result["AccessToken"], custom_tier="basic"), "UpdateUserAttributes")
    listed = done(app, "ListUsers", UserPoolId=pool, AttributesToGet=["custom:tier"])["Users"]
    assert listed[0]["Attributes"] == [{"Name": "custom:tier", "Value": "basic"}]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("custom_tier", "g", "Value must have at least 2 characters"),
        ("custom_tier", "platinum", "Value must have at most 5 characters"),
        ("custom_seats", "0", "Value must be at least 1"),
        ("custom_seats", "101", "Value must be at most 100"),
        ("custom_seats", "seven", "Value is not a Number"),
        ("custom_since", "yesterday", "Value is not a DateTime"),
        ("custom_trial", "perhaps", "Value is not a Boolean"),
        ("custom_other", "x", "Attribute does not exist in the schema."),
        ("tier", "gold", "Attribute does not exist in the schema."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_each_door(
    app: App, pool: str, name: str, value: str, said: str
) -> None:
    client, _ = signed_up(app, pool)
    token = sign_in(app, client, MAIL)["AccessToken"]
    given = attributes(**{name: value})
    told = [
        error_of(sign_up(app, client, "bob@example.com", **{name: value})),
        error_of(update(app, token, **{name: value})),
        *(
            error_of(call(app, operation, UserPoolId=pool, Username=who, UserAttributes=given))
            for operation, who in (
                ("AdminCreateUser", "bob@example.com"),
                ("AdminUpdateUserAttributes", MAIL),
            )
        ),
    ]
    for _, code, message in told:
        assert code == "InvalidParameterException"
        assert message.endswith(said)


def test_what_is_not_mutable_is_written_once(app: App, pool: str) -> None:
    client, _ = signed_up(app, pool, custom_since="2026-01-02")
    token = sign_in(app, client, MAIL)["AccessToken"]
    given = attributes(custom_since="2026-01-03")
    by_admin = {"UserPoolId": pool, "Username": MAIL, "UserAttributes": given}
    for told in (
        error_of(update(app, token, custom_since="2026-01-03")),
        error_of(update(app, token, custom_since="")),
        error_of(call(app, "AdminUpdateUserAttributes", **by_admin)),
    ):
        assert told[2] == "user.custom:since: Attribute cannot be updated."
    succeeded(update(app, token, custom_since="2026-01-02"), "UpdateUserAttributes")
