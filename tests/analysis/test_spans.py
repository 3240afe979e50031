"""The offending token stands under every span, however the scalar around it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.analysis.checking import check_source
from flowengine.source import SourceText
from tests.analysis import manual

FLOW: Final = """flow: f
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require:
  - proved.password
  - proved.totp
start: gate
nodes:
  gate:
    choose:
      - when: BEFORE
        goto: refused
      - else: password
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: totp
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next:
      - when: AFTER
        goto: refused
      - else: done
  done:
    end: success
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A condition with something wrong in it.

    Attributes:
        place: Which condition of the flow it stands in.
        part: The wrong operand.
        token: What must stand under the span.
    """

    rule: str
    place: str
    part: str
    token: str


CASES: Final = (
    Case("unknown-name", "AFTER", "prooved.totp", "prooved"),
    Case("unknown-field", "AFTER", "proved.topt", "topt"),
    Case("enum-value", "AFTER", 'user.status == "CONFIRMD"', '"CONFIRMD"'),
    Case("literal-misspelt", "AFTER", '"SMS_MFAA" in pool.mfa_methods', '"SMS_MFAA"'),
    Case("evidence-never-given", "AFTER", "proved.passkey", "proved.passkey"),
    Case(
        "secret-outside-verify", "AFTER", 'responses.SOFTWARE_TOKEN_MFA_CODE == "1"',
        "responses.SOFTWARE_TOKEN_MFA_CODE",
    ),
    Case("branch-before-proof", "BEFORE", "user.has.totp", "user.has.totp"),
    Case("branch-before-proof", "BEFORE", 'user.attributes["a b"] == "ä"', "user.attributes"),
)  # fmt: skip


def _plain(text: str) -> str:
    return text


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    """Write what stands around words as escapes, which are longer than what they mean."""
    return '"' + "".join(c if c.isalnum() or c in "_." else f"\\x{ord(c):02x}" for c in text) + '"'


def _literal(text: str) -> str:
    return "|-\n            " + text


def _literal_lines(text: str) -> str:
    return "|\n            " + text.replace(" && ", "\n              && ")


def _folded(text: str) -> str:
    return ">-\n            " + text.replace(" && ", "\n            && ")


def _folded_indented(text: str) -> str:
    return ">2\n          " + text.replace(" && ", "\n\n          && ")


STYLES: Final = (
    _plain, _single, _double, _escaped, _literal, _literal_lines, _folded, _folded_indented,
)  # fmt: skip
GOOD: Final = ("pool.device_challenge", "(1 < 2)", "'ä𝄞' == client.name", "request.ip != ''")


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(CASES),
    st.sampled_from(STYLES),
    st.lists(st.sampled_from(GOOD), max_size=2),
    st.lists(st.sampled_from(GOOD), max_size=2),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_wrong_part_of_a_condition_is_under_its_span(
    case: Case, style: Callable[[str], str], before: list[str], after: list[str], ends: str
) -> None:
    condition = " && ".join([*before, case.part, *after])
    if style is _plain and condition[0] in "'\"":
        condition = f"({condition})"
    text = FLOW.replace(case.place, style(condition))
    for place in ("BEFORE", "AFTER"):
        text = text.replace(place, "pool.device_challenge")
    text = text.replace("\n", ends)
    found = [e for e in check_source(SourceText("a", text)) if e.rule == case.rule]
    assert found, text
    under = {text[each.span.start : each.span.end] for each in found}
    written = style(case.token)
    wanted = written[1:-1] if style in (_double, _escaped) else case.token
    assert wanted in under, (wanted, under)


def _words(message: str) -> set[str]:
    """Give what a message names: between quotes or backticks."""
    parts = message.replace("`", "'").replace('"', "'").split("'")
    return {word for word in parts[1::2] if word}


UNDER: Final = {
    "account-recovery": "admin_only",
    "acting-function": "risk",
    "admin-exposed": "one",
    "admin-secret-form": "short",
    "auth-flow-not-offered": "USER_SRP_AUTH",
    "branch-never-taken": "risk < 20 && risk > 70",
    "branch-shadowed": "risk < 30",
    "branch-without-effect": "next",
    "client-id-form": "one-two",
    "client-secret-form": "short",
    "condition-may-fail": 'user.attributes.tier == "gold"',
    "custom-only": "SOFTWARE_TOKEN_MFA",
    "deliver-nothing": "email",
    "delivery-form": "'smtp://'",
    "delivery-sender": "'smtp://mail.example'",
    "doors-differ": "ADMIN_USER_PASSWORD_AUTH",
    "duplicate-admin-key": "one",
    "duplicate-client": "1example23456789",
    "duplicate-level": "'urn:cognito:loa:4'",
    "duplicate-pool": "eu-west-1_Example01",
    "env-not-allowed": "'${FLOWS}'",
    "env-unset": "${FLOWENGINE_GOLDEN_UNSET}",
    "expression-cost": "proved.totp || "
    "risk.signals.all(s, risk.trusted.exists(t, s.startsWith(t)))",
    "expression-limit": "(" * 98 + "proved.totp" + ")" * 98,
    "expression-syntax": "",
    "input-type": "low",
    "insecure-delivery": "email",
    "keys-form": "'${CLIENT_SECRET}'",
    "keys-missing": "sqlite:///flowengine.db",
    "listen-form": "everywhere",
    "lockout-off": "none",
    "menu-without-offer": "SELECT_MFA_TYPE",
    "messages-unused": "texts",
    "misplaced-else": "done",
    "missing-else": "next",
    "missing-verify": "CUSTOM_CHALLENGE",
    "nothing-to-resend": "RESEND",
    "origin-elsewhere": "'https://example.org'",
    "origin-form": "'https://example.com/login'",
    "over-kind-retries": "password",
    "poll-nothing": "{every: 2s, for: 2m}",
    "poll-too-often": "{every: 100ms, for: 2m}",
    "proxies-any": "128.0.0.0/2",
    "proxy-form": "proxy.example",
    "relying-party-form": "https://example.com",
    "require-not-proved": "risk < 70",
    "require-tautology": "proved.totp || !proved.totp",
    "require-vacuous": "!user.has.totp || proved.totp",
    "schema-missing-key": "challenge",
    "schema-type": "'1'",
    "secret-in-clear": "abcdefghijklmnopqrstuvwxyz",
    "sign-up-door": "totp",
    "step-up-door": "password",
    "store-for-one-process": "sqlite:///flowengine.db",
    "store-form": "mysql://db.example/flowengine",
    "strength-differs": "USER_SRP_AUTH",
    "suppression-form": "# flowengine: ignore single-factor",
    "text-channel": "",
    "text-missing": "email",
    "text-name": "",
    "text-no-code": "",
    "text-purpose": "",
    "text-subject": "{code}",
    "text-twice": "",
    "text-unreadable": "",
    "two-kinds": "sign-in",
    "two-types": "risk",
    "two-users": "password",
    "unbounded-loop": "ask",
    "unknown-field": "topt",
    "unknown-function": "check",
    "unknown-name": "prooved",
    "unknown-type": "{'score?': int}",
    "unread-parameter": "ACCESS_TOKEN",
    "url-form": "example",
    "usernames-contradict": "email",
    "verify-form": 'responses.ANSWER != ""',
    "verify-literal": 'responses.ANSWER == "yes"',
    "verify-private": "responses.ANSWER == private.answer",
    "wrong-type": "user.username",
    "yaml-anchor": "&next",
    "yaml-depth": "[",
    "yaml-documents": "---",
    "yaml-encoding": "\ufffd",
    "yaml-key": "[done]",
    "yaml-merge-key": "<<",
    "yaml-number": "99999999999999999999",
    "yaml-syntax": ":",
    "yaml-tab": "\t",
    "yaml-tag": "!user.has.totp || proved.totp",
}
"""What stands under the span of findings that name something else, or nothing; "" for no place."""


@pytest.mark.parametrize("rule", [r for r in manual.names() if r not in manual.SHOWN_ELSEWHERE])
def test_what_a_golden_finding_names_is_under_its_span(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Find one of the words that a message names under the span, or the span within one."""
    monkeypatch.chdir(manual.GOLDEN / rule)
    found = manual.check(Path(manual.example(rule, "bad").name))
    for each in (each for each in found if each.rule == rule):
        under = each.source.text[each.span.start : each.span.end]
        words = _words(each.message)
        if rule in UNDER:
            assert under == UNDER[rule]
        else:
            assert any(word in under or under.strip("'\"") in word for word in words), each.message
