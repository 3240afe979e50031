from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.served import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve for all tests of this folder; each makes users of its own."""
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server
