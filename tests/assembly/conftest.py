"""Places for stores, and what opening one leaves behind in the process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assembly.deployed import POSTGRESQL, Resolve
from tests.postgresql_server import PostgresqlServer


@pytest.fixture
def resolve(request: pytest.FixtureRequest) -> Resolve:
    """Give the URL that a test means: ``POSTGRESQL`` is one new database for the test."""
    made: list[str] = []

    def url_of(text: str) -> str:
        if text != POSTGRESQL:
            return text
        if not made:
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            made.append(server.new_database())
        return made[0]

    return url_of


@pytest.fixture(autouse=True)
def _imports_are_undone(tmp_path: Path) -> Iterator[None]:
    """Forget the modules of deployments, and that their folders were searched."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if isinstance(origin, str) and Path(origin).is_relative_to(tmp_path):
            del sys.modules[name]
