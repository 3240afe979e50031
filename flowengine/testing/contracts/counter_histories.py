"""Histories of a counter, to hold one adapter against another: they must answer the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.engine.ports import Counters
from flowengine.runtime.stored import Allowed, Crowded, Locked


@dataclass(frozen=True, slots=True)
class Wait:
    """The clock moves."""

    duration: timedelta


@dataclass(frozen=True, slots=True)
class Try:
    """Someone tries."""


@dataclass(frozen=True, slots=True)
class GiveBack:
    """A reservation is given back.

    Attributes:
        which: Counts the tries that were allowed so far, from 0; one that is not there yet
            is passed over. The same one may come back again.
    """

    which: int


@dataclass(frozen=True, slots=True)
class CountWrong:
    """A reservation becomes a failure; ``which`` as above."""

    which: int


@dataclass(frozen=True, slots=True)
class Clear:
    """The failures are forgotten."""


Happening = Wait | Try | GiveBack | CountWrong | Clear


@dataclass(frozen=True, slots=True)
class History:
    """What happens to one key under one policy, from ``start`` on."""

    policy: LockoutPolicy
    start: datetime
    happenings: tuple[Happening, ...]


async def follow(counters: Counters, key: str, history: History) -> list[object]:
    """Live through a history; what each try was told.

    The numbers of reservations are an adapter's own, so an allowed try is told ``Allowed``.
    """
    now, numbers = history.start, list[int]()
    told: list[object] = []
    for happening in history.happenings:
        match happening:
            case Wait(duration):
                now += duration
            case Try():
                tried = await counters.try_now(key, history.policy, now)
                told.append(_told(tried, numbers))
            case GiveBack(which) if which < len(numbers):
                await counters.give_back(key, numbers[which])
            case CountWrong(which) if which < len(numbers):
                await counters.count_wrong(key, numbers[which], history.policy, now)
            case Clear():
                await counters.clear(key)
            case GiveBack() | CountWrong():
                pass
            case _:
                assert_never(happening)
    return told


def _told(tried: Allowed | Locked | Crowded, numbers: list[int]) -> object:
    match tried:
        case Allowed(reservation):
            numbers.append(reservation)
            return Allowed
        case Locked() | Crowded():
            return tried
        case _:
            assert_never(tried)
