"""The application's own users, in its own table, shown to flowengine through one small port."""

import base64
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from flowengine import Account, HashCredential, TotpFactor

SCHEMA = """
create table if not exists people (
    login text primary key,
    id text not null,
    display_name text not null,
    password_hash text not null,
    totp_secret text,
    stamp text not null,
    joined text not null
)
"""


class People:
    """Reads the application's table as flowengine's Directory.

    The application has its own pages for joining and changing passwords, so ``add``, ``save``
    and ``remove`` refuse: flowengine never writes here.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as database, database:
            database.execute(SCHEMA)

    def join(self, login: str, name: str, phc: str, totp: bytes | None, stamp: str) -> None:
        """Add a person; what a sign-up page of the application would do."""
        secret = base64.b32encode(totp).decode() if totp else None
        row = (login, f"person-{login}", name, phc, secret, stamp, datetime.now(UTC).isoformat())
        with closing(self._open()) as database, database:
            database.execute("insert or replace into people values (?, ?, ?, ?, ?, ?, ?)", row)

    async def find(self, pool_id: str, name: str) -> Account | None:
        """Find a person by login."""
        with closing(self._open()) as database:
            row = database.execute("select * from people where login = ?", (name,)).fetchone()
        if row is None:
            return None
        login, identifier, display_name, phc, secret, stamp, joined = row
        return Account(
            pool_id=pool_id,
            username=login,
            sub=identifier,
            stamp=stamp,
            created_at=datetime.fromisoformat(joined),
            modified_at=datetime.fromisoformat(joined),
            attributes={"name": display_name},
            password=HashCredential(phc),
            totp=TotpFactor(base64.b32decode(secret)) if secret else None,
        )

    async def add(self, account: Account) -> bool:
        """Refuse: people join on the application's own page."""
        return False

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Refuse: people change on the application's own pages."""
        return False

    async def remove(self, pool_id: str, username: str) -> bool:
        """Refuse: people leave on the application's own page."""
        return False

    async def page(self, pool_id: str, after: str, limit: int) -> list[Account]:
        """Give nobody: the application lists its people on a page of its own."""
        return []

    async def count_passkey(self, pool_id: str, credential_id: bytes, old: int, new: int) -> bool:
        """Refuse: this application has no passkeys."""
        return False

    async def passkey_owner(self, pool_id: str, credential_id: bytes) -> str | None:
        """Name nobody: this application has no passkeys."""
        return None

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)
