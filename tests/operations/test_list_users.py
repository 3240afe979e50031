from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.operations import list_users as listing
from flowengine.operations.list_users import ListUsersRequest, UserPage, list_users
from tests.operations.accounts import NO_POOL, VERIFIED, told
from tests.operations.world import OTHER_POOL, POOL, World, new_world, run

BAD_TOKEN = ("InvalidParameterException", "Invalid pagination token provided.")
BAD_FILTER = ("InvalidParameterException", "Error while parsing filter.")


def page(world: World, **members: Any) -> UserPage:
    return run(list_users(world.parts, ListUsersRequest(**{"pool_id": POOL.id, **members})))


def names(found: UserPage) -> list[str]:
    return [user.username for user in found.users]


def everybody(world: World, **members: Any) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        one = page(world, token=token, **members)
        found += names(one)
        token = one.token
        if token is None:
            return found


def populated(count: int = 7) -> World:
    world = new_world()
    for n in range(count):
        world.add_user(f"user-{n:03d}", attributes={"given_name": f"Jo{n % 2}", "locale": "en"})
    return world


def test_users_are_listed_in_pages_until_the_end() -> None:
    world = populated()
    wanted = [f"user-{n:03d}" for n in range(7)]
    first = page(world, limit=3)
    assert names(first) == wanted[:3]
    assert first.token is not None
    for limit in (1, 3, 7, 60, None, 0):
        assert everybody(world, limit=limit) == wanted
    assert page(world, limit=7).token is None


def test_sixty_are_the_most() -> None:
    world = populated(61)
    assert len(page(world).users) == 60
    assert len(everybody(world)) == 61
    for limit in (-1, 61):
        error = ("InvalidParameterException", "Limit is not between 0 and 60.")
        assert told(page, world, limit=limit) == error


def test_a_pool_lists_its_own_users() -> None:
    world = populated(1)
    world.add_user("elsewhere", pool=OTHER_POOL)
    assert everybody(world) == ["user-000"]
    assert names(page(world, pool_id=OTHER_POOL.id)) == ["elsewhere"]
    assert names(page(new_world())) == []
    assert told(page, world, pool_id="eu-west-1_Nowhere") == NO_POOL


def people() -> World:
    world = new_world()
    world.add_user(
        "ada", attributes={**VERIFIED, "name": 'Ada "Countess" L.', "family_name": "Lovelace"}
    )
    world.add_user("Ada", status=UserStatus.UNCONFIRMED, attributes={"given_name": "Ada"})
    world.add_user("grace", enabled=False, attributes={"phone_number": "+15550100"})
    return world


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["Ada", "ada", "grace"]),
        ("  ", ["Ada", "ada", "grace"]),
        ('username = "ada"', ["ada"]),
        ('username ^= "A"', ["Ada"]),
        ('username ^= ""', ["Ada", "ada", "grace"]),
        ('email="ada@example.com"', ["ada"]),
        (' email ^= "ada@" ', ["ada"]),
        ('email = "ada@"', []),
        ('phone_number ^= "+1"', ["grace"]),
        (r'name = "Ada \"Countess\" L."', ["ada"]),
        ('family_name = "Lovelace"', ["ada"]),
        ('given_name = "Ada"', ["Ada"]),
        ('preferred_username = ""', []),
        ('status = "Disabled"', ["grace"]),
        ('status = "disabled"', []),
        ('status ^= "E"', ["Ada", "ada"]),
        ('cognito:user_status = "unconfirmed"', ["Ada"]),
        ('cognito:user_status = "CONFIRMED"', ["ada", "grace"]),
        ('sub = "00000000-0000-4000-8000-000000000005"', ["grace"]),
    ],
)
def test_a_filter_says_who_is_meant(text: str, wanted: list[str]) -> None:
    assert everybody(people(), filter=text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "email",
        "email = ada",
        'email = "ada',
        'email == "ada"',
        'email != "ada"',
        'email = "a" and name = "b"',
        'email = "a\\"',
        '= "a"',
        "email = 'ada'",
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    assert told(page, people(), filter=text) == BAD_FILTER


@pytest.mark.parametrize("name", ["locale", "custom:plan", "groups", "password"])
def test_not_every_attribute_is_searched_by(name: str) -> None:
    text = "The filter has an attribute that cannot be searched by."
    assert told(page, people(), filter=f'{name} = "x"') == ("InvalidParameterException", text)


def test_a_filter_goes_on_over_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    world = populated(9)
    wanted = ["user-000", "user-002", "user-004", "user-006", "user-008"]
    for limit in (1, 2, 5):
        assert everybody(world, limit=limit, filter='given_name = "Jo0"') == wanted
    monkeypatch.setattr(listing, "_LOOKED_THROUGH", 2)
    monkeypatch.setattr(listing, "_MOST_READS", 2)
    first = page(world, filter='username = "user-008"')
    assert first.users == ()
    assert first.token is not None
    assert everybody(world, filter='username = "user-008"') == ["user-008"]
    assert everybody(world, filter='given_name = "Jo0"') == wanted


def test_only_the_attributes_that_are_asked_for_are_told() -> None:
    world = people()
    found = page(world, attributes=("sub", "email"), filter='username = "ada"')
    assert list(found.users[0].attributes) == ["sub", "email"]
    assert page(world, attributes=(), filter='username = "ada"').users[0].attributes == {}
    error = ("InvalidParameterException", "One or more requested attributes do not exist.")
    assert told(page, world, attributes=("email", "custom:plan")) == error


def test_a_user_who_has_gone_still_marks_a_place() -> None:
    world = populated(4)
    token = page(world, limit=2).token
    assert run(world.directory.remove(POOL.id, "user-001"))
    assert names(page(world, token=token)) == ["user-002", "user-003"]


def test_a_token_hides_its_place_and_nobody_makes_one() -> None:
    world = populated(4)
    token = page(world, limit=2).token
    assert token is not None
    assert "user" not in token
    forged = ["x", "AAAA", "\ud800", token[:-4], f"{token}AAAA", token.swapcase()]
    for text in (*forged, f"{'B' if token[60] == 'A' else 'A'}".join((token[:60], token[61:]))):
        assert told(page, world, token=text) == BAD_TOKEN


def test_a_token_is_for_its_own_pool_and_filter() -> None:
    world = populated(4)
    token = page(world, limit=2).token
    assert told(page, world, token=token, filter='username ^= "user"') == BAD_TOKEN
    assert told(page, world, token=token, pool_id=OTHER_POOL.id) == BAD_TOKEN
    other = replace(populated(4))
    secret = replace(other.parts, decoy_secret=b"another secret of this deployment")
    with pytest.raises(Exception, match="Invalid pagination token"):
        run(list_users(secret, ListUsersRequest(POOL.id, token=token)))


def test_no_repr_shows_who_is_looked_for() -> None:
    shown = repr(ListUsersRequest(POOL.id, filter='email = "a@b.c"', token="place"))
    assert "a@b.c" not in shown
    assert "place" not in shown
    assert "ada" not in repr(page(people()))
