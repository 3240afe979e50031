"""DEVICE_PASSWORD_VERIFIER: a remembered device proves its secret by SRP.

Source: Amazon Cognito developer guide, "Working with user devices in your user pool";
COGNITO.md, A.3 and D.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from flowengine.challenges import srp_proof
from flowengine.challenges.device_srp_auth import DEVICE_KEY, DEVICE_SRP_A, NO_SUCH_DEVICE
from flowengine.challenges.kind import (
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.errors import InvalidParameterError, NotAuthorizedError, ResourceNotFoundError

_FACTS: Final = KindFacts(
    name="DEVICE_PASSWORD_VERIFIER",
    standing=Standing.OVER,
    required=srp_proof.CLAIM,
    proves=("device",),
    carried=(DEVICE_SRP_A,),
    implied=(DEVICE_KEY,),
    factor="device",
    attempts=1,
)


class DevicePasswordVerifier:
    """The kind that checks a device's SRP proof."""

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Send B for the A that DEVICE_SRP_AUTH brought."""
        account, device = issuing.account, issuing.device
        if account is None:
            return Unavailable(NotAuthorizedError())
        if device is None:
            return Unavailable(ResourceNotFoundError(NO_SUCH_DEVICE))
        made = srp_proof.exchange(
            issuing.carried.get(DEVICE_SRP_A), device.credential, issuing.token, issuing.entropy
        )
        if not isinstance(made, srp_proof.Exchange):
            return Unavailable(made)
        parameters = {**made.parameters, "USERNAME": account.username, DEVICE_KEY: device.key}
        return Issued(MappingProxyType(parameters), MappingProxyType(made.private))

    def verify(self, answering: Answering) -> Verdict:
        """Check secret block, time stamp and signature; whichever is wrong, the text is one."""
        device = answering.device
        if device is None:
            return Denied(ResourceNotFoundError(NO_SUCH_DEVICE))
        key = answering.responses.get(DEVICE_KEY)
        if key is None:
            return Malformed(InvalidParameterError.missing(DEVICE_KEY))
        malformed = srp_proof.malformed(answering)
        if malformed is not None:
            return malformed
        right = key == device.key and srp_proof.is_right(answering, device.group_key, device.key)
        return Proved(_FACTS.proves) if right else Wrong(NotAuthorizedError())
