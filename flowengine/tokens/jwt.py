"""JSON Web Tokens: signing ours, and verifying those that come back.

The header is exactly ``{"kid", "alg": "RS256"}``, as Cognito's is.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from flowengine.errors import NotAuthorizedError
from flowengine.tokens.keys import ALGORITHM, SigningKey, TokenUse, published_keys

LONGEST_TOKEN: Final = 16_384
"""Characters; a longer one is refused before anything in it is read."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SEGMENTS: Final = 3
_HEADER: Final = frozenset({"kid", "alg"})
_REGISTRY: Final = jws.JWSRegistry(algorithms=(ALGORITHM,))
_CLIENT_CLAIM: Final = MappingProxyType({TokenUse.ACCESS: "client_id", TokenUse.ID: "aud"})
_NAME: Final = MappingProxyType({TokenUse.ACCESS: "Access", TokenUse.ID: "ID"})


def sign(key: SigningKey, claims: Mapping[str, Any]) -> str:
    """Sign claims as a token. Takes about a millisecond, off the interpreter's lock."""
    header = {"kid": key.kid, "alg": ALGORITHM}
    # In ASCII: an attribute with a lone surrogate would otherwise raise an error that holds
    # all the claims.
    payload = json.dumps(dict(claims), separators=(",", ":"), ensure_ascii=True)
    return jws.serialize_compact(header, payload, key.rsa, registry=_REGISTRY)


def verify(
    token: str,
    keys: Iterable[SigningKey],
    issuer: str,
    token_use: TokenUse,
    now: datetime,
    *,
    client_ids: Container[str],
) -> dict[str, Any]:
    """Verify a token of our own and give its claims.

    Only the keys of ``token_use`` are tried, by ``kid``; ``client_ids`` are the pool's; ``now`` is
    aware, and the instant of ``exp`` is too late. Whether the token was revoked and whether
    the user is still there is for the caller to see.

    Raises:
        NotAuthorizedError: "Invalid Access Token", or "Access Token has expired".
    """
    usable = {key.kid: key.rsa for key in keys if key.use == token_use}
    return _verified(token, usable, issuer, token_use, now, client_ids)


def verify_published(
    token: str,
    document: Mapping[str, Any],
    issuer: str,
    token_use: TokenUse,
    now: datetime,
    *,
    client_ids: Container[str],
) -> dict[str, Any]:
    """Verify a token as a backend does that has nothing but the pool's JWK set.

    ``document`` is what the issuer serves under :data:`~flowengine.tokens.discovery.JWKS_PATH`.
    It does not say which key is for which use, so the token's ``token_use`` decides alone.

    Raises:
        NotAuthorizedError: As :func:`verify`.
        KeyringError: The document is no JWK set of RSA keys.
    """
    usable = published_keys(document)
    return _verified(token, usable, issuer, token_use, now, client_ids)


def _verified(
    token: str,
    usable: Mapping[str, RSAKey],
    issuer: str,
    token_use: TokenUse,
    now: datetime,
    client_ids: Container[str],
) -> dict[str, Any]:
    name = _NAME[token_use]
    claims = _signed_claims(token, usable)
    if claims is None or not _is_ours(claims, issuer, token_use, client_ids):
        raise NotAuthorizedError(f"Invalid {name} Token")
    if claims["exp"] <= (now - _EPOCH) / timedelta(seconds=1):
        raise NotAuthorizedError(f"{name} Token has expired")
    return claims


def _signed_claims(token: str, keys: Mapping[str, RSAKey]) -> dict[str, Any] | None:
    """Give what a key of ours signed; None for all else."""
    if len(token) > LONGEST_TOKEN or not token.isascii() or token.count(".") != _SEGMENTS - 1:
        return None
    try:
        found = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        key = _key_of(found.headers(), keys)
        if key is None or not jws.validate_compact(found, key, registry=_REGISTRY):
            return None
        claims = json.loads(found.payload)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        return None  # the header is a stranger's: joserfc does not promise one kind of error
    return claims if isinstance(claims, dict) else None


def _key_of(header: object, keys: Mapping[str, RSAKey]) -> RSAKey | None:
    """Look the key up; the algorithm is pinned, and no other member is tolerated."""
    if not isinstance(header, dict) or header.keys() != _HEADER or header["alg"] != ALGORITHM:
        return None
    kid = header["kid"]
    return keys.get(kid) if isinstance(kid, str) else None


def _is_ours(
    claims: Mapping[str, Any], issuer: str, token_use: TokenUse, client_ids: Container[str]
) -> bool:
    client = claims.get(_CLIENT_CLAIM[token_use])
    return (
        claims.get("iss") == issuer
        and claims.get("token_use") == token_use.value
        and isinstance(client, str)
        and client in client_ids
        and type(claims.get("exp")) is int
    )
