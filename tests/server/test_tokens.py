"""What follows a sign-in with tokens, on the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.pool import Client
from flowengine.crypto import secret_hash
from flowengine.engine.system import SystemClock
from flowengine.server.app import App
from tests import planted
from tests.operations.refreshing import HASTY, ROTATING, world_of
from tests.operations.world import CONFIDENTIAL, OTHER, OTHER_POOL, PASSWORD, POOL, WEB, World
from tests.server.wire import admin, app_of, error_of, move_clock, post, succeeded

REFUSED = 400
REVOKED = (REFUSED, "NotAuthorizedException", "Refresh Token has been revoked")
NO_ACCESS = (REFUSED, "NotAuthorizedException", "Access Token has been revoked")
SECRET = "client_secret_of_24_to_64"


def served(client: Client = WEB, *, now: bool = False) -> tuple[World, App, Any]:
    """Serve a user who has signed in; ``now`` is the system's time, as administrators sign."""
    world = world_of(client)
    if now:
        move_clock(world, SystemClock().now())
    app = app_of(world)
    members = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client.id,
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
    }
    body = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")
    return world, app, body["AuthenticationResult"]


def by_auth_flow(token: str, client: str = WEB.id, **more: str | None) -> dict[str, Any]:
    parameters = {"REFRESH_TOKEN": token, **more}
    return {"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": client, "AuthParameters": parameters}


def by_token(token: str, client: str = WEB.id, **more: Any) -> dict[str, Any]:
    return {"RefreshToken": token, "ClientId": client, **more}


def test_a_refresh_gives_tokens_without_a_refresh_token_and_an_empty_map() -> None:
    _, app, first = served()
    members = by_auth_flow(first["RefreshToken"], DEVICE_KEY=None)
    body = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")
    assert body.keys() == {"AuthenticationResult", "ChallengeParameters"}
    assert body["ChallengeParameters"] == {}
    result = body["AuthenticationResult"]
    assert result.keys() == {"AccessToken", "ExpiresIn", "TokenType", "IdToken"}
    assert (result["ExpiresIn"], result["TokenType"]) == (3600, "Bearer")


def test_tokens_from_a_refresh_token_are_all_that_is_answered() -> None:
    name = "GetTokensFromRefreshToken"
    _, app, first = served()
    members = by_token(first["RefreshToken"], ClientMetadata={"a": "b"}, DeviceKey=None)
    body = succeeded(post(app, name, members), name)
    assert body.keys() == {"AuthenticationResult"}
    assert body["AuthenticationResult"].keys() == {
        "AccessToken", "ExpiresIn", "TokenType", "IdToken",
    }  # fmt: skip


def test_where_tokens_rotate_the_next_one_is_answered_too() -> None:
    name = "GetTokensFromRefreshToken"
    _, app, first = served(ROTATING)
    body = succeeded(post(app, name, by_token(first["RefreshToken"])), name)
    assert body["AuthenticationResult"]["RefreshToken"] != first["RefreshToken"]
    refused = error_of(post(app, "InitiateAuth", by_auth_flow(first["RefreshToken"])))
    message = "REFRESH_TOKEN_AUTH is not enabled for the client."
    assert refused == (REFUSED, "InvalidParameterException", message)


def test_a_copy_is_told_as_one() -> None:
    name = "GetTokensFromRefreshToken"
    _, app, first = served(HASTY)
    members = by_token(first["RefreshToken"])
    succeeded(post(app, name, members), name)
    message = "Refresh Token has been reused"
    assert error_of(post(app, name, members)) == (REFUSED, "RefreshTokenReuseException", message)
    assert error_of(post(app, name, members)) == REVOKED


def test_an_administrator_refreshes_for_a_client_of_the_pool_alone() -> None:
    world, _, first = served(now=True)
    members = {**by_auth_flow(first["RefreshToken"]), "UserPoolId": POOL.id}
    body = succeeded(admin(world, "AdminInitiateAuth", members), "AdminInitiateAuth")
    assert "RefreshToken" not in body["AuthenticationResult"]
    foreign = {**members, "ClientId": OTHER.id}
    assert error_of(admin(world, "AdminInitiateAuth", foreign)) == (
        REFUSED,
        "ResourceNotFoundException",
        f"User pool client {OTHER.id} does not exist.",
    )


