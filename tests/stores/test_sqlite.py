"""What is SQLite's own, beside the contract."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_END, NewStep
from flowengine.runtime.token import StepToken
from flowengine.stores.purging import PURGE_EVERY
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.testing.contracts.candidate import drive

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_ID = b"i" * 16
_TOKEN = StepToken(_ID, 0, b"s" * 32)


def _step(node: str = "password", life: timedelta = timedelta(minutes=3)) -> NewStep:
    return NewStep(_TOKEN.secret_hash, '{"node":"x"}', b"hunter2", node, 3, _NOW + life)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "flowengine.db"


@pytest.fixture
def file(path: Path) -> Iterator[SqliteFile]:
    opened = SqliteFile(path)
    yield opened
    opened.close()


def test_an_outcome_wipes_private(file: SqliteFile) -> None:
    sessions = SqliteSessions(file)
    drive(sessions.add(_ID, _step(), _NOW))
    assert file.row("SELECT private FROM sessions", {}) == (b"hunter2",)
    assert drive(sessions.settle(_ID, 0, _step("done"), "success"))
    row = file.row("SELECT private, outcome, node, record FROM sessions", {})
    assert row == (None, "success", "done", '{"node":"x"}')


def test_the_counts_of_nodes_left_are_readable(file: SqliteFile) -> None:
    sessions = SqliteSessions(file)
    drive(sessions.add(_ID, _step(), _NOW))
    drive(sessions.claim(_TOKEN, _NOW))
    drive(sessions.settle(_ID, 0, _step("totp"), None))
    assert file.row("SELECT counts FROM sessions", {}) == ('{"password":1}',)


def test_a_refused_claim_writes_nothing(file: SqliteFile) -> None:
    sessions = SqliteSessions(file)
    drive(sessions.add(_ID, _step(), _NOW))
    before = file.row("SELECT * FROM sessions", {})
    late = _NOW + timedelta(minutes=3)
    for token, now in ((StepToken(_ID, 0, bytes(32)), _NOW), (_TOKEN, late)):
        assert drive(sessions.claim(token, now)) is None
    assert file.row("SELECT * FROM sessions", {}) == before
    assert file.row("SELECT total_changes()", {}) == (1,)


def test_a_refused_try_writes_nothing(file: SqliteFile) -> None:
    counters = SqliteCounters(file)
    policy = LockoutPolicy(threshold=1)
    for _ in range(5):
        drive(counters.try_now("key", policy, _NOW))
    assert file.row("SELECT total_changes()", {}) == (1,)


def test_a_dead_row_is_purged_when_nobody_needs_it_any_more(file: SqliteFile) -> None:
    sessions = SqliteSessions(file)
    drive(sessions.add(b"k" * 16, _step(life=timedelta(0)), _NOW))
    drive(sessions.add(b"j" * 16, _step(life=timedelta(microseconds=1)), _NOW))
    later = _step(life=timedelta(1))
    for number in range(PURGE_EVERY):
        drive(sessions.add(number.to_bytes(16, "big"), later, _NOW + KEPT_AFTER_END))
    assert file.row("SELECT max(id) FROM sessions", {}) == (b"j" * 16,)
    assert file.row("SELECT count(*) FROM sessions", {}) == (1 + PURGE_EVERY,)


def test_counters_and_spent_keys_are_purged_when_they_cannot_matter(file: SqliteFile) -> None:
    counters = SqliteCounters(file)
    policy = LockoutPolicy()
    drive(counters.try_now("old", policy, _NOW))
    drive(counters.spend_once("old", _NOW, _NOW))
    drive(
        counters.count_wrong(
            "locked",
            1,
            LockoutPolicy(threshold=1, first_lock=policy.quiet * 4, longest_lock=policy.quiet * 4),
            _NOW,
        )
    )
    for number in range(PURGE_EVERY):
        drive(counters.try_now(str(number), policy, _NOW + policy.quiet))
        drive(counters.spend_once(str(number), _NOW + timedelta(1), _NOW))
    assert file.row("SELECT count(*) FROM counters", {}) == (PURGE_EVERY + 1,)
    assert file.row("SELECT count(*) FROM spent", {}) == (PURGE_EVERY,)


def test_no_key_stands_in_the_tables(file: SqliteFile, path: Path) -> None:
    counters = SqliteCounters(file)
    key = "lock|pool|zoe@example.com|password"
    drive(counters.try_now(key, LockoutPolicy(), _NOW))
    drive(counters.spend_once(key, _NOW, _NOW))
    digest = hashlib.sha256(key.encode()).digest()
    assert file.row("SELECT key FROM counters", {}) == (digest,)
    assert file.row("SELECT key FROM spent", {}) == (digest,)
    assert not [p for p in path.parent.iterdir() if b"zoe@example" in p.read_bytes()]


def test_a_failure_repeats_nothing_of_sqlites_text(file: SqliteFile) -> None:
    sessions = SqliteSessions(file)
    file.row("DROP TABLE sessions", {})
    with pytest.raises(StoreError) as failed:
        drive(sessions.claim(_TOKEN, _NOW))
    assert str(failed.value) == "the SQLite store failed"
    assert failed.value.__suppress_context__


def test_a_text_that_sqlite_cannot_hold_is_a_store_error(file: SqliteFile) -> None:
    with pytest.raises(StoreError):
        drive(SqliteSessions(file).add(_ID, _step("\ud800"), _NOW))


def test_a_file_that_another_keeps_locked_is_waited_for(file: SqliteFile, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.execute, ["COMMIT"])
    release.start()
    begun = time.monotonic()
    drive(SqliteSessions(file).add(_ID, _step(), _NOW))
    assert time.monotonic() - begun > 0.1
    release.join()
    other.close()


@pytest.mark.parametrize(("wanted", "level"), [("NORMAL", 1), ("FULL", 2)])
def test_how_hard_a_commit_is_flushed_is_the_deployments_choice(
    path: Path, wanted: str, level: int
) -> None:
    opened = SqliteFile(path, "FULL" if wanted == "FULL" else "NORMAL")
    assert opened.row("PRAGMA synchronous", {}) == (level,)
    opened.close()


def _claim_in_child(file: SqliteFile) -> None:
    claimed = drive(SqliteSessions(file).claim(_TOKEN, _NOW))
    assert claimed is not None
    assert len(file._left_behind) == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_a_connection_of_its_own(file: SqliteFile) -> None:
    sessions = SqliteSessions(file)
    drive(sessions.add(_ID, _step(), _NOW))
    child = multiprocessing.get_context("fork").Process(target=_claim_in_child, args=(file,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    peeked = drive(sessions.peek(_ID, _NOW))
    assert peeked is not None
    assert peeked.tries_left == 2


def test_what_was_written_is_there_when_the_file_is_opened_again(path: Path) -> None:
    first = SqliteFile(path)
    drive(SqliteSessions(first).add(_ID, _step(), _NOW))
    first.close()
    second = SqliteFile(path)
    assert drive(SqliteSessions(second).claim(_TOKEN, _NOW)) is not None
    second.close()
