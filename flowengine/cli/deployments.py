"""Loads the deployment that a command works on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from flowengine.accounts.pool import Pool
from flowengine.assembly.checking import check_deployment
from flowengine.cli.escaping import shown_path
from flowengine.cli.sources import is_folder, is_there
from flowengine.deployment.definition import Deployment, Listen
from flowengine.deployment.values import is_loopback, parse_listen
from flowengine.errors import InvalidDocumentError, UnavailableError, WorldError
from flowengine.flow.naming import SUFFIX


def load(path: str) -> Deployment:
    """Load a deployment that has no errors.

    Raises:
        InvalidDocumentError: It has some.
        UsageError: It is not there, or cannot be a deployment.
    """
    name = shown_path(path)
    if is_folder(path):
        raise click.UsageError(f"{name} is a folder: name the deployment in it")
    if path.endswith(SUFFIX):
        raise click.UsageError(f"{name} is a flow: name a deployment that has it")
    if not is_there(path):
        raise click.UsageError(
            f"there is no {name}: name another with --deployment, or write one with "
            "`flowengine new --template deployment`"
        )
    deployment, found = check_deployment(Path(path), os.environ)
    if deployment is None:
        raise InvalidDocumentError(found)
    return deployment


@contextmanager
def named(deployment: Deployment) -> Iterator[None]:
    """Name the deployment in errors that have no place in it.

    Raises:
        UnavailableError: A store, a key, a function or a driver failed.
    """
    try:
        yield
    except (UnavailableError, WorldError) as error:
        raise UnavailableError(f"{deployment.definition.source.name}: {error}") from error


def listening(deployment: Deployment, address: str | None) -> Deployment:
    """Give the deployment that listens elsewhere.

    Raises:
        UsageError: It is not HOST:PORT.
        UnavailableError: It could be reached from other machines, and has no keys.
    """
    if address is None:
        return deployment
    listen = parse_listen(address)
    if listen is None:
        raise click.UsageError("--listen takes HOST:PORT, such as 127.0.0.1:9229 or [::1]:9229")
    return at(deployment, listen)


def at(deployment: Deployment, listen: Listen) -> Deployment:
    """Give the deployment that listens at an address; without keys, on this machine only."""
    definition = deployment.definition
    if definition.keys is None and not is_loopback(listen.host):
        raise UnavailableError(
            f"{definition.source.name}: keys are made on first start only where nothing but this "
            "machine can connect: set keys: in the deployment"
        )
    return replace(deployment, definition=replace(definition, listen=listen))


def pool_of(deployment: Deployment, name: str | None) -> Pool:
    """Find a pool by name; where there is only one it need not be named.

    Raises:
        UsageError: There is none of this name, or several to choose from.
    """
    pools = {pool.name: pool for pool in deployment.pools}
    if name is None and len(pools) == 1:
        return next(iter(pools.values()))
    if name not in pools:
        raise click.UsageError(f"say which pool, with --pool: {', '.join(pools)}")
    return pools[name]
