"""Passkeys: one row each, found by the hash of its credential id within a pool."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "passkeys",
        sa.Column("pool_id", sa.Text, primary_key=True),
        sa.Column("id_hash", sa.LargeBinary, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id", "name"], ["accounts.pool_id", "accounts.name"], name="passkeys_account"
        ),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["pool_id", "name"])


def downgrade() -> None:
    """Drop the table with all passkeys."""
    op.drop_table("passkeys")
