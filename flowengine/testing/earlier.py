"""A sign-in or a sign-up that is over, for flows that continue one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client
from flowengine.accounts.user import UserFacts
from flowengine.engine.issuance import SignedIn, make_tokens
from flowengine.engine.parts import Parts
from flowengine.engine.sign_ups import begin_sign_up, claim_sign_up, confirmed_sign_up
from flowengine.errors import UnavailableError
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import Grant
from flowengine.tokens.changes import NO_CHANGES
from flowengine.tokens.refresh import family_of, hash_token, new_token


async def earlier_token(
    parts: Parts,
    client: Client,
    account: Account,
    proved: Mapping[str, datetime],
    flow: str = "",
) -> str:
    """Leave what a sign-in leaves behind that proved this, and give its access token.

    Args:
        flow: The flow that it ran; only one that is known says what names of its own mean.

    Raises:
        UnavailableError: The engine keeps no grants.
    """
    if parts.grants is None:
        raise UnavailableError("a sign-in that can be continued needs grants")
    now, user = parts.clock.now(), UserFacts(account.username, account.sub)
    signed_in = SignedIn(_uuid(parts), _uuid(parts), max(proved.values(), default=now), None)
    record = SignInRecord(
        flow=flow,
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


async def signed_up_session(parts: Parts, client: Client, account: Account, evidence: str) -> str:
    """Leave what a sign-up leaves behind that this user just confirmed, and give its Session.

    Args:
        evidence: What its code proved: ``email`` or ``sms``.

    Raises:
        UnavailableError: No flow of the client goes on from a sign-up.
    """
    begun = await begin_sign_up(parts, client, account)
    if begun is None:
        raise UnavailableError("a sign-up that can be continued needs `after_sign_up`")
    token = await claim_sign_up(parts, client, begun, account.sub)
    return await confirmed_sign_up(parts, client, token, account, evidence)


def _uuid(parts: Parts) -> str:
    return str(uuid.UUID(bytes=parts.entropy.draw(16), version=4))
