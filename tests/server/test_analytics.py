"""AnalyticsMetadata is counted with whatever operation it comes, and what is in it goes nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.server.catalog import OPERATIONS
from flowengine.server.shapes import Structure
from tests.engine.world import Notes
from tests.operations.world import WEB, new_world
from tests.server.wire import admin, app_of, post

SENT = {"AnalyticsEndpointId": "endpoint-1"}
BY_PASSWORD = {"USERNAME": "nobody", "PASSWORD": "wrong"}
MEMBERS: dict[str, Any] = {
    "Username": "nobody",
    "Password": "Correct-Horse-9",
    "ConfirmationCode": "0",
    "AuthFlow": "USER_PASSWORD_AUTH",
    "AuthParameters": BY_PASSWORD,
    "ChallengeName": "SMS_MFA",
    "ChallengeResponses": {"USERNAME": "nobody"},
}
"""What any of these operations needs; whatever it answers, it was counted."""
OF_ADMINISTRATORS = {"AdminInitiateAuth": "ADMIN_USER_PASSWORD_AUTH"}
TAKING = sorted(
    name for name, each in OPERATIONS.items() if "AnalyticsMetadata" in each.input.members
)


def noted(operation: str, **more: Any) -> list[dict[str, str]]:
    notes = Notes()
    world = new_world(observer=notes)
    world.add_user()
    known = OPERATIONS[operation].input
    assert isinstance(known, Structure)
    asked = {"ClientId": WEB.id, "UserPoolId": world.parts.pool_of(WEB).id, **MEMBERS, **more}
    if operation in OF_ADMINISTRATORS:
        asked["AuthFlow"] = OF_ADMINISTRATORS[operation]
    members = {name: asked[name] for name in known.members.keys() & asked.keys()}
    if OPERATIONS[operation].admin:
        admin(world, operation, members)
    else:
        post(app_of(world), operation, members)
    return [fields for event, fields in notes.events if event == "analytics"]


def test_it_may_come_with_each_operation_that_a_client_calls_for_somebody() -> None:
    assert len(TAKING) == 9


@pytest.mark.parametrize("operation", TAKING)
def test_what_comes_with_it_is_counted_once_and_by_client(operation: str) -> None:
    assert noted(operation, AnalyticsMetadata=SENT) == [{"client": WEB.name}]
    assert noted(operation) == []
    assert noted(operation, AnalyticsMetadata=SENT, ClientId="nosuchclient") == []
