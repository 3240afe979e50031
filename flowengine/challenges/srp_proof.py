"""What PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER share: one exchange of SRP, and its proof.

All three powers are computed when B is sent, so that what is kept is the key of 16 bytes and
neither b nor the verifier outlives the request; the answer then costs one HMAC.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from typing import Final

from flowengine.accounts.account import SrpCredential
from flowengine.challenges.kind import Answering, Malformed
from flowengine.crypto import srp, srp_time
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.text import octets
from flowengine.errors import CallerError, InvalidParameterError, NotAuthorizedError

SRP_A: Final = "SRP_A"
SIGNATURE: Final = "PASSWORD_CLAIM_SIGNATURE"
SECRET_BLOCK: Final = "PASSWORD_CLAIM_SECRET_BLOCK"
TIMESTAMP: Final = "TIMESTAMP"
CLAIM: Final = (SIGNATURE, SECRET_BLOCK, TIMESTAMP)

_TIMESTAMP_FORM: Final = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."


@dataclass(frozen=True, slots=True)
class Exchange:
    """The server's half.

    Attributes:
        parameters: SALT, SRP_B and SECRET_BLOCK.
        private: The key that the answer is checked with.
    """

    parameters: dict[str, str] = field(repr=False)
    private: dict[str, str] = field(repr=False)


def exchange(
    written: str | None, credential: SrpCredential, token: bytes, draw: Entropy
) -> Exchange | CallerError:
    """Answer an A with B; the error where it is no A."""
    if written is None:
        return InvalidParameterError.missing(SRP_A)
    client_public = srp.parse_public(written)
    if client_public is None:
        return InvalidParameterError("Invalid SRP_A")
    ephemeral = srp.begin(credential.verifier, draw)
    key = srp.session_key(client_public, ephemeral, credential.verifier)
    if key is None:
        return NotAuthorizedError()
    parameters = {
        "SALT": credential.salt,
        "SRP_B": ephemeral.srp_b,
        "SECRET_BLOCK": _secret_block(token),
    }
    return Exchange(parameters, {"key": key.hex()})


def malformed(answering: Answering) -> Malformed | None:
    """Say what is missing from a claim, or what is no time."""
    for name in CLAIM:
        if name not in answering.responses:
            return Malformed(InvalidParameterError.missing(name))
    if srp_time.parse(answering.responses[TIMESTAMP]) is None:
        return Malformed(InvalidParameterError(_TIMESTAMP_FORM))
    return None


def is_right(answering: Answering, group: str, user_id: str) -> bool:
    """Check secret block, time stamp and signature of a claim that is not malformed.

    Args:
        group: The pool's name, or the device's group key.
        user_id: USER_ID_FOR_SRP, or the device key.
    """
    sent_at = srp_time.parse(answering.responses[TIMESTAMP])
    return (
        sent_at is not None
        and _is_our_block(answering)
        and abs(answering.now - sent_at) <= answering.pool.timestamp_skew
        # Over our own rendering: "Sep 05" or a wrong weekday is no way to write the time.
        and _is_signed(answering, group, user_id, srp_time.render(sent_at))
    )


def _secret_block(token: bytes) -> str:
    return base64.b64encode(token).decode("ascii")


def _is_our_block(answering: Answering) -> bool:
    ours = octets(_secret_block(answering.token))
    return hmac.compare_digest(octets(answering.responses[SECRET_BLOCK]), ours)


def _is_signed(answering: Answering, group: str, user_id: str, timestamp: str) -> bool:
    key = bytes.fromhex(answering.private["key"])
    expected = srp.signature(key, group, user_id, answering.token, timestamp)
    return srp.signature_is_right(expected, answering.responses[SIGNATURE])
