"""The file that every case copies: making its tables takes longer than the case."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.stores.schema import migrate


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with all tables and no rows."""
    path = tmp_path_factory.mktemp("refusals") / "template.db"
    migrate(f"sqlite:///{path}")
    return path
