"""Which second factors a user is asked for: what the two operations on them share.

Source: Amazon Cognito API reference, SetUserMFAPreference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Mfa, Pool
from flowengine.accounts.user import MFA_METHODS
from flowengine.challenges.delivered_codes import address_of
from flowengine.challenges.kind import Channel
from flowengine.errors import InvalidParameterError

SMS: Final = "SMS_MFA"
TOTP: Final = "SOFTWARE_TOKEN_MFA"
EMAIL: Final = "EMAIL_OTP"
_ADDRESSES: Final = {SMS: Channel.SMS, EMAIL: Channel.EMAIL}


@dataclass(frozen=True, slots=True)
class MfaSettings:
    """What is asked of one factor; None leaves it as it is.

    Attributes:
        enabled: Whether it is asked for.
        preferred: Whether it is asked for before the others. A factor that is turned off is
            not preferred any more.
    """

    enabled: bool | None = None
    preferred: bool | None = None


@dataclass(frozen=True, slots=True)
class MfaPreferences:
    """What is asked of each factor.

    Attributes:
        factors: By challenge name: ``SMS_MFA``, ``SOFTWARE_TOKEN_MFA``, ``EMAIL_OTP``. One that
            is not there stays as it is.
        web_authn: Passkeys as a second factor; they cannot be turned on here.
    """

    factors: Mapping[str, MfaSettings] = field(default_factory=dict)
    web_authn: bool = False


def check_preferences(pool: Pool, preferences: MfaPreferences) -> None:
    """Refuse what no user of the pool can have.

    Raises:
        InvalidParameterError: A factor that the pool does not have, a preference for one that is
            turned off, or two preferences.
    """
    if preferences.web_authn:
        raise InvalidParameterError("WebAuthnMfaSettings is not supported.")
    for method, settings in preferences.factors.items():
        if method not in MFA_METHODS.values():
            raise InvalidParameterError("There is no such MFA method.")
        wanted = settings.enabled or settings.preferred
        if wanted and (pool.mfa is Mfa.NONE or method not in pool.mfa_methods):
            raise InvalidParameterError(f"{method} is not enabled for the user pool.")
        if settings.preferred and settings.enabled is False:
            raise InvalidParameterError(f"{method} cannot be preferred while it is disabled.")
    if sum(bool(settings.preferred) for settings in preferences.factors.values()) > 1:
        raise InvalidParameterError("Only one MFA method can be preferred.")


def with_preferences(pool: Pool, account: Account, preferences: MfaPreferences) -> Account:
    """Give the account as it is asked for; its stamp and dates are not changed.

    Raises:
        InvalidParameterError: A factor without a verified app or address is turned on, one that
            is off is preferred, or none would be left where the pool requires one.
    """
    changed = account
    for method, settings in preferences.factors.items():
        if settings.enabled is not None:
            changed = _switched(changed, method, on=settings.enabled)
    for method, settings in preferences.factors.items():
        changed = _preferred(changed, method, settings)
    if changed.prefers in MFA_METHODS.values() and changed.prefers not in _active(changed):
        changed = replace(changed, prefers="")
    if pool.mfa is Mfa.REQUIRED and _active(account) and not _active(changed):
        raise InvalidParameterError("The user pool requires MFA: one method has to stay enabled.")
    return changed


def _switched(account: Account, method: str, *, on: bool) -> Account:
    if method == TOTP:
        if account.totp is None:
            if on:
                raise InvalidParameterError("User has not verified software token mfa")
            return account
        return replace(account, totp=replace(account.totp, active=on))
    if on and address_of(account.facts(), _ADDRESSES[method]) is None:
        raise InvalidParameterError(f"User does not have delivery config set to turn on {method}")
    return replace(account, sms_mfa=on) if method == SMS else replace(account, email_mfa=on)


def _preferred(account: Account, method: str, settings: MfaSettings) -> Account:
    match settings.preferred:
        case None:
            return account
        case False:
            return replace(account, prefers="") if account.prefers == method else account
        case True:
            if method not in _active(account):
                raise InvalidParameterError(f"{method} cannot be preferred while it is disabled.")
            return replace(account, prefers=method)
        case _:
            assert_never(settings.preferred)


def _active(account: Account) -> frozenset[str]:
    has = account.facts().has
    return frozenset(method for factor, method in MFA_METHODS.items() if factor in has)
