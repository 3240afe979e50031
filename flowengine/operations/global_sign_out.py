"""GlobalSignOut: a signed-in user ends all their sign-ins.

Source: Amazon Cognito API reference, GlobalSignOut.
"""

from __future__ import annotations

from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out


async def global_sign_out(parts: Parts, access_token: str) -> None:
    """Revoke all sign-ins of the user of an access token, this one included.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    await sign_out(parts, (await holder_of(parts, access_token)).account)
