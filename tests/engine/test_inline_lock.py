"""The lock-out of answers that come with the request that begins a sign-in: nothing is written."""

from __future__ import annotations

from typing import Any, Final

import pytest

from flowengine.errors import StoreError
from flowengine.stores.memory import MemoryCounters, MemorySessions
from tests import planted
from tests.operations.accounts import Told, told
from tests.operations.world import PASSWORD, World, new_world

LOCKED: Final[Told] = ("NotAuthorizedException", "Password attempts exceeded")
INCORRECT: Final[Told] = ("NotAuthorizedException", "Incorrect username or password.")
WRONG: Final = planted.OTHER_PASSWORD


class HeardSessions(MemorySessions):
    """Tells what it was asked for; a store that is away fails once a sign-in begins."""

    def __init__(self, heard: list[str], *, away: bool = False) -> None:
        super().__init__()
        self.heard, self.away = heard, away

    async def add(self, *arguments: Any) -> None:
        self.heard.append("add")
        if self.away:
            raise StoreError("away")
        await super().add(*arguments)

    async def claim(self, *arguments: Any) -> Any:
        self.heard.append("claim")
        return await super().claim(*arguments)

    async def settle(self, *arguments: Any) -> bool:
        self.heard.append("settle")
        return await super().settle(*arguments)


class HeardCounters(MemoryCounters):
    """Tells what it was asked for."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self.heard = heard

    async def try_now(self, *arguments: Any) -> Any:
        self.heard.append("try")
        return await super().try_now(*arguments)

    async def give_back(self, *arguments: Any) -> None:
        self.heard.append("give back")
        await super().give_back(*arguments)

    async def count_wrong(self, *arguments: Any) -> None:
        self.heard.append("count wrong")
        await super().count_wrong(*arguments)


def world(heard: list[str], *, away: bool = False) -> World:
    sessions, counters = HeardSessions(heard, away=away), HeardCounters(heard)
    made = new_world(sessions=sessions, counters=counters)
    made.add_user()
    return made


def by_password(there: World, username: str, password: str = WRONG) -> Any:
    return there.initiate("USER_PASSWORD_AUTH", USERNAME=username, PASSWORD=password)


@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_a_locked_try_asks_the_counter_once_and_writes_nothing(username: str) -> None:
    heard: list[str] = []
    there = world(heard)
    for _ in range(5):
        assert told(by_password, there, username) == INCORRECT
        # Reserved before the row is there, before anything is compared.
        assert heard == ["try", "add", "claim", "count wrong", "settle"]
        heard.clear()
    for password in (WRONG, PASSWORD):
        assert told(by_password, there, username, password) == LOCKED
    assert heard == ["try", "try"]


def test_a_right_password_gives_its_one_try_back() -> None:
    heard: list[str] = []
    there = world(heard)
    for _ in range(10):
        by_password(there, "ada", PASSWORD)
    assert heard.count("add") == heard.count("claim") == 10
    # One reservation for the answer, and one for the lock-out that is read again at issuance.
    assert heard.count("try") == heard.count("give back") == 20


def test_a_store_that_is_away_keeps_no_try() -> None:
    heard: list[str] = []
    there = world(heard, away=True)
    for _ in range(10):
        with pytest.raises(StoreError):
            by_password(there, "ada", PASSWORD)
    assert heard == ["try", "add", "give back"] * 10
