"""What tests of several layers share: real servers, started when the first test asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowengine.stores.schema import migrate
from tests.postgresql_server import PostgresqlServer
from tests.valkey_server import ValkeyCluster, ValkeyServer, plain_server

pytest_plugins = ["tests.leaks.plugin"]


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let what commands remember be this run's own, and no CI change what they do."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        for name in ("CI", "GITHUB_WORKSPACE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """Give a server; each worker of pytest-xdist has its own."""
    server = PostgresqlServer("fsync=off")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgresql_url(postgresql: PostgresqlServer) -> str:
    """Give a database with all tables, shared by the tests of a run."""
    url = postgresql.new_database()
    migrate(url)
    return url


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """Give a server; each worker of pytest-xdist has its own. Tests share it, by other keys."""
    server = plain_server()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def valkey_cluster() -> Iterator[ValkeyCluster]:
    """Give a cluster of three; shared as the server is."""
    cluster = ValkeyCluster()
    try:
        yield cluster
    finally:
        cluster.stop()
