"""The work of ``flowengine serve``."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from functools import partial

import click

from flowengine.assembly.assembling import Assembled, assemble
from flowengine.cli.deployments import at, listening, load, named
from flowengine.cli.exits import Exit
from flowengine.cli.terminal import complain
from flowengine.deployment.definition import Deployment, Listen
from flowengine.engine.ports import Observer
from flowengine.errors import UnavailableError

try:
    from flowengine.server.app import make_app
    from flowengine.server.serve import WireServer
    from flowengine.server.settings import ServerSettings
except ImportError:
    raise UnavailableError("serving needs more: pip install 'flowengine[server]'") from None

Started = Callable[[WireServer], None]


def serve_deployment(path: str, address: str | None, *, quiet: bool) -> int:
    """Serve until a signal comes; give the exit code."""
    log(quiet=quiet)

    def run(deployment: Deployment, unheard: list[OSError]) -> None:
        run_server(deployment, partial(announce, _told(deployment), unheard))

    return run_until_stopped(listening(load(path), address), run)


def run_until_stopped(wanted: Deployment, run: Callable[[Deployment, list[OSError]], None]) -> int:
    """Settle the port, serve, and say that it is over; give the exit code.

    Args:
        run: Serves; collects why the announcement could not be written.
    """
    unheard: list[OSError] = []
    try:
        run(with_port(wanted), unheard)
    except OSError as error:
        listen = wanted.definition.listen
        complain(f"cannot listen at {listen.host}:{listen.port}: {error.strerror}")
        return Exit.FINDINGS
    for failure in unheard:
        raise failure
    click.echo("stopped")
    return Exit.CLEAN


def run_server(deployment: Deployment, started: Started, observer: Observer | None = None) -> None:
    """Serve until a signal, or until the server is told to stop; its stores are closed then.

    Args:
        started: Told once connections are accepted; on the server's thread. May stop it.

    Raises:
        OSError: The address cannot be used.
    """
    with named(deployment):
        assembled = assemble(deployment, observer=observer)
    run_assembled(
        assembled, ServerSettings(assembled.engine, assembled.admin, assembled.proxies), started
    )


def run_assembled(assembled: Assembled, settings: ServerSettings, started: Started) -> None:
    """Do the same with what is put together.

    Raises:
        OSError: The address cannot be used.
    """
    listen = assembled.listen
    try:
        server = WireServer(
            make_app(settings),
            listen.host,
            listen.port,
            lambda _host, _port: _soon(started, server),
        )
    except OSError:
        asyncio.run(assembled.close())
        raise
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_serve(server, assembled))


def _soon(started: Started, server: WireServer) -> None:
    # Not at once: older Uvicorns leave what is told to stop while it starts without a shutdown.
    asyncio.get_running_loop().call_soon(started, server)


async def _serve(server: WireServer, assembled: Assembled) -> None:
    try:
        await server.serve()
    finally:
        await assembled.close()


def with_port(deployment: Deployment) -> Deployment:
    """Settle a free port where port 0 was asked for: tokens may name this server's address."""
    listen = deployment.definition.listen
    if listen.port:
        return deployment
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((listen.host, 0))
        port: int = probe.getsockname()[1]
    return at(deployment, Listen(listen.host, port))


def announce(lines: list[str], unheard: list[OSError], server: WireServer) -> None:
    """Say where it listens, in one piece: a reader may leave after the first line."""
    try:
        click.echo("\n".join([*lines, "  Ctrl-C stops"]))
    except OSError as error:  # raised here, it would be the event loop's
        unheard.append(error)
        server.stop()


def _told(deployment: Deployment) -> list[str]:
    definition = deployment.definition
    return [f"listening at {definition.listen.url}", *pool_lines(deployment)]


def pool_lines(deployment: Deployment) -> list[str]:
    """Name the pools of a deployment, and their clients."""
    lines = []
    for pool in deployment.definition.pools:
        names = ", ".join(client.name.text for client in pool.clients)
        lines.append(f"  pool {pool.name.text}: {pool.id.text} (clients: {names})")
    return lines


def log(*, quiet: bool) -> None:
    """Log to standard error; our own loggers write no secret."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("flowengine")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
