"""SOFTWARE_TOKEN_MFA: the code that an authenticator app shows.

Sources: RFC 6238; Amazon Cognito API reference, RespondToAuthChallenge, "SOFTWARE_TOKEN_MFA".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account, TotpFactor
from flowengine.challenges.kind import (
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    Proved,
    Spend,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.crypto import totp
from flowengine.errors import (
    CallerError,
    CodeMismatchError,
    ExpiredCodeError,
    InvalidParameterError,
    SoftwareTokenMFANotFoundError,
)

_CODE: Final = "SOFTWARE_TOKEN_MFA_CODE"
_MISMATCH: Final = "Invalid code received for user"
_USED: Final = "Your software token has already been used once."
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS_APART: Final = timedelta(minutes=5)
"""A spent code is remembered this much longer, for servers whose clocks are behind."""

_FACTS: Final = KindFacts(
    name="SOFTWARE_TOKEN_MFA",
    standing=Standing.RETRY,
    required=(_CODE,),
    proves=("totp",),
    factor="totp",
    never=("denied",),
)


class SoftwareTokenMfa:
    """The kind that checks a code of RFC 6238; each is good once, and none after a later one.

    What is not six digits is a wrong code, not a malformed one: it costs a try.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Name the app that the user set up."""
        account, factor = issuing.account, _factor(issuing.account)
        if account is None or factor is None:
            return Unavailable(SoftwareTokenMFANotFoundError())
        parameters = {"USER_ID_FOR_SRP": account.username, "FRIENDLY_DEVICE_NAME": factor.name}
        return Issued(MappingProxyType(parameters))

    def verify(self, answering: Answering) -> Verdict:
        """Compare with the codes of now and of one period either side."""
        factor, written = _factor(answering.account), answering.responses.get(_CODE)
        if factor is None:
            return Denied(SoftwareTokenMFANotFoundError())
        if written is None:
            return Malformed(InvalidParameterError.missing(_CODE))
        # What was spent before is known to the counters, not to us: hence after=-1.
        counter = totp.match(factor.secret, written, answering.now, after=-1)
        if counter is None:
            return Wrong(CodeMismatchError(_MISMATCH))
        spend = spend_of(counter, answering.now, ExpiredCodeError(_USED))
        return Proved(_FACTS.proves, spend=spend)


def _factor(account: Account | None) -> TotpFactor | None:
    """Give the app, unless it is not asked for as a second factor."""
    factor = None if account is None else account.totp
    return factor if factor is not None and factor.active else None


def spend_of(counter: int, now: datetime, used: CallerError) -> Spend:
    """Burn a code, and with it the older ones that would still match."""
    oldest = totp.counter_at(now) - 1
    return Spend(
        key=_key(counter),
        until=_EPOCH + (counter + 2) * totp.PERIOD + _CLOCKS_APART,
        used=used,
        also=tuple(_key(older) for older in range(oldest, counter)),
    )


def _key(counter: int) -> str:
    return f"totp:{counter}"
