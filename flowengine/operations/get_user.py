"""GetUser: a signed-in user looks at their own account.

Source: Amazon Cognito API reference, GetUser.
"""

from __future__ import annotations

from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.operations.users import UserProfile, profile_of


async def get_user(parts: Parts, access_token: str) -> UserProfile:
    """Describe the user of an access token.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    return profile_of((await holder_of(parts, access_token)).account)
