"""What ``serve --dev`` turns away before it looks at anything else."""

from __future__ import annotations

import pytest

from flowengine.server.app import App
from tests.server.developed import developed_app
from tests.server.wire import PREFIX, send

PREFLIGHT = {"access-control-request-method": "POST"}
FOREIGN_HOSTS = (
    "rebound.example:9229",
    "127.0.0.1",
    "127.0.0.1:9230",
    "localhost:09229",
    "localhost.:9229",
    "127.0.0.1.rebound.example:9229",
    "user@127.0.0.1:9229",
    "0.0.0.0:9229",
    "[::2]:9229",
    "",
)
FOREIGN_ORIGINS = (
    "https://page.example",
    "null",
    "",
    "http://localhost.page.example",
    "http://localhost:3000.page.example",
    "http://127.0.0.1@page.example",
    "http://127.0.0.1:3000/",
    "http://192.168.0.2:3000",
    "file://",
    "chrome-extension://abcdefgh",
    "http://localhost http://page.example",
)


@pytest.fixture(scope="module")
def app() -> App:
    return developed_app()


def asked(app: App, method: str, headers: list[tuple[str, str]], path: str = "/") -> int:
    response = send(app, method, path, headers=headers)
    if response.status_code == 403:
        assert not [name for name in response.headers if name.startswith("access-control-")]
        assert response.json()["__type"] == "AccessDeniedException"
    return response.status_code


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_request_for_another_host_is_turned_away(app: App, host: str) -> None:
    call = [("host", host), ("x-amz-target", PREFIX + "InitiateAuth")]
    assert asked(app, "POST", call) == 403
    assert asked(app, "OPTIONS", [("host", host), *PREFLIGHT.items()]) == 403
    assert asked(app, "GET", [("host", host)], "/healthz") == 403


def test_a_request_for_two_hosts_is_turned_away(app: App) -> None:
    assert asked(app, "OPTIONS", [("host", "localhost:9229"), ("host", "localhost:9229")]) == 403


@pytest.mark.parametrize(
    "host", ["localhost:9229", "127.0.0.1:9229", "[::1]:9229", "LOCALHOST:9229"]
)
def test_this_machine_is_known_by_its_names(app: App, host: str) -> None:
    assert asked(app, "OPTIONS", [("host", host), *PREFLIGHT.items()]) == 204


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_page_of_another_machine_is_turned_away_and_its_preflight(app: App, origin: str) -> None:
    here = [("host", "127.0.0.1:9229"), ("origin", origin)]
    assert asked(app, "POST", [*here, ("x-amz-target", PREFIX + "InitiateAuth")]) == 403
    assert asked(app, "OPTIONS", [*here, *PREFLIGHT.items()]) == 403


def test_two_origins_are_turned_away(app: App) -> None:
    origins = [("origin", "http://localhost:3000"), ("origin", "http://localhost:3000")]
    assert asked(app, "OPTIONS", [("host", "localhost:9229"), *origins]) == 403


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "https://localhost", "http://127.0.0.1:5173", "http://[::1]"],
)
def test_a_page_of_this_machine_may_ask(app: App, origin: str) -> None:
    here = [("host", "127.0.0.1:9229"), ("origin", origin), *PREFLIGHT.items()]
    assert asked(app, "OPTIONS", here) == 204
