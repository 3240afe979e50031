"""A user is removed while another process changes it: on PostgreSQL, where writers run at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa

from flowengine.accounts.account import Account, Passkey
from flowengine.accounts.pool import Pool
from flowengine.crypto.keyring import Keyring
from flowengine.engine.system import InlineWork
from flowengine.stores.credentials import passkey_hash
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.urls import parse
from flowengine.testing.contracts.candidate import drive
from flowengine.testing.fakes import ScriptedEntropy

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_POOL = Pool(id="eu-west-1_Removing1", name="removing")
_ENTROPY = ScriptedEntropy("removing").draw
_ZOE = Account(
    pool_id=_POOL.id,
    username="zoe",
    sub="7f9c0000-0000-4000-8000-000000000002",
    stamp="stamp-0",
    created_at=_NOW,
    modified_at=_NOW,
    passkeys=(Passkey(b"id-of-a-phone", b"key-of-a-phone", 7, "example.com", _NOW),),
)
_NEW_NAME = "INSERT INTO aliases (pool_id, alias, name) VALUES (%s, %s, %s)"
_NEW_PASSKEY = (
    "INSERT INTO passkeys (pool_id, id_hash, name, sign_count, credential)"
    " VALUES (%s, %s, %s, 0, '')"
)
_WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
_WITHIN_S = 10


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[sa.Engine]:
    made = sql_engine(parse(postgresql_url))
    yield made
    made.dispose()


def _until_it_waits(url: str) -> None:
    deadline = time.monotonic() + _WITHIN_S
    with psycopg.connect(url, autocommit=True) as watching:
        while watching.execute(_WAITS).fetchone() == (0,):
            assert time.monotonic() < deadline, "the removal does not wait"
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("addition", "key"),
    [(_NEW_NAME, "zoe@example.com"), (_NEW_PASSKEY, passkey_hash(b"id-of-a-laptop"))],
    ids=["name", "passkey"],
)
def test_nothing_that_is_added_meanwhile_keeps_a_user(
    engine: sa.Engine, postgresql_url: str, addition: str, key: str | bytes
) -> None:
    directory = SqlDirectory(
        engine, Keyring.generate(_ENTROPY), {_POOL.id: _POOL}, InlineWork(), _ENTROPY
    )
    assert drive(directory.add(_ZOE))
    with psycopg.connect(postgresql_url) as other, ThreadPoolExecutor(1) as pool:
        # What saving a user does, in its order: the row, then what hangs on it.
        other.execute("UPDATE accounts SET stamp = 'stamp-1' WHERE name = 'zoe'")
        removed = pool.submit(lambda: drive(directory.remove(_POOL.id, "zoe")))
        _until_it_waits(postgresql_url)
        other.execute(addition.encode(), (_POOL.id, key, "zoe"))
        other.commit()
        assert removed.result(_WITHIN_S)
    assert drive(directory.find(_POOL.id, "zoe")) is None
    assert drive(directory.add(replace(_ZOE, sub="another", passkeys=())))
    assert drive(directory.remove(_POOL.id, "zoe"))
