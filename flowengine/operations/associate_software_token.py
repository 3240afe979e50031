"""AssociateSoftwareToken: a signed-in user begins to set up an authenticator app.

Source: Amazon Cognito API reference, AssociateSoftwareToken.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.crypto import totp
from flowengine.engine.parts import Parts
from flowengine.operations.software_tokens import software_token_holder
from flowengine.operations.users import change


@dataclass(frozen=True, slots=True)
class AssociateSoftwareTokenRequest:
    """What is asked; exactly one of the two is sent, and a Session is for a later version."""

    access_token: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AssociatedSoftwareToken:
    """The answer.

    Attributes:
        secret_code: Base32 without padding, as apps take it; told this once.
    """

    secret_code: str = field(repr=False)


async def associate_software_token(
    parts: Parts, request: AssociateSoftwareTokenRequest
) -> AssociatedSoftwareToken:
    """Draw a secret and keep it until VerifySoftwareToken; one that waited is forgotten.

    The present app, if there is one, stays good. Nothing that expressions read changes, so
    the security stamp stays and sign-ins under way go on.

    Raises:
        CallerError: Not this user's to ask; see ``software_token_holder``.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    holder = await software_token_holder(parts, request.access_token, request.session)
    secret = totp.new_secret(parts.entropy.draw)
    await change(parts, holder.account, lambda present: replace(present, pending_totp=secret))
    return AssociatedSoftwareToken(totp.to_text(secret))
