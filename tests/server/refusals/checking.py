"""How a refusal is held against its row: exception, message, status, headers, and what it wrote."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from flowengine.server.replies import ALLOW_ANY_ORIGIN
from tests.clients import kept
from tests.server.refusals.row import NONE, Row
from tests.server.refusals.rows import ROWS
from tests.server.refusals.stage import Act, Stage
from tests.server.wire import AMZ_JSON

_COMMON: Final = {
    "content-type": AMZ_JSON,
    ALLOW_ANY_ORIGIN[0]: ALLOW_ANY_ORIGIN[1],
    "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What is refused, and what is good afterwards."""

    act: Act
    then: Act | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """How a row comes about.

    Attributes:
        scene: Prepares the stage; what it gives is then refused.
        changes: The rows of the stores that the refused request changes, in the words of
            ``kept.changes``.
        stage: What the stage is made with.
        sent: How many messages the request sends.
    """

    scene: Callable[[Stage], Scene | Act]
    changes: tuple[str, ...] = ()
    stage: Mapping[str, Any] = field(default_factory=dict)
    sent: int = 0


def check(name: str, case: Case, template: Path, path: Path) -> None:
    """Play a case, and hold what came against its row."""
    stage = Stage(template, path, **case.stage)
    try:
        scene = case.scene(stage)
        scene = scene if isinstance(scene, Scene) else Scene(scene)
        before, sent = stage.rows(), len(stage.delivery.messages)
        response = scene.act()
        changes = kept.changes(before, stage.rows())
        check_response(ROWS[name], response)
        assert changes == sorted(case.changes), changes
        assert len(stage.delivery.messages) - sent == case.sent, stage.delivery.messages
        if scene.then is not None:
            after = scene.then()
            assert after.status_code == 200, after.text
    finally:
        stage.close()


def check_response(row: Row, response: httpx.Response) -> None:
    """Hold status, body and every header against a row."""
    headers = dict(response.headers)
    assert uuid.UUID(headers.pop("x-amzn-requestid")).version == 4
    assert headers.pop("content-length") == str(len(response.content))
    if row.exception == NONE:
        assert (response.status_code, headers) == (200, _COMMON), response.text
        return
    told = {"__type": row.exception, "message": row.message}
    assert (response.status_code, response.json()) == (400, told), response.text
    assert headers == {
        **_COMMON,
        "x-amzn-errortype": f"{row.exception}:",
        "x-amzn-errormessage": row.message,
    }
