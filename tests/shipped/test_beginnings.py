"""Everything a client can begin a sign-in with, where what proves something comes at once.

A password that comes with its auth flow is judged before any Session is given, so there it is
attacked. No attack succeeds, none is asked for what comes after the password, none changes a user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import pytest

from flowengine.accounts.credentials import make_password
from flowengine.engine.parts import ADMIN_FLOWS, KNOWN_AUTH_FLOWS
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import InitiateAuthRequest
from tests.engine.test_devices import KEY
from tests.engine.world import WEB
from tests.shipped.routes import NEW_PASSWORD, Route, Shipped
from tests.shipped.test_adversaries import finish, refused
from tests.shipped.ways import ROUTES

INLINE: Final = [route for route in ROUTES if "PASSWORD" in route.begin]
UNKNOWN: Final = {"ADMIN": "true", "userAttributes.x": "y" * 1000, "é": "\u202e", "ANSWER": "1"}
WRONG: Final = ("", "0", "wrong", "\0", "{}", "[" * 1000, "x" * 131_073)
LOCKED: Final = timedelta(minutes=15)
inline = pytest.mark.parametrize("route", INLINE, ids=lambda route: route.name)


def begin(world: Shipped, auth_flow: str, client: str = WEB, /, **parameters: str | None) -> Reply:
    given = {key: value for key, value in parameters.items() if value is not None}
    request = InitiateAuthRequest(client, auth_flow, given)
    return world.engine.initiate(request, admin=auth_flow in ADMIN_FLOWS)


def parameters(route: Route, **changes: str | None) -> Mapping[str, str | None]:
    begun = {"DEVICE_KEY" if key == "DEVICE" else key: each for key, each in route.begin.items()}
    device = {"DEVICE_KEY": KEY} if "DEVICE_KEY" in begun else {}
    return {"USERNAME": "alice", **begun, **device, **changes}


@inline
def test_a_wrong_password_is_asked_for_nothing_that_comes_later(route: Route) -> None:
    for value in (*WRONG, None):
        world = route.world()
        user, sent = world.find(), parameters(route, PASSWORD=value)
        if value is None and route.auth_flow == "USER_AUTH":
            reply = begin(world, route.auth_flow, **sent)
            assert isinstance(reply, ChallengeReply)
            assert reply.challenge_name == "PASSWORD"  # it is still to come
        else:
            error = refused(lambda w=world, p=sent: begin(w, route.auth_flow, **p))  # type: ignore[misc]
            assert error.status == 400, value
        assert world.find() == user


@inline
def test_a_password_is_good_for_its_user_alone(route: Route) -> None:
    world = route.world()
    own = make_password(world.pool, "bob", NEW_PASSWORD, world.entropy.draw)
    world.add_user("bob", password=own)
    before = world.find(), world.find("bob")
    for name in ("bob", "nobody", "", "alice\0", "alice ", "x" * 129, None):
        error = refused(
            lambda n=name: begin(world, route.auth_flow, **parameters(route, USERNAME=n))  # type: ignore[misc]
        )
        assert error.status == 400, name
    assert (world.find(), world.find("bob")) == before


@inline
def test_what_is_not_known_changes_nothing(route: Route) -> None:
    world = route.world()
    reply = begin(world, route.auth_flow, **parameters(route, **UNKNOWN))
    assert set(finish(world, reply).proved) == route.proved


def others(route: Route) -> Iterator[tuple[str, bool]]:
    """Give the auth flows that take no plain password, and operations that take not this one."""
    plain = {"USER_PASSWORD_AUTH", *ADMIN_FLOWS}
    for name in {*KNOWN_AUTH_FLOWS, "", "USER_AUTH\0", "user_auth"} - plain - {route.auth_flow}:
        yield name, False
        yield name, True
    if route.auth_flow in plain:
        yield route.auth_flow, route.auth_flow not in ADMIN_FLOWS


@inline
def test_a_password_is_good_by_its_own_auth_flow_and_operation(route: Route) -> None:
    world = route.world()
    user = world.find()
    sent = {key: value for key, value in parameters(route).items() if value is not None}
    for name, admin in others(route):
        request = InitiateAuthRequest(WEB, name, sent)
        error = refused(lambda r=request, a=admin: world.engine.initiate(r, admin=a))  # type: ignore[misc]
        assert error.status == 400, name
    refused(lambda: begin(world, route.auth_flow, "2nobodysclient456", **parameters(route)))
    assert world.find() == user


@inline
def test_who_guesses_too_often_is_locked_out_of_every_way_that_takes_a_password(
    route: Route,
) -> None:
    world = route.world()
    for _ in range(5):
        refused(lambda: begin(world, route.auth_flow, **parameters(route, PASSWORD="wrong")))
    doors = {route.auth_flow, *ADMIN_FLOWS, "USER_PASSWORD_AUTH"}
    for door in doors if route.flow == "password" else {route.auth_flow}:
        error = refused(lambda d=door: begin(world, d, **parameters(route)))  # type: ignore[misc]
        assert error.message == "Password attempts exceeded"
    world.clock.advance(LOCKED)
    reply = begin(world, route.auth_flow, **parameters(route))
    assert set(finish(world, reply).proved) == route.proved
