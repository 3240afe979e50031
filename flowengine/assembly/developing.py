"""A deployment to develop against: all in memory, and open to whoever makes pools and clients.

Nothing that a deployment keeps is read or written, so tools that create and delete can be let
loose on it, and nothing that they made outlives the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from flowengine import resources
from flowengine.assembly.assembling import Assembled, assemble
from flowengine.deployment.definition import (
    AdminKey,
    Deployment,
    DeploymentDefinition,
    Listen,
    Setting,
)
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.ports import Observer
from flowengine.engine.system import SystemEntropy
from flowengine.flow.definition import Name
from flowengine.flow.loading import load_flow
from flowengine.flow.naming import SUFFIX
from flowengine.operations.estate import Estate
from flowengine.source import SourceText, Span
from flowengine.stores.memory import MemoryDirectory

OUTBOX: Final = "flowengine-dev-outbox.jsonl"
"""Where codes go that the deployment has no delivery for; beside its file."""

_NOWHERE: Final = Span(0, 0)
_FLOWS: Final = ("password", "choice")
_TRIGGERED: Final = "lambda-triggers"
_CHANNELS: Final = ("email", "sms")
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KEY_ID_LENGTH: Final = 16
_SECRET_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Developed:
    """A deployment to develop against, put together.

    Attributes:
        estate: The pools and clients, which come and go.
    """

    assembled: Assembled
    estate: Estate = field(repr=False)


def empty_deployment(listen: Listen) -> Deployment:
    """Give a deployment with nothing in it, for a folder without one."""
    memory = Setting("memory:", _NOWHERE)
    definition = DeploymentDefinition(
        source=SourceText("flowengine.yaml", ""),
        pools=(),
        flows=(),
        sessions=memory,
        directory=memory,
        keys=None,
        delivery=(),
        messages=None,
        functions=(),
        admin=(),
        listen=listen,
        endpoint=None,
        proxies=(),
    )
    return Deployment(definition, MappingProxyType({}))


def new_key() -> AdminKey:
    """Draw an access key for one run."""
    id_, secret = (_draw(length) for length in (_KEY_ID_LENGTH, _SECRET_LENGTH))
    return AdminKey(f"AKID{id_}", secret, _NOWHERE)


def to_develop(deployment: Deployment, key: AdminKey) -> Deployment:
    """Give a deployment that is in memory, with the flows that made clients run, and a key.

    Its own flows take the place of those that ship under the same names. No proxy is believed:
    what comes through one does not come from this machine.
    """
    definition = deployment.definition
    memory = Setting("memory:", _NOWHERE)
    changed = replace(
        definition,
        sessions=memory,
        directory=memory,
        delivery=(*definition.delivery, *_missing(definition)),
        admin=(*definition.admin, key),
        proxies=(),
        proxy_spans=(),
    )
    shipped = {name: load_flow(resources.flows() / f"{name}{SUFFIX}") for name in _FLOWS}
    return Deployment(changed, MappingProxyType({**shipped, **deployment.flows}))


def assemble_to_develop(deployment: Deployment, *, observer: Observer | None = None) -> Developed:
    """Put a deployment of :func:`to_develop` together.

    Raises:
        UnavailableError: A function or a driver is missing.
    """
    assembled = assemble(deployment, observer=observer)
    parts = assembled.engine.parts
    pools = dict(parts.pools)
    # Not a flow of the deployment: its triggers need not be there until a sign-in asks for one.
    triggered = load_flow(resources.flows() / f"{_TRIGGERED}{SUFFIX}")
    grown = replace(
        parts,
        flows=MappingProxyType({_TRIGGERED: triggered, **parts.flows}),
        directory=MemoryDirectory(pools),
    )
    estate = Estate(grown, pools, deployment.definition.listen.url)
    engine = AsyncEngine.over(estate.parts)
    return Developed(replace(assembled, engine=engine), estate)


def _missing(definition: DeploymentDefinition) -> Iterator[tuple[Name, Setting]]:
    delivered = {channel.text for channel, _ in definition.delivery}
    for channel in _CHANNELS:
        if channel not in delivered:
            yield Name(channel, _NOWHERE), Setting(f"outbox:{OUTBOX}", _NOWHERE)


def _draw(length: int) -> str:
    return "".join(_ALPHABET[byte & 31] for byte in SystemEntropy().draw(length))
