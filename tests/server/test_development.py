"""Pools and clients that are made while ``serve --dev`` serves."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.operations.estate import Estate
from flowengine.server.app import App
from flowengine.server.catalog import OPERATIONS
from flowengine.server.development.catalog import development_operations
from flowengine.server.shapes import ListOf, Shape, Structure, Text, Whole
from tests.operations.world import PASSWORD, new_world
from tests.server.developed import call, developed_app, done, new_client, new_pool, refused
from tests.server.wire import Signer, admin, error_of, post, service_model, succeeded

MADE = (
    "CreateUserPool",
    "UpdateUserPool",
    "AddCustomAttributes",
    "SetUserPoolMfaConfig",
    "GetUserPoolMfaConfig",
    "DeleteUserPool",
    "ListUserPools",
    "CreateUserPoolClient",
    "UpdateUserPoolClient",
    "DeleteUserPoolClient",
    "ListUserPoolClients",
)
WEAK = {"PasswordPolicy": {"MinimumLength": 6}}
BY_CHOICE = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}
REFUSED_POOLS: tuple[tuple[str, Any], ...] = (
    ("AliasAttributes", ["preferred_username"]),
    ("LambdaConfig", {"PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:f"}),
    ("UserPoolAddOns", {"AdvancedSecurityMode": "ENFORCED"}),
    ("UserAttributeUpdateSettings", {"AttributesRequireVerificationBeforeUpdate": ["email"]}),
    ("VerificationMessageTemplate", {"DefaultEmailOption": "CONFIRM_WITH_LINK"}),
    ("Policies", {"PasswordPolicy": {"PasswordHistorySize": 3}}),
    ("Schema", [{"Name": "email", "AttributeDataType": "Boolean"}]),
    ("KeyConfiguration", {"KeyType": "CUSTOMER_MANAGED_KEY"}),
)
REFUSED_CLIENTS: tuple[tuple[str, Any], ...] = (
    ("ReadAttributes", ["email"]),
    ("WriteAttributes", ["email"]),
    ("AllowedOAuthFlows", ["client_credentials"]),
    ("AllowedOAuthFlowsUserPoolClient", True),
    ("SupportedIdentityProviders", ["Google"]),
    ("EnableTokenRevocation", False),
    ("EnablePropagateAdditionalUserContextData", True),
    ("ClientSecret", "c" * 30),
)


@pytest.fixture(scope="module")
def app() -> App:
    return developed_app()


@pytest.fixture(scope="module")
def pool(app: App) -> str:
    """Give a pool with a user, whose password is short enough to be weak elsewhere."""
    pool_id = new_pool(app, Policies=WEAK)
    done(app, "AdminCreateUser", UserPoolId=pool_id, Username="alice", MessageAction="SUPPRESS")
    password = {"Password": PASSWORD, "Permanent": True}
    done(app, "AdminSetUserPassword", UserPoolId=pool_id, Username="alice", **password)
    return pool_id


def sign_in(app: App, client: dict[str, Any], flow: str = "USER_PASSWORD_AUTH") -> Any:
    parameters = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    members = {"AuthFlow": flow, "ClientId": client["ClientId"], "AuthParameters": parameters}
    return post(app, "InitiateAuth", members)


@pytest.mark.parametrize("operation", MADE)
def test_a_server_without_dev_does_not_know_the_operation(operation: str) -> None:
    assert operation not in OPERATIONS
    members = {"PoolName": "made", "UserPoolId": "eu-west-1_Main00001", "MaxResults": 1}
    status, code, _ = error_of(admin(new_world(), operation, members))
    assert (status, code) == (400, "UnknownOperationException")


@pytest.mark.parametrize("operation", MADE)
def test_the_operation_demands_a_signature(app: App, operation: str) -> None:
    status, code, _ = error_of(post(app, operation, {}))
    assert (status, code) == (400, "MissingAuthenticationTokenException")
    wrong = call(app, operation, Signer(secret="another"), PoolName="made")
    assert error_of(wrong)[1] == "InvalidSignatureException"
    elsewhere = call(app, operation, Signer(region="nowhere_else"), PoolName="made")
    assert error_of(elsewhere)[1] == "InvalidSignatureException"


def compared(shape: Shape, model: Any) -> None:
    """Hold what is read of an input, to its leaves, against the service's model."""
    match shape:
        case Structure():
            assert set(shape.members) == set(model.members)
            assert shape.required == set(model.required_members)
            for name, one in shape.members.items():
                compared(one, model.members[name])
        case ListOf():
            compared(shape.element, model.member)
        case Whole():
            assert (shape.least, shape.most) == (model.metadata["min"], model.metadata["max"])
        case Text():
            assert set(shape.values) <= set(model.enum)
            assert (shape.shortest, shape.longest) == (
                model.metadata.get("min", 0),
                model.metadata.get("max"),
            )


