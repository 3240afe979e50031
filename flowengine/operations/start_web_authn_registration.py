"""StartWebAuthnRegistration: a signed-in user begins to make a passkey.

Source: Amazon Cognito API reference, StartWebAuthnRegistration.
"""

from __future__ import annotations

from typing import Any

from flowengine.challenges.web_authn import ceremony_of, usable_passkeys
from flowengine.crypto.passkey_forms import Descriptor, registration_options
from flowengine.crypto.passkeys import user_handle
from flowengine.crypto.registration_challenges import issue_challenge
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.operations.passkeys import check_room, registrant_of, settings_of


async def start_web_authn_registration(parts: Parts, access_token: str) -> dict[str, Any]:
    """Give the options that a browser makes a passkey by.

    Nothing is kept: the challenge is known again by its MAC, whose key comes from the secret of
    decoys. That one is drawn for such derivations, is known to nobody but the service, and is
    the same in all its processes, where a deployment or a backend gives it; the keys of tokens
    are replaced, and made for signatures. An engine that drew its own takes its own challenges.

    Returns:
        ``PublicKeyCredentialCreationOptionsJSON`` (Web Authentication Level 3, section 5.1.9).

    Raises:
        WebAuthnNotEnabledError: The pool has no passkeys.
        WebAuthnConfigurationMissingError: It has no relying party to make them for.
        LimitExceededError: The user has as many as are allowed.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    holder = await holder_of(parts, access_token)
    account, settings = holder.account, settings_of(holder.pool)
    check_room(account)
    challenge = issue_challenge(
        parts.decoy_secret, registrant_of(holder), parts.clock.now(), parts.entropy.draw
    )
    return registration_options(
        ceremony_of(settings, challenge),
        handle=user_handle(account.pool_id, account.sub),
        username=account.username,
        exclude=(
            Descriptor(each.credential_id, each.transports)
            for each in usable_passkeys(account, settings)
        ),
    )
