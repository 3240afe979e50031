"""The tables: made once, by whoever comes first, and as the code knows them."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores import migrations
from flowengine.stores.engines import sql_engine
from flowengine.stores.schema import HEAD, migrate
from flowengine.stores.tables import METADATA
from flowengine.stores.urls import parse
from tests.postgresql_server import PostgresqlServer

_ROOT = Path(__file__).parent.parent.parent
_MIGRATE = "import sys; from flowengine.stores.schema import migrate; migrate(sys.argv[1])"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'flow%engine.db'}"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.new_database()


def _tables(url: str) -> set[str]:
    engine = sql_engine(parse(url))
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_knows(empty_url: str) -> None:
    migrate(empty_url)
    engine = sql_engine(parse(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    tables = _tables(empty_url)
    migrate(empty_url)
    assert _tables(empty_url) == tables == {*METADATA.tables, "alembic_version"}


def test_the_head_that_is_looked_for_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_processes_that_start_at_once_all_find_the_tables(empty_url: str) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATE, empty_url], stderr=subprocess.PIPE, cwd=_ROOT
        )
        for _ in range(4)
    ]
    failures = [start.communicate()[1].decode() for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, failures
    assert set(METADATA.tables) < _tables(empty_url)


def test_tables_of_a_newer_version_are_refused(empty_url: str) -> None:
    migrate(empty_url)
    engine = sql_engine(parse(empty_url))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UnavailableError, match="another version"):
        migrate(empty_url)


def test_there_is_nothing_to_make_in_memory() -> None:
    migrate("memory:")


def test_a_new_file_is_its_owners_alone_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "flowengine.db"
    migrate(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hunter2 " * 1000)
    with pytest.raises(StoreError) as refused:
        migrate(f"sqlite:///{path}")
    assert "hunter2" not in str(refused.value)
    assert path.read_text() == "hunter2 " * 1000


def test_a_file_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        migrate(f"sqlite:///{tmp_path / 'nowhere' / 'flowengine.db'}")


def test_a_server_that_is_not_there_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        migrate(f"postgresql://u:hunter2@/d?host={tmp_path}")
    assert "hunter2" not in str(refused.value)
