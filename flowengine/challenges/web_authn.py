"""WEB_AUTHN: an assertion by a passkey.

Sources: W3C Web Authentication Level 3, section 7.2; Amazon Cognito API reference,
RespondToAuthChallenge, "WEB_AUTHN".
"""

from __future__ import annotations

import hmac
import json
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account, Passkey
from flowengine.accounts.decoys import decoy_passkey
from flowengine.accounts.pool import PasskeySettings, UserVerification
from flowengine.challenges.kind import (
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    NamedBy,
    PasskeyCount,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.crypto import passkeys
from flowengine.crypto.passkey_forms import (
    Assertion,
    Ceremony,
    Descriptor,
    authentication_options,
    from_text,
    read_assertion,
    to_text,
)
from flowengine.errors import InvalidParameterError, NotAuthorizedError

WEB_AUTHN: Final = "WEB_AUTHN"
_CREDENTIAL: Final = "CREDENTIAL"
_CHALLENGE: Final = "challenge"
_MALFORMED: Final = "Invalid value for parameter CREDENTIAL"

_FACTS: Final = KindFacts(
    name=WEB_AUTHN,
    standing=Standing.OVER,
    required=(_CREDENTIAL,),
    proves=("passkey",),
    may_prove=("passkey_uv",),
    names_user_by=NamedBy.CREDENTIAL,
    factor="passkey",
    attempts=1,
)


class WebAuthn:
    """The kind that has a passkey of the user sign a challenge of this one step.

    Who has no passkey, and who does not exist, is asked for one that nobody has, and the
    answer is verified under a key that nobody has: neither text nor time tells them apart.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Ask for one of the user's passkeys of the pool's relying party."""
        settings, account = issuing.pool.passkeys, issuing.account
        if settings is None or (account is None and issuing.named):
            return Unavailable(NotAuthorizedError())
        challenge = passkeys.new_challenge(issuing.entropy)
        if account is None:
            # Nobody is named: a discoverable passkey will say whose it is.
            return _issued(settings, challenge, ())
        allowed: tuple[Descriptor, ...] = tuple(
            Descriptor(each.credential_id, each.transports)
            for each in usable_passkeys(account, settings)
        )
        # Derived for everybody, so that it takes its time for everybody.
        played = decoy_passkey(issuing.decoy_secret, issuing.pool, issuing.user.username)
        return _issued(settings, challenge, allowed or (played,))

    def verify(self, answering: Answering) -> Verdict:
        """Verify the assertion, and hold it against the user and the passkey's counter."""
        settings, account = answering.pool.passkeys, answering.account
        written = answering.responses.get(_CREDENTIAL)
        if settings is None or account is None:
            return Denied(NotAuthorizedError())
        if written is None:
            return Malformed(InvalidParameterError.missing(_CREDENTIAL))
        assertion = read_assertion(written)
        if assertion is None:
            return Malformed(InvalidParameterError(_MALFORMED))
        challenge = from_text(answering.private[_CHALLENGE])
        if challenge is None:
            return Denied(NotAuthorizedError())
        ceremony = ceremony_of(settings, challenge)
        passkey = _find(account, settings, assertion)
        if not answering.named and assertion.user_handle is None:
            passkey = None  # who was not asked for by name must say it (section 7.2, step 6)
        return _judge(account, passkey, assertion, ceremony)


def _issued(settings: PasskeySettings, challenge: bytes, allowed: tuple[Descriptor, ...]) -> Issued:
    options = authentication_options(ceremony_of(settings, challenge), allowed)
    return Issued(
        MappingProxyType({"CREDENTIAL_REQUEST_OPTIONS": json.dumps(options)}),
        MappingProxyType({_CHALLENGE: to_text(challenge)}),
    )


def _judge(
    account: Account, passkey: Passkey | None, assertion: Assertion, ceremony: Ceremony
) -> Verdict:
    # Drawn for everybody; the stamp is secret, so nobody can tell what it gives for an id.
    made_up = hmac.digest(account.stamp.encode(), assertion.credential_id, "sha256")
    nobodys = passkeys.nobodys_key(made_up[0])
    key = nobodys if passkey is None else passkey.public_key
    asserted = passkeys.verify_assertion(assertion, ceremony, key)
    if asserted is None or passkey is None:
        return Wrong(NotAuthorizedError())
    handle = passkeys.user_handle(account.pool_id, account.sub)
    if assertion.user_handle not in (None, handle):
        return Wrong(NotAuthorizedError())
    if asserted.backup_eligible != passkey.backup_eligible:
        return Wrong(NotAuthorizedError())
    old, new = passkey.sign_count, asserted.sign_count
    if not passkeys.counter_grew(old, new):
        return Wrong(NotAuthorizedError())
    # A verification is a factor only where it was there at registration: the first one later
    # may be that of whoever found the authenticator (section 4, "uvInitialized").
    verified = asserted.user_verified and passkey.verifies_user
    return Proved(
        (*_FACTS.proves, *_FACTS.may_prove) if verified else _FACTS.proves,
        counts=None if new == old else PasskeyCount(passkey.credential_id, old, new),
        credential=passkey.digest,
    )


def usable_passkeys(account: Account, settings: PasskeySettings) -> tuple[Passkey, ...]:
    """Give the passkeys of a user that sign for the pool's relying party."""
    return tuple(p for p in account.passkeys if p.relying_party == settings.relying_party)


def _find(account: Account, settings: PasskeySettings, assertion: Assertion) -> Passkey | None:
    """Find the passkey that an assertion names among the user's own."""
    named = (
        p for p in usable_passkeys(account, settings) if p.credential_id == assertion.credential_id
    )
    return next(named, None)


def ceremony_of(settings: PasskeySettings, challenge: bytes) -> Ceremony:
    """Say what an answer to a challenge must be about in a pool of these settings."""
    required = settings.user_verification is UserVerification.REQUIRED
    return Ceremony(challenge, settings.relying_party, settings.origins, verifies_user=required)
