"""SECRET_HASH: how a confidential client shows its secret with each request.

Source: Amazon Cognito developer guide, "Computing secret hash values".
"""

from __future__ import annotations

import base64
import hmac

from flowengine.crypto.text import octets


def compute(client_secret: str, username: str, client_id: str) -> str:
    """Compute it: base64 of HMAC-SHA256 over the user name as sent and the client's id."""
    digest = hmac.digest(octets(client_secret), octets(username + client_id), "sha256")
    return base64.b64encode(digest).decode("ascii")


def check(client_secret: str, username: str, client_id: str, written: str) -> bool:
    """Say whether one that was sent is right; compared in constant time."""
    expected = compute(client_secret, username, client_id)
    return hmac.compare_digest(octets(expected), octets(written))
