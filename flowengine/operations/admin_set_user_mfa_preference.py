"""AdminSetUserMFAPreference: an administrator turns a user's second factors on and off.

Source: Amazon Cognito API reference, AdminSetUserMFAPreference.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.accounts.account import Account
from flowengine.engine.parts import Parts
from flowengine.operations.mfa_preferences import (
    MfaPreferences,
    check_preferences,
    with_preferences,
)
from flowengine.operations.users import account_named, change, new_stamp, pool_named


async def admin_set_user_mfa_preference(
    parts: Parts, pool_id: str, username: str, preferences: MfaPreferences
) -> None:
    """Change which factors the user is asked for; sign-ins under way end.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        InvalidParameterError: Not for this pool, or not for this user; see ``mfa_preferences``.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    pool = pool_named(parts, pool_id)
    account = await account_named(parts, pool, username)
    check_preferences(pool, preferences)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def preferring(present: Account) -> Account:
        changed = with_preferences(pool, present, preferences)
        return replace(changed, stamp=stamp, modified_at=now)

    await change(parts, account, preferring)
