"""Addresses that some sign-in counts beside the password, so that no password comes from there.

Whoever reads such a mailbox would have both. Cognito spares what a user has turned on as a second
factor alone; flows may ask for a code of anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from flowengine.accounts.pool import Pool, Recovery
from flowengine.analysis.beside_password import SignIns, counted_beside_password
from flowengine.challenges.kind import Channel
from flowengine.engine.parts import Parts

REACHED_BY: Final[Mapping[Recovery, Channel]] = MappingProxyType(
    {Recovery.EMAIL: Channel.EMAIL, Recovery.PHONE: Channel.SMS}
)


async def counted_channels(parts: Parts, pool: Pool) -> frozenset[Channel]:
    """Find what reaches them, in the flows of a pool's clients: the same whoever asks."""
    sign_ins = tuple(_sign_ins(parts, pool))
    return await parts.work.run(lambda: _counted(sign_ins))


def _counted(sign_ins: tuple[SignIns, ...]) -> frozenset[Channel]:
    return frozenset(
        channel
        for recovery, channel in REACHED_BY.items()
        if any(counted_beside_password(each, recovery) is not None for each in sign_ins)
    )


def _sign_ins(parts: Parts, pool: Pool) -> Iterator[SignIns]:
    """Give the sign-ins of a pool; a client without auth flows is a backend's, for any flow."""
    for client in parts.clients.values():
        if client.pool_id != pool.id:
            continue
        for auth_flow, name in client.auth_flows.items():
            program = parts.flows.get(name)
            if program is not None and auth_flow in program.doors:
                yield SignIns(program, auth_flow, pool, client.require)
        if not client.auth_flows:
            for program in parts.flows.values():
                yield SignIns(program, None, pool, client.require)
