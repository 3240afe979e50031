"""Passkeys by aws-amplify 6, in headless Chromium with a virtual authenticator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import words
from tests.clients.chromium import Browser
from tests.clients.every import Every
from tests.clients.every_challenge import OWNED, POOL_OF_OWNERS
from tests.clients.processes import RefusedError
from tests.clients.speaking import AMPLIFY, in_chromium, speaks

pytestmark = in_chromium()

CANCELED = "PasskeyAuthenticationCanceled"


def owner(every: Every) -> dict[str, str]:
    """Make a user of the pool whose passkeys are their owners'."""
    return {
        **every.who(every.user_of(POOL_OF_OWNERS), OWNED),
        "pool": POOL_OF_OWNERS,
    }


def by_password(every: Every, who: dict[str, str]) -> None:
    """Sign in with a password, in a browser that has never been here."""
    every.amplify("open", pool=who["pool"], client_id=who["client_id"])
    about = {"username": who["username"], "password": who["password"]}
    assert every.amplify("sign_in", auth_flow="USER_PASSWORD_AUTH", **about)["done"]


def register(every: Every, who: dict[str, str]) -> None:
    """Register a passkey, and sign out."""
    by_password(every, who)
    every.amplify("associate_passkey")
    every.amplify("sign_out")


def by_passkey(every: Every, who: dict[str, str]) -> Any:
    about = {"username": who["username"], "preferred": "WEB_AUTHN"}
    return every.amplify("sign_in", auth_flow="USER_AUTH", **about)


def refused(every: Every, do: str, **more: Any) -> str:
    """Have it do what is refused; the name of what the application catches."""
    with pytest.raises(RefusedError) as caught:
        every.amplify(do, **more)
    return str(caught.value.told["class"])


def browser_of(every: Every) -> Browser:
    assert every.browser is not None
    return every.browser


@speaks("CompleteWebAuthnRegistration", AMPLIFY)
@speaks("WEB_AUTHN", AMPLIFY)
@speaks("USER_AUTH", AMPLIFY)
def test_it_registers_a_passkey_and_prefers_it_to_sign_in(every: Every) -> None:
    who = every.who(every.user())
    register(every, who)
    assert by_passkey(every, who)["done"]
    session = every.amplify("session")
    assert session["access"]["username"] == who["username"]
    assert browser_of(every).sign_counts() == [2]


@speaks("SELECT_CHALLENGE", AMPLIFY)
def test_it_chooses_its_passkey_from_the_menu(every: Every) -> None:
    who = every.who(every.user())
    register(every, who)
    asked = every.amplify("sign_in", auth_flow="USER_AUTH", username=who["username"])
    assert "WEB_AUTHN" in asked["next"]["availableChallenges"]
    assert every.amplify("confirm", answer="WEB_AUTHN")["done"]


def test_it_does_not_register_one_authenticator_twice(every: Every) -> None:
    by_password(every, every.who(every.user()))
    every.amplify("associate_passkey")
    assert refused(every, "associate_passkey") == "PasskeyAlreadyExists"
    assert len(every.amplify("passkeys")["credentials"]) == 1


def test_a_passkey_that_it_deleted_is_offered_no_more(every: Every) -> None:
    who = every.who(every.user())
    by_password(every, who)
    every.amplify("associate_passkey")
    (kept,) = every.amplify("passkeys")["credentials"]
    every.amplify("delete_passkey", id=kept["credentialId"])
    assert every.amplify("passkeys")["credentials"] == []
    every.amplify("sign_out")
    asked = every.amplify("sign_in", auth_flow="USER_AUTH", username=who["username"])
    assert "WEB_AUTHN" not in asked["next"]["availableChallenges"]


def test_who_is_not_verified_gets_no_further_than_the_browser(every: Every) -> None:
    who, browser = owner(every), browser_of(every)
    by_password(every, who)
    browser.verify_user(verified=False)
    assert refused(every, "associate_passkey") == "PasskeyRegistrationCanceled"
    browser.verify_user(verified=True)
    every.amplify("associate_passkey")
    every.amplify("sign_out")
    browser.verify_user(verified=False)
    about = {"username": who["username"], "preferred": "WEB_AUTHN"}
    assert refused(every, "sign_in", auth_flow="USER_AUTH", **about) == CANCELED
    browser.verify_user(verified=True)
    assert by_passkey(every, who)["done"]


def test_an_authenticator_with_another_users_passkey_has_none_to_give(every: Every) -> None:
    who = every.who(every.user())
    register(every, who)
    browser_of(every).plug_in()
    register(every, every.who(every.user()))
    about = {"username": who["username"], "preferred": "WEB_AUTHN"}
    assert refused(every, "sign_in", auth_flow="USER_AUTH", **about) == CANCELED


def test_on_a_page_of_another_origin_it_is_refused(every: Every) -> None:
    who = every.who(every.user())
    register(every, who)
    about = {"pool": who["pool"], "client_id": who["client_id"]}
    every.amplify("open", origin=every.pages.elsewhere, **about)
    with pytest.raises(RefusedError, match=words.INCORRECT.message):
        by_passkey(every, who)
