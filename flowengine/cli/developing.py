"""The work of ``flowengine serve --dev``."""

from __future__ import annotations

from functools import partial
from typing import Final

import click

from flowengine.assembly.developing import (
    OUTBOX,
    assemble_to_develop,
    empty_deployment,
    new_key,
    to_develop,
)
from flowengine.cli.deployments import at, load, named
from flowengine.cli.serving import announce, log, pool_lines, run_assembled, run_until_stopped
from flowengine.cli.sources import is_there
from flowengine.deployment.definition import AdminKey, Deployment, Listen
from flowengine.deployment.values import parse_listen
from flowengine.server.development.catalog import development_operations
from flowengine.server.loopback import LoopbackGate
from flowengine.server.settings import ServerSettings

_HOSTS: Final = ("127.0.0.1", "::1", "localhost")
_USUAL: Final = Listen("127.0.0.1", 9229)


def serve_to_develop(path: str, address: str | None, *, optional: bool, quiet: bool) -> int:
    """Serve until a signal comes; give the exit code.

    Args:
        optional: Whether there may be no deployment.

    Raises:
        UsageError: It would listen where other machines can ask.
    """
    log(quiet=quiet)
    found = not optional or is_there(path)
    wanted = load(path) if found else empty_deployment(_USUAL)
    listen = wanted.definition.listen if address is None else parse_listen(address)
    if listen is None or listen.host not in _HOSTS:
        raise click.UsageError(
            f"--dev listens on this machine alone: --listen takes {', '.join(_HOSTS)} then, with "
            "a port, such as 127.0.0.1:9229"
        )
    # By its address: what the name stands for is the resolver's word.
    host = "127.0.0.1" if listen.host == "localhost" else listen.host
    return run_until_stopped(at(wanted, Listen(host, listen.port)), _run)


def _run(deployment: Deployment, unheard: list[OSError]) -> None:
    key = new_key()
    developed_from = to_develop(deployment, key)
    with named(developed_from):
        developed = assemble_to_develop(developed_from)
    assembled = developed.assembled
    settings = ServerSettings(
        engine=assembled.engine,
        admin=assembled.admin,
        operations=development_operations(developed.estate),
        any_region=True,
        gate=LoopbackGate(assembled.listen.port),
    )
    lines = _banner(developed_from, key)
    run_assembled(assembled, settings, partial(announce, lines, unheard))


def _banner(deployment: Deployment, key: AdminKey) -> list[str]:
    """Say what is open, and to whom. The key is of this run: the terminal is all that has it."""
    url = deployment.definition.listen.url
    outboxes = [
        channel.text
        for channel, where in deployment.definition.delivery
        if where.text == f"outbox:{OUTBOX}"
    ]
    codes = [f"  codes by {' and '.join(outboxes)} go to {OUTBOX}"] if outboxes else []
    return [
        f"listening at {url}",
        "  --dev: NOT FOR PRODUCTION. Whoever runs programs on this machine can reach it.",
        "  open: sign-in and sign-up of all clients; with the key below users, pools, clients too",
        "  closed: other machines, other names in Host, pages of other origins",
        "  all is in memory, and gone when it stops",
        *pool_lines(deployment),
        *codes,
        f"  export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER={url}",
        f"  export AWS_ACCESS_KEY_ID={key.id}",
        f"  export AWS_SECRET_ACCESS_KEY={key.secret}",
    ]
