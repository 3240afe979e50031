"""The signature of administrative calls, through the whole application."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from flowengine.server.catalog import OPERATIONS
from tests.operations.world import OTHER_POOL, POOL, new_world
from tests.planted import ADMIN_SECRET
from tests.server.wire import (
    AMZ_JSON,
    PREFIX,
    Signer,
    admin,
    app_of,
    error_of,
    move_clock,
    post,
    send,
    service_model,
    sign,
    signed_at,
    succeeded,
)

MEMBERS = {"UserPoolId": POOL.id, "Username": "ada"}
BODY = json.dumps(MEMBERS).encode()
ADMIN_OPERATIONS = [
    name
    for name in OPERATIONS
    if service_model().operation_model(name).auth_type != "none"  # said of all that is unsigned
]

Change = Callable[[dict[str, str]], Mapping[str, str]]


def call(
    headers: Mapping[str, str] | list[tuple[str, str]],
    content: bytes = BODY,
    *,
    skew: timedelta = timedelta(0),
    path: str = "/",
    **settings: Any,
) -> httpx.Response:
    world = new_world()
    world.add_user()
    move_clock(world, signed_at(sign("AdminGetUser", BODY)) + skew)
    app = app_of(world, **settings)
    return send(app, "POST", path, content=content, headers=headers)


def test_a_signed_call_is_answered() -> None:
    answer = call(sign("AdminGetUser", BODY))
    assert succeeded(answer, "AdminGetUser")["Username"] == "ada"


def test_the_signed_operations_are_exactly_those_that_the_api_model_wants_signed() -> None:
    assert [name for name, one in OPERATIONS.items() if one.admin] == ADMIN_OPERATIONS


@pytest.mark.parametrize("operation", ADMIN_OPERATIONS)
def test_no_administrative_operation_is_answered_unsigned(operation: str) -> None:
    app = app_of(new_world())
    error = error_of(post(app, operation, MEMBERS))
    assert error[:2] == (400, "MissingAuthenticationTokenException")
    bearer = post(app, operation, MEMBERS, headers={"authorization": "Bearer token"})
    assert error_of(bearer)[1] == "InvalidSignatureException"


@pytest.mark.parametrize("operation", ADMIN_OPERATIONS)
def test_without_a_configured_key_nobody_is_an_administrator(operation: str) -> None:
    world = new_world()
    signed = admin(world, operation, MEMBERS, admin={})
    assert error_of(signed)[1] == "AccessDeniedException"
    unsigned = post(app_of(world, admin={}), operation, MEMBERS)
    assert error_of(unsigned)[1] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda h: {**h, "host": "elsewhere"}, "InvalidSignatureException"),
        (lambda h: {**h, "x-amz-target": PREFIX + "AdminDeleteUser"}, "InvalidSignatureException"),
        (lambda h: {**h, "x-amz-date": "20260101T000000Z"}, "InvalidSignatureException"),
        (
            lambda h: {**h, "authorization": h["authorization"][:-8] + "00000000"},
            "InvalidSignatureException",
        ),
        (
            lambda h: {**h, "authorization": h["authorization"].replace("AKIDADMIN", "AKIDNONE")},
            "AccessDeniedException",
        ),
        (
            lambda h: {**h, "authorization": h["authorization"].replace("eu-west-1", "us-east-1")},
            "InvalidSignatureException",
        ),
        (
            lambda h: {name: value for name, value in h.items() if name != "x-amz-date"},
            "InvalidSignatureException",
        ),
        (
            lambda h: {name: value for name, value in h.items() if name != "authorization"},
            "MissingAuthenticationTokenException",
        ),
    ],
)
def test_a_tampered_call_is_refused(change: Change, error: str) -> None:
    assert error_of(call(change(sign("AdminGetUser", BODY))))[1] == error


def test_a_tampered_body_query_or_path_is_refused() -> None:
    headers = sign("AdminGetUser", BODY)
    other = json.dumps({**MEMBERS, "Username": "root"}).encode()
    assert error_of(call(headers, other))[1] == "InvalidSignatureException"
    assert error_of(call(headers, BODY, path="/?a=b"))[1] == "InvalidSignatureException"


def test_a_target_that_is_sent_twice_names_no_operation() -> None:
    headers = list(sign("AdminGetUser", BODY).items())
    doubled = [*headers, ("x-amz-target", PREFIX + "AdminDeleteUser")]
    assert error_of(call(doubled))[1] == "UnknownOperationException"


def test_another_secret_is_refused() -> None:
    signed = sign("AdminGetUser", BODY, Signer(secret="guess"))
    assert error_of(call(signed))[1] == "InvalidSignatureException"


@pytest.mark.parametrize("side", [-1, 1])
def test_five_minutes_is_the_most_that_clocks_may_differ(side: int) -> None:
    headers = sign("AdminGetUser", BODY)
    late = call(headers, skew=side * timedelta(minutes=5, seconds=30))
    assert error_of(late)[1] == "InvalidSignatureException"
    in_time = call(headers, skew=side * timedelta(minutes=4, seconds=30))
    assert in_time.status_code == 200


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_a_call_is_signed_for_the_region_of_its_pool(region: str) -> None:
    world = new_world()
    world.add_user()
    answer = admin(world, "AdminGetUser", MEMBERS, Signer(region=region))
    assert error_of(answer)[1] == "InvalidSignatureException"


def test_a_pool_of_another_region_is_reached_by_its_own() -> None:
    world = new_world()
    world.add_user(pool=OTHER_POOL)
    members = {"UserPoolId": OTHER_POOL.id, "Username": "ada"}
    answer = admin(world, "AdminGetUser", members, Signer(region="us-east-1"))
    assert succeeded(answer, "AdminGetUser")["Username"] == "ada"


def test_nothing_of_a_body_is_interpreted_before_its_signature() -> None:
    hostile = b"[" * 100_000
    unsigned = {"content-type": AMZ_JSON, "x-amz-target": PREFIX + "AdminGetUser"}
    error = error_of(call(unsigned, hostile))
    assert error[1] == "MissingAuthenticationTokenException"
    signed = sign("AdminGetUser", hostile)
    assert error_of(call(signed, hostile))[1] == "SerializationException"


def test_no_refusal_shows_a_key() -> None:
    for signer in (Signer(secret="guess"), Signer("AKIDNONE"), Signer(region="us-east-1")):
        answer = call(sign("AdminGetUser", BODY, signer))
        shown = answer.text + str(answer.headers)
        for secret in ("AKID", ADMIN_SECRET, "guess"):
            assert secret not in shown
