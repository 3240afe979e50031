"""Codes that reach a user by another way: drawn, sent, compared once.

What SMS_MFA, SMS_OTP and EMAIL_OTP share. The address is the directory's, and must have been
verified: a code proves who reads the mailbox, hence only that the right one was written to.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, assert_never

from flowengine.accounts.user import UserFacts
from flowengine.challenges.kind import (
    Answering,
    Channel,
    CodeToSend,
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
from flowengine.challenges.masking import masked
from flowengine.crypto.text import octets
from flowengine.errors import (
    CodeMismatchError,
    ExpiredCodeError,
    InvalidParameterError,
    MFAMethodNotFoundError,
)

_CODE: Final = "code"
_REMEMBERED: Final = timedelta(minutes=20)
"""A spent code is remembered this long: more than any Session lives (15 minutes)."""


@dataclass(frozen=True, slots=True)
class DeliveredCode:
    """A kind that sends a code and compares it in constant time; each is good once.

    Attributes:
        channel: How it is sent; its name is what a client is told as the medium.
        evidence: What a right answer proves, and the count that wrong ones add to.
        digits: How long codes are.
    """

    name: str
    channel: Channel
    evidence: str
    digits: int

    @property
    def key(self) -> str:
        """The response key that the code comes under."""
        return f"{self.name}_CODE"

    @property
    def facts(self) -> KindFacts:
        """What is known before anything runs."""
        return KindFacts(
            name=self.name,
            standing=Standing.RETRY,
            required=(self.key,),
            proves=(self.evidence,),
            factor=self.evidence,
            channel=self.channel,
            never=("denied",),
        )

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Draw a code for the user's verified address."""
        address = address_of(issuing.user, self.channel)
        if address is None:
            return Unavailable(MFAMethodNotFoundError())
        code = draw_code(issuing.entropy, self.digits)
        parameters = {
            "CODE_DELIVERY_DELIVERY_MEDIUM": self.channel.name,
            "CODE_DELIVERY_DESTINATION": masked(self.channel, issuing.pool.fold(address)),
            "USER_ID_FOR_SRP": issuing.user.username,
        }
        return Issued(
            MappingProxyType(parameters),
            MappingProxyType({_CODE: code}),
            send=CodeToSend(self.channel, address, code),
        )

    def verify(self, answering: Answering) -> Verdict:
        """Compare with the code that was sent."""
        written = answering.responses.get(self.key)
        if written is None:
            return Malformed(InvalidParameterError.missing(self.key))
        expected = octets(answering.private[_CODE])
        if not hmac.compare_digest(octets(written), expected):
            return Wrong(CodeMismatchError())
        return Proved((self.evidence,), spend=self._spend(answering))

    def _spend(self, answering: Answering) -> Spend:
        # The handle names this one code; it is hashed, since keys of counters are not secret.
        name = hashlib.sha256(answering.token).hexdigest()
        until = answering.now + _REMEMBERED
        return Spend(f"{self.name}:{name}", until, ExpiredCodeError())


def address_of(user: UserFacts, channel: Channel) -> str | None:
    """Give a user's address of a channel, if it was verified."""
    match channel:
        case Channel.EMAIL:
            address, verified = user.attributes.get("email"), user.email_verified
        case Channel.SMS:
            address, verified = user.attributes.get("phone_number"), user.phone_verified
        case _:
            assert_never(channel)
    return address if address and verified else None


def draw_code(entropy: Callable[[int], bytes], digits: int) -> str:
    """Draw that many decimal digits, each code as likely as any other.

    The 64 bits more than needed leave a bias that nobody can measure.
    """
    size_bytes = digits // 2 + 8
    return str(int.from_bytes(entropy(size_bytes), "big") % 10**digits).zfill(digits)