@pytest.mark.parametrize("operation", MADE)
def test_each_input_has_the_members_of_the_services_model(operation: str) -> None:
    parts = new_world().engine.parts
    shape = development_operations(Estate(parts, {}, ""))[operation].input
    compared(shape, service_model().operation_model(operation).input_shape)


def test_a_pool_and_a_client_that_were_made_sign_users_in(app: App, pool: str) -> None:
    client = new_client(app, pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    body = succeeded(sign_in(app, client), "InitiateAuth")
    assert body["AuthenticationResult"]["RefreshToken"]
    assert error_of(sign_in(app, client, "USER_SRP_AUTH"))[2] == (
        "USER_SRP_AUTH is not enabled for the client."
    )


def test_a_client_without_refresh_refreshes_nothing(app: App, pool: str) -> None:
    client = new_client(app, pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH"]
    token = sign_in(app, client).json()["AuthenticationResult"]["RefreshToken"]
    members = {"ClientId": client["ClientId"], "RefreshToken": token}
    _, code, message = error_of(post(app, "GetTokensFromRefreshToken", members))
    assert (code, message) == (
        "InvalidParameterException",
        "REFRESH_TOKEN_AUTH is not enabled for the client.",
    )


def test_a_client_says_how_long_its_tokens_live_and_whether_they_rotate(
    app: App, pool: str
) -> None:
    client = new_client(
        app,
        pool,
        GenerateSecret=True,
        AccessTokenValidity=10,
        RefreshTokenValidity=2,
        TokenValidityUnits={"AccessToken": "minutes"},
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 5},
        PreventUserExistenceErrors="ENABLED",
        AuthSessionValidity=7,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
    )
    assert len(client["ClientSecret"]) == 51
    assert (client["AccessTokenValidity"], client["RefreshTokenValidity"]) == (600, 172_800)
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 5}
    assert (client["PreventUserExistenceErrors"], client["AuthSessionValidity"]) == ("ENABLED", 7)
    known = {"UserPoolId": pool, "ClientId": client["ClientId"]}
    assert done(app, "DescribeUserPoolClient", **known)["UserPoolClient"] == client


@pytest.mark.parametrize(
    ("written", "enabled"),
    [
        (None, {"CUSTOM_AUTH", "REFRESH_TOKEN_AUTH", "USER_SRP_AUTH"}),
        (
            ["ADMIN_NO_SRP_AUTH"],
            {"ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH", "USER_SRP_AUTH"},
        ),
        (
            ["USER_PASSWORD_AUTH"],
            {"USER_PASSWORD_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH", "USER_SRP_AUTH"},
        ),
        (["CUSTOM_AUTH_FLOW_ONLY"], {"CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"}),
    ],
)
def test_auth_flows_are_read_in_every_spelling(
    app: App, pool: str, written: list[str] | None, enabled: set[str]
) -> None:
    members = {} if written is None else {"ExplicitAuthFlows": written}
    client = new_client(app, pool, **members)
    assert set(client["ExplicitAuthFlows"]) == {f"ALLOW_{name}" for name in enabled}


