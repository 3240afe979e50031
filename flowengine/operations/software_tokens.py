"""What the two operations on authenticator apps share."""

from __future__ import annotations

from flowengine.challenges.mfa_setup import NOT_ENABLED, takes_apps
from flowengine.engine.access_tokens import Holder, holder_of
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError, SoftwareTokenMFANotFoundError


def session_of(access_token: str | None, session: str | None) -> str | None:
    """Give the Session that an operation is done with; None where it is an access token.

    Raises:
        InvalidParameterError: Both were sent: they could mean two users.
    """
    if session is not None and access_token is not None:
        raise InvalidParameterError("Only one of AccessToken and Session can be sent")
    return session


async def software_token_holder(parts: Parts, access_token: str | None) -> Holder:
    """Find who sets an app up.

    Raises:
        InvalidParameterError: There is no access token.
        SoftwareTokenMFANotFoundError: The pool has no authenticator apps.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    if access_token is None:
        raise InvalidParameterError.missing("AccessToken")
    holder = await holder_of(parts, access_token)
    if not takes_apps(holder.pool):
        raise SoftwareTokenMFANotFoundError(NOT_ENABLED)
    return holder
