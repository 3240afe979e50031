"""PASSWORD_VERIFIER: the password, proved by SRP without being sent.

Sources: RFC 5054 and Amazon Cognito's own form of it (COGNITO.md, section D); API reference,
RespondToAuthChallenge, "PASSWORD_VERIFIER".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account, SrpCredential
from flowengine.accounts.decoys import decoy_verifier
from flowengine.accounts.pool import Pool
from flowengine.challenges import srp_proof
from flowengine.challenges.kind import (
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.crypto.text import octets
from flowengine.errors import NotAuthorizedError

_FACTS: Final = KindFacts(
    name="PASSWORD_VERIFIER",
    standing=Standing.OVER,
    required=srp_proof.CLAIM,
    proves=("password",),
    carried=(srp_proof.SRP_A,),
    factor="password",
    never=("denied",),
    attempts=1,
)


class PasswordVerifier:
    """The kind that checks an SRP proof."""

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Send B for the A that the auth flow brought, and keep the key of the exchange."""
        account = issuing.account
        if account is None:
            return Unavailable(NotAuthorizedError())
        made = srp_proof.exchange(
            issuing.carried.get(srp_proof.SRP_A),
            _credential(issuing.pool, account),
            issuing.token,
            issuing.entropy,
        )
        if not isinstance(made, srp_proof.Exchange):
            return Unavailable(made)
        parameters = {
            **made.parameters,
            "USERNAME": account.username,
            "USER_ID_FOR_SRP": account.username,
        }
        return Issued(MappingProxyType(parameters), MappingProxyType(made.private))

    def verify(self, answering: Answering) -> Verdict:
        """Check secret block, time stamp and signature; whichever is wrong, the text is one."""
        if answering.account is None:
            return Denied(NotAuthorizedError())
        malformed = srp_proof.malformed(answering)
        if malformed is not None:
            return malformed
        group, user_id = answering.pool.srp_name, answering.account.username
        right = srp_proof.is_right(answering, group, user_id)
        return Proved(_FACTS.proves) if right else Wrong(NotAuthorizedError())


def _credential(pool: Pool, account: Account) -> SrpCredential:
    """Give the account's verifier, or where it has none one that nobody's password fits.

    Whether a user has a password is not told before it was proved. The stamp stands in for
    the secret of decoys: unknown to clients, and as lasting as the account is unchanged.
    """
    if isinstance(account.password, SrpCredential):
        return account.password
    return decoy_verifier(octets(account.stamp), pool, account.username)
