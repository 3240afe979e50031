"""What a deployment still knows after it was closed and opened again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from flowengine.assembly.adapters import (
    place_of_counters,
    place_of_sign_ins,
    place_of_users,
)
from flowengine.assembly.assembling import assemble
from flowengine.deployment.definition import Deployment
from flowengine.engine.engine import run
from flowengine.engine.replies import SuccessReply
from flowengine.errors import (
    ExpiredCodeError,
    NotAuthorizedError,
    UnknownSessionError,
    UserNotFoundError,
)
from flowengine.operations.admin_get_user import admin_get_user
from flowengine.testing.fakes import FixedClock
from tests import planted
from tests.assembly.deployed import (
    MEMORY,
    NOW,
    POOL,
    POSTGRESQL,
    SQLITE,
    Resolve,
    opened,
    set_up,
    sign_in,
    sign_up,
    with_code,
    with_password,
)

LATER = NOW + timedelta(minutes=5)
THRESHOLD = 5


@pytest.mark.parametrize(
    ("directory", "sessions"),
    [
        (SQLITE, MEMORY),
        (SQLITE, SQLITE),
        (SQLITE, "sqlite:///sign-ins.db"),
        (POSTGRESQL, MEMORY),
    ],
)
def test_a_code_that_was_spent_stays_spent(
    tmp_path: Path, resolve: Resolve, directory: str, sessions: str
) -> None:
    deployment = set_up(tmp_path, resolve(directory), resolve(sessions))
    with opened(deployment) as engine:
        sign_up(engine)
        sign_in(engine)
    with opened(deployment) as engine:
        reply = engine.initiate(with_password())
        with pytest.raises(ExpiredCodeError):
            engine.respond(with_code(reply))


def test_a_user_who_was_locked_out_stays_locked_out(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE, MEMORY)
    with opened(deployment) as engine:
        sign_up(engine)
        for _ in range(THRESHOLD):
            with pytest.raises(NotAuthorizedError):
                engine.initiate(with_password(planted.OTHER_PASSWORD))
    with (
        opened(deployment) as engine,
        pytest.raises(NotAuthorizedError, match="Password attempts exceeded"),
    ):
        engine.initiate(with_password())


async def _spend(deployment: Deployment) -> bool:
    assembled = assemble(deployment, clock=FixedClock(NOW))
    try:
        return await assembled.engine.parts.counters.spend_once("one", LATER, NOW)
    finally:
        await assembled.close()


@pytest.mark.parametrize(
    ("directory", "sessions"),
    [
        (SQLITE, MEMORY),
        (SQLITE, POSTGRESQL),
        (POSTGRESQL, MEMORY),
        (POSTGRESQL, SQLITE),
        (MEMORY, SQLITE),
        (MEMORY, POSTGRESQL),
    ],
)
def test_counters_last_where_users_or_sign_ins_do_on_an_event_loop_too(
    tmp_path: Path, resolve: Resolve, directory: str, sessions: str
) -> None:
    deployment = set_up(tmp_path, resolve(directory), resolve(sessions))
    assert asyncio.run(_spend(deployment))
    assert not asyncio.run(_spend(deployment))


def test_counters_are_in_memory_where_users_and_sign_ins_are(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, MEMORY, MEMORY)
    assert asyncio.run(_spend(deployment))
    assert asyncio.run(_spend(deployment))


@pytest.mark.parametrize(
    ("users", "sign_ins", "beside"),
    [
        (MEMORY, MEMORY, MEMORY),
        (SQLITE, MEMORY, SQLITE),
        ("postgresql://users", MEMORY, "postgresql://users"),
        (MEMORY, SQLITE, SQLITE),
        (SQLITE, "sqlite:///sign-ins.db", "sqlite:///sign-ins.db"),
        ("postgresql://users", SQLITE, SQLITE),
        (SQLITE, "postgresql://sign-ins", "postgresql://sign-ins"),
        (MEMORY, "redis://sign-ins", "redis://sign-ins"),
        ("postgresql://users", "redis://sign-ins", "redis://sign-ins"),
        (SQLITE, "redis+cluster://sign-ins", "redis+cluster://sign-ins"),
    ],
)
def test_counters_are_beside_the_sign_ins_unless_these_are_in_memory(
    users: str, sign_ins: str, beside: str
) -> None:
    folder = Path("deployed")
    places = place_of_sign_ins(sign_ins, folder), place_of_users(users, folder)
    assert place_of_counters(*places) == place_of_sign_ins(beside, folder)


@pytest.mark.parametrize(
    ("directory", "sessions"),
    [(SQLITE, "sqlite:///sign-ins.db"), (POSTGRESQL, POSTGRESQL)],
)
def test_a_sign_in_goes_on_where_it_stood(
    tmp_path: Path, resolve: Resolve, directory: str, sessions: str
) -> None:
    deployment = set_up(tmp_path, resolve(directory), resolve(sessions))
    with opened(deployment) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())
    with opened(deployment) as engine:
        assert isinstance(engine.respond(with_code(reply)), SuccessReply)


def test_a_sign_in_goes_on_in_a_process_of_the_other_kind(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE, SQLITE)
    with opened(deployment) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())

    async def finish() -> bool:
        assembled = assemble(deployment, clock=FixedClock(NOW))
        try:
            return isinstance(await assembled.engine.respond(with_code(reply)), SuccessReply)
        finally:
            await assembled.close()

    assert asyncio.run(finish())


def test_a_sign_in_in_memory_ends_and_its_user_signs_in_afresh(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE, MEMORY)
    with opened(deployment) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())
    with opened(deployment) as engine:
        with pytest.raises(UnknownSessionError):
            engine.respond(with_code(reply))
        sign_in(engine)


def test_users_in_memory_are_gone_although_their_sign_ins_are_kept(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, MEMORY, SQLITE)
    with opened(deployment) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())
    with opened(deployment) as engine:
        with pytest.raises(NotAuthorizedError):
            engine.respond(with_code(reply))
        with pytest.raises(UserNotFoundError):
            run(admin_get_user(engine.parts, POOL, "ada"))


@pytest.mark.parametrize(
    ("directory", "same"), [(SQLITE, True), (POSTGRESQL, True), (MEMORY, False)]
)
def test_tokens_of_before_are_good_where_users_are_kept(
    tmp_path: Path, resolve: Resolve, directory: str, *, same: bool
) -> None:
    deployment = set_up(tmp_path, resolve(directory))
    with opened(deployment) as engine:
        before = engine.parts.signing[POOL], engine.parts.decoy_secret
    with opened(deployment) as engine:
        after = engine.parts.signing[POOL], engine.parts.decoy_secret
    assert (before[0].id.jwk() == after[0].id.jwk()) is same
    assert (before[0].access.jwk() == after[0].access.jwk()) is same
    assert (before[1] == after[1]) is same
