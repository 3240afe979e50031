"""Users in SQL, on SQLAlchemy Core over SQLite or PostgreSQL.

Operators may read the plain columns; credentials are sealed under the deployment's keys.
Every change is one transaction whose first statement writes, so that SQLite has its write lock
before anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import is_storable
from flowengine.accounts.pool import Pool
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.errors import StoreError
from flowengine.stores.credentials import passkey_hash, seal_passkey
from flowengine.stores.engines import reader, store_errors
from flowengine.stores.instants import microseconds
from flowengine.stores.naming import names_of
from flowengine.stores.nobody import Nobody
from flowengine.stores.rows import read_account, written_columns
from flowengine.stores.tables import ACCOUNTS, ALIASES, DEVICES, GRANTS, PASSKEYS
from flowengine.stores.work import Work

_ACCOUNT = tuple(column for column in ACCOUNTS.c if column.name != "name")
_PASSKEY = (PASSKEYS.c.id_hash, PASSKEYS.c.sign_count, PASSKEYS.c.credential)
_ONE = sa.select(sa.literal(1).label("one")).subquery("one")
_OTHERS = ACCOUNTS.alias("others")
_ANYBODY = (
    sa.select(sa.func.min(_OTHERS.c.name))
    .where(_OTHERS.c.pool_id == sa.bindparam("pool"))
    .scalar_subquery()
)
_IS_THERE = ACCOUNTS.c.name == ALIASES.c.name


def _or_nobodys(column: sa.Column[Any]) -> sa.Label[Any]:
    nobodys = sa.bindparam(f"nobodys_{column.name}", type_=column.type)
    return sa.case((_IS_THERE, column), else_=nobodys).label(column.name)


# One statement, so that the passkeys are those that the stamp covers. It has a row whether or not
# there is such a user: where there is none, somebody's row is looked up and not read, and given is
# that of a user like any other. The time of a reply must not tell.
_FIND: sa.Select[Any] = sa.select(
    *(_or_nobodys(column) for column in (*_ACCOUNT, *_PASSKEY)),
    sa.case((_IS_THERE, sa.true()), else_=sa.false()).label("is_there"),
).select_from(
    _ONE.outerjoin(
        ALIASES,
        (ALIASES.c.pool_id == sa.bindparam("pool")) & (ALIASES.c.alias == sa.bindparam("alias")),
    )
    .outerjoin(
        ACCOUNTS,
        (ACCOUNTS.c.pool_id == sa.bindparam("pool"))
        & (ACCOUNTS.c.name == sa.func.coalesce(ALIASES.c.name, _ANYBODY)),
    )
    .outerjoin(
        PASSKEYS,
        (PASSKEYS.c.pool_id == ACCOUNTS.c.pool_id) & (PASSKEYS.c.name == ALIASES.c.name),
    )
)

# The passkey, or the next one where there is none of this hash: a row is read for each.
_OWNER = (
    sa.select(PASSKEYS.c.id_hash, ACCOUNTS.c.username)
    .join_from(PASSKEYS, ACCOUNTS)
    .where(PASSKEYS.c.pool_id == sa.bindparam("pool"), PASSKEYS.c.id_hash >= sa.bindparam("hashed"))
    .order_by(PASSKEYS.c.id_hash)
    .limit(1)
)

_CHOSEN = (
    sa.select(ACCOUNTS)
    .where(ACCOUNTS.c.pool_id == sa.bindparam("pool"), ACCOUNTS.c.name > sa.bindparam("after"))
    .order_by(ACCOUNTS.c.name)
    .limit(sa.bindparam("limit"))
    .subquery()
)
_PAGE = (
    sa.select(_CHOSEN, PASSKEYS.c.id_hash, PASSKEYS.c.sign_count, PASSKEYS.c.credential)
    .outerjoin_from(
        _CHOSEN,
        PASSKEYS,
        (PASSKEYS.c.pool_id == _CHOSEN.c.pool_id) & (PASSKEYS.c.name == _CHOSEN.c.name),
    )
    .order_by(_CHOSEN.c.name)
)


class SqlDirectory:
    """A ``Directory`` in SQL. ``schema.migrate`` comes first."""

    def __init__(
        self,
        engine: sa.Engine,
        keyring: Keyring,
        pools: Mapping[str, Pool],
        work: Work,
        entropy: Entropy,
    ) -> None:
        """Take an engine of ``engines.sql_engine``, whose owner disposes of it, and pools by id."""
        self._engine = engine
        self._reader = reader(engine)
        self._keyring = keyring
        self._pools = dict(pools)
        self._work = work
        self._entropy = entropy
        self._nobodies = {pool.id: Nobody(pool, keyring, entropy) for pool in pools.values()}

    async def find(self, pool_id: str, name: str) -> Account | None:
        """Find a user by user name or verified alias.

        Raises:
            StoreError: The database failed.
            KeyringError: The user's credentials cannot be opened.
        """
        pool = self._pools.get(pool_id)
        if pool is None or not is_storable(name):
            return None
        return await self._work.run(lambda: self._find(pool, pool.fold(name)))

    async def add(self, account: Account) -> bool:
        """Add a user, unless its name, an alias or a passkey of it is taken."""
        pool = self._pool(account)
        return await self._change(lambda connection: self._add(connection, pool, account))

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Write a user if nobody wrote it since ``old_stamp``, and nothing of it is taken.

        The user name, the sub and the instant of creation never change, nor does the counter
        of a passkey that is there.
        """
        pool = self._pool(account)
        return await self._change(
            lambda connection: self._save(connection, pool, account, old_stamp)
        )

    async def remove(self, pool_id: str, username: str) -> bool:
        """Remove a user with its aliases, passkeys, devices and grants."""
        pool = self._pools.get(pool_id)
        if pool is None or not is_storable(username):
            return False
        return await self._change(
            lambda connection: _remove(connection, pool_id, pool.fold(username))
        )

    async def page(self, pool_id: str, after: str, limit: int) -> Sequence[Account]:
        """Give users in the order of their names, in one statement.

        Raises:
            StoreError: The database failed.
            KeyringError: A user's credentials cannot be opened.
        """
        pool = self._pools.get(pool_id)
        if pool is None or not is_storable(after) or limit < 1:
            return ()
        return await self._work.run(lambda: self._page(pool, pool.fold(after), limit))

    async def count_passkey(self, pool_id: str, credential_id: bytes, old: int, new: int) -> bool:
        """Compare-and-swap on a passkey's counter."""
        if new <= old:
            return False
        count = (
            sa.update(PASSKEYS)
            .where(
                PASSKEYS.c.pool_id == pool_id,
                PASSKEYS.c.id_hash == passkey_hash(credential_id),
                PASSKEYS.c.sign_count == old,
            )
            .values(sign_count=new)
        )
        return await self._change(lambda connection: connection.execute(count).rowcount == 1)

    async def passkey_owner(self, pool_id: str, credential_id: bytes) -> str | None:
        """Name the user who has a passkey."""
        wanted = {"pool": pool_id, "hashed": passkey_hash(credential_id)}
        return await self._work.run(lambda: self._owner(wanted))

    def _owner(self, wanted: Mapping[str, Any]) -> str | None:
        with store_errors("the directory failed"), self._reader.connect() as connection:
            row = connection.execute(_OWNER, wanted).first()
        # Of a hash, so the time that comparing takes is of no use.
        return row.username if row is not None and row.id_hash == wanted["hashed"] else None

    def _pool(self, account: Account) -> Pool:
        pool = self._pools.get(account.pool_id)
        if pool is None:
            raise StoreError("the directory does not keep the users of this pool")
        return pool

    async def _change(self, change: Callable[[sa.Connection], bool]) -> bool:
        return await self._work.run(lambda: self._in_transaction(change))

    def _in_transaction(self, change: Callable[[sa.Connection], bool]) -> bool:
        """Commit what answers True; all else is undone."""
        with store_errors("the directory failed"), self._engine.connect() as connection:
            try:
                changed = change(connection)
            except IntegrityError:  # a name is taken
                return False
            if changed:
                connection.commit()
            return changed

    def _find(self, pool: Pool, alias: str) -> Account | None:
        nobody = self._nobodies[pool.id]
        with store_errors("the directory failed"), self._reader.connect() as connection:
            named = {"pool": pool.id, "alias": alias}
            rows = connection.execute(_FIND, {**named, **nobody.columns}).mappings().all()
        account = read_account(rows, self._keyring)
        if pool.passkeys is not None and rows[0]["id_hash"] is None:
            nobody.open_passkey()
        return account if rows[0]["is_there"] else None

    def _page(self, pool: Pool, after: str, limit: int) -> Sequence[Account]:
        parameters = {"pool": pool.id, "after": after, "limit": limit}
        with store_errors("the directory failed"), self._reader.connect() as connection:
            rows = connection.execute(_PAGE, parameters).mappings().all()
        return [
            read_account(list(mine), self._keyring)
            for _, mine in groupby(rows, key=lambda row: row["name"])
        ]

    def _add(self, connection: sa.Connection, pool: Pool, account: Account) -> bool:
        row = {
            "pool_id": pool.id,
            "name": pool.fold(account.username),
            "username": account.username,
            "sub": account.sub,
            "created_at": microseconds(account.created_at),
            **written_columns(account, self._keyring, self._entropy),
        }
        connection.execute(sa.insert(ACCOUNTS), row)
        _add_aliases(connection, pool.id, row["name"], names_of(pool, account))
        self._replace_passkeys(connection, row["name"], account, frozenset())
        return True

    def _save(
        self, connection: sa.Connection, pool: Pool, account: Account, old_stamp: str
    ) -> bool:
        name = pool.fold(account.username)
        swap = (
            sa.update(ACCOUNTS)
            .where(
                ACCOUNTS.c.pool_id == pool.id,
                ACCOUNTS.c.name == name,
                ACCOUNTS.c.sub == account.sub,
                ACCOUNTS.c.stamp == old_stamp,
            )
            .values(**written_columns(account, self._keyring, self._entropy))
        )
        if connection.execute(swap).rowcount != 1:
            return False
        _replace_aliases(connection, pool.id, name, names_of(pool, account))
        present = sa.select(PASSKEYS.c.id_hash).where(_passkeys_of(pool.id, name))
        old = frozenset(connection.execute(present).scalars())
        self._replace_passkeys(connection, name, account, old)
        return True

    def _replace_passkeys(
        self, connection: sa.Connection, name: str, account: Account, old: frozenset[bytes]
    ) -> None:
        """Write a user's passkeys over those that are there; counters that are there stay."""
        sealed = {
            passkey_hash(each.credential_id): (
                each.sign_count,
                seal_passkey(account, each, self._keyring, self._entropy),
            )
            for each in account.passkeys
        }
        mine = _passkeys_of(account.pool_id, name)
        if gone := old - sealed.keys():
            connection.execute(
                sa.delete(PASSKEYS).where(mine, PASSKEYS.c.id_hash.in_(sorted(gone)))
            )
        for id_hash, (sign_count, credential) in sorted(sealed.items()):
            if id_hash in old:
                kept = sa.update(PASSKEYS).where(mine, PASSKEYS.c.id_hash == id_hash)
                connection.execute(kept.values(credential=credential))
                continue
            row = {
                "pool_id": account.pool_id,
                "id_hash": id_hash,
                "name": name,
                "sign_count": sign_count,
                "credential": credential,
            }
            connection.execute(sa.insert(PASSKEYS), row)


