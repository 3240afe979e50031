"""A mailbox, or a phone, that a flow counts beside the password sets no password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from flowengine.accounts.pool import Client, Mfa, Pool, Recovery
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.operations.admin_create_user import AdminCreateUserRequest, admin_create_user
from flowengine.operations.admin_reset_user_password import admin_reset_user_password
from flowengine.operations.invitations import COUNTED
from flowengine.operations.recipients import NO_ADDRESS, NO_RECOVERY
from flowengine.source import SourceText
from flowengine.testing.fakes import KeptMessages
from tests.operations.accounts import (
    BY_PHONE,
    EXPIRED,
    FRESH,
    MAIL,
    PHONE,
    VERIFIED,
    Mailing,
    confirm,
    forgot,
    signs_in,
    told,
    told_by,
)
from tests.operations.world import OPEN, OTHER_POOL, POOL, WEB, new_world, run

BOTH: Final = {**VERIFIED, **BY_PHONE}
ATTRIBUTES: Final = {"email": VERIFIED, "sms": BY_PHONE}
FLOW: Final = """\
flow: two
version: 1
auth_flows: [USER_PASSWORD_AUTH]
{require}
start: password
nodes:
  password: {{challenge: PASSWORD, responses: [PASSWORD], next: {after}}}
  email: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}}
  sms: {{challenge: SMS_OTP, responses: [SMS_OTP_CODE], next: done}}
  totp: {{challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}}
  done: {{end: success}}