def test_refusals_name_the_client_as_cognito_does() -> None:
    client = replace(CONFIDENTIAL, secret=SECRET)
    world = world_of()
    app = app_of(world)
    world.engine._parts = replace(
        world.parts, clients={**world.parts.clients, CONFIDENTIAL.id: client}
    )
    hashed = secret_hash.compute(SECRET, "ada", client.id)
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD, "SECRET_HASH": hashed}
    members = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client.id,
        "AuthParameters": parameters,
    }
    first = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")["AuthenticationResult"]
    token = first["RefreshToken"]
    denied = "NotAuthorizedException"
    for sent, message in (
        (
            by_auth_flow(token, client.id, SECRET_HASH="x"),
            "SecretHash does not match for the client: {}",
        ),
        (
            by_auth_flow(token, client.id),
            "Client {} is configured with secret but SECRET_HASH was not received",
        ),
    ):
        told = error_of(post(app, "InitiateAuth", sent))
        assert told == (REFUSED, denied, message.format(client.id))
    name = "GetTokensFromRefreshToken"
    for secret, message in (
        (None, "Client {} is configured with secret but ClientSecret was not received"),
        ("x" * 24, "Unable to verify secret for client {}"),
    ):
        told = error_of(post(app, name, by_token(token, client.id, ClientSecret=secret)))
        assert told == (REFUSED, denied, message.format(client.id))
    succeeded(post(app, name, by_token(token, client.id, ClientSecret=SECRET)), name)
    revoking = {"Token": token, "ClientId": client.id}
    refused = error_of(post(app, "RevokeToken", revoking))
    assert refused == (REFUSED, "UnauthorizedException", "Unauthorized")
    succeeded(post(app, "RevokeToken", {**revoking, "ClientSecret": SECRET}), "RevokeToken")


def test_a_token_is_revoked() -> None:
    _, app, first = served()
    members = {
        "Token": first["RefreshToken"],
        "ClientId": WEB.id,
        "RevokeAssociatedSessions": "LINKED",
    }
    unsupported = error_of(post(app, "RevokeToken", {**members, "Token": first["AccessToken"]}))
    message = "Unsupported token type"
    assert unsupported == (REFUSED, "UnsupportedTokenTypeException", message)
    assert succeeded(post(app, "RevokeToken", members), "RevokeToken") == {}
    assert error_of(post(app, "InitiateAuth", by_auth_flow(first["RefreshToken"]))) == REVOKED
    access = {"AccessToken": first["AccessToken"]}
    assert error_of(post(app, "GetUser", access)) == NO_ACCESS


def test_a_user_signs_out_everywhere() -> None:
    _, app, first = served()
    access = {"AccessToken": first["AccessToken"]}
    assert succeeded(post(app, "GlobalSignOut", access), "GlobalSignOut") == {}
    assert error_of(post(app, "GlobalSignOut", access)) == NO_ACCESS
    assert error_of(post(app, "InitiateAuth", by_auth_flow(first["RefreshToken"]))) == REVOKED


def test_an_administrator_signs_a_user_out() -> None:
    name = "AdminUserGlobalSignOut"
    world, app, first = served(now=True)
    unsigned = error_of(post(app, name, {"UserPoolId": POOL.id, "Username": "ada"}))
    assert unsigned[1] == "MissingAuthenticationTokenException"
    members = {"UserPoolId": POOL.id, "Username": "ada"}
    assert succeeded(admin(world, name, members), name) == {}
    assert error_of(post(app, "InitiateAuth", by_auth_flow(first["RefreshToken"]))) == REVOKED
    unknown = error_of(admin(world, name, {**members, "Username": "nobody"}))
    assert unknown == (REFUSED, "UserNotFoundException", "User does not exist.")
    foreign = {**members, "UserPoolId": OTHER_POOL.id}
    assert error_of(admin(world, name, foreign))[1] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("operation", "members", "paths"),
    [
        ("GetTokensFromRefreshToken", {}, ["refreshToken", "clientId"]),
        (
            "GetTokensFromRefreshToken",
            by_token("a b", ClientSecret="short"),
            ["refreshToken", "clientSecret"],
        ),
        ("GetTokensFromRefreshToken", by_token("a", DeviceKey="no key"), ["deviceKey"]),
        ("RevokeToken", {"ClientId": "é"}, ["token", "clientId"]),
        (
            "RevokeToken",
            {"Token": "a", "ClientId": "a", "RevokeAssociatedSessions": "ALL"},
            ["revokeAssociatedSessions"],
        ),
        ("GlobalSignOut", {}, ["accessToken"]),
        ("GlobalSignOut", {"AccessToken": "a b"}, ["accessToken"]),
    ],
)
def test_members_that_do_not_fit_are_named(
    operation: str, members: dict[str, Any], paths: list[str]
) -> None:
    status, code, message = error_of(post(APP, operation, members))
    assert (status, code) == (REFUSED, "InvalidParameterException")
    assert message.startswith(f"{len(paths)} validation error")
    assert all(f"at '{path}' failed" in message for path in paths)


@pytest.mark.parametrize("size", [1, 64, 83, 4096, 100_000])
def test_a_token_of_any_size_is_no_token(size: int) -> None:
    for token in ("A" * size, ("flowengine-refresh." + "A" * size)[:size]):
        refused = error_of(post(APP, "InitiateAuth", by_auth_flow(token)))
        assert refused == (REFUSED, "NotAuthorizedException", "Invalid Refresh Token")
        assert error_of(post(APP, "GetTokensFromRefreshToken", by_token(token))) == refused


def test_nothing_secret_is_in_a_repr() -> None:
    world, _, first = served(ROTATING)
    grants = world.parts.grants
    kept = repr(vars(grants))
    for secret in (first["RefreshToken"], first["AccessToken"], planted.CLIENT_ID):
        assert (secret in kept) is False


APP = app_of(world_of())
