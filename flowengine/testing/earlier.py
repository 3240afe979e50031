"""A sign-in that is over, for flows that continue one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client
from flowengine.accounts.user import UserFacts
from flowengine.engine.issuance import SignedIn, make_tokens
from flowengine.engine.parts import Parts
from flowengine.errors import UnavailableError
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import Grant
from flowengine.tokens.claims import NO_CHANGES
from flowengine.tokens.refresh import family_of, hash_token, new_token


async def earlier_token(
    parts: Parts, client: Client, account: Account, proved: Mapping[str, datetime]
) -> str:
    """Leave what a sign-in leaves behind that proved this, and give its access token.

    Raises:
        UnavailableError: The engine keeps no grants.
    """
    if parts.grants is None:
        raise UnavailableError("a sign-in that can be continued needs grants")
    now, user = parts.clock.now(), UserFacts(account.username, account.sub)
    signed_in = SignedIn(_uuid(parts), _uuid(parts), max(proved.values(), default=now), None)
    record = SignInRecord(
        flow="",
        digest="",
        pool=client.pool_id,
        client=client.name,
        auth_flow="",
        user=user,
        stamp="",
        ledger=Ledger(decoy=False, proved=proved),
        started_at=now,
        issued_at=now,
        event_id=signed_in.event_id,
    )
    token = new_token(parts.entropy.draw)
    await parts.grants.add(
        Grant(
            family=family_of(token),
            hash=hash_token(token),
            origin_jti=signed_in.origin_jti,
            pool_id=client.pool_id,
            client_id=client.id,
            username=account.username,
            sub=account.sub,
            record=record.to_json(),
            level=None,
            auth_time=signed_in.auth_time,
            expires_at=now + client.tokens.refresh,
        )
    )
    pool = parts.pool_of(client)
    made = await make_tokens(parts, pool, client, account, signed_in, NO_CHANGES)
    return made.access_token


def _uuid(parts: Parts) -> str:
    return str(uuid.UUID(bytes=parts.entropy.draw(16), version=4))
