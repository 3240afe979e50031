"""DEVICE_SRP_AUTH: a remembered device begins to prove itself.

Source: Amazon Cognito developer guide, "Working with user devices in your user pool";
COGNITO.md, A.3 and D.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from flowengine.accounts.device import is_device_key
from flowengine.challenges.kind import (
    Answering,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    Proved,
    Standing,
    Unavailable,
    Verdict,
)
from flowengine.challenges.srp_proof import SRP_A
from flowengine.crypto import srp
from flowengine.errors import InvalidParameterError, NotAuthorizedError, ResourceNotFoundError

DEVICE_KEY: Final = "DEVICE_KEY"
DEVICE_SRP_A: Final = "DEVICE_SRP_A"
"""What the answer carries on to DEVICE_PASSWORD_VERIFIER; the password's own A stays apart."""

NO_SUCH_DEVICE: Final = "Device does not exist."
"""Clients look for exactly this and then sign in without the device (COGNITO.md, N.5)."""
INVALID_DEVICE_KEY: Final = "Invalid device key given."

_FACTS: Final = KindFacts(
    name="DEVICE_SRP_AUTH",
    standing=Standing.RETRY,
    required=(SRP_A,),
    provides=(DEVICE_SRP_A,),
    implied=(DEVICE_KEY,),
    never=("wrong", "exhausted", "denied"),
)


class DeviceSrpAuth:
    """The kind that compares nothing: it takes SRP_A for DEVICE_PASSWORD_VERIFIER."""

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Ask the device that was named when the sign-in began."""
        if issuing.account is None:
            return Unavailable(NotAuthorizedError())
        if issuing.device is None:
            return Unavailable(ResourceNotFoundError(NO_SUCH_DEVICE))
        return Issued(MappingProxyType({"USERNAME": issuing.account.username}))

    def verify(self, answering: Answering) -> Verdict:
        """Take SRP_A if it is one and comes from the same device; else the try comes back."""
        key, written = answering.responses.get(DEVICE_KEY), answering.responses.get(SRP_A)
        if key is None:
            return Malformed(InvalidParameterError.missing(DEVICE_KEY))
        if written is None:
            return Malformed(InvalidParameterError.missing(SRP_A))
        if not is_device_key(key):
            return Malformed(InvalidParameterError(INVALID_DEVICE_KEY))
        if answering.device is None or answering.device.key != key:
            return Malformed(ResourceNotFoundError(NO_SUCH_DEVICE))
        if srp.parse_public(written) is None:
            return Malformed(InvalidParameterError("Invalid SRP_A"))
        return Proved((), carries=MappingProxyType({DEVICE_SRP_A: written}))