"""
NOT_SET: Final = ("InvalidParameterException", NO_ADDRESS)
BY_ADMINISTRATOR: Final = ("NotAuthorizedException", NO_RECOVERY)
NOT_THERE: Final = ("InvalidParameterException", COUNTED)
BY_TURNED_ON: Final = (
    "[{when: user.has.email, goto: email}, {when: user.has.sms, goto: sms}, {else: done}]"
)


def flow(require: str = "", after: str = "email") -> FlowProgram:
    written = f"require: [{require}]" if require else ""
    text = FLOW.format(require=written, after=after)
    program, found = load_source(SourceText("two.flow.yaml", text))
    assert program is not None, [each.message for each in found]
    return program


def counting(name: str) -> FlowProgram:
    return flow(f"proved.password, proved.{name}", name)


def world_of(program: FlowProgram, pool: Pool = POOL, **client: Any) -> Mailing:
    """Run a flow for the clients of a pool, of which one is told who exists."""
    made = {"auth_flows": {"USER_PASSWORD_AUTH": "two"}, **client}
    clients = tuple(replace(each, **made) for each in (WEB, OPEN))
    sent = KeptMessages()
    return Mailing(new_world(pool, program, delivery=sent, clients=clients), sent)


def reaches_ada(mails: Mailing, client: Client = WEB) -> list[str]:
    before = len(mails.sent.messages)
    forgot(mails.world, client=client)
    return [message.to for message in mails.sent.messages[before:]]


def sign_in(mails: Mailing, key: str) -> Any:
    asked = mails.world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=FRESH)
    assert isinstance(asked, ChallengeReply)
    answer = {"USERNAME": "ada", key: mails.code}
    return mails.world.respond(asked, WEB, **answer)


@pytest.mark.parametrize("name", ["email", "sms"])
def test_who_holds_one_address_alone_sets_no_password(name: str) -> None:
    mails = world_of(counting(name))
    before = mails.world.add_user(attributes=ATTRIBUTES[name])
    assert reaches_ada(mails) == []
    assert told(forgot, mails.world, client=OPEN) == NOT_SET
    reset = admin_reset_user_password(mails.world.parts, POOL.id, "ada")
    assert told_by(reset) == NOT_SET
    assert mails.world.user() == before


@pytest.mark.parametrize(
    ("name", "to", "key"),
    [("email", PHONE, "EMAIL_OTP_CODE"), ("sms", MAIL, "SMS_OTP_CODE")],
)
def test_the_other_address_sets_one_and_the_sign_in_is_of_both(
    name: str, to: str, key: str
) -> None:
    mails = world_of(counting(name))
    mails.world.add_user(attributes=BOTH)
    assert reaches_ada(mails) == [to]
    confirm(mails.world, mails.code)
    reply = sign_in(mails, key)
    assert isinstance(reply, SuccessReply)
    assert sorted(reply.proved) == sorted(["password", name])


def test_where_no_other_address_recovers_everybody_is_sent_to_an_administrator() -> None:
    pool = replace(POOL, account_recovery=(Recovery.EMAIL,))
    mails = world_of(counting("email"), pool)
    mails.world.add_user(attributes=BOTH)
    for username in ("ada", "grace"):
        assert told(forgot, mails.world, username) == BY_ADMINISTRATOR
        assert told(confirm, mails.world, "123456", username=username) == BY_ADMINISTRATOR
    assert mails.sent.messages == []


def test_nobody_is_reached_by_an_address_that_sets_no_password() -> None:
    world = world_of(counting("email")).world
    assert forgot(world, "grace@example.com").medium == "SMS"


def test_a_code_from_before_the_flow_counted_the_mailbox_sets_no_password() -> None:
    mails = world_of(flow("proved.password", "done"))
    mails.world.add_user(attributes=BOTH)
    assert reaches_ada(mails) == [MAIL]
    flows = {**mails.world.parts.flows, "two": counting("email")}
    parts = replace(mails.world.parts, flows=flows)
    changed = replace(mails.world, engine=AsyncEngine.over(parts))
    assert told(confirm, changed, mails.code) == EXPIRED


def test_a_second_factor_of_those_who_turned_it_on_leaves_the_others_their_mailbox() -> None:
    demand = '"!user.has.email || proved.email", "!user.has.sms || proved.sms"'
    mails = world_of(flow(f"proved.password, {demand}", BY_TURNED_ON))
    mails.world.add_user(attributes=BOTH)
    assert reaches_ada(mails) == [MAIL]
    confirm(mails.world, mails.code)
    assert signs_in(mails.world, FRESH)


DEMANDS: Final[dict[str, tuple[FlowProgram, dict[str, Any], dict[str, Any]]]] = {
    "by the client": (flow("proved.password"), {}, {"require": ("proved.email",)}),
    "by the pool": (flow("proved.password"), {"mfa": Mfa.REQUIRED}, {}),
    "by a backend's own beginning": (counting("email"), {}, {"auth_flows": {}}),
}


@pytest.mark.parametrize("case", DEMANDS)
def test_whoever_counts_the_mailbox_it_sets_no_password(case: str) -> None:
    program, of_pool, of_client = DEMANDS[case]
    mails = world_of(program, replace(POOL, **of_pool), **of_client)
    mails.world.add_user(attributes=BOTH)
    assert reaches_ada(mails) == [PHONE]


def test_what_nothing_counts_and_what_another_pool_counts_sets_one() -> None:
    for program, pool_id in (
        (flow("proved.password"), POOL.id),
        (counting("email"), OTHER_POOL.id),
    ):
        mails = world_of(program, pool_id=pool_id)
        mails.world.add_user(attributes=BOTH)
        run(admin_reset_user_password(mails.world.parts, POOL.id, "ada"))
        assert mails.last.to == MAIL


def invite(mails: Mailing, **members: Any) -> Any:
    request = AdminCreateUserRequest(POOL.id, "ada", **members)
    return run(admin_create_user(mails.world.parts, request))


def test_a_temporary_password_is_not_sent_there_either() -> None:
    mails = world_of(counting("email"))
    at_home = {"email": MAIL}
    assert told(invite, mails, attributes=at_home) == NOT_THERE
    both = {"email": MAIL, "phone_number": PHONE}
    for mediums in (("EMAIL",), ("EMAIL", "SMS")):
        assert told(invite, mails, attributes=both, mediums=mediums) == NOT_THERE
    assert mails.sent.messages == []
    invite(mails, attributes=both)
    assert [message.to for message in mails.sent.messages] == [PHONE]


def test_who_is_told_the_temporary_password_otherwise_needs_no_message() -> None:
    for given in ({"message_action": "SUPPRESS"}, {"temporary_password": FRESH}):
        mails = world_of(counting("email"))
        invite(mails, attributes={"email": MAIL}, **given)
        assert mails.sent.messages == []
        again = {"message_action": "RESEND"}
        assert told(invite, mails, **again) == NOT_THERE
