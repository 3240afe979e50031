"""What HTTP itself may cost, and the other messages of ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from flowengine.server.app import App
from flowengine.server.http import Message
from flowengine.server.limits import ServerLimits
from tests.operations.world import PASSWORD, WEB, World, new_world
from tests.server.wire import AMZ_JSON, PREFIX, app_of, error_of, exchanged, post, send

BODY = json.dumps(
    {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": WEB.id,
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
    }
).encode()
CALL = {"content-type": AMZ_JSON, "x-amz-target": PREFIX + "InitiateAuth"}


def populated() -> World:
    world = new_world()
    world.add_user()
    return world


APP = app_of(populated())


def test_a_body_of_the_longest_length_is_read_and_a_longer_one_is_not() -> None:
    padding = " " * (256 * 1024 - len(BODY))
    assert post(APP, "InitiateAuth", BODY + padding.encode()).status_code == 200
    answer = post(APP, "InitiateAuth", BODY + padding.encode() + b" ")
    assert error_of(answer)[:2] == (413, "RequestEntityTooLargeException")
    assert answer.headers["connection"] == "close"


def ask(app: App, messages: list[Message], headers: Mapping[str, str]) -> tuple[int, int]:
    """Give the status of the answer (0 for none), and how many messages were taken."""
    sent, taken = exchanged(app, messages, headers)
    return (int(sent[0]["status"]) if sent else 0), taken


def part(content: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_body_that_announces_too_much_is_not_read() -> None:
    headers = {**CALL, "content-length": str(256 * 1024 + 1)}
    assert ask(APP, [part(BODY, more=False)], headers) == (413, 0)


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    status, taken = ask(APP, [part(b" " * 65_536)] * 100, CALL)
    assert (status, taken) == (413, 5)


def test_a_body_in_pieces_is_put_together() -> None:
    pieces = [part(BODY[n : n + 7]) for n in range(0, len(BODY), 7)]
    assert ask(APP, [*pieces, part(b"", more=False)], CALL)[0] == 200


def test_a_body_that_does_not_arrive_is_waited_for_only_so_long() -> None:
    app = app_of(populated(), limits=ServerLimits(body_time=timedelta(milliseconds=50)))
    assert ask(app, [part(BODY)], CALL) == (408, 1)


def test_a_client_that_went_away_is_not_answered() -> None:
    assert ask(APP, [part(BODY), {"type": "http.disconnect"}], CALL)[0] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {**CALL, **{f"x-{n}": "v" for n in range(120)}},
        {**CALL, "x-long": "v" * 40_000},
        {**CALL, "x" * 40_000: "v"},
    ],
)
def test_too_many_or_too_long_headers_are_refused(headers: Mapping[str, str]) -> None:
    answer = send(APP, "POST", content=BODY, headers=headers)
    assert error_of(answer)[:2] == (431, "RequestHeaderFieldsTooLargeException")


def test_the_application_lives_as_long_as_its_server() -> None:
    waiting = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(APP({"type": "lifespan"}, receive, keep))
    types = [message["type"] for message in sent]
    assert types == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_web_socket_is_closed() -> None:
    sent, _ = exchanged(APP, [], {}, type="websocket")
    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_a_failure_before_the_call_is_known_is_answered_too() -> None:
    sent, _ = exchanged(APP, [{"type": "http.request", "body": "no bytes"}], CALL)
    assert sent[0]["status"] == 500
    assert json.loads(sent[1]["body"])["__type"] == "InternalErrorException"
