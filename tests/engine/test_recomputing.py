"""What issuance recomputes from the ledger, whatever path led to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.accounts.pool import Client
from flowengine.engine.issuance import check_require
from flowengine.errors import NotAuthorizedError
from flowengine.flow.compiler import compile_condition
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from tests.engine.world import NOW, POOL, SIGN_IN, World, program
from tests.runtime.test_runtime import proved, record

LEVEL = compile_condition(program(SIGN_IN), "proved.totp")


def check(ledger: Ledger, *, client_wants: str = "true", level: bool = False) -> None:
    world = World()
    flow = replace(program(SIGN_IN), require=(compile_condition(program(SIGN_IN), REQUIRE),))
    client = Client("id", "web", POOL.id)
    wanted = (compile_condition(flow, client_wants),)
    parts = replace(world.engine.parts, client_require={("web", flow.name): wanted})
    snapshot = Snapshot(POOL, client, RequestFacts(NOW))
    levels = (LEVEL,) if level else ()
    check_require(parts, flow, client, record(ledger=ledger), snapshot, levels)


REQUIRE = "proved.password"


def test_what_holds_is_issued() -> None:
    ledger = proved("password", "totp")
    check(ledger, client_wants="proved.totp", level=True)


def test_the_flows_own_require_is_recomputed() -> None:
    with pytest.raises(NotAuthorizedError):
        check(proved("totp"), client_wants="proved.totp", level=True)


def test_the_clients_require_is_recomputed() -> None:
    with pytest.raises(NotAuthorizedError):
        check(proved("password"), client_wants="proved.totp")


def test_the_level_of_a_success_is_recomputed() -> None:
    check(proved("password"))
    with pytest.raises(NotAuthorizedError):
        check(proved("password"), level=True)


def test_what_was_enrolled_is_not_what_was_proved() -> None:
    ledger = proved("password").enrol(("totp",))
    assert ledger is not None
    with pytest.raises(NotAuthorizedError):
        check(ledger, client_wants="proved.totp")
    check(ledger, client_wants="enrolled.totp")
