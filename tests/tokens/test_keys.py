from __future__ import annotations

import json

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from flowengine.errors import KeyringError
from flowengine.tokens import keys
from flowengine.tokens.keys import TokenUse

KEY = keys.generate(TokenUse.ACCESS, lambda size: bytes(range(size)))


def pem_of(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_a_new_key_is_rsa_of_2048_bits_under_a_drawn_kid() -> None:
    assert KEY.rsa.public_key.key_size == 2048
    assert KEY.kid == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_two_keys_of_the_same_entropy_still_differ() -> None:
    other = keys.generate(TokenUse.ACCESS, lambda size: bytes(range(size)))
    assert other.jwk()["n"] != KEY.jwk()["n"]


def test_a_key_reads_back_from_what_is_kept() -> None:
    again = keys.from_pem(KEY.to_pem(), KEY.kid, KEY.use)
    assert again == KEY
    assert again.jwk() == KEY.jwk()
    assert again.to_pem() == KEY.to_pem()


def test_the_set_has_exactly_the_members_that_cognitos_has_and_nothing_private() -> None:
    (member,) = keys.jwks([KEY])["keys"]
    assert set(member) == {"kty", "kid", "use", "alg", "n", "e"}
    assert (member["kty"], member["use"], member["alg"]) == ("RSA", "sig", "RS256")
    assert member["e"] == "AQAB"


def test_pyjwt_reads_the_set_and_gets_the_same_public_key() -> None:
    text = json.dumps(keys.jwks([KEY]))
    (found,) = pyjwt.PyJWKSet.from_json(text).keys
    assert found.key_id == KEY.kid
    assert found.algorithm_name == "RS256"
    assert found.key.public_numbers() == KEY.rsa.public_key.public_numbers()


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no pem",
        KEY.to_pem()[:-100],
        pem_of(ec.generate_private_key(ec.SECP256R1())),
        pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024)),  # noqa: S505 - to see it refused
        KEY.rsa.public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        KEY.rsa.as_pem(private=True, password="pass-phrase"),
    ],
    ids=["empty", "text", "cut", "elliptic", "short", "public", "encrypted"],
)
def test_what_is_no_rsa_key_of_full_size_is_refused(pem: bytes) -> None:
    with pytest.raises(KeyringError) as failure:
        keys.from_pem(pem, "kid", TokenUse.ID)
    assert failure.value.__cause__ is None


@pytest.mark.parametrize("kid", ["", "k" * 129])
def test_a_kid_has_a_length_that_fits_a_header(kid: str) -> None:
    with pytest.raises(KeyringError):
        keys.from_pem(KEY.to_pem(), kid, TokenUse.ID)


def test_the_repr_names_the_key_and_shows_nothing_of_it() -> None:
    assert repr(KEY) == f"SigningKey(kid={KEY.kid!r}, use=<TokenUse.ACCESS: 'access'>)"
