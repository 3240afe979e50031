"""Account recovery, passkeys and triggers of pools that were made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowengine import resources
from flowengine.server.app import App
from tests.operations.world import PASSWORD
from tests.server.developed import call, developed_app, done, new_client, new_pool, refused
from tests.server.wire import error_of, post, service_model

FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]
PARTY = {"RelyingPartyId": "example.com"}
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
MODEL: Any = service_model().shape_for("LambdaConfigType")
TRIGGERS: dict[str, Any] = MODEL.members
MAIL, PHONE, ADMIN = "verified_email", "verified_phone_number", "admin_only"


@pytest.fixture(scope="module")
def app() -> App:
    return developed_app()


def recovery(*names: str, first: int = 1) -> dict[str, Any]:
    mechanisms = [{"Priority": place, "Name": name} for place, name in enumerate(names, first)]
    return {"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}}


def choice(*factors: str) -> dict[str, Any]:
    return {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": [*FACTORS, *factors]}}}


def described(app: App, pool: str) -> dict[str, Any]:
    found: dict[str, Any] = done(app, "DescribeUserPool", UserPoolId=pool)["UserPool"]
    return found


@pytest.mark.parametrize("names", [(MAIL,), (PHONE,), (MAIL, PHONE), (PHONE, MAIL), (ADMIN,)])
def test_account_recovery_is_described_as_it_was_set(app: App, names: tuple[str, ...]) -> None:
    written = recovery(*names)
    pool = new_pool(app, **written)
    assert described(app, pool)["AccountRecoverySetting"] == written["AccountRecoverySetting"]
    done(app, "UpdateUserPool", UserPoolId=pool)
    usual = recovery(MAIL, PHONE)["AccountRecoverySetting"]
    assert described(app, pool)["AccountRecoverySetting"] == usual


def test_the_priority_decides_and_not_the_order_of_writing(app: App) -> None:
    written = recovery(MAIL, PHONE)
    written["AccountRecoverySetting"]["RecoveryMechanisms"].reverse()
    told = described(app, new_pool(app, **written))["AccountRecoverySetting"]
    assert [one["Name"] for one in told["RecoveryMechanisms"]] == [MAIL, PHONE]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (recovery(ADMIN, MAIL), "cannot use admin_only setting with any other"),
        (recovery(MAIL, MAIL), "cannot have a name or a priority twice"),
        (recovery("verified_pigeon"), "failed to satisfy constraint"),
        (recovery(MAIL, first=3), "failed to satisfy constraint"),
    ],
)
def test_account_recovery_that_contradicts_itself_is_refused(
    app: App, written: dict[str, Any], said: str
) -> None:
    assert said in refused(app, "CreateUserPool", PoolName="made", **written)


def test_one_priority_is_not_two_mechanisms(app: App) -> None:
    written = recovery(MAIL, PHONE)
    for one in written["AccountRecoverySetting"]["RecoveryMechanisms"]:
        one["Priority"] = 1
    assert "twice" in refused(app, "CreateUserPool", PoolName="made", **written)


def test_where_only_an_administrator_sets_passwords_each_refusal_is_one_of_the_operations(
    app: App,
) -> None:
    pool = new_pool(app, **recovery(ADMIN))
    who = {"ClientId": new_client(app, pool)["ClientId"], "Username": "ada"}
    told = (400, "NotAuthorizedException", "Contact administrator to reset password.")
    assert error_of(post(app, "ForgotPassword", who)) == told
    code = {"ConfirmationCode": "123456", "Password": PASSWORD}
    assert error_of(post(app, "ConfirmForgotPassword", {**who, **code})) == told
    reset = call(app, "AdminResetUserPassword", UserPoolId=pool, Username="ada")
    assert error_of(reset) == told


def test_passkeys_are_set_described_and_taken_away_together_with_the_factors(app: App) -> None:
    known = {"UserPoolId": new_pool(app)}
    written = {**PARTY, "UserVerification": "required", "FactorConfiguration": "SINGLE_FACTOR"}
    told = done(app, "SetUserPoolMfaConfig", **known, WebAuthnConfiguration=written)
    assert told == {"MfaConfiguration": "OFF", "WebAuthnConfiguration": written}
    done(app, "UpdateUserPool", **known)
    assert done(app, "GetUserPoolMfaConfig", **known) == told
    usual = done(app, "SetUserPoolMfaConfig", **known, WebAuthnConfiguration=PARTY)
    assert usual["WebAuthnConfiguration"] == {**PARTY, "UserVerification": "preferred"}
    assert done(app, "SetUserPoolMfaConfig", **known) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "RelyingPartyId must be a domain"),
        ({"UserVerification": "required"}, "RelyingPartyId must be a domain"),
        ({"RelyingPartyId": "https://example.com"}, "RelyingPartyId must be a domain"),
        ({"RelyingPartyId": "com"}, "RelyingPartyId must be a domain"),
        ({"RelyingPartyId": "127.0.0.1"}, "RelyingPartyId must be a domain"),
        ({**PARTY, "UserVerification": "discouraged"}, "failed to satisfy constraint"),
        ({**PARTY, "Origins": ["https://example.com"]}, "Member is not supported"),
        (
            {**PARTY, "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"},
            "FactorConfiguration but SINGLE_FACTOR is not supported",
        ),
    ],
)
def test_passkeys_that_cannot_be_had_are_refused(
    app: App, written: dict[str, str], said: str
) -> None:
    known = {"UserPoolId": new_pool(app)}
    assert said in refused(app, "SetUserPoolMfaConfig", **known, WebAuthnConfiguration=written)
    assert done(app, "GetUserPoolMfaConfig", **known) == {"MfaConfiguration": "OFF"}


def test_no_choice_offers_passkeys_that_the_pool_does_not_allow(app: App) -> None:
    by_choice = {"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}
    first = new_pool(app, **choice())
    new_client(app, first, **by_choice)
    told = refused(app, "SetUserPoolMfaConfig", UserPoolId=first, WebAuthnConfiguration=PARTY)
    assert "WEB_AUTHN" in told
    second = new_pool(app, **choice())
    done(app, "SetUserPoolMfaConfig", UserPoolId=second, WebAuthnConfiguration=PARTY)
    members = {"UserPoolId": second, "ClientName": "app", **by_choice}
    assert "WEB_AUTHN" in refused(app, "CreateUserPoolClient", **members)
    done(app, "UpdateUserPool", UserPoolId=second, **choice("WEB_AUTHN"))
    new_client(app, second, **by_choice)
    assert "WEB_AUTHN" in refused(app, "UpdateUserPool", UserPoolId=second, **choice())


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_by_arn_is_refused_with_what_to_write_instead(app: App, name: str) -> None:
    versioned = {"LambdaVersion": "V1_0", "LambdaArn": ARN}
    takes_version = TRIGGERS[name].type_name
    config = {name: versioned if takes_version == "structure" else ARN}
    told = refused(app, "CreateUserPool", PoolName="made", LambdaConfig=config)
    assert f"LambdaConfig.{name} is not supported" in told
    assert ("no such trigger here" in told) != ("`triggers: {" in told)


def test_each_trigger_of_a_deployment_is_told_of_by_the_member_that_names_it(app: App) -> None:
    schema = json.loads(resources.grammar("deployment.schema.json"))
    pool = schema["properties"]["pools"]["additionalProperties"]["properties"]
    told = [
        refused(app, "CreateUserPool", PoolName="made", LambdaConfig={name: ARN})
        for name in TRIGGERS
    ]
    for trigger in pool["triggers"]["properties"]:
        assert any(f"`triggers: {{{trigger}: " in one for one in told), trigger
    assert new_pool(app, LambdaConfig={})
