"""An address that an answer writes is whoever answers: what is sent there proves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flowengine.accounts.user import UserStatus
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.operations.update_user_attributes import (
    UpdateUserAttributesRequest,
    update_user_attributes,
)
from flowengine.source import SourceText
from tests import planted
from tests.operations.accounts import told
from tests.operations.world import FLOWS, PASSWORD, POOL, WEB, World, make_riddle, new_world, run

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
STEP_UP: Final = """\
flow: step-up
version: 1
auth_flows: {USER_AUTH: {continues: true}}
evidence: {link: possession}
require: [proved.link]
start: link
nodes:
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


def compiled(text: str) -> FlowProgram:
    program, found = load_source(SourceText("a.flow.yaml", text))
    assert program is not None, found
    return program


def signed_in(attributes: dict[str, str], **written: str) -> Any:
    """Choose a password, then answer with the code that the mailbox was sent."""
    program = compiled(TWO)
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


def stepping(told: str = "user.attributes.email") -> World:
    clients = [replace(WEB, auth_flows={**FLOWS, "USER_AUTH": "step-up"})]
    functions = {"mail_code": mail_code, "make_riddle": make_riddle}
    program = compiled(STEP_UP.replace("user.attributes.email", told))
    there = new_world(POOL, program, clients=clients, functions=functions)
    there.add_user(attributes={"email": "ada@example.com", "chat": "ada"})
    return there


def write(there: World, token: str, **attributes: str) -> None:
    run(update_user_attributes(there.parts, UpdateUserAttributesRequest(token, attributes)))


def stepped_up(there: World, token: str) -> Any:
    asked: Any = there.initiate("USER_AUTH", WEB, ACCESS_TOKEN=token)
    return there.respond(asked, USERNAME="ada", ANSWER=planted.CODE)


def test_an_address_that_a_token_wrote_steps_that_token_up_no_further() -> None:
    there = stepping()
    stolen, own = there.access_token(), there.access_token()
    write(there, stolen, email="eve@example.com")
    write(there, own, name="Ada")
    assert told(stepped_up, there, stolen) == REFUSED
    assert set(stepped_up(there, own).proved) == {"link"}


def test_what_a_token_wrote_as_it_was_is_not_written_by_it() -> None:
    there = stepping()
    token = there.access_token()
    write(there, token, email="ada@example.com", name="Ada")
    assert set(stepped_up(there, token).proved) == {"link"}


def test_a_function_that_is_given_all_attributes_is_given_the_one_that_was_written() -> None:
    there = stepping("\"user.attributes[user.has.any ? 'name' : 'email']\"")
    stolen, own = there.access_token(), there.access_token()
    write(there, stolen, email="eve@example.com")
    write(there, own, name="Ada")
    assert told(stepped_up, there, stolen) == REFUSED
