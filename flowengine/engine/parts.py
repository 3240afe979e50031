"""What an engine is made of, and how a request finds its client, flow and door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.accounts.pool import Client, Pool
from flowengine.crypto import secret_hash
from flowengine.engine.ports import (
    Clock,
    Counters,
    Delivery,
    Devices,
    Directory,
    Entropy,
    Functions,
    Grants,
    Observer,
    SessionStore,
    Work,
)
from flowengine.errors import (
    InvalidParameterError,
    NotAuthorizedError,
    ResourceNotFoundError,
    UnknownSessionError,
)
from flowengine.flow.program import Condition, DoorProgram, FlowProgram
from flowengine.runtime.record import SignInRecord
from flowengine.tokens.keys import SigningKey

ADMIN_FLOWS = frozenset({"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"})
PUBLIC_ONLY_FLOWS = frozenset({"USER_PASSWORD_AUTH"})
LEGACY_FLOWS: Mapping[str, str] = {"ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH"}
KNOWN_AUTH_FLOWS = (
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "ADMIN_NO_SRP_AUTH",
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "USER_AUTH",
)


@dataclass(frozen=True, slots=True)
class PoolKeys:
    """The two signing keys of a pool; id and access tokens never share one."""

    id: SigningKey
    access: SigningKey


@dataclass(frozen=True, slots=True)
class Parts:
    """An engine's parts; immutable, shared by all requests.

    Attributes:
        flows: Programs by name.
        pools: By id.
        clients: By client id.
        client_require: Compiled ``require`` lines by client name and flow name.
        directory: None for an engine that takes the caller's word for who the user is.
        devices: None for an engine that knows no devices.
        delivery: None for an engine whose flows send nothing.
        signing: Keys by pool id; a pool without keys issues no tokens.
        decoy_secret: What decoys are derived from; constant over restarts.
    """

    flows: Mapping[str, FlowProgram]
    pools: Mapping[str, Pool]
    clients: Mapping[str, Client] = field(repr=False)
    client_require: Mapping[tuple[str, str], tuple[Condition, ...]]
    sessions: SessionStore
    counters: Counters
    directory: Directory | None
    grants: Grants | None
    devices: Devices | None
    delivery: Delivery | None
    functions: Functions
    signing: Mapping[str, PoolKeys]
    decoy_secret: bytes = field(repr=False)
    work: Work
    clock: Clock
    entropy: Entropy
    observer: Observer

    def client(self, client_id: str) -> Client:
        """Find a client. Raises ResourceNotFoundError in Cognito's words."""
        client = self.clients.get(client_id)
        if client is None:
            raise ResourceNotFoundError("User pool client {client_id} does not exist.")
        return client

    def pool_of(self, client: Client) -> Pool:
        """Find a client's pool."""
        return self.pools[client.pool_id]

    def door(
        self, client: Client, auth_flow: str, *, admin: bool
    ) -> tuple[FlowProgram, DoorProgram]:
        """Find the flow that an auth flow runs for a client, and its door.

        Raises:
            InvalidParameterError: Unknown, not for this operation, or not enabled.
        """
        if auth_flow not in KNOWN_AUTH_FLOWS:
            raise InvalidParameterError(
                "1 validation error detected: Value at 'authFlow' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{', '.join(KNOWN_AUTH_FLOWS)}]"
            )
        if auth_flow in (PUBLIC_ONLY_FLOWS if admin else ADMIN_FLOWS):
            raise InvalidParameterError("Initiate Auth method not supported.")
        name = LEGACY_FLOWS.get(auth_flow, auth_flow)
        program = self.flows.get(client.auth_flows.get(name, ""))
        if program is None or name not in program.doors:
            raise InvalidParameterError(f"{auth_flow} is not enabled for the client.")
        return program, program.doors[name]

    def program_of(self, record: SignInRecord) -> FlowProgram:
        """Find the program that a sign-in was begun under, unchanged since."""
        program = self.flows.get(record.flow)
        if program is None or program.digest != record.digest:
            raise UnknownSessionError
        return program


def count_analytics(parts: Parts, client: Client, metadata: Mapping[str, str]) -> None:
    """Have a request counted that came with AnalyticsMetadata, which says nothing to a flow."""
    if metadata:
        parts.observer.note("analytics", {"client": client.name})


def check_secret_hash(client: Client, username: str, sent: str | None) -> None:
    """Check SECRET_HASH against the USERNAME that came with it (COGNITO.md, A.2).

    Raises:
        NotAuthorizedError: It is absent, wrong, or sent to a client without a secret.
    """
    if client.secret is None:
        if sent is not None:
            raise NotAuthorizedError("Unable to verify secret hash for client {client_id}")
        return
    if sent is None:
        raise NotAuthorizedError(
            "Client {client_id} is configured with secret but SECRET_HASH was not received"
        )
    if not secret_hash.check(client.secret, username, client.id, sent):
        raise NotAuthorizedError("Unable to verify secret hash for client {client_id}")
