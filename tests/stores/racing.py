"""One process of a race: answers sign-ins as fast as it can, and prints what it won.

Run as ``python -m tests.stores.racing URL PLACE ME COUNT GUESSES TRIES``; see ``test_races.py``.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowengine.engine.ports import Counters, SessionStore
from flowengine.runtime.stored import NewStep
from flowengine.runtime.token import StepToken
from flowengine.stores.postgresql import PostgresqlCounters, PostgresqlSessions
from flowengine.stores.postgresql_drivers import BlockingDriver
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.urls import PostgresqlPlace, SqlitePlace, parse_sign_ins
from flowengine.stores.valkey import ValkeyCounters, ValkeySessions
from flowengine.stores.valkey_drivers import BlockingDriver as ValkeyDriver
from flowengine.stores.valkey_place import ValkeyPlace
from flowengine.testing.contracts.candidate import drive

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """The stores of a URL, and how to close them."""

    sessions: SessionStore
    counters: Counters
    owner: SqliteFile | BlockingDriver | ValkeyDriver


def open_stores(url: str) -> Opened:
    place = parse_sign_ins(url)
    if isinstance(place, ValkeyPlace):
        valkey = ValkeyDriver(place)
        return Opened(ValkeySessions(valkey), ValkeyCounters(valkey), valkey)
    if isinstance(place, SqlitePlace):
        file = SqliteFile(Path(place.path))
        return Opened(SqliteSessions(file), SqliteCounters(file), file)
    assert isinstance(place, PostgresqlPlace)
    driver = BlockingDriver(place.url)
    return Opened(PostgresqlSessions(driver), PostgresqlCounters(driver), driver)


class Meeting:
    """Where two processes wait for each other before each guess, so that they race it."""

    def __init__(self, place: Path, me: int) -> None:
        with place.open("r+b") as file:
            self._counts = memoryview(mmap.mmap(file.fileno(), 16)).cast("q")
        self._me = me

    def wait(self) -> None:
        """Come to the next guess, and wait until the other one has too."""
        self._counts[self._me] += 1
        given_up = time.monotonic() + 10
        while self._counts[1 - self._me] < self._counts[self._me]:
            assert time.monotonic() < given_up, "the other process does not come"
            time.sleep(0)


def token(number: int, step: int) -> StepToken:
    secret = hashlib.sha256(f"{number}.{step}".encode()).digest()
    return StepToken(number.to_bytes(16, "big"), step, secret)


def step(number: int, at: int, tries: int) -> NewStep:
    secret_hash = token(number, at).secret_hash
    return NewStep(secret_hash, "{}", b"sealed", "code", tries, NOW + timedelta(minutes=3))


def _answer(
    store: SessionStore, meeting: Meeting, number: int, guesses: int, tries: int
) -> tuple[int, int]:
    """Guess; settle with each guess that took the last try. How many were claimed, and settled."""
    claims = settled = 0
    for _ in range(guesses):
        meeting.wait()
        claimed = drive(store.claim(token(number, 0), NOW))
        claims += claimed is not None
        if claimed is not None and claimed.last:
            settled += drive(store.settle(token(number, 0).id, 0, step(number, 1, tries), None))
    return claims, settled


def _settle(store: SessionStore, number: int, tries: int) -> bool:
    """Settle the next step, as everyone does at once."""
    return drive(store.settle(token(number, 1).id, 1, step(number, 2, tries), "success"))


def _spend(counters: Counters, number: int) -> bool:
    return drive(counters.spend_once(str(number), NOW + timedelta(minutes=1), NOW))


def _main(url: str, place: str, *numbers: str) -> None:
    me, count, guesses, tries = map(int, numbers)
    opened, meeting = open_stores(url), Meeting(Path(place), me)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    answers = [_answer(opened.sessions, meeting, n, guesses, tries) for n in range(count)]
    settled = [_settle(opened.sessions, n, tries) for n in range(count)]
    spent = [_spend(opened.counters, n) for n in range(count)]
    opened.owner.close()
    sys.stdout.write(json.dumps({"answers": answers, "settled": settled, "spent": spent}) + "\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
