from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.every import Every, serving_every_challenge
from tests.clients.served import Served, serving
from tests.clients.speaking import CHALLENGES, spoken_by


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of the matrix."""
    config.addinivalue_line("markers", "speaks(what, clients): a cell of the matrix of clients")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve for all tests of this folder; each makes users of its own."""
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="session")
def all_clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Every]:
    """Serve every challenge, with a process of JavaScript libraries, for all tests."""
    with serving_every_challenge(tmp_path_factory.mktemp("every")) as every:
        yield every


@pytest.fixture
def every(all_clients: Every, request: pytest.FixtureRequest) -> Iterator[Every]:
    """Serve every challenge; in the end, what the test's marks say was answered was answered.

    Of a menu no record tells that it was answered: only what was chosen.
    """
    before = all_clients.served.rows()
    yield all_clients
    claimed = {what for what, _ in spoken_by(request.node.iter_markers())}
    claimed &= set(CHALLENGES) - {"SELECT_MFA_TYPE", "SELECT_CHALLENGE"}
    assert claimed <= all_clients.answered(before)
