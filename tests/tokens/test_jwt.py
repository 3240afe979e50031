"""Tokens are read by PyJWT, which shares no code with what signs them."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowengine.errors import NotAuthorizedError
from flowengine.tokens import jwt, keys
from flowengine.tokens.claims import SignInFacts, access_claims, id_claims
from flowengine.tokens.keys import TokenUse

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ISSUER = "https://issuer.example/eu-west-1_AbCdEfGhI"
CLIENT = "client-1"
ID_KEY = keys.generate(TokenUse.ID, lambda size: b"\x01" * size)
ACCESS_KEY = keys.generate(TokenUse.ACCESS, lambda size: b"\x02" * size)
KEYS = (ID_KEY, ACCESS_KEY)
FACTS = SignInFacts(
    issuer=ISSUER,
    client_id=CLIENT,
    sub="sub-1",
    username="änna🔑",
    attributes={"name": "Änna \ud800"},
    auth_time=NOW,
    origin_jti="origin",
    event_id="event",
)
HOUR = timedelta(hours=1)
CLAIMS = access_claims(FACTS, "jti", NOW, HOUR)
ID_CLAIMS = id_claims(FACTS, "jti", NOW, HOUR)
TOKEN = jwt.sign(ACCESS_KEY, CLAIMS)


def verify(token: str, *, now: datetime = NOW, use: TokenUse = TokenUse.ACCESS) -> dict[str, Any]:
    return jwt.verify(token, KEYS, ISSUER, use, now, client_ids={CLIENT})


def refused(token: str, *, use: TokenUse = TokenUse.ACCESS) -> str:
    with pytest.raises(NotAuthorizedError) as refusal:
        verify(token, use=use)
    return refusal.value.message


def segment(value: object) -> str:
    text = json.dumps(value) if not isinstance(value, str) else value
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def resigned(header: Mapping[str, Any], claims: object) -> str:
    """Sign anything at all with the real access key, by PyJWT's own arithmetic."""
    pem = serialization.load_pem_private_key(ACCESS_KEY.to_pem(), None)
    text = f"{segment(dict(header))}.{segment(claims)}"
    algorithm = pyjwt.algorithms.RSAAlgorithm(pyjwt.algorithms.RSAAlgorithm.SHA256)
    proof = algorithm.sign(text.encode(), pem)  # type: ignore[arg-type]
    return f"{text}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


HEADER = {"kid": ACCESS_KEY.kid, "alg": "RS256"}


def test_the_header_is_exactly_cognitos() -> None:
    written = TOKEN.split(".")[0]
    decoded = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    assert decoded.decode() == f'{{"kid":"{ACCESS_KEY.kid}","alg":"RS256"}}'


def test_pyjwt_verifies_an_access_token_by_the_published_set() -> None:
    published = pyjwt.PyJWKSet.from_json(json.dumps(keys.jwks(KEYS)))
    kid = pyjwt.get_unverified_header(TOKEN)["kid"]
    read = pyjwt.decode(
        TOKEN, published[kid], algorithms=["RS256"], issuer=ISSUER, options={"verify_exp": False}
    )
    assert read == CLAIMS


def test_pyjwt_verifies_an_id_token_for_its_audience() -> None:
    published = pyjwt.PyJWKSet.from_json(json.dumps(keys.jwks(KEYS)))
    read = pyjwt.decode(
        jwt.sign(ID_KEY, ID_CLAIMS),
        published[ID_KEY.kid],
        algorithms=["RS256"],
        audience=CLIENT,
        issuer=ISSUER,
        options={"verify_exp": False},
    )
    assert read == ID_CLAIMS


def test_pyjwt_refuses_a_token_by_the_other_key() -> None:
    published = pyjwt.PyJWKSet.from_json(json.dumps(keys.jwks(KEYS)))
    with pytest.raises(pyjwt.InvalidSignatureError):
        pyjwt.decode(TOKEN, published[ID_KEY.kid], algorithms=["RS256"])


def test_what_was_signed_is_verified_and_read_back() -> None:
    assert verify(TOKEN) == CLAIMS


def test_the_helper_that_forges_makes_tokens_that_would_pass() -> None:
    assert verify(resigned(HEADER, CLAIMS)) == CLAIMS


def test_an_id_token_is_verified_as_one_and_by_its_own_key() -> None:
    token = jwt.sign(ID_KEY, ID_CLAIMS)
    assert verify(token, use=TokenUse.ID) == ID_CLAIMS
    assert refused(token) == "Invalid Access Token"
    assert refused(TOKEN, use=TokenUse.ID) == "Invalid ID Token"
    assert refused(jwt.sign(ACCESS_KEY, ID_CLAIMS), use=TokenUse.ID) == "Invalid ID Token"
    assert refused(jwt.sign(ID_KEY, CLAIMS)) == "Invalid Access Token"


