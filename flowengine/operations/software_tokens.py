"""What the two operations on authenticator apps share."""

from __future__ import annotations

from flowengine.accounts.pool import Mfa, Pool
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError, SoftwareTokenMFANotFoundError
from flowengine.operations.access_tokens import Holder, holder_of

CHALLENGE = "SOFTWARE_TOKEN_MFA"


async def software_token_holder(
    parts: Parts, access_token: str | None, session: str | None
) -> Holder:
    """Find who sets an app up.

    Raises:
        InvalidParameterError: A Session was sent, which is for a later version, or nothing.
        SoftwareTokenMFANotFoundError: The pool has no authenticator apps.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    if session is not None:
        raise InvalidParameterError("Session is not accepted here yet: send AccessToken.")
    if access_token is None:
        raise InvalidParameterError.missing("AccessToken")
    holder = await holder_of(parts, access_token)
    if not _has_apps(holder.pool):
        raise SoftwareTokenMFANotFoundError(
            "Software Token MFA has not been enabled by the userPool"
        )
    return holder


def _has_apps(pool: Pool) -> bool:
    return pool.mfa is not Mfa.NONE and CHALLENGE in pool.mfa_methods
