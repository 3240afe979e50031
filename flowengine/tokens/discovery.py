"""The OpenID Connect discovery document of a pool.

Source: OpenID Connect Discovery 1.0, section 3; the members of Cognito's own document that hold
without a hosted login.
"""

from __future__ import annotations

from typing import Final

from flowengine.tokens.keys import ALGORITHM

CONFIGURATION_PATH: Final = "/.well-known/openid-configuration"
JWKS_PATH: Final = "/.well-known/jwks.json"


def configuration(issuer: str, keys_at: str | None = None) -> dict[str, str | list[str]]:
    """Give the document for an issuer.

    No endpoint is named that nobody serves: there is no hosted login behind it. ``keys_at`` is the
    address under which :data:`JWKS_PATH` is served where that is not the issuer's own, as when a
    local server issues tokens under AWS's name.
    """
    return {
        "issuer": issuer,
        "jwks_uri": f"{(keys_at or issuer).rstrip('/')}{JWKS_PATH}",
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
    }
