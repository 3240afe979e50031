"""A device that is forgotten, or not remembered any more, in a sign-in that it proved itself in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import pytest

from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import NotAuthorizedError
from tests.engine.test_devices import FLOW, KEY, Tracked, device_of, refusal

TERMS: Final = FLOW.replace(
    "TIMESTAMP]\n    next: done",
    "TIMESTAMP]\n    next: terms\n"
    "  terms:\n"
    "    challenge: CUSTOM_CHALLENGE\n"
    "    responses: [ANSWER]\n"
    "    verify: responses.ANSWER == 'yes'\n"
    "    next: done",
)


def at_the_terms() -> tuple[Tracked, ChallengeReply]:
    world = Tracked(TERMS)
    asked = world.prove_device(world.srp_auth(world.prove_password(world.begin())))
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "CUSTOM_CHALLENGE"
    return world, asked


def agree(world: Tracked, asked: ChallengeReply) -> object:
    sent = {"USERNAME": "alice", "ANSWER": "yes"}
    return world.answer("CUSTOM_CHALLENGE", asked.session, sent)


def test_a_device_that_is_still_there_stands_for_a_second_factor() -> None:
    assert isinstance(agree(*at_the_terms()), SuccessReply)


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_device_that_is_forgotten_meanwhile_does_not(forgotten: bool) -> None:  # noqa: FBT001
    world, asked = at_the_terms()
    device = device_of(world.account)
    if forgotten:
        assert asyncio.run(world.devices.remove(device.pool_id, device.sub, KEY))
    else:
        assert asyncio.run(world.devices.save(replace(device, remembered=False)))
    assert isinstance(refusal(agree, world, asked), NotAuthorizedError)
