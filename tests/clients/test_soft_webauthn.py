"""soft-webauthn's authenticators, whose passkeys boto3 registers and sends."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.clients import words
from tests.clients.every import Every
from tests.clients.every_challenge import OWNED, POOL_OF_OWNERS
from tests.clients.served import Served
from tests.clients.speaking import BOTO3, SOFT_WEBAUTHN, speaks

NUMBERS = itertools.count()
ELSEWHERE = "https://localhost.example.com"
ANOTHER_PARTY = "example.com"


@dataclass(frozen=True, slots=True)
class Soft:
    """An authenticator, at the page where passkeys may be used."""

    every: Every
    name: str = field(default_factory=lambda: f"soft-{next(NUMBERS)}")

    @property
    def served(self) -> Served:
        return self.every.served

    def create(self, options: Mapping[str, Any], origin: str | None = None) -> Any:
        about = {"options": options, "origin": origin or self.every.pages.origin}
        return self.served.client.ask("soft_create", name=self.name, **about)

    def get(self, options: Mapping[str, Any], origin: str | None = None) -> str:
        """Sign: a credential as it is sent."""
        about = {"options": options, "origin": origin or self.every.pages.origin}
        return json.dumps(self.served.client.ask("soft_get", name=self.name, **about))

    def copied(self, relying_party: str | None = None) -> Soft:
        copy = Soft(self.every)
        about = {"to": copy.name, "relying_party": relying_party}
        self.served.client.ask("soft_copy", name=self.name, **about)
        return copy

    def register(self, username: str) -> None:
        token = self.every.token(username)
        self.every.complete(token, self.create(self.every.creation_options(token)))

    def sign_in(self, username: str) -> Any:
        asked, options = asked_for_passkey(self.every, username)
        reply = self.served.respond(asked, username, CREDENTIAL=self.get(options))
        return reply["AuthenticationResult"]

    def refused(
        self, username: str, options: Mapping[str, Any], counted: str = "new", **at: str
    ) -> None:
        """Sign what a sign-in asks, changed so; it is refused, counted, and has ended."""
        asked, asked_options = asked_for_passkey(self.every, username)
        credential = self.get({**asked_options, **options}, **at)
        with self.served.refuses(words.INCORRECT, f"counters: {counted}", "sessions: refused"):
            self.served.respond(asked, username, CREDENTIAL=credential)


def asked_for_passkey(every: Every, username: str) -> tuple[Any, dict[str, Any]]:
    who = {"USERNAME": username, "PREFERRED_CHALLENGE": "WEB_AUTHN"}
    asked = every.served.initiate("USER_AUTH", **who)
    return asked, json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])


@pytest.fixture
def soft(every: Every) -> Soft:
    return Soft(every)


@speaks("CompleteWebAuthnRegistration", SOFT_WEBAUTHN, BOTO3)
@speaks("WEB_AUTHN", SOFT_WEBAUTHN)
def test_it_registers_and_signs_in(every: Every, soft: Soft) -> None:
    username = every.user()
    soft.register(username)
    for _ in range(2):
        token = soft.sign_in(username)["AccessToken"]
        assert every.served.call("get_user", AccessToken=token)["Username"] == username


@speaks("DeleteWebAuthnCredential", BOTO3)
def test_its_passkey_signs_nobody_in_once_it_is_deleted(every: Every, soft: Soft) -> None:
    username = every.user()
    soft.register(username)
    about = {"AccessToken": soft.sign_in(username)["AccessToken"]}
    (kept,) = every.served.call("list_web_authn_credentials", **about)["Credentials"]
    asked, options = asked_for_passkey(every, username)
    credential = {"CredentialId": kept["CredentialId"]}
    every.served.call("delete_web_authn_credential", **about, **credential)
    with every.served.refuses_in_words(words.FOREIGN):
        every.served.respond(asked, username, CREDENTIAL=soft.get(options))
    assert every.served.call("list_web_authn_credentials", **about)["Credentials"] == []


def test_a_copy_is_refused_once_its_counter_does_not_grow(every: Every, soft: Soft) -> None:
    username = every.user()
    soft.register(username)
    soft.sign_in(username)
    copy = soft.copied()
    soft.sign_in(username)
    copy.refused(username, {}, "failures+1")
    assert soft.sign_in(username)


def test_what_it_signed_is_good_once(every: Every, soft: Soft) -> None:
    username = every.user()
    soft.register(username)
    asked, options = asked_for_passkey(every, username)
    credential = soft.get(options)
    assert every.served.respond(asked, username, CREDENTIAL=credential)
    with every.served.refuses(words.SPENT):
        every.served.respond(asked, username, CREDENTIAL=credential)
    asked, _ = asked_for_passkey(every, username)
    with every.served.refuses_in_words(words.INCORRECT):
        every.served.respond(asked, username, CREDENTIAL=credential)


def test_at_another_origin_it_neither_registers_nor_signs_in(every: Every, soft: Soft) -> None:
    username = every.user()
    token = every.token(username)
    made = soft.create(every.creation_options(token), ELSEWHERE)
    with every.served.refuses_in_words(words.ORIGIN):
        every.complete(token, made)
    soft.register(username)
    soft.refused(username, {}, origin=ELSEWHERE)


def test_for_another_relying_party_it_neither_registers_nor_signs_in(
    every: Every, soft: Soft
) -> None:
    username = every.user()
    token = every.token(username)
    options = every.creation_options(token)
    made = soft.create({**options, "rp": {"id": ANOTHER_PARTY, "name": ANOTHER_PARTY}})
    with every.served.refuses_in_words(words.RELYING_PARTY):
        every.complete(token, made)
    soft.register(username)
    soft.copied(ANOTHER_PARTY).refused(username, {"rpId": ANOTHER_PARTY})


def test_it_signs_nobody_in_but_its_user(every: Every, soft: Soft) -> None:
    username, other = every.user(), every.user()
    Soft(every).register(username)
    soft.register(other)
    soft.refused(username, {})
    assert soft.sign_in(other)


def test_a_passkey_that_somebody_has_is_nobody_elses(every: Every, soft: Soft) -> None:
    username, other = every.user(), every.user()
    token, of_other = every.token(username), every.token(other)
    made = soft.create(every.creation_options(token))
    every.complete(token, made)
    with every.served.refuses_in_words(words.CHALLENGE):
        every.complete(of_other, made)
    assert soft.sign_in(username)


def test_it_verifies_no_user_and_is_refused_where_that_is_required(
    every: Every, soft: Soft
) -> None:
    token = every.token(every.user_of(POOL_OF_OWNERS), OWNED)
    made = soft.create(every.creation_options(token))
    with every.served.refuses_in_words(words.NOT_SUPPORTED):
        every.complete(token, made)
