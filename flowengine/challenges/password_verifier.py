"""PASSWORD_VERIFIER: the password, proved by SRP without being sent.

Sources: RFC 5054 and Amazon Cognito's own form of it (COGNITO.md, section D); API reference,
RespondToAuthChallenge, "PASSWORD_VERIFIER".
"""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account, SrpCredential
from flowengine.accounts.decoys import decoy_verifier
from flowengine.accounts.pool import Pool
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
from flowengine.crypto import srp, srp_time
from flowengine.crypto.text import octets
from flowengine.errors import InvalidParameterError, NotAuthorizedError

MOST_SKEW: Final = timedelta(minutes=5)
"""Between TIMESTAMP and our clock, either way, ends included."""

_SRP_A: Final = "SRP_A"
_SIGNATURE: Final = "PASSWORD_CLAIM_SIGNATURE"
_SECRET_BLOCK: Final = "PASSWORD_CLAIM_SECRET_BLOCK"
_TIMESTAMP: Final = "TIMESTAMP"
_TIMESTAMP_FORM: Final = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."
_FACTS: Final = KindFacts(
    name="PASSWORD_VERIFIER",
    standing=Standing.OVER,
    required=(_SIGNATURE, _SECRET_BLOCK, _TIMESTAMP),
    proves=("password",),
    carried=(_SRP_A,),
    factor="password",
    attempts=1,
)


class PasswordVerifier:
    """The kind that checks an SRP proof.

    All three powers are computed at issue, so that what is kept is the key of 16 bytes and
    neither b nor the verifier outlives the request; the answer then costs one HMAC.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Send B for the A that the auth flow brought, and keep the key of the exchange."""
        account, written = issuing.account, issuing.carried.get(_SRP_A)
        if account is None:
            return Unavailable(NotAuthorizedError())
        if written is None:
            return Unavailable(InvalidParameterError.missing(_SRP_A))
        client_public = srp.parse_public(written)
        if client_public is None:
            return Unavailable(InvalidParameterError("Invalid SRP_A"))
        credential = _credential(issuing.pool, account)
        ephemeral = srp.begin(credential.verifier, issuing.entropy)
        key = srp.session_key(client_public, ephemeral, credential.verifier)
        if key is None:
            return Unavailable(NotAuthorizedError())
        parameters = {
            "SALT": credential.salt,
            "SRP_B": ephemeral.srp_b,
            "SECRET_BLOCK": _secret_block(issuing.token),
            "USERNAME": account.username,
            "USER_ID_FOR_SRP": account.username,
        }
        return Issued(MappingProxyType(parameters), MappingProxyType({"key": key.hex()}))

    def verify(self, answering: Answering) -> Verdict:
        """Check secret block, time stamp and signature; whichever is wrong, the text is one."""
        if answering.account is None:
            return Denied(NotAuthorizedError())
        for name in _FACTS.required:
            if name not in answering.responses:
                return Malformed(InvalidParameterError.missing(name))
        sent_at = srp_time.parse(answering.responses[_TIMESTAMP])
        if sent_at is None:
            return Malformed(InvalidParameterError(_TIMESTAMP_FORM))
        right = (
            _is_our_block(answering)
            and abs(answering.now - sent_at) <= MOST_SKEW
            # Over our own rendering: "Sep 05" or a wrong weekday is no way to write the time.
            and _is_signed(answering, answering.account, srp_time.render(sent_at))
        )
        return Proved(_FACTS.proves) if right else Wrong(NotAuthorizedError())


def _credential(pool: Pool, account: Account) -> SrpCredential:
    """Give the account's verifier, or where it has none one that nobody's password fits.

    Whether a user has a password is not told before it was proved. The stamp stands in for
    the secret of decoys: unknown to clients, and as lasting as the account is unchanged.
    """
    if isinstance(account.password, SrpCredential):
        return account.password
    return decoy_verifier(octets(account.stamp), pool, account.username)


def _secret_block(token: bytes) -> str:
    return base64.b64encode(token).decode("ascii")


def _is_our_block(answering: Answering) -> bool:
    ours = octets(_secret_block(answering.token))
    return hmac.compare_digest(octets(answering.responses[_SECRET_BLOCK]), ours)


def _is_signed(answering: Answering, account: Account, timestamp: str) -> bool:
    key = bytes.fromhex(answering.private["key"])
    expected = srp.signature(
        key, answering.pool.srp_name, account.username, answering.token, timestamp
    )
    return srp.signature_is_right(expected, answering.responses[_SIGNATURE])
