"""PASSWORD_SRP: the client's half of SRP, asked for inside a sign-in.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "PASSWORD_SRP".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from flowengine.challenges.kind import (
    Answering,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    NamedBy,
    Proved,
    Standing,
    Unavailable,
    Verdict,
)
from flowengine.crypto import srp
from flowengine.errors import InvalidParameterError, NotAuthorizedError

_SRP_A: Final = "SRP_A"
_FACTS: Final = KindFacts(
    name="PASSWORD_SRP",
    standing=Standing.RETRY,
    required=(_SRP_A,),
    provides=(_SRP_A,),
    answered_by=(_SRP_A,),
    names_user_by=NamedBy.USERNAME,
    never=("wrong", "exhausted", "denied", "unavailable"),
)


class PasswordSrp:
    """The kind that compares nothing: it takes SRP_A for the PASSWORD_VERIFIER that follows."""

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Ask; there is nothing to tell."""
        if issuing.account is None and issuing.named:
            return Unavailable(NotAuthorizedError())
        return Issued({})

    def verify(self, answering: Answering) -> Verdict:
        """Take SRP_A if it is one; what is not gives the try back."""
        written = answering.responses.get(_SRP_A)
        if written is None:
            return Malformed(InvalidParameterError.missing(_SRP_A))
        if srp.parse_public(written) is None:
            return Malformed(InvalidParameterError("Invalid SRP_A"))
        return Proved((), carries=MappingProxyType({_SRP_A: written}))
