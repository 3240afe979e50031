"""Passkeys of a page without any library, in headless Chromium with a virtual authenticator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.clients import words
from tests.clients.chromium import Browser
from tests.clients.deployed import WEB
from tests.clients.every import Every
from tests.clients.every_challenge import OWNED, POOL_OF_OWNERS
from tests.clients.pages import PLAIN
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, WRONG_PASSWORD
from tests.clients.speaking import CHROMIUM, speaks
from tests.clients.words import Told


@dataclass(frozen=True, slots=True)
class Page:
    """The page, and whose sign-in it asks for."""

    browser: Browser
    client_id: str = WEB

    def call(self, operation: str, **arguments: Any) -> Any:
        """Call an operation by fetch."""
        return self.ask("call", operation=operation, arguments=arguments)

    def ask(self, do: str, **command: Any) -> Any:
        return self.browser.ask(do, library="plain", **command)

    def initiate(self, auth_flow: str, **parameters: str) -> Any:
        about = {"AuthFlow": auth_flow, "AuthParameters": parameters}
        return self.call("InitiateAuth", ClientId=self.client_id, **about)

    def respond(self, asked: Any, username: str, **responses: str) -> Any:
        about = {"ChallengeName": asked["ChallengeName"], "Session": asked["Session"]}
        given = {"USERNAME": username, **responses}
        return self.call(
            "RespondToAuthChallenge", ClientId=self.client_id, ChallengeResponses=given, **about
        )

    def by_password(self, username: str, password: str = PASSWORD) -> Any:
        reply = self.initiate("USER_PASSWORD_AUTH", USERNAME=username, PASSWORD=password)
        return reply["AuthenticationResult"]

    def creation_options(self, token: str) -> Any:
        begun = self.call("StartWebAuthnRegistration", AccessToken=token)
        return begun["CredentialCreationOptions"]

    def register(self, token: str) -> None:
        made = self.ask("create", options=self.creation_options(token))
        self.call("CompleteWebAuthnRegistration", AccessToken=token, Credential=made)

    def ask_for_passkey(self, username: str) -> tuple[Any, Any]:
        """Begin to sign in by a passkey; what was asked, and its options."""
        asked = self.initiate("USER_AUTH", USERNAME=username, PREFERRED_CHALLENGE="WEB_AUTHN")
        return asked, json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])

    def send_passkey(self, asked: Any, username: str, options: Any) -> Any:
        """Have the authenticator sign, and send what it signed."""
        credential = json.dumps(self.ask("get", options=options))
        return self.respond(asked, username, CREDENTIAL=credential)["AuthenticationResult"]

    def refuses_registration(self, token: str, credential: Any) -> Told:
        """Register a passkey that is refused; what the page catches."""
        arguments = {"AccessToken": token, "Credential": credential}
        return self.refused("call", operation="CompleteWebAuthnRegistration", arguments=arguments)

    def refused(self, do: str, **command: Any) -> Told:
        """Have the page do what it is refused; what it catches."""
        with pytest.raises(RefusedError) as caught:
            self.ask(do, **command)
        told = caught.value.told
        return Told(told["class"], told["message"])


@pytest.fixture
def page(chromium: Browser, every: Every) -> Page:
    """Open the page where passkeys may be used."""
    chromium.plug_in()
    chromium.open(every.pages.origin, PLAIN)
    return Page(chromium)


def test_it_reads_what_the_service_refused(page: Page, every: Every) -> None:
    with pytest.raises(RefusedError) as caught:
        page.by_password(every.user(), WRONG_PASSWORD)
    told = caught.value.told
    assert (told["code"], told["status"]) == (words.INCORRECT.exception, 400)
    assert (told["class"], told["message"]) == words.INCORRECT


@speaks("CompleteWebAuthnRegistration", CHROMIUM)
@speaks("WEB_AUTHN", CHROMIUM)
def test_it_registers_a_passkey_and_signs_in_by_it(page: Page, every: Every) -> None:
    username = every.user()
    page.register(page.by_password(username)["AccessToken"])
    counts = [*page.browser.sign_counts()]
    for _ in range(2):
        asked, options = page.ask_for_passkey(username)
        signed_in = page.send_passkey(asked, username, options)
        user = page.call("GetUser", AccessToken=signed_in["AccessToken"])
        assert user["Username"] == username
        counts += page.browser.sign_counts()
    assert counts == [1, 2, 3]
    asked = page.initiate("USER_AUTH", USERNAME=username)
    asked = page.respond(asked, username, ANSWER="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    assert page.send_passkey(asked, username, options)


@speaks("DeleteWebAuthnCredential", CHROMIUM)
def test_a_passkey_that_it_deleted_signs_nobody_in(page: Page, every: Every) -> None:
    username = every.user()
    token = page.by_password(username)["AccessToken"]
    page.register(token)
    (listed,) = page.call("ListWebAuthnCredentials", AccessToken=token)["Credentials"]
    asked, options = page.ask_for_passkey(username)
    about = {"AccessToken": token, "CredentialId": listed["CredentialId"]}
    assert page.call("DeleteWebAuthnCredential", **about) == {}
    with pytest.raises(RefusedError, match=words.FOREIGN.message):
        page.send_passkey(asked, username, options)
    menu = page.initiate("USER_AUTH", USERNAME=username)["AvailableChallenges"]
    assert "WEB_AUTHN" not in menu


def test_an_authenticator_is_not_registered_twice(page: Page, every: Every) -> None:
    token = page.by_password(every.user())["AccessToken"]
    page.register(token)
    told = page.refused("create", options=page.creation_options(token))
    assert told.exception == "InvalidStateError"


def test_another_users_passkey_is_refused(page: Page, every: Every) -> None:
    username, other = every.user(), every.user()
    page.register(page.by_password(username)["AccessToken"])
    page.browser.plug_in()
    page.register(page.by_password(other)["AccessToken"])
    asked, options = page.ask_for_passkey(username)
    # The browser has none of those that are asked for; a page that asks for any is given one.
    told = page.refused("get", options={**options, "timeout": 500})
    assert told.exception == "NotAllowedError"
    with pytest.raises(RefusedError, match=words.INCORRECT.message):
        page.send_passkey(asked, username, {**options, "allowCredentials": []})
    asked, options = page.ask_for_passkey(other)
    assert page.send_passkey(asked, other, {**options, "allowCredentials": []})


def test_who_is_not_verified_registers_nothing_where_that_is_required(
    page: Page, every: Every
) -> None:
    page = Page(page.browser, OWNED)
    token = page.by_password(every.user_of(POOL_OF_OWNERS))["AccessToken"]
    page.browser.plug_in(has_user_verification=False, transport="usb")
    options = page.creation_options(token)
    told = page.refused("create", options={**options, "timeout": 500})
    assert told.exception == "NotAllowedError"
    loose = {"residentKey": "discouraged", "userVerification": "discouraged"}
    made = page.ask("create", options={**options, "authenticatorSelection": loose})
    told = page.refuses_registration(token, made)
    assert told.exception == "WebAuthnCredentialNotSupportedException"


def test_who_is_not_verified_does_not_sign_in_where_that_is_required(
    page: Page, every: Every
) -> None:
    page = Page(page.browser, OWNED)
    username = every.user_of(POOL_OF_OWNERS)
    page.register(page.by_password(username)["AccessToken"])
    asked, options = page.ask_for_passkey(username)
    assert page.send_passkey(asked, username, options)
    page.browser.verify_user(verified=False)
    asked, options = page.ask_for_passkey(username)
    assert page.refused("get", options=options).exception == "NotAllowedError"
    with pytest.raises(RefusedError, match=words.INCORRECT.message):
        page.send_passkey(asked, username, {**options, "userVerification": "discouraged"})


def test_a_ceremony_that_was_cancelled_can_be_begun_again(page: Page, every: Every) -> None:
    username = every.user()
    token = page.by_password(username)["AccessToken"]
    page.browser.touch(touched=False)
    options = page.creation_options(token)
    told = page.refused("create", options={**options, "timeout": 500})
    assert told.exception == "NotAllowedError"
    assert page.refused("create", options=options, abort_after_ms=100).exception == "TimeoutError"
    page.browser.touch(touched=True)
    made = page.ask("create", options=options)
    page.call("CompleteWebAuthnRegistration", AccessToken=token, Credential=made)
    page.browser.touch(touched=False)
    asked, options = page.ask_for_passkey(username)
    assert page.refused("get", options=options, abort_after_ms=100).exception == "TimeoutError"
    page.browser.touch(touched=True)
    assert page.send_passkey(asked, username, options)


def test_a_page_of_another_origin_is_refused(page: Page, every: Every) -> None:
    username = every.user()
    token = page.by_password(username)["AccessToken"]
    page.register(token)
    page.browser.open(every.pages.elsewhere, PLAIN)
    asked, options = page.ask_for_passkey(username)
    with pytest.raises(RefusedError, match=words.INCORRECT.message):
        page.send_passkey(asked, username, options)
    page.browser.plug_in()
    made = page.ask("create", options=page.creation_options(token))
    told = page.refuses_registration(token, made)
    assert told.exception == "WebAuthnOriginNotAllowedException"


def test_the_browser_asks_for_no_passkey_of_another_relying_party(page: Page, every: Every) -> None:
    page.browser.open(every.pages.by_address, PLAIN)
    token = page.by_password(every.user())["AccessToken"]
    options = page.creation_options(token)
    assert page.refused("create", options=options).exception == "SecurityError"
