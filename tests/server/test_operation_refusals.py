"""Every operation refuses what it does not know, in Cognito's words and as the model lets it.

A request that is good is sent with one thing changed that it names: the token, the client, the
pool, the user. ``wire`` holds each refusal against the errors that the operation has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from flowengine.operations.estate import Estate
from flowengine.server.app import App
from flowengine.server.catalog import OPERATIONS
from flowengine.server.development.catalog import development_operations
from tests.operations.world import new_world
from tests.server.developed import call, developed_app, new_client, new_pool
from tests.server.test_responses import CALLS, sent, stage
from tests.server.wire import error_of

DEVELOPMENT: Final = development_operations(Estate(new_world().engine.parts, {}, ""))
NO_POOL: Final = "eu-west-1_Nowhere01"
NO_CLIENT: Final = "nosuchclient"

Told = tuple[int, str, str]
UNKNOWN: Final[Mapping[str, tuple[str, Told]]] = {
    "AccessToken": ("e30.e30.e30", (400, "NotAuthorizedException", "Invalid Access Token")),
    "UserPoolId": (
        NO_POOL,
        (400, "ResourceNotFoundException", f"User pool {NO_POOL} does not exist."),
    ),
    "ClientId": (
        NO_CLIENT,
        (400, "ResourceNotFoundException", f"User pool client {NO_CLIENT} does not exist."),
    ),
    "Username": ("nobody", (400, "UserNotFoundException", "User does not exist.")),
}
"""What is changed of a request, to what, and what is then told."""

OTHERWISE: Final[Mapping[tuple[str, str], Told]] = {
    # RFC 7009, section 2.1: the operation's model has no ResourceNotFoundException.
    ("RevokeToken", "ClientId"): (400, "UnauthorizedException", "Unauthorized"),
}
"""Where something else is told, and why."""

OF_NOBODY: Final = {"AdminCreateUser"}
"""Where a user is named who is not there yet."""


def changeable(operation: str) -> list[str]:
    """Give what an operation's requests name, and could name wrongly.

    What is told of a user whom the public name depends on the client (COGNITO.md, G).
    """
    known = UNKNOWN.keys() & DEVELOPMENT[operation].input.members
    if operation in OF_NOBODY or not DEVELOPMENT[operation].admin:
        known -= {"Username"}
    return sorted(known)


CASES: Final = [(operation, name) for operation in OPERATIONS for name in changeable(operation)]


@pytest.mark.parametrize(("operation", "name"), CASES)
def test_what_is_not_known_is_refused(operation: str, name: str) -> None:
    mails = stage()
    members = CALLS[operation](mails)
    assert name in members
    unknown, told = UNKNOWN[name]
    refused = error_of(sent(mails, operation, {**members, name: unknown}))
    assert refused == OTHERWISE.get((operation, name), told)


POLICY: Final = {"Policies": {"PasswordPolicy": {"MinimumLength": 9}}}
ATTRIBUTE: Final = {"CustomAttributes": [{"Name": "tier", "AttributeDataType": "String"}]}
MADE: Final[Mapping[str, Mapping[str, Any]]] = {
    "CreateUserPool": {"PoolName": "made"},
    "UpdateUserPool": POLICY,
    "AddCustomAttributes": ATTRIBUTE,
    "SetUserPoolMfaConfig": {"MfaConfiguration": "OFF"},
    "GetUserPoolMfaConfig": {},
    "DeleteUserPool": {},
    "ListUserPools": {"MaxResults": 9},
    "CreateUserPoolClient": {"ClientName": "made"},
    "UpdateUserPoolClient": {"ClientName": "made"},
    "DeleteUserPoolClient": {},
    "ListUserPoolClients": {"MaxResults": 9},
}
"""What requests of the other operations have beside the pool and the client."""
NAMING_NOTHING: Final[Mapping[str, tuple[Mapping[str, Any], str]]] = {
    "CreateUserPool": ({"AliasAttributes": ["preferred_username"]}, "preferred_username"),
    "ListUserPools": ({"NextToken": "elsewhere"}, "Invalid pagination token"),
}
"""What those are refused for that name nothing which is not known."""


@pytest.fixture(scope="module")
def app() -> App:
    return developed_app()


@pytest.mark.parametrize(
    ("operation", "name"), [(one, name) for one in MADE for name in changeable(one)]
)
def test_a_pool_or_client_that_was_not_made_is_refused(app: App, operation: str, name: str) -> None:
    pool = new_pool(app)
    good = {"UserPoolId": pool, "ClientId": new_client(app, pool)["ClientId"]}
    named = {one: good[one] for one in changeable(operation)}
    unknown, told = UNKNOWN[name]
    members = {**MADE[operation], **named}
    assert error_of(call(app, operation, **{**members, name: unknown})) == told
    assert call(app, operation, **members).status_code == 200


@pytest.mark.parametrize("operation", NAMING_NOTHING)
def test_what_names_nothing_is_refused_for_what_it_asks(app: App, operation: str) -> None:
    wrong, said = NAMING_NOTHING[operation]
    status, code, message = error_of(call(app, operation, **MADE[operation], **wrong))
    assert (status, code) == (400, "InvalidParameterException")
    assert said in message
    assert call(app, operation, **MADE[operation]).status_code == 200


def test_every_operation_that_is_served_is_refused_here() -> None:
    assert MADE.keys() == DEVELOPMENT.keys() - OPERATIONS.keys()
    refused = {operation for operation in DEVELOPMENT if changeable(operation)}
    assert refused | NAMING_NOTHING.keys() == DEVELOPMENT.keys()
    assert not refused & NAMING_NOTHING.keys()
