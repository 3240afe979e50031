"""Settings of pools that were made: written, changed, described."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.server.app import App
from tests.server.developed import call, developed_app, done, new_client, new_pool, refused
from tests.server.wire import error_of

BY_CHOICE = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}
TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
TIER: dict[str, Any] = {"Name": "tier", "AttributeDataType": "String"}
LIMITED = {
    "Name": "seats",
    "AttributeDataType": "Number",
    "Mutable": False,
    "NumberAttributeConstraints": {"MinValue": "-1", "MaxValue": "9"},
}
BAD_ATTRIBUTES: tuple[tuple[dict[str, Any], str], ...] = (
    ({**TIER, "Required": True}, "Required custom attributes are not supported currently."),
    ({**TIER, "DeveloperOnlyAttribute": True}, "DeveloperOnlyAttribute is not supported"),
    ({"Name": "tier"}, "custom:tier: AttributeDataType is required."),
    ({**TIER, "Name": "custom:tier"}, "no name, or one with a colon"),
    ({"AttributeDataType": "String"}, "no name, or one with a colon"),
    ({**TIER, "StringAttributeConstraints": {"MinLength": "a"}}, "MinLength is not a whole number"),
    (
        {**TIER, "StringAttributeConstraints": {"MinLength": "5", "MaxLength": "4"}},
        "MinLength is greater than MaxLength",
    ),
    (
        {**TIER, "NumberAttributeConstraints": {"MinValue": "5"}},
        "NumberAttributeConstraints is not for String",
    ),
)


@pytest.fixture(scope="module")
def app() -> App:
    return developed_app()


def described(app: App, pool: str) -> dict[str, Any]:
    found: dict[str, Any] = done(app, "DescribeUserPool", UserPoolId=pool)["UserPool"]
    return found


def attribute(app: App, pool: str, name: str) -> dict[str, Any]:
    schema = {one["Name"]: one for one in described(app, pool)["SchemaAttributes"]}
    found: dict[str, Any] = schema[name]
    return found


def test_what_is_not_used_is_described_as_it_was_written(app: App) -> None:
    written = {
        "AutoVerifiedAttributes": ["email"],
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserPoolTags": {"team": "blue"},
        "UserPoolTier": "ESSENTIALS",
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "UsernameAttributes": ["email"],
    }
    pool = new_pool(app, **written, Policies=BY_CHOICE)
    told = described(app, pool)
    assert {name: told[name] for name in written} == written
    assert told["Arn"] == f"arn:aws:cognito-idp:eu-west-1:000000000000:userpool/{pool}"
    assert told["CreationDate"] == told["LastModifiedDate"]
    assert sorted(told["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]) == sorted(
        BY_CHOICE["SignInPolicy"]["AllowedFirstAuthFactors"]
    )


def test_a_schema_is_described_with_its_limits(app: App) -> None:
    limits = {"MinLength": "7", "MaxLength": "99"}
    email = {"Name": "email", "Required": True, "Mutable": False}
    schema = [TIER, LIMITED, {**email, "StringAttributeConstraints": limits}]
    pool = new_pool(app, Schema=schema)
    assert attribute(app, pool, "custom:tier") == {
        "Name": "custom:tier",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
    }
    seats = attribute(app, pool, "custom:seats")
    assert (seats["Mutable"], seats["NumberAttributeConstraints"]) == (
        False,
        {"MinValue": "-1", "MaxValue": "9"},
    )
    told = attribute(app, pool, "email")
    assert (told["Required"], told["Mutable"]) == (True, False)
    assert told["StringAttributeConstraints"] == limits


@pytest.mark.parametrize(("written", "said"), BAD_ATTRIBUTES)
def test_an_attribute_that_cannot_be_had_is_refused(
    app: App, written: dict[str, Any], said: str
) -> None:
    pool = new_pool(app)
    assert said in refused(app, "CreateUserPool", PoolName="made", Schema=[written])
    members = {"UserPoolId": pool, "CustomAttributes": [TIER | {"Name": "first"}, written]}
    assert said in refused(app, "AddCustomAttributes", **members)
    names = {one["Name"] for one in described(app, pool)["SchemaAttributes"]}
    assert "custom:first" not in names


def test_attributes_are_added_once_and_stay_when_the_pool_changes(app: App) -> None:
    pool = new_pool(app)
    members = {"UserPoolId": pool, "CustomAttributes": [TIER]}
    assert done(app, "AddCustomAttributes", **members) == {}
    assert "Existing attribute already has name custom:tier" in refused(
        app, "AddCustomAttributes", **members
    )
    done(app, "UpdateUserPool", UserPoolId=pool)
    assert attribute(app, pool, "custom:tier")["AttributeDataType"] == "String"


def test_a_pool_is_named_by_addresses_or_has_them_as_aliases(app: App) -> None:
    both = {"UsernameAttributes": ["email"], "AliasAttributes": ["email"]}
    told = refused(app, "CreateUserPool", PoolName="made", **both)
    assert told == (
        "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
    )


def test_a_change_writes_what_is_sent_and_resets_the_rest(app: App) -> None:
    pool = new_pool(
        app,
        UsernameAttributes=["email"],
        Schema=[TIER],
        MfaConfiguration="OPTIONAL",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )
    before = described(app, pool)
    policy = {"PasswordPolicy": {"MinimumLength": 12}}
    assert done(app, "UpdateUserPool", UserPoolId=pool, Policies=policy) == {}
    told = described(app, pool)
    assert told["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert told["MfaConfiguration"] == "OFF"
    assert told["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    for kept in ("Id", "Arn", "Name", "UsernameAttributes", "SchemaAttributes", "CreationDate"):
        assert told[kept] == before[kept]
    done(app, "UpdateUserPool", UserPoolId=pool, PoolName="renamed")
    assert described(app, pool)["Name"] == "renamed"


def test_what_a_pool_keeps_cannot_be_changed(app: App) -> None:
    pool = new_pool(app)
    for member in ("UsernameAttributes", "AliasAttributes", "Schema", "UsernameConfiguration"):
        told = refused(app, "UpdateUserPool", UserPoolId=pool, **{member: []})
        assert "Member is not supported" in told
    told = refused(app, "UpdateUserPool", UserPoolId=pool, LambdaConfig={"PreSignUp": "arn:x"})
    assert "LambdaConfig.PreSignUp is not supported" in told


def test_a_choice_that_clients_have_is_not_taken_away(app: App) -> None:
    pool = new_pool(app, Policies=BY_CHOICE)
    new_client(app, pool, ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    assert "ALLOW_USER_AUTH" in refused(app, "UpdateUserPool", UserPoolId=pool)
    assert done(app, "UpdateUserPool", UserPoolId=pool, Policies=BY_CHOICE) == {}


def test_a_protected_pool_is_not_deleted(app: App) -> None:
    pool = new_pool(app, DeletionProtection="ACTIVE")
    assert described(app, pool)["DeletionProtection"] == "ACTIVE"
    assert "deletion protection is activated" in refused(app, "DeleteUserPool", UserPoolId=pool)
    done(app, "UpdateUserPool", UserPoolId=pool, DeletionProtection="INACTIVE")
    assert done(app, "DeleteUserPool", UserPoolId=pool) == {}


def test_second_factors_are_set_together(app: App) -> None:
    pool = new_pool(app)
    asked = {"UserPoolId": pool}
    assert done(app, "GetUserPoolMfaConfig", **asked) == {"MfaConfiguration": "OFF"}
    message = {"Message": "Your code is {####}", "Subject": "code"}
    written = {**TOTP, "EmailMfaConfiguration": message, "MfaConfiguration": "ON"}
    told = done(app, "SetUserPoolMfaConfig", **asked, **written)
    assert told == written
    assert done(app, "GetUserPoolMfaConfig", **asked) == told
    assert described(app, pool)["MfaConfiguration"] == "ON"
    done(app, "UpdateUserPool", **asked, MfaConfiguration="OPTIONAL")
    assert done(app, "GetUserPoolMfaConfig", **asked) == {**told, "MfaConfiguration": "OPTIONAL"}
    alone = done(app, "SetUserPoolMfaConfig", **asked, SmsMfaConfiguration={})
    assert alone == {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {},
        "SoftwareTokenMfaConfiguration": {"Enabled": False},
    }


def test_second_factors_that_contradict_each_other_are_refused(app: App) -> None:
    pool = new_pool(app)
    for members, said in (
        ({"MfaConfiguration": "ON"}, "can't disable all MFAs"),
        ({"MfaConfiguration": "OPTIONAL"}, "can't disable all MFAs"),
        ({"MfaConfiguration": "OFF", **TOTP}, "can't turn off MFA and configure an MFA together"),
    ):
        assert said in refused(app, "SetUserPoolMfaConfig", UserPoolId=pool, **members)
    assert done(app, "SetUserPoolMfaConfig", UserPoolId=pool, MfaConfiguration="OFF")
    told = refused(app, "UpdateUserPool", UserPoolId=pool, MfaConfiguration="ON")
    assert "can't disable all MFAs" in told


def test_a_pool_that_there_is_not_has_no_settings(app: App) -> None:
    for operation in (
        "UpdateUserPool",
        "DescribeUserPool",
        "GetUserPoolMfaConfig",
        "SetUserPoolMfaConfig",
    ):
        told = error_of(call(app, operation, UserPoolId="eu-west-1_Nowhere01"))
        assert told[1] == "ResourceNotFoundException"
