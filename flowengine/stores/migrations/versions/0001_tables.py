"""The first tables: sign-ins, counters, users, grants and signing keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _sessions()
    _counters()
    _accounts()
    _grants()
    _signing_keys()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    for table in (
        "signing_keys",
        "grants",
        "aliases",
        "accounts",
        "spent",
        "counters",
        "sessions",
    ):
        op.drop_table(table)


def _sessions() -> None:
    counts = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("private", sa.LargeBinary),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("counts", counts, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _counters() -> None:
    numbers = sa.JSON().with_variant(postgresql.ARRAY(sa.BigInteger()), "postgresql")
    op.create_table(
        "counters",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_try", sa.BigInteger, nullable=False),
        sa.Column("locked_until", sa.BigInteger, nullable=False),
        sa.Column("serial", sa.BigInteger, nullable=False),
        sa.Column("pending", numbers, nullable=False),
        sa.Column("kept_until", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_counters_kept_until", "counters", ["kept_until"])
    op.create_table(
        "spent",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_spent_until", "spent", ["until"])


def _accounts() -> None:
    op.create_table(
        "accounts",
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
    op.create_table(
        "aliases",
        sa.Column("pool_id", sa.Text, primary_key=True),
        sa.Column("alias", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id", "name"], ["accounts.pool_id", "accounts.name"], name="aliases_account"
        ),
    )
    op.create_index("ix_aliases_account", "aliases", ["pool_id", "name"])


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("origin_jti", sa.Text, nullable=False),
        sa.Column("pool_id", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("ledger", sa.Text, nullable=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("auth_time", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_grants_origin_jti", "grants", ["origin_jti"])
    op.create_index("ix_grants_expires_at", "grants", ["expires_at"])
    op.create_index("ix_grants_user", "grants", ["pool_id", "username"])


def _signing_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("pool_id", sa.Text, primary_key=True),
        sa.Column("use", sa.Text, primary_key=True),
        sa.Column("kid", sa.Text, nullable=False),
        sa.Column("pem", sa.LargeBinary, nullable=False),
    )
