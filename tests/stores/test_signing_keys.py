from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from flowengine.crypto.keyring import Keyring
from flowengine.errors import KeyringError
from flowengine.stores.engines import sql_engine
from flowengine.stores.schema import migrate
from flowengine.stores.signing_keys import KeptKey, SqlSigningKeys
from flowengine.stores.tables import SIGNING_KEYS
from flowengine.stores.urls import parse
from flowengine.testing.contracts.candidate import drive, in_threads
from flowengine.testing.fakes import ScriptedEntropy

_ENTROPY = ScriptedEntropy("signing").draw
_KEYRING = Keyring.generate(_ENTROPY)
_POOL = "eu-west-1_Example"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'keys.db'}"
    else:
        url = request.getfixturevalue("postgresql").new_database()
    migrate(url)
    made = sql_engine(parse(url))
    yield made
    made.dispose()


def _never() -> tuple[str, bytes]:
    raise AssertionError("a key that is there is not made again")


def test_a_key_is_made_once_and_kept(engine: sa.Engine) -> None:
    keys = SqlSigningKeys(engine, _KEYRING, _ENTROPY)
    made = keys.ensure(_POOL, "id", lambda: ("kid-1", b"pem-1"))
    assert made == KeptKey("kid-1", b"pem-1")
    again = SqlSigningKeys(engine, _KEYRING, _ENTROPY).ensure(_POOL, "id", _never)
    assert again == made


def test_each_pool_and_use_has_its_own(engine: sa.Engine) -> None:
    keys = SqlSigningKeys(engine, _KEYRING, _ENTROPY)
    places = [(_POOL, "id"), (_POOL, "access"), ("eu-west-1_Other", "id")]
    for number, (pool_id, use) in enumerate(places):
        keys.ensure(pool_id, use, lambda n=number: (f"kid-{n}", b"pem"))  # type: ignore[misc]
    kids = [keys.ensure(pool_id, use, _never).kid for pool_id, use in places]
    assert kids == ["kid-0", "kid-1", "kid-2"]


def test_all_who_make_one_at_once_get_the_same(engine: sa.Engine) -> None:
    async def ensure(number: int) -> KeptKey:
        keys = SqlSigningKeys(engine, _KEYRING, _ENTROPY)
        return keys.ensure(_POOL, "id", lambda: (f"kid-{number}", f"pem-{number}".encode()))

    kept = drive(in_threads([lambda n=n: ensure(n) for n in range(6)]))  # type: ignore[misc]
    assert len(set(kept)) == 1
    assert kept[0].pem == kept[0].kid.replace("kid", "pem").encode()


def test_a_key_is_sealed_to_its_place(engine: sa.Engine) -> None:
    keys = SqlSigningKeys(engine, _KEYRING, _ENTROPY)
    keys.ensure(_POOL, "id", lambda: ("kid-1", b"-----BEGIN PRIVATE KEY-----"))
    with engine.begin() as connection:
        sealed = connection.execute(sa.select(SIGNING_KEYS.c.pem)).scalar_one()
        assert b"PRIVATE KEY" not in sealed
        connection.execute(sa.update(SIGNING_KEYS).values(use="access"))
    with pytest.raises(KeyringError):
        keys.ensure(_POOL, "access", _never)


def test_the_repr_of_a_kept_key_shows_its_id_alone() -> None:
    assert repr(KeptKey("kid-1", b"hunter2")) == "KeptKey(kid='kid-1')"
