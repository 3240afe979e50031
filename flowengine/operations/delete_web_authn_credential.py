"""DeleteWebAuthnCredential: a signed-in user removes one of their passkeys.

Source: Amazon Cognito API reference, DeleteWebAuthnCredential.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.crypto.passkey_forms import from_text
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import ResourceNotFoundError
from flowengine.operations.factor_changes import check_second_factor
from flowengine.operations.users import change, new_stamp


@dataclass(frozen=True, slots=True)
class DeleteWebAuthnCredentialRequest:
    """What is asked.

    Attributes:
        credential_id: As ListWebAuthnCredentials gives it: base64url.
    """

    access_token: str = field(repr=False)
    credential_id: str = field(repr=False)


async def delete_web_authn_credential(
    parts: Parts, request: DeleteWebAuthnCredentialRequest
) -> None:
    """Remove a passkey: from now on it signs nobody in, and sign-ins under way are refused.

    Raises:
        ResourceNotFoundError: The user has no such passkey, whoever else may.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    holder = await holder_of(parts, request.access_token)
    credential_id = from_text(request.credential_id)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def without(present: Account) -> Account:
        check_account(present)
        check_second_factor(parts, holder, present)
        kept = tuple(each for each in present.passkeys if each.credential_id != credential_id)
        if len(kept) == len(present.passkeys):
            raise ResourceNotFoundError("Passkey does not exist.")
        return replace(present, stamp=stamp, modified_at=now, passkeys=kept)

    await change(parts, holder.account, without)
