"""The operations on passkeys, between the wire and ``flowengine.operations``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowengine.accounts.account import Passkey
from flowengine.crypto.passkey_forms import to_text
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.complete_web_authn_registration import (
    CompleteWebAuthnRegistrationRequest,
)
from flowengine.operations.complete_web_authn_registration import (
    complete_web_authn_registration as complete,
)
from flowengine.operations.delete_web_authn_credential import DeleteWebAuthnCredentialRequest
from flowengine.operations.delete_web_authn_credential import (
    delete_web_authn_credential as delete,
)
from flowengine.operations.list_web_authn_credentials import ListWebAuthnCredentialsRequest
from flowengine.operations.list_web_authn_credentials import (
    list_web_authn_credentials as list_own,
)
from flowengine.operations.start_web_authn_registration import (
    start_web_authn_registration as start,
)
from flowengine.server.replies import epoch_seconds

Members = Mapping[str, Any]
Body = dict[str, Any]


async def start_registration(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """StartWebAuthnRegistration."""
    return {"CredentialCreationOptions": await start(engine.parts, members["AccessToken"])}


async def complete_registration(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """CompleteWebAuthnRegistration."""
    request = CompleteWebAuthnRegistrationRequest(members["AccessToken"], members["Credential"])
    await complete(engine.parts, request)
    return {}


async def list_credentials(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ListWebAuthnCredentials."""
    request = ListWebAuthnCredentialsRequest(
        access_token=members["AccessToken"],
        most=members.get("MaxResults", 0),
        next_token=members.get("NextToken"),
    )
    page = await list_own(engine.parts, request)
    following = {} if page.next_token is None else {"NextToken": page.next_token}
    return {"Credentials": [_described(each) for each in page.passkeys], **following}


async def delete_credential(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """DeleteWebAuthnCredential."""
    request = DeleteWebAuthnCredentialRequest(members["AccessToken"], members["CredentialId"])
    await delete(engine.parts, request)
    return {}


def _described(passkey: Passkey) -> Body:
    return {
        "CredentialId": to_text(passkey.credential_id),
        "FriendlyCredentialName": passkey.name,
        "RelyingPartyId": passkey.relying_party,
        **_attachment(passkey),
        "AuthenticatorTransports": list(passkey.transports),
        "CreatedAt": epoch_seconds(passkey.created_at),
    }


def _attachment(passkey: Passkey) -> Body:
    """Say what an authenticator is, by how it is reached; nothing where that is not known.

    What a browser says of it at registration is how it was attached then: a phone, which is a
    platform of its own, as ``cross-platform``.
    """
    if not passkey.transports:
        return {}
    within = "internal" in passkey.transports
    return {"AuthenticatorAttachment": "platform" if within else "cross-platform"}
