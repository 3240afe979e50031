"""Codes of a deployment: where they go, in which words, and when a deployment is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.assembly.assembling import assemble, assemble_blocking
from flowengine.deployment.definition import Deployment
from flowengine.engine.replies import ChallengeReply
from flowengine.errors import InvalidDocumentError, UnavailableError
from flowengine.testing.fakes import FixedClock
from tests import planted
from tests.assembly.deployed import NOW, SQLITE, add_user, opened, set_up, sign_up, with_password

BY_MAIL: Final = """flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password, proved.email]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: mail}
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""
OUTBOX: Final = "delivery: {email: 'outbox:mail.jsonl'}"
ADDRESS: Final = "ada@example.com"
MAILBOX: Final = {
    "email": ADDRESS,
    "email_verified": "true",
    "name": "Ada",
    "locale": "fr-CA",
}
KEEPING: Final = """
sent = []

def send(**letter):
    sent.append(letter)
"""
_NUMBERS: Final = count()


class Noted:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, str]]] = []

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        self.events.append((event, fields))

    @property
    def names(self) -> list[str]:
        return [event for event, _ in self.events if event.startswith("delivery-")]


def _module(folder: Path, text: str) -> str:
    name = f"delivery_of_a_deployment_{next(_NUMBERS)}"
    (folder / f"{name}.py").write_text(text)
    return name


def _letters(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "mail.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


async def _begin(deployment: Deployment, noted: Noted) -> None:
    assembled = assemble(deployment, clock=FixedClock(NOW), observer=noted)
    try:
        await add_user(assembled.engine.parts, attributes=MAILBOX)
        reply = await assembled.engine.initiate(with_password())
        assert isinstance(reply, ChallengeReply)
        assert reply.challenge_name == "EMAIL_OTP"
    finally:
        await assembled.close()


def test_a_code_that_waits_is_sent_before_the_deployment_is_closed(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, more=OUTBOX, flow=BY_MAIL)
    with opened(deployment) as engine:
        sign_up(engine, attributes=MAILBOX)
        engine.initiate(with_password())
        assert not (tmp_path / "mail.jsonl").exists()
    (letter,) = _letters(tmp_path)
    assert (letter["to"], letter["purpose"]) == (ADDRESS, "sign-in")


def test_so_it_is_on_an_event_loop(tmp_path: Path) -> None:
    noted = Noted()
    asyncio.run(_begin(set_up(tmp_path, more=OUTBOX, flow=BY_MAIL), noted))
    assert [letter["to"] for letter in _letters(tmp_path)] == [ADDRESS]
    assert noted.names == ["delivery-sent"]


def test_an_outbox_lies_beside_the_deployment_whatever_folder_one_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "deployed"
    elsewhere.mkdir()
    folder.mkdir()
    monkeypatch.chdir(elsewhere)
    asyncio.run(_begin(set_up(folder, more=OUTBOX, flow=BY_MAIL), Noted()))
    assert len(_letters(folder)) == 1
    assert list(elsewhere.iterdir()) == []


def test_an_event_loop_goes_on_while_what_waits_is_sent(tmp_path: Path) -> None:
    slow = "import time\n\ndef send(**letter):\n    time.sleep(0.5)\n"
    more = f"delivery: {{email: '{_module(tmp_path, slow)}:send'}}"
    deployment = set_up(tmp_path, more=more, flow=BY_MAIL)

    async def steps_while_closing() -> int:
        closing = asyncio.create_task(_begin(deployment, Noted()))
        steps = 0
        while not closing.done():
            await asyncio.sleep(0.01)
            steps += 1
        await closing
        return steps

    assert asyncio.run(steps_while_closing()) > 10


def test_a_function_beside_the_deployment_sends_in_the_words_of_the_folder(
    tmp_path: Path,
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "sign-in.email.txt").write_text("Subject: Code\n\n{code}\n")
    (texts / "sign-in.email.fr.txt").write_text("Subject: Bonjour {name}\n\nCode : {code}\n")
    name = _module(tmp_path, KEEPING)
    more = f"delivery: {{email: '{name}:send'}}\nmessages: texts/"
    asyncio.run(_begin(set_up(tmp_path, more=more, flow=BY_MAIL), Noted()))
    (letter,) = __import__(name).sent
    assert letter["subject"] == "Bonjour Ada"
    assert letter["text"] == f"Code : {letter['code']}\n"
    assert (letter["channel"], letter["to"], letter["username"]) == ("email", ADDRESS, "ada")


def test_a_code_that_cannot_be_sent_is_noted_and_no_reply_tells(tmp_path: Path) -> None:
    failing = f"def send(**letter):\n    raise ValueError({planted.CODE!r})\n"
    more = f"delivery: {{email: '{_module(tmp_path, failing)}:send'}}"
    noted = Noted()
    asyncio.run(_begin(set_up(tmp_path, more=more, flow=BY_MAIL), noted))
    assert set(noted.names) & {"delivery-failed", "delivery-postponed", "delivery-unfinished"}
    assert planted.MARK not in repr(noted.events)


REFUSED = {
    "no module": ("delivery: {email: 'no_such_module_anywhere:send'}", "ModuleNotFoundError"),
    "no function": ("delivery: {email: 'json:send'}", "the module json has no function send"),
    "no callable": ("delivery: {email: 'json:__name__'}", "is not a function"),
    "other arguments": (
        "delivery: {email: 'base64:b64encode'}",
        "does not take the keyword arguments",
    ),
    "asynchronous": ("delivery: {email: 'asyncio:sleep'}", "is asynchronous"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("assembling", [assemble, assemble_blocking])
def test_a_function_that_cannot_send_is_refused_before_anything_is_opened(
    tmp_path: Path, what: str, assembling: Any
) -> None:
    more, message = REFUSED[what]
    with pytest.raises(UnavailableError, match=message):
        assembling(set_up(tmp_path, SQLITE, SQLITE, more))
    assert not (tmp_path / "users.db").exists()


def test_so_is_a_text_that_went_away_since_it_was_checked(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    deployment = set_up(tmp_path, SQLITE, SQLITE, f"{OUTBOX}\nmessages: texts/")
    texts.rmdir()
    with pytest.raises(InvalidDocumentError):
        assemble_blocking(deployment)
    assert not (tmp_path / "users.db").exists()


def test_a_deployment_without_a_delivery_has_none(tmp_path: Path) -> None:
    with opened(set_up(tmp_path)) as engine:
        assert engine.parts.delivery is None


def test_an_open_deployment_shows_nothing_of_where_codes_go(tmp_path: Path) -> None:
    url = f"smtps://me:{planted.PASSWORD}@mail.example?from=codes@example.com"
    deployment = set_up(tmp_path, more=f"delivery: {{email: '{url}'}}")
    assembled = assemble_blocking(deployment)
    try:
        shown = repr(deployment) + repr(assembled) + repr(assembled.engine.parts)
        assert planted.MARK not in shown
    finally:
        assembled.close()
