"""Grants: one row for each sign-in, with its record, and tokens that can be replaced and revoked.

Nothing before this revision took a refresh token, so no grant that is there was ever of use, and
they lack what a refresh has to know: users sign in anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew."""
    op.drop_table("grants")
    op.create_table(
        "grants",
        sa.Column("family", sa.LargeBinary, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("origin_jti", sa.Text, nullable=False),
        sa.Column("pool_id", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("sub", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("level", sa.Text),
        sa.Column("auth_time", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("rotations", sa.Integer, nullable=False),
        sa.Column("retired", sa.JSON, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )
    op.create_index("ix_grants_origin_jti", "grants", ["origin_jti"], unique=True)
    _create_other_indexes()


def downgrade() -> None:
    """Make the table of the first revision again, empty."""
    op.drop_table("grants")
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
    _create_other_indexes()


def _create_other_indexes() -> None:
    op.create_index("ix_grants_expires_at", "grants", ["expires_at"])
    op.create_index("ix_grants_user", "grants", ["pool_id", "username"])
