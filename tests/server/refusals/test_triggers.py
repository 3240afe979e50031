"""What is told of a pool's triggers that refuse or fail (COGNITO.md, A's G6 and C.7)."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.engine.triggers.registering import PoolTriggers
from tests.server.refusals.checking import Case, check
from tests.server.refusals.stage import HANDLERS, Act, Stage


def raising(_event: Any, _context: Any) -> Any:
    raise RuntimeError("Bot detected")


def refusing(_event: Any, _context: Any) -> Any:
    raise PermissionError("Not today")


def sleeping(event: Any, _context: Any) -> Any:
    time.sleep(0.3)
    return event


def impatient(stage: Stage) -> Act:
    """Give the triggers of this stage a fiftieth of their five seconds."""
    functions: Any = stage.world.parts.functions
    call = functions.call

    async def called(name: str, arguments: Any, limit: Any) -> object:
        assert limit.total_seconds() == 5
        return await call(name, arguments, limit / 50)

    functions.call = called
    return custom(stage)


def custom(stage: Stage) -> Act:
    stage.add()
    return lambda: stage.initiate("CUSTOM_AUTH")


def by_password(stage: Stage) -> Act:
    stage.add()
    return stage.password


def with_handlers(**handlers: Any) -> dict[str, Any]:
    return {"triggers": replace(HANDLERS, **handlers)}


CASES: Final = {
    "a trigger raised": Case(custom, stage=with_handlers(create_auth_challenge=raising)),
    "a trigger gave something else": Case(
        custom, stage=with_handlers(define_auth_challenge=lambda _event, _context: {})
    ),
    "a trigger took too long": Case(impatient, stage=with_handlers(define_auth_challenge=sleeping)),
    "there are no triggers": Case(custom),
    "a trigger refused the sign-in": Case(
        by_password, stage={"triggers": PoolTriggers(pre_authentication=refusing)}
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_trigger_that_fails_refuses(name: str, template: Path, tmp_path: Path) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
