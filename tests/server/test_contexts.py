"""What clients and backends say of where a user is reaches conditions, as `request.context`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.world import program
from tests.operations.world import PASSWORD, POOL, WEB, World, new_world
from tests.server.wire import admin, app_of, post

DATA = "opaque"
FLOW = f"""
flow: placed
version: 1
auth_flows: {{USER_AUTH: {{start: password}}, ADMIN_USER_PASSWORD_AUTH: {{start: password}}}}
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: request.context.ip == "203.0.113.9" && request.context.data == "{DATA}"
        goto: done
      - else: elsewhere
  elsewhere: {{end: failure, error: NotAuthorizedException, message: elsewhere}}
  done: {{end: success}}
"""
USER = {"IpAddress": "203.0.113.9", "EncodedData": DATA}
ADMINISTRATOR = {**USER, "ServerName": "app", "ServerPath": "/", "HttpHeaders": []}


def world() -> World:
    flows = {"USER_AUTH": "placed", "ADMIN_USER_PASSWORD_AUTH": "placed"}
    made = new_world(POOL, program(FLOW), clients=(replace(WEB, auth_flows=flows),))
    made.add_user()
    return made


def told(context: dict[str, Any] | None) -> str:
    """Send the password with a context; what is told."""
    app, named = app_of(world()), {"ClientId": WEB.id}
    begun = {**named, "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "ada"}}
    asked = post(app, "InitiateAuth", begun).json()
    answer = {
        **named,
        "ChallengeName": "PASSWORD",
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        **({} if context is None else {"UserContextData": context}),
    }
    return _told(post(app, "RespondToAuthChallenge", answer).json())


def told_an_administrator(context: dict[str, Any] | None) -> str:
    """The same at once, by a backend."""
    members = {
        "UserPoolId": POOL.id,
        "ClientId": WEB.id,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        **({} if context is None else {"ContextData": context}),
    }
    return _told(admin(world(), "AdminInitiateAuth", members).json())


def _told(body: dict[str, Any]) -> str:
    return "signed in" if "AuthenticationResult" in body else str(body["message"])


@pytest.mark.parametrize("missing", ["IpAddress", "EncodedData", None])
def test_a_clients_user_context_is_read(missing: str | None) -> None:
    assert told({name: value for name, value in USER.items() if name != missing}) == (
        "signed in" if missing is None else "elsewhere"
    )


@pytest.mark.parametrize("changed", ["IpAddress", "EncodedData", None])
def test_an_administrators_context_is_read(changed: str | None) -> None:
    context = {n: "elsewhere" if n == changed else value for n, value in ADMINISTRATOR.items()}
    assert told_an_administrator(context) == ("signed in" if changed is None else "elsewhere")


@pytest.mark.parametrize("ask", [told, told_an_administrator])
def test_without_one_there_is_nothing_to_read(ask: Any) -> None:
    assert ask(None) == "elsewhere"
