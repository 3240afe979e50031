"""Ceremonies that name no origins: every page of the relying party may hold them."""

from __future__ import annotations

import json
from typing import Final

import pytest

from flowengine.crypto.passkey_forms import (
    Ceremony,
    authentication_options,
    read_assertion,
    read_attestation,
    registration_options,
)
from flowengine.crypto.passkeys import (
    Refusal,
    Registered,
    user_handle,
    verify_assertion,
    verify_registration,
)
from tests.authenticator import Authenticator, cose_of

HANDLE: Final = user_handle("eu-west-1_AbCdEfGhI", "sub-of-alice")
ALICE: Final = Authenticator(handle=HANDLE)
ANYWHERE: Final = Ceremony(bytes(range(32)), "example.com", None)
PAGES: Final = (
    "https://example.com",
    "https://app.example.com",
    "https://a.b.example.com:8443",
)
ELSEWHERE: Final = (
    "http://example.com",
    "http://localhost",
    "https://badexample.com",
    "https://example.com.evil.example",
    "https://example.com/",
    "https://example.com:443",
    "https://example.com@evil.example",
    "https://evil.example/.example.com",
    "https://EXAMPLE.com",
    "https://.example.com",
    "null",
    "",
)


def registered(origin: str) -> Registered | Refusal:
    offered = registration_options(ANYWHERE, handle=HANDLE, username="alice")
    came = read_attestation(ALICE.create(offered, origin=origin))
    assert came is not None
    return verify_registration(came, ANYWHERE)


def signs(origin: str) -> bool:
    asked = authentication_options(ANYWHERE, ())
    came = read_assertion(json.dumps(ALICE.get(asked, origin=origin)))
    assert came is not None
    return verify_assertion(came, ANYWHERE, cose_of(ALICE.key)) is not None


@pytest.mark.parametrize("origin", PAGES)
def test_a_page_of_the_relying_party_makes_and_uses_passkeys(origin: str) -> None:
    assert isinstance(registered(origin), Registered)
    assert signs(origin)


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_elsewhere_does_neither(origin: str) -> None:
    assert registered(origin) is Refusal.ORIGIN
    assert not signs(origin)