def test_the_instant_of_expiry_is_too_late() -> None:
    end = NOW + timedelta(hours=1)
    assert verify(TOKEN, now=end - timedelta(microseconds=1)) == CLAIMS
    for late in (end, end + timedelta(days=1)):
        with pytest.raises(NotAuthorizedError, match=r"^Access Token has expired$"):
            verify(TOKEN, now=late)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": ISSUER + "x"},
        {"iss": None},
        {"token_use": "id"},
        {"token_use": None},
        {"client_id": "client-2"},
        {"client_id": None},
        {"client_id": ["client-1"]},
        {"exp": "9999999999"},
        {"exp": 9999999999.5},
        {"exp": True},
        {"exp": None},
    ],
    ids=str,
)
def test_a_well_signed_token_of_another_meaning_is_refused(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in (CLAIMS | change).items() if value is not None}
    assert refused(jwt.sign(ACCESS_KEY, claims)) == "Invalid Access Token"


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "RS256"},
        {"kid": ACCESS_KEY.kid},
        {"kid": "other", "alg": "RS256"},
        {"kid": ID_KEY.kid, "alg": "RS256"},
        {"kid": 7, "alg": "RS256"},
        {"kid": ["a"], "alg": "RS256"},
        {"kid": ACCESS_KEY.kid, "alg": "RS512"},
        {"kid": ACCESS_KEY.kid, "alg": "PS256"},
        {"kid": ACCESS_KEY.kid, "alg": "none"},
        {"kid": ACCESS_KEY.kid, "alg": ["RS256"]},
        HEADER | {"typ": "JWT"},
        HEADER | {"crit": ["exp"]},
        HEADER | {"b64": False, "crit": ["b64"]},
        HEADER | {"jku": "https://evil.example/"},
        HEADER | {"jwk": {"kty": "RSA"}},
    ],
    ids=str,
)
def test_a_header_that_is_not_ours_is_refused_however_well_signed(header: dict[str, Any]) -> None:
    assert refused(resigned(header, CLAIMS)) == "Invalid Access Token"


@pytest.mark.parametrize("claims", ["[]", "7", '"text"', "null", "{", "[" * 5000], ids=len)
def test_a_payload_that_is_no_object_is_refused(claims: str) -> None:
    assert refused(resigned(HEADER, claims)) == "Invalid Access Token"


@pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER])
def test_the_public_key_is_no_shared_secret(encoding: serialization.Encoding) -> None:
    public = ACCESS_KEY.rsa.public_key.public_bytes(
        encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = f"{segment(HEADER | {'alg': 'HS256'})}.{TOKEN.split('.')[1]}"
    proof = hmac.digest(public, text.encode(), "sha256")
    assert refused(f"{text}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}") == (
        "Invalid Access Token"
    )


def test_a_token_without_signature_is_refused() -> None:
    head, body, _ = TOKEN.split(".")
    none = segment({"kid": ACCESS_KEY.kid, "alg": "none"})
    unsigned = f"{none}.{body}."
    for token in (f"{head}.{body}.", f"{head}.{body}", unsigned, f"{TOKEN}.", f".{body}."):
        assert refused(token) == "Invalid Access Token"


def test_every_changed_character_is_noticed() -> None:
    for place in range(0, len(TOKEN), 7):
        if TOKEN[place] != ".":
            changed = TOKEN[:place] + ("A" if TOKEN[place] != "A" else "B") + TOKEN[place + 1 :]
            assert refused(changed) == "Invalid Access Token"


def test_a_token_that_is_too_long_is_not_read() -> None:
    token = jwt.sign(ACCESS_KEY, CLAIMS | {"filler": "x" * jwt.LONGEST_TOKEN})
    assert refused(token) == "Invalid Access Token"


segments = st.text(max_size=20) | st.text(alphabet='{}[]",:0aelkidg', max_size=60).map(segment)


@given(st.lists(segments, max_size=4).map(".".join) | st.text())
@example("\ud800.\ud800.\ud800")
@example(f"{segment('[' * 300)}.e30.AAAA")
@example(f"{segment('[]')}.e30.AAAA")
@example(f"{segment('null')}.e30.AAAA")
@example(f"{segment('7')}.e30.AAAA")
@settings(max_examples=300, deadline=None)
def test_no_text_at_all_gets_another_error(token: str) -> None:
    assert refused(token) == "Invalid Access Token"
