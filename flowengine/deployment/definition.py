"""What the author of a deployment wrote, with the place of everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from flowengine.accounts.pool import Client, ClientInput, Pool
from flowengine.accounts.triggers import TokenEvent
from flowengine.flow.definition import Name
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Excerpt, SourceText, Span

_BY_SRP: Final = "PASSWORD_VERIFIER"


@dataclass(frozen=True, slots=True)
class Setting:
    """A text and its place; it may be a secret, or come from the environment.

    Attributes:
        text: After ``${NAME}`` was replaced.
    """

    text: str = field(repr=False)
    span: Span


@dataclass(frozen=True, slots=True)
class InputDefinition:
    """Where one input of a client's flows comes from.

    Attributes:
        span: The place of the function's name, or of the literal.
    """

    name: Name
    input: ClientInput
    span: Span


@dataclass(frozen=True, slots=True)
class ClientDefinition:
    """One client.

    Attributes:
        id_span: The place of its id.
        auth_flows: Cognito's name of each auth flow, and the flow that it runs.
        require: The same as ``client.require``, with places.
        inputs: The same as ``client.inputs``, with places.
    """

    name: Name
    client: Client
    id_span: Span
    auth_flows: tuple[tuple[Name, Name], ...]
    require: tuple[Excerpt, ...]
    inputs: tuple[InputDefinition, ...]
    secret_span: Span | None = None


@dataclass(frozen=True, slots=True)
class PoolDefinition:
    """One pool.

    Attributes:
        pool: Its values; the issuer is ``endpoint`` where only the server knows its address.
            Hidden from the repr, as all is that may come from the environment.
        id: As written.
        triggers: Each trigger, and the function that is called for it, ``module:function``.
        token_event: The version of the event that ``pre_token_generation`` is given.
        empty_private: Whether ``create_auth_challenge`` may give no private parameters.
        acr: Each level that tokens call by another name, and that name.
        recovery: What its account recovery is, as written; empty where nothing is.
    """

    name: Name
    id: Name
    pool: Pool = field(repr=False)
    clients: tuple[ClientDefinition, ...]
    triggers: tuple[tuple[Name, Name], ...] = ()
    token_event: TokenEvent = TokenEvent.V1_0
    acr: tuple[tuple[Name, Name], ...] = ()
    lockout_span: Span | None = None
    recovery: tuple[Name, ...] = ()
    empty_private: bool = False


@dataclass(frozen=True, slots=True)
class AdminKey:
    """An access key that Admin* operations are signed with.

    Attributes:
        span: The place of its id.
    """

    id: str = field(repr=False)
    secret: str = field(repr=False)
    span: Span
    secret_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on; port 0 takes a free one."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as the beginning of a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DeploymentDefinition:
    """A deployment as written.

    Attributes:
        flows: Files and folders, relative to the file.
        keys: None where a keyring is made on first start.
        delivery: Each channel, and where its codes go.
        messages: The folder of texts, relative to the file; None for the built-in ones only.
        functions: Python modules.
        endpoint: None for the listening address.
        proxies: Addresses and networks.
    """

    source: SourceText
    pools: tuple[PoolDefinition, ...]
    flows: tuple[Name, ...]
    sessions: Setting
    directory: Setting
    keys: Setting | None
    delivery: tuple[tuple[Name, Setting], ...]
    messages: Name | None
    functions: tuple[Name, ...]
    admin: tuple[AdminKey, ...]
    listen: Listen = field(repr=False)
    endpoint: str | None = field(repr=False)
    proxies: tuple[str, ...] = field(repr=False)
    proxy_spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment without findings, and the flows that it names, compiled."""

    definition: DeploymentDefinition
    flows: Mapping[str, FlowProgram]

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools in the order of writing, each with the passwords that its flows need."""
        return tuple(
            replace(written.pool, srp=written.pool.srp or self._signs_in_by_srp(written))
            for written in self.definition.pools
        )

    @property
    def clients(self) -> tuple[Client, ...]:
        """The clients of all pools, in the order of writing."""
        return tuple(c.client for pool in self.definition.pools for c in pool.clients)

    def _signs_in_by_srp(self, pool: PoolDefinition) -> bool:
        """Say whether a flow of some client asks for SRP, by whichever auth flow it begins."""
        programs = (
            self.flows[flow.text] for client in pool.clients for _, flow in client.auth_flows
        )
        return any(
            isinstance(node, ChallengeNode) and node.kind.facts.name == _BY_SRP
            for program in programs
            for node in program.nodes.values()
        )
