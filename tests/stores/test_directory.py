"""What is the SQL directory's own: credentials at rest, and failures that tell nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import ClassVar

import pytest
import sqlalchemy as sa

from flowengine.accounts.account import (
    Account,
    HashCredential,
    Passkey,
    SrpCredential,
    TotpFactor,
)
from flowengine.accounts.pool import PasskeySettings, Pool
from flowengine.crypto.keyring import Keyring
from flowengine.engine.system import InlineWork
from flowengine.errors import KeyringError, StoreError
from flowengine.runtime.stored import Grant
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.grants import SqlGrants
from flowengine.stores.purging import PURGE_EVERY
from flowengine.stores.schema import migrate
from flowengine.stores.tables import ACCOUNTS, GRANTS, METADATA, PASSKEYS
from flowengine.stores.urls import parse
from flowengine.testing.contracts.candidate import drive
from flowengine.testing.fakes import ScriptedEntropy

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_POOL = Pool(id="eu-west-1_Example", name="main")
_POOLS = {_POOL.id: _POOL}
_ENTROPY = ScriptedEntropy("directory").draw
_KEYRING = Keyring.generate(_ENTROPY)
_ZOE = Account(
    pool_id=_POOL.id,
    username="zoe",
    sub="7f9c0000-0000-4000-8000-000000000001",
    stamp="stamp-0",
    created_at=_NOW,
    modified_at=_NOW,
    password=SrpCredential("5a17", 0xDEADBEEFCAFE),
    totp=TotpFactor(b"totp-secret-bytes", name="phone"),
)
_PHONE = Passkey(b"id-of-phone", b"key-of-phone", 7, "example.com", _NOW, name="phone")
_LAPTOP = replace(_PHONE, credential_id=b"id-of-laptop", public_key=b"key-of-laptop")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/directory.db"
    else:
        url = request.getfixturevalue("postgresql").new_database()
    migrate(url)
    made = sql_engine(parse(url))
    yield made
    made.dispose()


def _directory(engine: sa.Engine, keyring: Keyring = _KEYRING) -> SqlDirectory:
    return SqlDirectory(engine, keyring, _POOLS, InlineWork(), _ENTROPY)


def _dump(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        rows = [connection.execute(sa.select(table)).all() for table in METADATA.sorted_tables]
    return repr([[tuple(row) for row in table] for table in rows])


def test_no_credential_stands_in_the_tables(engine: sa.Engine) -> None:
    hashed = replace(_ZOE, username="max", sub="s", password=HashCredential("$argon2id$hunter2"))
    for account in (_ZOE, hashed):
        assert drive(_directory(engine).add(account))
    dump = _dump(engine)
    assert "'zoe'" in dump
    for secret in ("hunter2", "totp-secret", "5a17", "deadbeefcafe", str(0xDEADBEEFCAFE)):
        assert secret not in dump
    assert b"totp-secret-bytes".hex() not in dump


def test_credentials_put_in_anothers_place_are_refused(engine: sa.Engine) -> None:
    directory = _directory(engine)
    drive(directory.add(_ZOE))
    drive(directory.add(replace(_ZOE, username="max", sub="other", password=None, totp=None)))
    with engine.begin() as connection:
        stolen = connection.execute(
            sa.select(ACCOUNTS.c.credentials).where(ACCOUNTS.c.name == "zoe")
        ).scalar_one()
        connection.execute(
            sa.update(ACCOUNTS).where(ACCOUNTS.c.name == "max").values(credentials=stolen)
        )
    with pytest.raises(KeyringError):
        drive(directory.find(_POOL.id, "max"))


class CountingKeyring(Keyring):
    """A keyring that keeps count of what was opened with it."""

    __slots__ = ()
    opened: ClassVar[list[bytes]] = []

    def open_sealed(self, sealed: bytes, associated: bytes) -> bytes:
        CountingKeyring.opened.append(sealed)
        return super().open_sealed(sealed, associated)


@pytest.mark.parametrize("settings", [None, PasskeySettings("example.com", ("https://a.example",))])
def test_who_has_no_passkey_is_read_as_who_has_one_and_as_nobody_is(
    engine: sa.Engine, settings: PasskeySettings | None
) -> None:
    pool = replace(_POOL, passkeys=settings)
    keyring = CountingKeyring(_KEYRING.keys)
    directory = SqlDirectory(engine, keyring, {pool.id: pool}, InlineWork(), _ENTROPY)
    drive(directory.add(_ZOE))
    drive(directory.add(replace(_ZOE, username="max", sub="other", passkeys=(_PHONE,))))
    opened = []
    for name in ("zoe", "max", "nobody"):
        before = len(CountingKeyring.opened)
        drive(directory.find(pool.id, name))
        opened.append(len(CountingKeyring.opened) - before)
    assert opened == ([2, 2, 2] if settings else [1, 2, 1])


def _count(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(PASSKEYS)).scalar_one()


def test_passkeys_are_sealed_and_each_is_bound_to_its_user_and_id(engine: sa.Engine) -> None:
    directory = _directory(engine)
    zoe = replace(_ZOE, passkeys=(_PHONE,))
    drive(directory.add(zoe))
    max_ = replace(_ZOE, username="max", sub="other", passkeys=(_LAPTOP,))
    drive(directory.add(max_))
    with engine.begin() as connection:
        rows = connection.execute(sa.select(PASSKEYS).order_by(PASSKEYS.c.name)).all()
        assert [(row.name, row.sign_count) for row in rows] == [("max", 7), ("zoe", 7)]
        for row in rows:
            assert b"key-of" not in row.credential
            assert b"key-of".hex().encode() not in row.credential
        connection.execute(
            sa.update(PASSKEYS)
            .where(PASSKEYS.c.name == "zoe")
            .values(credential=rows[0].credential)
        )
    with pytest.raises(KeyringError):
        drive(directory.find(_POOL.id, "zoe"))
    assert drive(directory.find(_POOL.id, "max")) == max_


def test_a_passkey_row_that_is_given_to_another_user_is_refused(engine: sa.Engine) -> None:
    directory = _directory(engine)
    drive(directory.add(replace(_ZOE, passkeys=(_PHONE,))))
    drive(directory.add(replace(_ZOE, username="max", sub="other")))
    with engine.begin() as connection:
        connection.execute(sa.update(PASSKEYS).values(name="max"))
    with pytest.raises(KeyringError):
        drive(directory.find(_POOL.id, "max"))


def test_a_passkey_that_is_not_ours_is_a_store_error(engine: sa.Engine) -> None:
    directory = _directory(engine)
    drive(directory.add(replace(_ZOE, passkeys=(_PHONE,))))
    id_hash = hashlib.sha256(_PHONE.credential_id).hexdigest()
    owner = f'["passkey", "{_POOL.id}", "{_ZOE.sub}", "{id_hash}"]'.encode()
    for text in (b"nonsense", b"{}", b"[]", b'{"id": 7}'):
        with engine.begin() as connection:
            sealed = _KEYRING.seal(text, owner, _ENTROPY)
            connection.execute(sa.update(PASSKEYS).values(credential=sealed))
        with pytest.raises(StoreError, match="cannot be read"):
            drive(directory.find(_POOL.id, "zoe"))


def test_passkeys_go_with_their_user(engine: sa.Engine) -> None:
    directory = _directory(engine)
    drive(directory.add(replace(_ZOE, passkeys=(_PHONE, _LAPTOP))))
    assert _count(engine) == 2
    drive(directory.save(replace(_ZOE, passkeys=(_LAPTOP,), stamp="stamp-1"), "stamp-0"))
    assert _count(engine) == 1
    drive(directory.remove(_POOL.id, "zoe"))
    assert _count(engine) == 0


def test_credentials_outlive_a_new_key_in_front_and_not_the_loss_of_theirs(
    engine: sa.Engine,
) -> None:
    drive(_directory(engine).add(_ZOE))
    rotated = _KEYRING.rotated(_ENTROPY)
    assert drive(_directory(engine, rotated).find(_POOL.id, "zoe")) == _ZOE
    with pytest.raises(KeyringError):
        drive(_directory(engine, Keyring.generate(_ENTROPY)).find(_POOL.id, "zoe"))


def test_operators_read_the_plain_columns(engine: sa.Engine) -> None:
    attributes = MappingProxyType({"email": "zoe@example.com"})
    drive(_directory(engine).add(replace(_ZOE, attributes=attributes, groups=("staff",))))
    with engine.connect() as connection:
        row = connection.execute(sa.select(ACCOUNTS)).one()
    assert (row.username, row.status, row.enabled) == ("zoe", "CONFIRMED", True)
    assert (row.attributes, row.groups) == ({"email": "zoe@example.com"}, ["staff"])


def test_a_pool_that_is_not_the_directorys_is_refused(engine: sa.Engine) -> None:
    directory = _directory(engine)
    stranger = replace(_ZOE, pool_id="eu-west-1_Other")
    for change in (directory.add(stranger), directory.save(stranger, "stamp-0")):
        with pytest.raises(StoreError):
            drive(change)


def test_a_failure_repeats_nothing_of_the_drivers_text(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE accounts RENAME TO elsewhere"))
    for call in (_directory(engine).find(_POOL.id, "zoe"), _directory(engine).add(_ZOE)):
        with pytest.raises(StoreError) as failed:
            drive(call)
        assert str(failed.value) == "the directory failed"
        assert failed.value.__suppress_context__


def test_parameters_are_hidden_from_sqlalchemys_own_messages(engine: sa.Engine) -> None:
    with (
        pytest.raises(sa.exc.DBAPIError) as failed,
        engine.connect() as connection,
    ):
        connection.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "hunter2"})
    assert "hunter2" not in str(failed.value)


def test_an_account_that_no_column_can_hold_is_a_store_error(engine: sa.Engine) -> None:
    with pytest.raises(StoreError):
        drive(_directory(engine).add(replace(_ZOE, username="\ud800")))


def test_credentials_that_are_not_ours_are_a_store_error(engine: sa.Engine) -> None:
    directory = _directory(engine)
    drive(directory.add(_ZOE))
    owner = f'["account", "{_ZOE.pool_id}", "{_ZOE.sub}"]'.encode()
    for text in (b"nonsense", b"{}", b'{"password": {"kind": "plain"}, "totp": null}', b"[]"):
        with engine.begin() as connection:
            sealed = _KEYRING.seal(text, owner, _ENTROPY)
            connection.execute(sa.update(ACCOUNTS).values(credentials=sealed))
        with pytest.raises(StoreError, match="cannot be read"):
            drive(directory.find(_POOL.id, "zoe"))


def _grant(number: int, username: str = "zoe", day: int = 0) -> Grant:
    return Grant(
        family=number.to_bytes(32, "big"),
        hash=number.to_bytes(32, "little"),
        origin_jti=str(number),
        pool_id=_POOL.id,
        client_id="client",
        username=username,
        sub=f"sub of {username}",
        record="{}",
        level=None,
        auth_time=_NOW + timedelta(days=day),
        expires_at=_NOW + timedelta(days=day + 1),
    )


def test_a_user_is_removed_with_its_grants(engine: sa.Engine) -> None:
    directory, grants = _directory(engine), SqlGrants(engine, InlineWork())
    drive(directory.add(_ZOE))
    for grant in (_grant(1), _grant(2, "max")):
        drive(grants.add(grant))
    assert drive(directory.remove(_POOL.id, "zoe"))
    assert drive(grants.find(_grant(1).family)) is None
    assert drive(grants.live("1")) is None
    assert drive(grants.find(_grant(2).family)) is not None


def test_grants_are_purged_a_day_after_they_expired(engine: sa.Engine) -> None:
    grants = SqlGrants(engine, InlineWork())
    drive(grants.add(_grant(0)))
    for number in range(1, PURGE_EVERY + 1):
        drive(grants.add(_grant(number, day=2)))
    with engine.connect() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(GRANTS)).scalar_one()
    assert count == PURGE_EVERY
