"""The ClientSecret that two operations take in place of a SECRET_HASH."""

from __future__ import annotations

import hmac

from flowengine.accounts.pool import Client
from flowengine.crypto.text import octets


def shows_secret(client: Client, sent: str | None) -> bool:
    """Say whether a request shows the client's secret; a client without one must send none."""
    if client.secret is None or sent is None:
        return client.secret is None and sent is None
    return hmac.compare_digest(octets(client.secret), octets(sent))
