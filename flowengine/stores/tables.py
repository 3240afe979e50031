"""The tables as SQLAlchemy knows them. The migrations make them; a test compares the two.

Instants are microseconds since the epoch. Operators may read everything but what is sealed:
``sessions.private``, the credentials of accounts, passkeys and devices, ``signing_keys.pem`` and
the successors in ``grants.retired``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

METADATA = sa.MetaData()

_COUNTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_NUMBERS = sa.JSON().with_variant(postgresql.ARRAY(sa.BigInteger()), "postgresql")

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("private", sa.LargeBinary),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("counts", _COUNTS, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("outcome", sa.Text),
)

COUNTERS = sa.Table(
    "counters",
    METADATA,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_try", sa.BigInteger, nullable=False),
    sa.Column("locked_until", sa.BigInteger, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("pending", _NUMBERS, nullable=False),
    sa.Column("kept_until", sa.BigInteger, nullable=False, index=True),
)

SPENT = sa.Table(
    "spent",
    METADATA,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("until", sa.BigInteger, nullable=False, index=True),
)

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("pool_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("sub", sa.Text, nullable=False),
    sa.Column("stamp", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("groups", sa.JSON, nullable=False),
    sa.Column("attributes", sa.JSON, nullable=False),
    sa.Column("prefers", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.Column("temporary_until", sa.BigInteger),
    sa.Column("credentials", sa.LargeBinary, nullable=False),
)

ALIASES = sa.Table(
    "aliases",
    METADATA,
    sa.Column("pool_id", sa.Text, primary_key=True),
    sa.Column("alias", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(
        ["pool_id", "name"], ["accounts.pool_id", "accounts.name"], name="aliases_account"
    ),
    sa.Index("ix_aliases_account", "pool_id", "name"),
)

PASSKEYS = sa.Table(
    "passkeys",
    METADATA,
    sa.Column("pool_id", sa.Text, primary_key=True),
    sa.Column("id_hash", sa.LargeBinary, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("credential", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["pool_id", "name"], ["accounts.pool_id", "accounts.name"], name="passkeys_account"
    ),
    sa.Index("ix_passkeys_account", "pool_id", "name"),
)

DEVICES = sa.Table(
    "devices",
    METADATA,
    sa.Column("pool_id", sa.Text, primary_key=True),
    sa.Column("sub", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("remembered", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Column("credential", sa.LargeBinary, nullable=False),
)

GRANTS = sa.Table(
    "grants",
    METADATA,
    sa.Column("family", sa.LargeBinary, primary_key=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("origin_jti", sa.Text, nullable=False, unique=True, index=True),
    sa.Column("pool_id", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("sub", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("level", sa.Text),
    sa.Column("auth_time", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("rotations", sa.Integer, nullable=False),
    sa.Column("retired", sa.JSON, nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
    sa.Index("ix_grants_user", "pool_id", "username"),
)

SIGNING_KEYS = sa.Table(
    "signing_keys",
    METADATA,
    sa.Column("pool_id", sa.Text, primary_key=True),
    sa.Column("use", sa.Text, primary_key=True),
    sa.Column("kid", sa.Text, nullable=False),
    sa.Column("pem", sa.LargeBinary, nullable=False),
)
