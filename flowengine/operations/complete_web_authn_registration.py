"""CompleteWebAuthnRegistration: a signed-in user shows the passkey that was made.

Source: Amazon Cognito API reference, CompleteWebAuthnRegistration; W3C Web Authentication
Level 3, section 7.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from flowengine.accounts.account import Account, Passkey, in_order
from flowengine.challenges.kind import Spend
from flowengine.challenges.web_authn import ceremony_of
from flowengine.crypto.passkey_forms import Attestation, read_attestation
from flowengine.crypto.passkeys import Refusal, Registered, verify_registration
from flowengine.crypto.registration_challenges import (
    IssuedChallenge,
    answered_challenge,
    read_challenge,
)
from flowengine.engine.access_tokens import Holder, holder_of
from flowengine.engine.judging import spend_for
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    WebAuthnChallengeNotFoundError,
    WebAuthnClientMismatchError,
    WebAuthnCredentialNotSupportedError,
    WebAuthnOriginNotAllowedError,
    WebAuthnRelyingPartyMismatchError,
)
from flowengine.operations.factor_changes import check_second_factor
from flowengine.operations.passkeys import (
    check_room,
    count_registration,
    registrant_of,
    settings_of,
)
from flowengine.operations.users import change, made_by, new_stamp

_CLOCKS_APART: Final = timedelta(minutes=5)
"""A spent challenge is remembered this much longer, for servers whose clocks are behind."""


@dataclass(frozen=True, slots=True)
class CompleteWebAuthnRegistrationRequest:
    """What is asked.

    Attributes:
        credential: A ``RegistrationResponseJSON``, as JSON values.
    """

    access_token: str = field(repr=False)
    credential: object = field(repr=False)


async def complete_web_authn_registration(
    parts: Parts, request: CompleteWebAuthnRegistrationRequest
) -> None:
    """Verify a new passkey and keep it: from now on it signs its user in.

    A challenge is used up by its first answer, right or wrong. The security stamp moves, so
    that sign-ins under way are refused: what the user has is not what they began with.

    Raises:
        WebAuthnNotEnabledError: The pool has no passkeys.
        WebAuthnConfigurationMissingError: It has no relying party to make them for.
        InvalidParameterError: The credential is not the JSON of one.
        WebAuthnChallengeNotFoundError: Its challenge has expired, was answered before, or is
            not one of this user's.
        WebAuthnClientMismatchError: The challenge was given to another client.
        WebAuthnOriginNotAllowedError: It was made at another origin.
        WebAuthnRelyingPartyMismatchError: It was made for another relying party.
        WebAuthnCredentialNotSupportedError: It is of no use, or somebody has it already.
        LimitExceededError: The user has as many as are allowed, or tried too often.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    holder = await holder_of(parts, request.access_token)
    settings = settings_of(holder.pool)
    check_room(holder.account)
    came = read_attestation(request.credential)
    if came is None:
        raise _malformed()
    challenge = _challenge_of(parts, holder, came)
    await count_registration(parts, holder)
    await _spend(parts, holder, challenge)
    ceremony = ceremony_of(settings, challenge.challenge)
    registered = await parts.work.run(lambda: verify_registration(came, ceremony))
    if isinstance(registered, Refusal):
        raise _refused(registered)
    await _keep(parts, holder, registered, settings.relying_party)


def _challenge_of(parts: Parts, holder: Holder, came: Attestation) -> IssuedChallenge:
    """Know the challenge again that an answer names."""
    named = answered_challenge(came)
    if named is None:
        raise _malformed()
    who, now = registrant_of(holder), parts.clock.now()
    challenge = read_challenge(parts.decoy_secret, who, named, now)
    if challenge is None:
        raise _refused(Refusal.CHALLENGE)
    if not challenge.same_client:
        raise WebAuthnClientMismatchError("The registration was started by another client.")
    return challenge


async def _spend(parts: Parts, holder: Holder, challenge: IssuedChallenge) -> None:
    """Use a challenge up, in all processes."""
    once = Spend(
        key=f"passkey-registration:{challenge.once}",
        until=challenge.expires_at + _CLOCKS_APART,
        used=_refused(Refusal.CHALLENGE),
    )
    now = parts.clock.now()
    error = await spend_for(parts, holder.pool, holder.account.sub, once, now)
    if error is not None:
        raise error


async def _keep(parts: Parts, holder: Holder, registered: Registered, relying_party: str) -> None:
    """Write the passkey to its user, unless somebody has one of its id."""
    now, stamp = parts.clock.now(), new_stamp(parts)
    passkey = _passkey(registered, relying_party, now)
    refused_at: set[str] = set()

    def with_passkey(present: Account) -> Account:
        check_account(present)
        check_second_factor(parts, holder, present)
        check_room(present)
        # A user that was not changed meanwhile, and was not saved: another one has the id.
        if present.stamp in refused_at or _has(present, passkey.credential_id):
            raise _refused(Refusal.UNSUPPORTED)
        refused_at.add(present.stamp)
        named = replace(passkey, name=_free_name(present, passkey))
        kept = in_order((*present.passkeys, named))
        made = made_by(present, holder, passkey.digest)
        return replace(present, stamp=stamp, modified_at=now, passkeys=kept, made_by=made)

    await change(parts, holder.account, with_passkey)


def _passkey(registered: Registered, relying_party: str, now: datetime) -> Passkey:
    return Passkey(
        credential_id=registered.credential_id,
        public_key=registered.public_key,
        sign_count=registered.sign_count,
        relying_party=relying_party,
        created_at=now,
        transports=registered.transports,
        backup_eligible=registered.backup_eligible,
        backed_up=registered.backed_up,
        verifies_user=registered.verifies_user,
    )


def _has(account: Account, credential_id: bytes) -> bool:
    return any(each.credential_id == credential_id for each in account.passkeys)


def _free_name(account: Account, passkey: Passkey) -> str:
    """Make up what a passkey is called in lists: nothing says who made its authenticator."""
    within = not passkey.transports or {"internal", "hybrid"} & set(passkey.transports)
    name = "Passkey" if within or passkey.backup_eligible else "Security key"
    taken = {each.name for each in account.passkeys}
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return next(free for free in (name, *numbered) if free not in taken)


def _refused(refusal: Refusal) -> CallerError:
    """Put a refusal in the words of the API."""
    match refusal:
        case Refusal.MALFORMED:
            return _malformed()
        case Refusal.CHALLENGE:
            return WebAuthnChallengeNotFoundError("Challenge not found, start again.")
        case Refusal.ORIGIN:
            return WebAuthnOriginNotAllowedError("The origin of the credential is not allowed.")
        case Refusal.RELYING_PARTY:
            return WebAuthnRelyingPartyMismatchError("The credential is another relying party's.")
        case Refusal.UNSUPPORTED:
            return WebAuthnCredentialNotSupportedError("The credential is not supported.")
        case _:
            assert_never(refusal)


def _malformed() -> InvalidParameterError:
    return InvalidParameterError("Invalid value for parameter Credential")
