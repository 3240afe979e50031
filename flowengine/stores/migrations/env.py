"""Run by Alembic: the migrations over the connection, and in the transaction, of the caller."""

from __future__ import annotations

from alembic import context

from flowengine.stores.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
