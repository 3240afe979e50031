"""ListWebAuthnCredentials and DeleteWebAuthnCredential."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.account import Account
from flowengine.crypto.passkey_forms import to_text
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    NotAuthorizedError,
    ResourceNotFoundError,
    UserNotFoundError,
)
from flowengine.operations.delete_web_authn_credential import (
    DeleteWebAuthnCredentialRequest,
    delete_web_authn_credential,
)
from flowengine.operations.list_web_authn_credentials import (
    ListWebAuthnCredentialsRequest,
    PasskeyPage,
    list_web_authn_credentials,
)
from tests.operations.registering import BROWSER, a_passkey, contended, give, passkey_world
from tests.operations.world import NOW, World, new_world, run


def with_passkeys(*numbers: int) -> tuple[World, str]:
    world = passkey_world()
    give(world, [a_passkey(number) for number in numbers])
    return world, world.access_token(client=BROWSER)


def page(world: World, token: str, most: int = 0, after: str | None = None) -> PasskeyPage:
    return run(
        list_web_authn_credentials(world.parts, ListWebAuthnCredentialsRequest(token, most, after))
    )


def delete(world: World, token: str, credential_id: str) -> None:
    request = DeleteWebAuthnCredentialRequest(token, credential_id)
    run(delete_web_authn_credential(world.parts, request))


def names(listed: PasskeyPage) -> list[str]:
    return [each.name for each in listed.passkeys]


def test_a_user_sees_their_own_passkeys_the_oldest_first() -> None:
    world, token = with_passkeys()
    give(
        world,
        [a_passkey(1, created_at=NOW), a_passkey(2, created_at=NOW - timedelta(days=1))],
    )
    give(world, [a_passkey(3)], "grace")
    assert names(page(world, token)) == ["Passkey 2", "Passkey 1"]
    assert page(world, token).next_token is None


def test_nobody_else_sees_them_and_none_is_an_empty_page() -> None:
    world, _ = with_passkeys(1)
    assert page(world, world.access_token("grace", BROWSER)) == PasskeyPage(())


def test_passkeys_are_listed_in_a_pool_that_has_none_any_more() -> None:
    world = new_world()
    world.add_user(passkeys=(a_passkey(1, relying_party="former.example"),))
    token = world.access_token()
    assert [each.relying_party for each in page(world, token).passkeys] == ["former.example"]
    delete(world, token, to_text(b"passkey 1"))
    assert world.user().passkeys == ()


@given(st.integers(0, 45), st.integers(0, 20))
def test_pages_put_together_are_the_whole(number: int, most: int) -> None:
    world, token = with_passkeys(*range(number))
    found: list[str] = []
    after: str | None = None
    for _ in range(number + 1):
        listed = page(world, token, most, after)
        assert len(listed.passkeys) <= (most or 20)
        found += names(listed)
        after = listed.next_token
        if after is None:
            break
    assert found == [each.name for each in world.user().passkeys]
    assert after is None


def test_a_page_goes_on_where_it_was_though_its_last_passkey_is_gone() -> None:
    world, token = with_passkeys(1, 2, 3)
    first = page(world, token, 2)
    delete(world, token, to_text(first.passkeys[-1].credential_id))
    assert names(page(world, token, 2, first.next_token)) == ["Passkey 3"]


def test_passkeys_from_before_1970_have_their_place() -> None:
    world, token = with_passkeys()
    old = datetime(1969, 7, 20, tzinfo=UTC)
    give(world, [a_passkey(1, created_at=old), a_passkey(2, created_at=NOW)])
    first = page(world, token, 1)
    assert names(page(world, token, 1, first.next_token)) == ["Passkey 2"]


@pytest.mark.parametrize("after", ["!", "A", "AAAA", to_text(bytes(8))])
def test_what_is_no_place_is_refused(after: str) -> None:
    world, token = with_passkeys(1)
    with pytest.raises(InvalidParameterError, match="NextToken"):
        page(world, token, after=after)


@pytest.mark.parametrize("most", [-1, 21])
def test_a_page_has_a_size(most: int) -> None:
    world, token = with_passkeys(1)
    with pytest.raises(InvalidParameterError, match="MaxResults"):
        page(world, token, most)


def test_a_removed_passkey_is_gone_and_the_stamp_moves() -> None:
    world, token = with_passkeys(1, 2)
    before = world.user()
    delete(world, token, to_text(b"passkey 1"))
    after = world.user()
    assert after.passkeys == (a_passkey(2),)
    assert after.stamp != before.stamp


@pytest.mark.parametrize("credential_id", ["", "!", "A", to_text(b"unknown"), to_text(b"theirs")])
def test_a_passkey_that_the_user_does_not_have_is_not_found(credential_id: str) -> None:
    world, token = with_passkeys(1)
    give(world, [a_passkey(3, credential_id=b"theirs")], "grace")
    with pytest.raises(ResourceNotFoundError, match=r"^Passkey does not exist\.$"):
        delete(world, token, credential_id)
    assert len(world.user().passkeys) == len(world.user("grace").passkeys) == 1


def without(present: Account) -> Account:
    return replace(present, passkeys=(), stamp="without")


def disabled(present: Account) -> Account:
    return replace(present, enabled=False, stamp="disabled")


def removed(_: Account) -> None:
    return None


@pytest.mark.parametrize(
    ("rival", "kind"),
    [
        (without, ResourceNotFoundError),
        (disabled, NotAuthorizedError),
        (removed, UserNotFoundError),
    ],
)
def test_what_is_true_by_the_time_of_writing_counts(rival: Any, kind: type[CallerError]) -> None:
    world = contended(lambda present: present, rival)
    give(world, [a_passkey(1)])
    with pytest.raises(kind):
        delete(world, world.access_token(client=BROWSER), to_text(b"passkey 1"))


def test_no_repr_shows_a_token_a_credential_or_a_place() -> None:
    world, token = with_passkeys(1, 2)
    listed = page(world, token, 1)
    shown = repr(listed) + repr(DeleteWebAuthnCredentialRequest(token, "cGFzc2tleSAx"))
    shown += repr(ListWebAuthnCredentialsRequest(token, 1, listed.next_token))
    for hidden in (token, "cGFzc2tleSAx", str(listed.next_token)):
        assert hidden not in shown
