"""An address that an answer writes is whoever answers: what is sent there proves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flowengine.accounts.user import UserStatus
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.flow.loading import load_source
from flowengine.source import SourceText
from tests import planted
from tests.operations.accounts import told
from tests.operations.world import FLOWS, PASSWORD, POOL, WEB, make_riddle, new_world

TWO: Final = """\
flow: two
version: 1
auth_flows: [USER_PASSWORD_AUTH]
evidence: {link: mailbox}
require: [proved.password, proved.link]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: new-password}
  new-password:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD, 'userAttributes.*?']
    next: link
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: mail_code, with: {to: user.attributes.email}}
    verify: responses.ANSWER == private.code
    evidence: link
    next: done
  done: {end: success}
"""
REFUSED: Final = ("NotAuthorizedException", "Incorrect username or password.")


def mail_code(to: str) -> ChallengeParameters:
    """Send a code."""
    return ChallengeParameters(public={"to": to}, private={"code": planted.CODE})


def signed_in(attributes: dict[str, str], **written: str) -> Any:
    """Choose a password, then answer with the code that the mailbox was sent."""
    program, found = load_source(SourceText("two.flow.yaml", TWO))
    assert program is not None, found
    clients = [replace(WEB, auth_flows={**FLOWS, "USER_PASSWORD_AUTH": "two"})]
    functions = {"mail_code": mail_code, "make_riddle": make_riddle}
    there = new_world(POOL, program, clients=clients, functions=functions)
    there.add_user(status=UserStatus.FORCE_CHANGE_PASSWORD, attributes=attributes)
    asked: Any = there.initiate("USER_PASSWORD_AUTH", WEB, USERNAME="ada", PASSWORD=PASSWORD)
    chosen: Any = {"NEW_PASSWORD": planted.OTHER_PASSWORD, **written}
    asked = there.respond(asked, USERNAME="ada", **chosen)
    assert asked.challenge_parameters["to"] == "ada@example.com"
    return there.respond(asked, USERNAME="ada", ANSWER=planted.CODE)


def test_a_mailbox_that_was_written_in_the_sign_in_is_no_evidence_of_a_mailbox() -> None:
    written = {"userAttributes.email": "ada@example.com"}
    assert told(signed_in, {}, **written) == REFUSED


def test_a_mailbox_that_was_there_is() -> None:
    reply = signed_in({"email": "ada@example.com"}, **{"userAttributes.name": "Ada"})
    assert set(reply.proved) == {"password", "link"}
