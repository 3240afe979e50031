"""SetUserMFAPreference: a signed-in user turns second factors on and off.

Source: Amazon Cognito API reference, SetUserMFAPreference.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.accounts.account import Account
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.operations.factor_changes import check_second_factor
from flowengine.operations.mfa_preferences import (
    MfaPreferences,
    check_preferences,
    with_preferences,
)
from flowengine.operations.users import change, made_by, new_stamp, turned_on


async def set_user_mfa_preference(
    parts: Parts, access_token: str, preferences: MfaPreferences
) -> None:
    """Change which factors the user is asked for; sign-ins under way end.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
        InvalidParameterError: Not for this pool, or not for this user; see ``mfa_preferences``.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    holder = await holder_of(parts, access_token)
    check_preferences(holder.pool, preferences)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def preferring(present: Account) -> Account:
        check_account(present)
        check_second_factor(parts, holder, present)
        changed = with_preferences(holder.pool, present, preferences)
        new = (turned_on(name) for name in changed.facts().has - present.facts().has)
        made = made_by(present, holder, *new)
        return replace(changed, stamp=stamp, modified_at=now, made_by=made)

    await change(parts, holder.account, preferring)
