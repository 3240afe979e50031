"""An answer that names its user, in a sign-in that began with nobody.

The user is looked up before the answer is judged, so that tries count as theirs, and is the
sign-in's from the moment at which the answer is right. A wrong answer names nobody.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.challenges.kind import NamedBy
from flowengine.crypto.passkey_forms import read_assertion
from flowengine.engine.opened import Opened
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.context import of_sign_in
from flowengine.engine.triggers.hooks import before_sign_in
from flowengine.engine.users import Identified, device_named, find_by_passkey, identify, with_device
from flowengine.errors import UnknownSessionError
from flowengine.runtime.ledger import Ledger


async def name_user(parts: Parts, opened: Opened, username: str) -> Opened:
    """Look up whom an answer names; or play somebody, who will be found to be wrong.

    Args:
        username: As it came with the answer; "" where none did.

    Raises:
        CallerError: The node names nobody; or the user may not sign in, or does not exist and the
            client lets that be said; or PreAuthentication refused.
    """
    user = await _find(parts, opened, username)
    record = replace(
        opened.record,
        user=user.facts,
        stamp=user.stamp,
        # A new one: what came before the name is nobody's evidence.
        ledger=Ledger(decoy=user.decoy),
        named=True,
    )
    record = with_device(record, user)
    # ClientMetadata of an answer is not for PreAuthentication (COGNITO.md, C.6).
    context = replace(of_sign_in(opened.snapshot, record), client_metadata={})
    await before_sign_in(parts, context)
    return replace(opened, record=record, user=user, before=opened.record)


async def _find(parts: Parts, opened: Opened, username: str) -> Identified:
    pool = opened.pool
    device_key = device_named(opened.record, opened.request.challenge_responses)
    match opened.node.names:
        case NamedBy.USERNAME:
            return await identify(parts, pool, opened.client, username, device_key)
        case NamedBy.CREDENTIAL:
            written = opened.snapshot.responses.get(NamedBy.CREDENTIAL.value, "")
            assertion = read_assertion(written)
            raw_id = b"" if assertion is None else assertion.credential_id
            return await find_by_passkey(parts, pool, raw_id, username, device_key)
        case None:
            raise UnknownSessionError
