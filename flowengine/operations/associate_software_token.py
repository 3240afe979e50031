"""AssociateSoftwareToken: a user begins to set up an authenticator app.

Source: Amazon Cognito API reference, AssociateSoftwareToken.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.challenges.mfa_setup import ASSOCIATE
from flowengine.crypto import totp
from flowengine.engine.advancing import advance
from flowengine.engine.parts import Parts
from flowengine.operations.software_tokens import session_of, software_token_holder
from flowengine.operations.users import change


@dataclass(frozen=True, slots=True)
class AssociateSoftwareTokenRequest:
    """What is asked: an access token, or the Session of a sign-in that waits at MFA_SETUP."""

    access_token: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AssociatedSoftwareToken:
    """The answer.

    Attributes:
        secret_code: Base32 without padding, as apps take it; told this once.
        session: Takes the place of the one that was sent; None for an access token.
    """

    secret_code: str = field(repr=False)
    session: str | None = field(default=None, repr=False)


async def associate_software_token(
    parts: Parts, request: AssociateSoftwareTokenRequest
) -> AssociatedSoftwareToken:
    """Draw a secret and keep it until VerifySoftwareToken; one that waited is forgotten.

    Inside a sign-in it waits in the sign-in, else at the user.

    The present app, if there is one, stays good. Nothing that expressions read changes, so
    the security stamp stays and sign-ins under way go on.

    Raises:
        CallerError: Not this user's to ask; see ``software_token_holder``.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    session = session_of(request.access_token, request.session)
    if session is not None:
        advanced = await advance(parts, session, ASSOCIATE, {})
        return AssociatedSoftwareToken(advanced.result["SecretCode"], advanced.session)
    holder = await software_token_holder(parts, request.access_token)
    secret = totp.new_secret(parts.entropy.draw)
    await change(parts, holder.account, lambda present: replace(present, pending_totp=secret))
    return AssociatedSoftwareToken(totp.to_text(secret))
