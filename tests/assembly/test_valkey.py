"""Deployments whose sign-ins and counters are in Valkey, against real servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowengine.assembly.adapters import place_of_sign_ins
from flowengine.assembly.assembling import assemble, assemble_blocking
from flowengine.deployment.definition import Deployment
from flowengine.engine.replies import SuccessReply
from flowengine.errors import (
    ExpiredCodeError,
    NotAuthorizedError,
    StoreError,
    UnavailableError,
)
from flowengine.stores.valkey_place import Tls, ValkeyPlace
from flowengine.testing.fakes import FixedClock
from tests import planted
from tests.assembly.deployed import (
    MEMORY,
    NOW,
    SQLITE,
    add_user,
    opened,
    set_up,
    sign_in,
    sign_up,
    with_code,
    with_password,
    with_settings,
)
from tests.valkey_server import ValkeyCluster, ValkeyServer, plain_server

WAIT_S = 10.0
THRESHOLD = 5


@pytest.fixture
def server(valkey: ValkeyServer) -> ValkeyServer:
    """Give the shared server without what other tests left there: all have one user."""
    valkey.forget()
    return valkey


async def _sign_in(deployment: Deployment) -> bool:
    assembled = assemble(deployment, clock=FixedClock(NOW))
    try:
        await add_user(assembled.engine.parts)
        reply = await assembled.engine.initiate(with_password())
        return isinstance(await assembled.engine.respond(with_code(reply)), SuccessReply)
    finally:
        await assembled.close()


def test_a_user_signs_in_with_sign_ins_in_valkey(tmp_path: Path, server: ValkeyServer) -> None:
    with opened(set_up(tmp_path, MEMORY, server.url)) as engine:
        sign_up(engine)
        assert sign_in(engine).authentication_result is not None


def test_a_user_signs_in_on_an_event_loop_with_sign_ins_in_valkey(
    tmp_path: Path, server: ValkeyServer
) -> None:
    assert asyncio.run(_sign_in(set_up(tmp_path, MEMORY, server.url)))


def test_a_user_signs_in_with_sign_ins_in_a_cluster(
    tmp_path: Path, valkey_cluster: ValkeyCluster
) -> None:
    valkey_cluster.forget()
    deployment = set_up(tmp_path, SQLITE, valkey_cluster.url)
    with opened(deployment) as engine:
        sign_up(engine)
        sign_in(engine)
    with opened(deployment) as engine:
        reply = engine.initiate(with_password())
        with pytest.raises(ExpiredCodeError):
            engine.respond(with_code(reply))


def test_a_sign_in_in_valkey_goes_on_after_a_restart(tmp_path: Path, server: ValkeyServer) -> None:
    deployment = set_up(tmp_path, SQLITE, server.url)
    with opened(deployment) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())
    with opened(deployment) as engine:
        assert isinstance(engine.respond(with_code(reply)), SuccessReply)


@pytest.mark.parametrize("directory", [MEMORY, SQLITE])
def test_locks_and_spent_codes_are_beside_the_sign_ins_in_valkey(
    tmp_path: Path, server: ValkeyServer, directory: str
) -> None:
    with opened(set_up(tmp_path, directory, server.url)) as engine:
        sign_up(engine)
        sign_in(engine)
        for _ in range(THRESHOLD):
            with pytest.raises(NotAuthorizedError):
                engine.initiate(with_password(planted.OTHER_PASSWORD))
    kinds = {bytes(key)[:5] for key in server.ask("KEYS", "fe:*")}
    assert {b"fe:c:", b"fe:s:"} <= kinds


def test_a_lock_in_valkey_lasts_over_a_restart(tmp_path: Path, server: ValkeyServer) -> None:
    deployment = set_up(tmp_path, SQLITE, server.url)
    with opened(deployment) as engine:
        sign_up(engine)
        for _ in range(THRESHOLD):
            with pytest.raises(NotAuthorizedError):
                engine.initiate(with_password(planted.OTHER_PASSWORD))
    with (
        opened(deployment) as engine,
        pytest.raises(NotAuthorizedError, match="Password attempts exceeded"),
    ):
        engine.initiate(with_password())


def _connections(server: ValkeyServer) -> int:
    return len(server.ask("CLIENT", "LIST").splitlines())


def test_no_connection_to_valkey_stays_open_after_closing(
    tmp_path: Path, server: ValkeyServer
) -> None:
    before = _connections(server)
    deployment = set_up(tmp_path, SQLITE, server.url)
    assert asyncio.run(_sign_in(deployment))
    with opened(deployment) as engine:
        engine.initiate(with_password())
        assert _connections(server) > before
    deadline = time.monotonic() + WAIT_S
    while _connections(server) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _connections(server) == before


@contextmanager
def _forgetful() -> Iterator[ValkeyServer]:
    server = plain_server("maxmemory-policy allkeys-lru")
    try:
        yield server
    finally:
        server.stop()


def test_a_server_that_forgets_locks_when_it_is_full_is_refused(tmp_path: Path) -> None:
    with _forgetful() as server:
        deployment = set_up(tmp_path, SQLITE, server.url)
        for assembling in (assemble, assemble_blocking):
            with pytest.raises(UnavailableError, match="noeviction"):
                assembling(deployment)


def test_a_server_that_is_not_there_is_refused_without_repeating_where_it_is(
    tmp_path: Path,
) -> None:
    url = f"redis://:{planted.PASSWORD}@127.0.0.1:1"
    with pytest.raises(StoreError) as refused:
        assemble_blocking(with_settings(set_up(tmp_path), sessions=url))
    assert planted.MARK not in f"{refused.value}{refused.value!r}"


def test_files_of_certificates_lie_beside_the_deployment() -> None:
    url = "rediss://h?ssl_ca_certs=ca.pem&ssl_certfile=/etc/own.pem"
    place = place_of_sign_ins(url, Path("deployed"))
    assert isinstance(place, ValkeyPlace)
    assert place.tls == Tls("deployed/ca.pem", "/etc/own.pem")
    bare = place_of_sign_ins("rediss://h", Path("deployed"))
    assert isinstance(bare, ValkeyPlace)
    assert bare.tls == Tls()


def test_an_open_deployment_shows_no_password_of_valkey(
    tmp_path: Path, server: ValkeyServer
) -> None:
    deployment = set_up(tmp_path, MEMORY, server.url)
    assembled = assemble_blocking(deployment)
    try:
        assert planted.MARK not in repr(assembled) + repr(assembled.engine.parts)
        assert planted.MARK not in repr(deployment.definition)
    finally:
        assembled.close()
