"""The application under Uvicorn, over real connections."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from flowengine.accounts.account import TotpFactor
from flowengine.crypto import totp
from flowengine.engine.system import SystemClock
from flowengine.server import protocol
from flowengine.server.serve import WireServer
from tests.operations.world import PASSWORD, POOL, TOTP_SECRET, WEB, World, new_world
from tests.server.wire import ADMIN, AMZ_JSON, KEY_ID, PREFIX, app_of

START = {
    "AuthFlow": "USER_PASSWORD_AUTH",
    "ClientId": WEB.id,
    "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
}


@contextlib.contextmanager
def running(world: World) -> Iterator[tuple[str, int]]:
    """Serve a world on a free port, in a thread of its own."""
    bound = threading.Event()
    told: list[tuple[str, int]] = []

    def on_bound(host: str, port: int) -> None:
        told.append((host, port))
        bound.set()

    server = WireServer(app_of(world), "127.0.0.1", 0, on_bound)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert bound.wait(10)
        assert told == [server.address]
        yield server.address
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def world() -> World:
    world = new_world(clock=SystemClock())
    world.add_user(totp=TotpFactor(TOTP_SECRET))
    return world


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[tuple[str, int]]:
    with running(world) as bound:
        yield bound


def test_boto3_signs_in_and_administers(world: World, address: tuple[str, int]) -> None:
    host, port = address
    client = boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=ADMIN[KEY_ID],
        config=Config(retries={"total_max_attempts": 1}),
    )
    with contextlib.closing(client):
        asked = client.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=WEB.id,
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )
        code = totp.code(TOTP_SECRET, totp.counter_at(SystemClock().now()))
        answered = client.respond_to_auth_challenge(
            ClientId=WEB.id,
            ChallengeName=asked["ChallengeName"],
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code},
        )
        token = answered["AuthenticationResult"]["AccessToken"]
        assert client.get_user(AccessToken=token)["Username"] == "ada"
        client.admin_create_user(
            UserPoolId=POOL.id, Username="grace", TemporaryPassword="temporary-secret-1"
        )
        seen = client.admin_get_user(UserPoolId=POOL.id, Username="grace")
        assert seen["UserCreateDate"] == world.user("grace").created_at.replace(
            microsecond=seen["UserCreateDate"].microsecond
        )
        client.admin_delete_user(UserPoolId=POOL.id, Username="grace")
        with pytest.raises(client.exceptions.UserNotFoundException) as caught:
            client.admin_get_user(UserPoolId=POOL.id, Username="grace")
        assert caught.value.response["Error"]["Message"] == "User does not exist."


def test_boto3_with_another_secret_is_refused(address: tuple[str, int]) -> None:
    host, port = address
    client = boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key="guess",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with contextlib.closing(client), pytest.raises(ClientError) as caught:
        client.admin_get_user(UserPoolId=POOL.id, Username="ada")
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def exchange(address: tuple[str, int], *parts: bytes, wait_s: float = 10) -> bytes:
    """Send bytes on one connection, and give all that comes back until it closes."""
    received = b""
    with socket.create_connection(address, timeout=wait_s) as connection:
        with contextlib.suppress(OSError):
            for one in parts:
                connection.sendall(one)
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65_536):
                received += chunk
    return received


def request(body: bytes, *headers: str, close: bool = True) -> bytes:
    lines = [
        "POST / HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {AMZ_JSON}",
        f"X-Amz-Target: {PREFIX}InitiateAuth",
        f"Content-Length: {len(body)}",
        *(["Connection: close"] if close else []),
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_a_response_names_the_time_and_not_the_server(address: tuple[str, int]) -> None:
    answer = exchange(address, request(json.dumps(START).encode()))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 200")
    assert b"\r\ndate: " in head
    assert b"\r\nserver: " not in head


def test_two_requests_in_one_packet_are_both_answered(address: tuple[str, int]) -> None:
    body = json.dumps(START).encode()
    answer = exchange(address, request(body, close=False) + request(body))
    assert answer.count(b"HTTP/1.1 200") == 2


def test_a_body_that_is_too_long_ends_the_connection(address: tuple[str, int]) -> None:
    answer = exchange(address, request(b" " * (256 * 1024 + 1), close=False))
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_header_without_end_ends_the_connection(address: tuple[str, int]) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Endless: "
    answer = exchange(address, head, *[b"x" * 65_536] * 40)
    assert not answer.startswith(b"HTTP/1.1 200")


def test_headers_without_end_end_the_connection(address: tuple[str, int]) -> None:
    started = time.monotonic()
    answer = exchange(address, b"GET /healthz HTTP/1.1\r\n", *[b"x: y\r\n" * 8_192] * 60)
    assert time.monotonic() - started < protocol.HEAD_TIME_S
    assert not answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent", [b"", b"POST / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n"])
def test_a_head_is_waited_for_only_so_long(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIME_S", 0.2)
    with running(new_world()) as address:
        started = time.monotonic()
        assert exchange(address, sent) == b""
        assert 0.1 < time.monotonic() - started < 5


def test_a_connection_that_is_kept_alive_may_not_idle_within_a_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIME_S", 0.2)
    with running(new_world()) as address, socket.create_connection(address, timeout=5) as one:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one.recv(65_536).startswith(b"HTTP/1.1 200")
        time.sleep(0.5)  # longer than a head may take: between requests that is allowed
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one.recv(65_536).startswith(b"HTTP/1.1 200")
        one.sendall(b"\r\n")
        assert one.recv(65_536) == b""


def test_the_head_after_a_request_in_one_packet_has_its_time_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIME_S", 0.2)
    with running(new_world()) as address:
        answer = exchange(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea", wait_s=5)
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_port_that_is_taken_is_told_at_once(address: tuple[str, int]) -> None:
    host, port = address
    with pytest.raises(OSError, match="in use"):
        WireServer(app_of(new_world()), host, port)


PROGRAM = """
from flowengine.server.serve import serve
from tests.operations.world import new_world
from tests.server.wire import app_of
serve(app_of(new_world()), "127.0.0.1", 0, lambda host, port: print(port, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_by_returning(number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        answer = exchange(("127.0.0.1", port), request(json.dumps(START).encode()))
        assert answer.startswith(b"HTTP/1.1 400")
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "ended\n", "")
