from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.errors import UnavailableError
from flowengine.stores.engines import sql_engine
from flowengine.stores.urls import MemoryPlace, Place, PostgresqlPlace, SqlitePlace, parse


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("memory:", MemoryPlace()),
        ("sqlite:///flowengine.db", SqlitePlace(Path("flowengine.db"))),
        ("sqlite:///data/flow%20engine.db", SqlitePlace(Path("data/flow%20engine.db"))),
        ("sqlite:////var/lib/flowengine.db", SqlitePlace(Path("/var/lib/flowengine.db"))),
        ("postgresql://u:p@h:5433/d?sslmode=require",) * 2,
        ("postgresql:///d?host=/run/postgresql",) * 2,
    ],
)
def test_a_place_is_read(url: str, place: Place | str) -> None:
    expected = PostgresqlPlace(place) if isinstance(place, str) else place
    assert parse(url) == expected


def test_the_old_name_of_the_scheme_means_the_same() -> None:
    assert parse("postgres://u@h/d") == PostgresqlPlace("postgresql://u@h/d")


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("", "memory:"),
        ("memory", "memory:"),
        ("memory://", "memory:"),
        ("sqlite:", "sqlite:///relative.db"),
        ("sqlite://flowengine.db", "sqlite:///relative.db"),
        ("sqlite:///", "sqlite:///relative.db"),
        ("sqlite:///:memory:", "memory:"),
        ("sqlite:///flow.db?mode=ro", "sqlite:///relative.db"),
        ("postgresql:hunter2", "postgresql://user:password@host/database"),
        ("redis://:hunter2@h", "keep sign-ins alone"),
        ("mysql://u:hunter2@h/d", "postgresql://"),
        ("hunter2:", "sqlite:"),
    ],
)
def test_another_form_is_refused_with_a_hint_and_without_repeating_it(url: str, hint: str) -> None:
    with pytest.raises(UnavailableError) as refused:
        parse(url)
    assert hint in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_repr_of_a_place_hides_its_password() -> None:
    assert "hunter2" not in repr(parse("postgresql://u:hunter2@h/d"))


def test_there_is_no_sql_in_memory() -> None:
    with pytest.raises(UnavailableError):
        sql_engine(MemoryPlace())


def test_a_malformed_postgresql_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(UnavailableError) as refused:
        sql_engine(PostgresqlPlace("postgresql://u:hunter2@h:port/d"))
    assert "hunter2" not in str(refused.value)
