from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.clients.chromium import Browser, PageClient
from tests.clients.every import Every, serving_every_challenge
from tests.clients.pages import PLAIN
from tests.clients.processes import browser_client, browser_programs
from tests.clients.served import Served, serving
from tests.clients.speaking import A_PAGE, CHALLENGES, CHROMIUM, spoken_by


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
def chromium_programs() -> tuple[str, str]:
    """Find a browser and its driver; where there is none tests are skipped, but never in CI."""
    try:
        return browser_programs()
    except LookupError as absent:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def chromium(
    chromium_programs: tuple[str, str],
    all_clients: Every,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """Run a browser for all tests."""
    served, folder = all_clients.served, tmp_path_factory.mktemp("chromium")
    all_clients.pages.build()
    process = browser_client(chromium_programs, served.url, folder, served.client.seen)
    yield Browser(process, served.url)
    process.stop()


@pytest.fixture
def where(request: pytest.FixtureRequest) -> str:
    """Say where a client runs, before anything is started that could not be used there."""
    there: str = getattr(request, "param", "")
    if there in (CHROMIUM, A_PAGE):
        request.getfixturevalue("chromium_programs")
    return there


@pytest.fixture
def every(where: str, request: pytest.FixtureRequest) -> Iterator[Every]:
    """Serve every challenge; in the end, what the test's marks say was answered was answered.

    Of a menu no record tells that it was answered: only what was chosen.
    """
    all_clients: Every = request.getfixturevalue("all_clients")
    before = all_clients.served.rows()
    yield _run_at(where, all_clients, request)
    claimed = {what for what, _ in spoken_by(request.node.iter_markers())}
    claimed &= set(CHALLENGES) - {"SELECT_MFA_TYPE", "SELECT_CHALLENGE"}
    assert claimed <= all_clients.answered(before)


def _run_at(where: str, every: Every, request: pytest.FixtureRequest) -> Every:
    """Have aws-amplify run in a browser, or a page call what boto3 calls, where that is said."""
    if where not in (CHROMIUM, A_PAGE):
        return every
    browser: Browser = request.getfixturevalue("chromium")
    browser.plug_in()
    if where == CHROMIUM:
        return replace(every, browser=browser)
    browser.open(every.pages.origin, PLAIN)
    calling = PageClient(browser, every.served.client)
    return replace(every, served=replace(every.served, client=calling))