def _passkeys_of(pool_id: str, name: str) -> sa.ColumnElement[bool]:
    return (PASSKEYS.c.pool_id == pool_id) & (PASSKEYS.c.name == name)


def _add_aliases(
    connection: sa.Connection, pool_id: str, name: str, aliases: frozenset[str]
) -> None:
    if aliases:  # sorted, so that two that add the same ones at once do not wait for each other
        rows = [{"pool_id": pool_id, "alias": alias, "name": name} for alias in sorted(aliases)]
        connection.execute(sa.insert(ALIASES), rows)


def _replace_aliases(
    connection: sa.Connection, pool_id: str, name: str, aliases: frozenset[str]
) -> None:
    mine = (ALIASES.c.pool_id == pool_id) & (ALIASES.c.name == name)
    old = frozenset(connection.execute(sa.select(ALIASES.c.alias).where(mine)).scalars())
    if gone := old - aliases:
        connection.execute(sa.delete(ALIASES).where(mine, ALIASES.c.alias.in_(sorted(gone))))
    _add_aliases(connection, pool_id, name, aliases - old)


def _remove(connection: sa.Connection, pool_id: str, name: str) -> bool:
    this = (ACCOUNTS.c.pool_id == pool_id) & (ACCOUNTS.c.name == name)
    # The user's row first, as when it is saved. Else a change that is under way could add a name or
    # a passkey to a user whose others are gone already, and keep it there.
    removed = connection.execute(
        sa.update(ACCOUNTS)
        .where(this)
        .values(stamp=ACCOUNTS.c.stamp)
        .returning(ACCOUNTS.c.username, ACCOUNTS.c.sub)
    ).one_or_none()
    if removed is None:
        return False
    mine = (ALIASES.c.pool_id == pool_id) & (ALIASES.c.name == name)
    connection.execute(sa.delete(ALIASES).where(mine))
    connection.execute(sa.delete(PASSKEYS).where(_passkeys_of(pool_id, name)))
    connection.execute(sa.delete(ACCOUNTS).where(this))
    connection.execute(
        sa.delete(DEVICES).where(DEVICES.c.pool_id == pool_id, DEVICES.c.sub == removed.sub)
    )
    connection.execute(
        sa.delete(GRANTS).where(GRANTS.c.pool_id == pool_id, GRANTS.c.username == removed.username)
    )
    return True
