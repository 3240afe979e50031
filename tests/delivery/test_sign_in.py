"""A sign-in whose code leaves by the delivery layer and comes back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowengine.delivery.function import FunctionSender
from flowengine.delivery.outbox import OutboxSender
from flowengine.delivery.queue import QueuedDelivery
from flowengine.delivery.sending import Sender
from flowengine.delivery.texts import Template, Texts
from flowengine.engine.engine import AsyncEngine, Engine
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from tests import planted
from tests.delivery.letters import Noted
from tests.engine.world import WEB, World, program

FLOW = """
flow: by-mail
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.email]
start: mail
nodes:
  mail:
    challenge: EMAIL_OTP
    responses: [EMAIL_OTP_CODE]
    next: done
  done: {end: success}
"""
ADDRESS = f"alice.{planted.MARK}@example.com"
TEXTS = Texts({("sign-in", "email"): {"": Template("{name}", "{name}: {code}")}})


class Mailing:
    """A world with a user, and the queue that its engines send by."""

    def __init__(self, sender: Sender) -> None:
        self.world = World(FLOW)
        attributes = {"email": ADDRESS, "email_verified": "true", "name": "Alice {code}"}
        self.world.add_user(attributes=attributes)
        self.noted = Noted()
        self.delivery = QueuedDelivery(
            {"email": sender},
            TEXTS,
            now=self.world.clock.now,
            draw=self.world.entropy.draw,
            note=self.noted.note,
        )

    @property
    def parts(self) -> dict[str, Any]:
        world = self.world
        return {
            "flows": [program(FLOW)],
            "sessions": world.sessions,
            "counters": world.counters,
            "directory": world.directory,
            "delivery": self.delivery,
            "pools": [world.pool],
            "clients": [world.client],
            "decoy_secret": planted.KEY,
            "clock": world.clock,
            "entropy": world.entropy,
        }


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox.jsonl"


@pytest.fixture
def mailing(outbox: Path) -> Iterator[Mailing]:
    made = Mailing(OutboxSender(outbox))
    yield made
    made.delivery.close()


def begin(username: str = "alice") -> InitiateAuthRequest:
    return InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": username})


def answer(reply: Reply, code: str) -> RespondToAuthChallengeRequest:
    assert isinstance(reply, ChallengeReply)
    answers = {"USERNAME": "alice", "EMAIL_OTP_CODE": code}
    return RespondToAuthChallengeRequest(WEB, "EMAIL_OTP", reply.session, answers)


def test_the_code_in_the_outbox_signs_in(mailing: Mailing, outbox: Path) -> None:
    engine = Engine(**mailing.parts)
    reply = engine.initiate(begin())
    mailing.noted.wait_for("delivery-sent")
    line = json.loads(outbox.read_text())
    assert (line["to"], line["username"], line["purpose"]) == (ADDRESS, "alice", "sign-in")
    assert line["time"] == "2026-03-01T12:00:00.000Z"
    assert isinstance(engine.respond(answer(reply, line["code"])), SuccessReply)


def test_it_does_on_an_event_loop_too(mailing: Mailing, outbox: Path) -> None:
    async def sign_in() -> Reply:
        engine = AsyncEngine(**mailing.parts)
        reply = await engine.initiate(begin())
        await asyncio.to_thread(mailing.noted.wait_for, "delivery-sent")
        code = json.loads(await asyncio.to_thread(outbox.read_text))["code"]
        return await engine.respond(answer(reply, code))

    assert isinstance(asyncio.run(sign_in()), SuccessReply)


def test_nothing_is_sent_to_a_decoy(mailing: Mailing, outbox: Path) -> None:
    reply = Engine(**mailing.parts).initiate(begin("nobody"))
    assert isinstance(reply, ChallengeReply)
    mailing.delivery.close()
    assert not outbox.exists()


def test_the_users_name_is_in_the_text_as_it_is() -> None:
    sent: list[dict[str, str]] = []
    mailing = Mailing(FunctionSender("backend:send", lambda **given: sent.append(given)))
    Engine(**mailing.parts).initiate(begin())
    mailing.delivery.close()
    (given,) = sent
    assert given["subject"] == "Alice {code}"
    assert given["text"] == f"Alice {{code}}: {given['code']}"


def test_a_reply_does_not_wait_for_a_sender_that_does() -> None:
    mailing = Mailing(FunctionSender("backend:send", lambda **_: time.sleep(1)))
    began = time.monotonic()
    Engine(**mailing.parts).initiate(begin())
    assert time.monotonic() - began < 0.9
    mailing.delivery.close()
    assert len(mailing.noted.wait_for("delivery-sent")) == 1
