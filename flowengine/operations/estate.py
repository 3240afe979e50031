"""Pools and clients that come and go while they are served.

Source: Amazon Cognito API reference, CreateUserPool, CreateUserPoolClient and what undoes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.pool import Client, Pool
from flowengine.engine.parts import Parts, PoolKeys
from flowengine.errors import InvalidParameterError, ResourceNotFoundError
from flowengine.operations.describe_user_pool_client import describe_user_pool_client
from flowengine.operations.users import directory_of, pool_named
from flowengine.tokens import keys

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_POOL_ID_LENGTH: Final = 9
_CLIENT_ID_LENGTH: Final = 26
_SECRET_LENGTH: Final = 51
_USERS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class MadePool:
    """What is known of a pool that was made here, beside the pool.

    Attributes:
        factors: The first factors that its sign-ins by choice may begin with.
        written: The members of the request that it was made or changed by.
        protected: Whether it may not be deleted.
        mfa: The members that its second factors were last set by; None for none.
        made_at: UTC.
        changed_at: UTC.
    """

    factors: frozenset[str]
    written: Mapping[str, Any] = field(repr=False)
    protected: bool
    made_at: datetime
    changed_at: datetime
    mfa: Mapping[str, Any] | None = field(default=None, repr=False)


class Estate:
    """The pools and clients of an engine; those that were made here are gone with the process.

    Attributes:
        parts: What the engine is to be put around: it sees every change at once.
        pools: By id; the same mapping that the directory of ``parts`` looks into.
        endpoint: What the issuers of its pools begin with.
    """

    def __init__(self, parts: Parts, pools: dict[str, Pool], endpoint: str) -> None:
        """Begin with the pools and clients that there are."""
        self.pools = pools
        self.endpoint = endpoint
        self._clients, self._signing = dict(parts.clients), dict(parts.signing)
        self._made: dict[str, MadePool] = {}
        self._named = 0
        self.parts = replace(
            parts,
            pools=MappingProxyType(self.pools),
            clients=MappingProxyType(self._clients),
            signing=MappingProxyType(self._signing),
        )

    def new_pool_id(self, region: str) -> str:
        """Draw the id of a pool."""
        return f"{region}_{self._draw(_POOL_ID_LENGTH)}"

    def new_client_id(self) -> str:
        """Draw the id of a client."""
        return self._draw(_CLIENT_ID_LENGTH)

    def new_secret(self) -> str:
        """Draw a client's secret."""
        return self._draw(_SECRET_LENGTH)

    def new_name(self, label: str) -> str:
        """Give a client's name that no other one of the engine has, whatever its pool."""
        self._named += 1
        return f"{label}#{self._named}"

    async def add_pool(self, pool: Pool, made: MadePool) -> None:
        """Add a pool, with signing keys of its own."""
        entropy = self.parts.entropy.draw
        keys_of_it = await self.parts.work.run(
            lambda: PoolKeys(
                keys.generate(keys.TokenUse.ID, entropy),
                keys.generate(keys.TokenUse.ACCESS, entropy),
            )
        )
        self._signing[pool.id], self._made[pool.id] = keys_of_it, made
        self.pools[pool.id] = pool

    def change_pool(self, pool: Pool, made: MadePool) -> None:
        """Put a pool in the place of the one with its id, which was made here.

        Raises:
            ResourceNotFoundError: There is none of this id.
            InvalidParameterError: It is the deployment's own.
        """
        self.made_pool(pool.id)
        self._made[pool.id], self.pools[pool.id] = made, pool

    async def remove_pool(self, pool_id: str) -> None:
        """Remove a pool with its clients and users.

        Raises:
            ResourceNotFoundError: There is none of this id.
            InvalidParameterError: It is the deployment's own, or is protected.
        """
        _, made = self.own(pool_id)
        if made.protected:
            raise InvalidParameterError(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        directory = directory_of(self.parts)
        while users := await directory.page(pool_id, "", _USERS_AT_ONCE):
            for account in users:
                await directory.remove(pool_id, account.username)
        for client in self.clients_of(pool_id):
            del self._clients[client.id]
        self.pools.pop(pool_id, None)
        self._signing.pop(pool_id, None)
        self._made.pop(pool_id, None)

    def made_pool(self, pool_id: str) -> Pool:
        """Find a pool that was made here.

        Raises:
            ResourceNotFoundError: There is none of this id.
            InvalidParameterError: It is the deployment's own.
        """
        return self.own(pool_id)[0]

    def own(self, pool_id: str) -> tuple[Pool, MadePool]:
        """Find a pool that was made here, and what is known of it beside that.

        Raises:
            ResourceNotFoundError: There is none of this id.
            InvalidParameterError: It is the deployment's own.
        """
        pool, made = pool_named(self.parts, pool_id), self._made.get(pool_id)
        if made is None:
            raise InvalidParameterError(
                "This user pool is the deployment's own: change it in its file."
            )
        return pool, made

    def made(self, pool_id: str) -> MadePool | None:
        """Give what is known of a pool that was made here; None for any other."""
        return self._made.get(pool_id)

    def clients_of(self, pool_id: str) -> list[Client]:
        """Give the clients of a pool, in the order that they were made in."""
        return [client for client in self._clients.values() if client.pool_id == pool_id]

    def keep_client(self, client: Client) -> None:
        """Add a client, or put it in the place of the one with its id."""
        if client.pool_id not in self.pools:
            raise ResourceNotFoundError(f"User pool {client.pool_id} does not exist.")
        self._clients[client.id] = client

    def remove_client(self, pool_id: str, client_id: str) -> None:
        """Remove a client of a pool that was made here.

        Raises:
            ResourceNotFoundError: There is no such pool or client.
            InvalidParameterError: The pool is the deployment's own.
        """
        self.made_pool(pool_id)
        del self._clients[describe_user_pool_client(self.parts, pool_id, client_id).id]

    def _draw(self, length: int) -> str:
        """Draw letters and digits, five bits of chance each."""
        return "".join(_ALPHABET[byte & 31] for byte in self.parts.entropy.draw(length))
