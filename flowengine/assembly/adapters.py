"""Makes the adapters that a deployment names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import assert_never

from flowengine.accounts.pool import Pool
from flowengine.assembly.connecting import Close, Connecting, SignInStores
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.engine.parts import PoolKeys
from flowengine.engine.ports import Devices, Directory, Grants, Work
from flowengine.errors import StoreError
from flowengine.stores.devices import SqlDevices
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.grants import SqlGrants
from flowengine.stores.memory import (
    MemoryCounters,
    MemoryDirectory,
    MemorySessions,
)
from flowengine.stores.memory_devices import MemoryDevices
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.stores.schema import migrate
from flowengine.stores.signing_keys import SqlSigningKeys
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.urls import (
    MemoryPlace,
    Place,
    PostgresqlPlace,
    SignInPlace,
    SqlitePlace,
    parse,
    parse_sign_ins,
)
from flowengine.stores.valkey_place import Tls, ValkeyPlace
from flowengine.tokens import keys


@dataclass(frozen=True, slots=True)
class UserStores:
    """Where users, their devices, refresh tokens and signing keys are kept."""

    directory: Directory
    grants: Grants
    devices: Devices
    signing: Mapping[str, PoolKeys]
    close: Close


def place_of_users(url: str, folder: Path) -> Place:
    """Read where users are; a relative file is relative to ``folder``.

    Raises:
        UnavailableError: It is no form that this version knows.
        StoreError: No file can be there.
    """
    place = parse(url)
    return _file(place, folder) if isinstance(place, SqlitePlace) else place


def place_of_sign_ins(url: str, folder: Path) -> SignInPlace:
    """Read where sign-ins are; a relative file, one of certificates too, is as above.

    Raises:
        UnavailableError: It is no form that this version knows.
        StoreError: No file can be there.
    """
    place = parse_sign_ins(url)
    match place:
        case SqlitePlace():
            return _file(place, folder)
        case ValkeyPlace(tls=Tls() as tls):
            files = (tls.authorities, tls.certificate, tls.key)
            beside = (None if file is None else str(folder / file) for file in files)
            return replace(place, tls=Tls(*beside))
        case _:
            return place


def place_of_counters(sign_ins: SignInPlace, users: Place) -> SignInPlace:
    """Say where counters are: beside the sign-ins, unless these alone end with the process.

    A spent code and a lock must outlast a restart wherever something else does: a process that
    begins anew with the same users would take the code again.
    """
    return users if isinstance(sign_ins, MemoryPlace) else sign_ins


def _file(place: SqlitePlace, folder: Path) -> SqlitePlace:
    path = folder / place.path
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # it is yet to be made; where it cannot be, making it says so
    except (OSError, ValueError):  # a name too long or with a NUL, a folder closed to us
        raise StoreError("the SQLite file cannot be opened") from None
    return SqlitePlace(path)


def sign_in_stores(place: SignInPlace, connecting: Connecting) -> SignInStores:
    """Open the stores of sign-ins and counters, with their tables."""
    match place:
        case MemoryPlace():
            return SignInStores(MemorySessions(), MemoryCounters(), _nothing)
        case SqlitePlace(path):
            file = SqliteFile(path)
            return SignInStores(SqliteSessions(file), SqliteCounters(file), file.close)
        case PostgresqlPlace(url):
            migrate(url)
            return connecting.postgresql(url)
        case ValkeyPlace():
            return connecting.valkey(place)
        case _:
            assert_never(place)


def user_stores(
    place: Place, pools: Mapping[str, Pool], keyring: Keyring, work: Work, entropy: Entropy
) -> UserStores:
    """Open the stores of users, with their tables, and make signing keys where there are none."""
    match place:
        case MemoryPlace():
            signing = {pool_id: _new_keys(entropy) for pool_id in pools}
            return UserStores(
                MemoryDirectory(pools), MemoryGrants(), MemoryDevices(), signing, _nothing
            )
        case SqlitePlace() | PostgresqlPlace():
            migrate(_url(place))
            engine = sql_engine(place)
            kept = SqlSigningKeys(engine, keyring, entropy)
            try:
                signing = {pool_id: _keys(kept, pool_id, entropy) for pool_id in pools}
            except BaseException:
                engine.dispose()
                raise
            return UserStores(
                SqlDirectory(engine, keyring, pools, work, entropy),
                SqlGrants(engine, work),
                SqlDevices(engine, keyring, work, entropy),
                MappingProxyType(signing),
                engine.dispose,
            )
        case _:
            assert_never(place)


def _url(place: SqlitePlace | PostgresqlPlace) -> str:
    return place.url if isinstance(place, PostgresqlPlace) else f"sqlite:///{place.path}"


def _new_keys(entropy: Entropy) -> PoolKeys:
    identity = keys.generate(keys.TokenUse.ID, entropy)
    return PoolKeys(identity, keys.generate(keys.TokenUse.ACCESS, entropy))


def _keys(kept: SqlSigningKeys, pool_id: str, entropy: Entropy) -> PoolKeys:
    return PoolKeys(
        _key(kept, pool_id, keys.TokenUse.ID, entropy),
        _key(kept, pool_id, keys.TokenUse.ACCESS, entropy),
    )


def _key(
    kept: SqlSigningKeys, pool_id: str, use: keys.TokenUse, entropy: Entropy
) -> keys.SigningKey:
    def make() -> tuple[str, bytes]:
        made = keys.generate(use, entropy)
        return made.kid, made.to_pem()

    found = kept.ensure(pool_id, use.value, make)
    return keys.from_pem(found.pem, found.kid, use)


def _nothing() -> None:
    """Close nothing: what is in memory ends with the process."""