def test_auth_flows_that_do_not_go_together_are_refused(app: App, pool: str) -> None:
    for written in (
        ["ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"],
        ["CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"],
        ["ALLOW_TOKEN_EXCHANGE_DELEGATION"],
        ["ALLOW_USER_AUTH"],
    ):
        members = {"UserPoolId": pool, "ClientName": "app", "ExplicitAuthFlows": written}
        assert refused(app, "CreateUserPoolClient", **members)
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    rotating = {"Feature": "ENABLED"}
    told = refused(
        app,
        "CreateUserPoolClient",
        UserPoolId=pool,
        ClientName="app",
        ExplicitAuthFlows=flows,
        RefreshTokenRotation=rotating,
    )
    assert "RefreshTokenRotation" in told


def test_a_choice_is_offered_where_the_pool_allows_what_it_offers(app: App) -> None:
    pool = new_pool(app, Policies={**WEAK, **BY_CHOICE})
    done(app, "AdminCreateUser", UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")
    password = {"Password": PASSWORD, "Permanent": True}
    done(app, "AdminSetUserPassword", UserPoolId=pool, Username="alice", **password)
    client = new_client(app, pool, ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    body = succeeded(sign_in(app, client, "USER_AUTH"), "InitiateAuth")
    assert body["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_a_client_of_choice_signs_in_by_srp_without_a_choice_too(app: App) -> None:
    pool = new_pool(app, Policies=BY_CHOICE)
    client = new_client(app, pool, ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH"}
    done(app, "AdminCreateUser", UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    begun = {"USERNAME": "ada", "SRP_A": "ab" * 380}
    members = {"ClientId": client["ClientId"], "AuthParameters": begun}
    asked = call(app, "InitiateAuth", AuthFlow="USER_SRP_AUTH", **members)
    assert asked.json()["ChallengeName"] == "PASSWORD_VERIFIER"
    plain = {**members, "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD}}
    told = refused(app, "InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", **plain)
    assert told == "USER_PASSWORD_AUTH is not enabled for the client."


def test_custom_authentication_without_triggers_is_told_as_in_cognito(app: App, pool: str) -> None:
    client = new_client(app, pool, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"])
    assert error_of(sign_in(app, client, "CUSTOM_AUTH"))[2] == (
        "Custom auth lambda trigger is not configured for the user pool."
    )


@pytest.mark.parametrize(("member", "value"), REFUSED_POOLS)
def test_what_a_pool_cannot_have_is_refused_by_name(app: App, member: str, value: Any) -> None:
    before = done(app, "ListUserPools", MaxResults=60)
    told = refused(app, "CreateUserPool", PoolName="made", **{member: value})
    assert (member if member != "Policies" else "PasswordHistorySize") in told
    assert done(app, "ListUserPools", MaxResults=60) == before


@pytest.mark.parametrize(("member", "value"), REFUSED_CLIENTS)
def test_what_a_client_cannot_have_is_refused_by_name(
    app: App, pool: str, member: str, value: Any
) -> None:
    members = {"UserPoolId": pool, "ClientName": "app", member: value}
    assert member in refused(app, "CreateUserPoolClient", **members)


def test_a_member_that_nobody_knows_is_refused_by_name(app: App) -> None:
    told = refused(app, "CreateUserPool", PoolName="made", FromTomorrow={})
    assert "'fromTomorrow' failed to satisfy constraint: Member is not supported" in told
    inner = {"PasswordPolicy": {"Generous": True}}
    assert "'policies.passwordPolicy.generous'" in refused(
        app, "CreateUserPool", PoolName="made", Policies=inner
    )


def test_a_token_that_would_live_too_long_or_short_is_refused(app: App, pool: str) -> None:
    for member, value, unit in (
        ("AccessToken", 25, "hours"),
        ("IdToken", 4, "minutes"),
        ("RefreshToken", 3651, "days"),
        ("RefreshToken", 59, "minutes"),
    ):
        members = {f"{member}Validity": value, "TokenValidityUnits": {member: unit}}
        told = refused(app, "CreateUserPoolClient", UserPoolId=pool, ClientName="app", **members)
        assert told == f"Invalid range for token validity: {member}Validity."


def test_the_settings_of_a_pool_hold(app: App) -> None:
    pool = new_pool(
        app,
        MfaConfiguration="OPTIONAL",
        SmsConfiguration={"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"},
        AliasAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        Schema=[{"Name": "email", "AttributeDataType": "String", "Required": True}],
        AutoVerifiedAttributes=["email"],
        DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": True},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        UserPoolTags={"team": "blue"},
    )
    told = done(app, "DescribeUserPool", UserPoolId=pool)["UserPool"]
    assert (told["MfaConfiguration"], told["AliasAttributes"]) == ("OPTIONAL", ["email"])
    assert told["UsernameConfiguration"] == {"CaseSensitive": False}
    assert told["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert [one["Name"] for one in told["SchemaAttributes"] if one["Required"]] == ["email", "sub"]
    assert told["DeviceConfiguration"] == {
        "ChallengeRequiredOnNewDevice": False,
        "DeviceOnlyRememberedOnUserPrompt": True,
    }
    client = new_client(app, pool)
    sign_up = {"ClientId": client["ClientId"], "Username": "bob", "Password": PASSWORD}
    assert error_of(post(app, "SignUp", sign_up))[1] == "NotAuthorizedException"


def test_a_pool_without_a_policy_demands_all_that_cognitos_own_does(app: App) -> None:
    pool = new_pool(app)
    done(app, "AdminCreateUser", UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")
    weak = {"Username": "alice", "Password": "only-small-letters", "Permanent": True}
    refusal = error_of(call(app, "AdminSetUserPassword", UserPoolId=pool, **weak))
    assert refusal[1] == "InvalidPasswordException"


def test_a_pool_lives_in_the_region_that_it_was_signed_for(app: App) -> None:
    tokyo = Signer(region="ap-northeast-1")
    made = succeeded(call(app, "CreateUserPool", tokyo, PoolName="far"), "CreateUserPool")
    pool_id = made["UserPool"]["Id"]
    assert pool_id.startswith("ap-northeast-1_")
    listed = succeeded(call(app, "ListUserPools", tokyo, MaxResults=60), "ListUserPools")
    assert [(one["Id"], one["Name"]) for one in listed["UserPools"]] == [(pool_id, "far")]
    far = call(app, "DescribeUserPool", UserPoolId=pool_id)
    assert error_of(far)[1] == "InvalidSignatureException"


def test_clients_are_listed_page_by_page(app: App) -> None:
    pool = new_pool(app)
    made = [new_client(app, pool)["ClientId"] for _ in range(3)]
    first = done(app, "ListUserPoolClients", UserPoolId=pool, MaxResults=2)
    token = first["NextToken"]
    second = done(app, "ListUserPoolClients", UserPoolId=pool, MaxResults=2, NextToken=token)
    assert "NextToken" not in second
    listed = [*first["UserPoolClients"], *second["UserPoolClients"]]
    assert listed == [{"ClientId": one, "UserPoolId": pool, "ClientName": "app"} for one in made]
    assert refused(app, "ListUserPoolClients", UserPoolId=pool, NextToken="elsewhere")


def test_a_client_is_changed_and_its_secret_stays(app: App, pool: str) -> None:
    client = new_client(app, pool, GenerateSecret=True, AccessTokenValidity=2)
    known = {"UserPoolId": pool, "ClientId": client["ClientId"]}
    members = {**known, "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}
    changed = done(app, "UpdateUserPoolClient", **members)["UserPoolClient"]
    assert (changed["ClientName"], changed["ClientSecret"]) == ("app", client["ClientSecret"])
    assert changed["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]
    assert changed["AccessTokenValidity"] == 3600


def test_what_is_deleted_is_gone_with_its_users(app: App) -> None:
    pool = new_pool(app, Policies=WEAK)
    done(app, "AdminCreateUser", UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")
    client, other = new_client(app, pool), new_client(app, pool)
    assert done(app, "DeleteUserPoolClient", UserPoolId=pool, ClientId=client["ClientId"]) == {}
    assert error_of(sign_in(app, client))[1] == "ResourceNotFoundException"
    assert done(app, "DeleteUserPool", UserPoolId=pool) == {}
    assert error_of(sign_in(app, other))[1] == "ResourceNotFoundException"
    for operation in ("DescribeUserPool", "DeleteUserPool", "ListUsers"):
        assert error_of(call(app, operation, UserPoolId=pool))[1] == "ResourceNotFoundException"
