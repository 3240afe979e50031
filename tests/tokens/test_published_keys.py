"""A backend that has nothing but the JWK set verifies as the issuer itself does."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from flowengine.errors import KeyringError, NotAuthorizedError
from flowengine.tokens import jwt, keys
from flowengine.tokens.keys import SigningKey, TokenUse

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ISSUER = "https://issuer.example/eu-west-1_AbCdEfGhI"
ID_KEY = keys.generate(TokenUse.ID, lambda size: b"\x01" * size)
ACCESS_KEY = keys.generate(TokenUse.ACCESS, lambda size: b"\x02" * size)
STRANGER = keys.generate(TokenUse.ACCESS, lambda size: b"\x02" * size)
SET: dict[str, Any] = json.loads(json.dumps(keys.jwks((ID_KEY, ACCESS_KEY))))
CLAIMS = {
    "iss": ISSUER,
    "token_use": "access",
    "client_id": "client-1",
    "exp": int((NOW + timedelta(hours=1)).timestamp()),
}


def verified(token: str, now: datetime = NOW, document: dict[str, Any] = SET) -> dict[str, Any]:
    ids = {"client-1"}
    return jwt.verify_published(token, document, ISSUER, TokenUse.ACCESS, now, client_ids=ids)


def changed(**members: Any) -> dict[str, Any]:
    """Give the set with the first key's members changed, and no other key."""
    return {"keys": [SET["keys"][0] | members]}


def test_what_was_signed_is_verified_with_the_set_alone() -> None:
    assert verified(jwt.sign(ACCESS_KEY, CLAIMS)) == CLAIMS


def test_the_set_holds_no_private_half() -> None:
    read = keys.published_keys(SET)
    assert set(read) == {ID_KEY.kid, ACCESS_KEY.kid}
    assert not any(key.is_private for key in read.values())


@pytest.mark.parametrize(
    ("key", "claims"),
    [
        (STRANGER, CLAIMS),
        (ACCESS_KEY, CLAIMS | {"iss": ISSUER + "x"}),
        (ACCESS_KEY, CLAIMS | {"client_id": "client-2"}),
        (ACCESS_KEY, CLAIMS | {"token_use": "id", "aud": "client-1"}),
    ],
    ids=["another key of the same kid", "another issuer", "another client", "an id token"],
)
def test_a_token_of_another_meaning_is_refused(key: SigningKey, claims: dict[str, Any]) -> None:
    with pytest.raises(NotAuthorizedError, match="Invalid Access Token"):
        verified(jwt.sign(key, claims))


def test_a_token_is_refused_from_the_instant_it_expires() -> None:
    token = jwt.sign(ACCESS_KEY, CLAIMS)
    assert verified(token, NOW + timedelta(minutes=59, seconds=59)) == CLAIMS
    with pytest.raises(NotAuthorizedError, match="Access Token has expired"):
        verified(token, NOW + timedelta(hours=1))


def _small() -> dict[str, str]:
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()  # noqa: S505
    n = base64.urlsafe_b64encode(numbers.n.to_bytes(128, "big")).decode().rstrip("=")
    return {"n": n, "e": "AQAB"}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": "none"},
        {"keys": []},
        {"keys": ["text"]},
        changed(kty="EC"),
        changed(kid=7),
        changed(n="???"),
        changed(n=7),
        changed(e=""),
        changed(**_small()),
    ],
)
def test_a_document_without_a_good_rsa_key_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(KeyringError, match=r"JWK set"):
        verified(jwt.sign(ACCESS_KEY, CLAIMS), document=document)


def test_keys_of_other_kinds_beside_ours_do_no_harm() -> None:
    document = {"keys": [{"kty": "EC", "kid": "other"}, *SET["keys"]]}
    assert verified(jwt.sign(ACCESS_KEY, CLAIMS), document=document) == CLAIMS


def test_a_published_key_cannot_sign() -> None:
    read: RSAKey = keys.published_keys(SET)[ACCESS_KEY.kid]
    with pytest.raises(KeyringError):
        SigningKey(ACCESS_KEY.kid, TokenUse.ACCESS, read).to_pem()
