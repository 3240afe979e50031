"""What an answer writes is its own choice: what functions are given of it proves nothing."""

from __future__ import annotations

import pytest

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Proved, Refuted
from flowengine.flow.loading import load_source
from flowengine.source import SourceText

NAMED = ("userAttributes.*?", "userAttributes.name?")
GUARDED = "next: [{{when: user.verified.{}, goto: link}}, {{else: refused}}]"
WRITES = """\
flow: f
version: 1
auth_flows: [USER_PASSWORD_AUTH]
evidence: {link: mailbox}
require: [proved.link]
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
    create: {call: mail, with: {to: user.attributes.email}}
    verify: responses.ANSWER == private.code
    evidence: link
    next: done
  done: {end: success}
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("version: 1", "version: 1", Refuted),
        ("userAttributes.*?", "userAttributes.email?", Refuted),
        ("link: mailbox", "link: phone", Refuted),
        ("link: mailbox", "link: possession", Refuted),
        (*NAMED, Proved),
        ("user.attributes.email", "user.sub", Refuted),
        ("next: link", GUARDED.format("email"), Proved),
        ("next: link", GUARDED.format("phone"), Refuted),
    ],
)  # fmt: skip
def test_what_is_sent_to_an_address_that_was_written_in_the_sign_in_proves_nothing(
    old: str, new: str, verdict: type
) -> None:
    program, found = load_source(SourceText("f", WRITES.replace(old, new, 1)))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, verdict)


@pytest.mark.parametrize(
    ("told", "keys", "verdict"),
    [
        ("user.attributes.chat", "userAttributes.*?", Refuted),
        ("user.attributes.chat", "userAttributes.chat?", Refuted),
        ("user.attributes.chat", "userAttributes.name?", Proved),
        ("'user.attributes.?chat.orValue(\"\")'", "userAttributes.chat?", Refuted),
        ('\'has(user.attributes.chat) ? "a" : "b"\'', "userAttributes.chat?", Refuted),
        ("'user.attributes[user.sub]'", "userAttributes.name?", Refuted),
        ("user.attributes", "userAttributes.name?", Refuted),
        ("vars.found.at", "userAttributes.name?", Refuted),
        ("user.username", "userAttributes.*?", Proved),
    ],
)
def test_whatever_a_function_is_given_that_was_written_in_the_sign_in_proves_nothing(
    told: str, keys: str, verdict: type
) -> None:
    text = (
        WRITES.replace("mailbox", "possession")
        .replace("userAttributes.*?", keys)
        .replace("user.attributes.email", told)
        .replace(
            "start:",
            "functions: {seek: {with: {by: {type: string}}, returns: {at: string}}}\nstart:",
        )
        .replace("next: link", "next: seek")
        .replace(
            "  link:",
            "  seek: {call: seek, with: {by: user.attributes.name}, save: found, next: link, "
            "failed: refused}\n  link:",
        )
    )
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, verdict)


SENT = ("create: {call: mail, with: {to: user.attributes.email}}", "create: {call: mail}")
SETS_UP = (
    "challenge: NEW_PASSWORD_REQUIRED\n    responses: [NEW_PASSWORD, 'userAttributes.*?']",
    "challenge: MFA_SETUP\n    responses: []",
)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("version: 1", "version: 1", Refuted),
        (SENT[0], f"{SENT[1]}\n    deliver: {{channel: email}}", Refuted),
        (SENT[0], f"{SENT[1]}\n    deliver: {{channel: sms}}", Proved),
        (SENT[0], SENT[0].replace("email", "phone_number"), Proved),
        (SENT[0], SENT[0].replace("user.attributes.email", "user.attributes"), Refuted),
        (*SENT, Proved),
        (SENT[0], "create: {call: create_auth_challenge}", Refuted),
    ],
)
def test_what_is_sent_to_a_mailbox_that_was_set_up_in_the_sign_in_proves_nothing(
    old: str, new: str, verdict: type
) -> None:
    text = WRITES.replace("mailbox", "possession").replace(*SETS_UP).replace(old, new)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, verdict)


@pytest.mark.parametrize(
    ("function", "verdict"), [("mail", Proved), ("create_auth_challenge", Refuted)]
)
def test_a_trigger_of_the_pool_is_told_what_was_written_in_the_sign_in(
    function: str, verdict: type
) -> None:
    text = WRITES.replace("mailbox", "possession").replace(SENT[0], f"create: {{call: {function}}}")
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, verdict)
