from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.clients.chromium import Browser
from tests.clients.every import Every, serving_every_challenge
from tests.clients.processes import browser_client
from tests.clients.served import Served, serving
from tests.clients.speaking import CHALLENGES, CHROMIUM, spoken_by


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks of the matrix."""
    config.addinivalue_line("markers", "speaks(what, clients): a cell of the matrix of clients")
    config.addinivalue_line("markers", "in_chromium: aws-amplify runs in a browser, not in Node.js")


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


@pytest.fixture(scope="session")
def chromium(all_clients: Every, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Run a browser for all tests; where there is none they are skipped, but never in CI."""
    served = all_clients.served
    try:
        process = browser_client(
            served.url, tmp_path_factory.mktemp("chromium"), served.client.seen
        )
    except LookupError as absent:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(absent))
    all_clients.pages.build()
    yield Browser(process, served.url)
    process.stop()


@pytest.fixture
def where(request: pytest.FixtureRequest) -> str:
    """Say where aws-amplify runs."""
    return getattr(request, "param", "Node.js")


@pytest.fixture
def every(all_clients: Every, where: str, request: pytest.FixtureRequest) -> Iterator[Every]:
    """Serve every challenge; in the end, what the test's marks say was answered was answered.

    Of a menu no record tells that it was answered: only what was chosen.
    """
    browser = None
    if where == CHROMIUM:
        browser = request.getfixturevalue("chromium")
        browser.plug_in()
    before = all_clients.served.rows()
    yield replace(all_clients, browser=browser)
    claimed = {what for what, _ in spoken_by(request.node.iter_markers())}
    claimed &= set(CHALLENGES) - {"SELECT_MFA_TYPE", "SELECT_CHALLENGE"}
    assert claimed <= all_clients.answered(before)
