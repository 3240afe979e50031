"""GetUserAuthFactors: a signed-in user sees what they can sign in with.

Source: Amazon Cognito API reference, GetUserAuthFactors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flowengine.accounts.account import Account
from flowengine.challenges.delivered_codes import address_of
from flowengine.challenges.kind import Channel
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.operations.users import UserProfile, profile_of


@dataclass(frozen=True, slots=True)
class UserAuthFactors:
    """The answer.

    Attributes:
        configured: ``PASSWORD``, ``EMAIL_OTP``, ``SMS_OTP``, ``WEB_AUTHN``, ``SOFTWARE_TOKEN``:
            what this user has, whether or not a flow asks for it.
    """

    profile: UserProfile = field(repr=False)
    configured: tuple[str, ...]


async def get_user_auth_factors(parts: Parts, access_token: str) -> UserAuthFactors:
    """Describe what the user of an access token has.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    account = (await holder_of(parts, access_token)).account
    return UserAuthFactors(profile_of(account), _configured(account))


def _configured(account: Account) -> tuple[str, ...]:
    facts = account.facts()
    factors = (
        ("PASSWORD", account.password is not None),
        ("EMAIL_OTP", address_of(facts, Channel.EMAIL) is not None),
        ("SMS_OTP", address_of(facts, Channel.SMS) is not None),
        ("WEB_AUTHN", bool(account.passkeys)),
        ("SOFTWARE_TOKEN", account.totp is not None),
    )
    return tuple(name for name, there in factors if there)
