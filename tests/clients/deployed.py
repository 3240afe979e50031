"""What is served: a deployment, its flows, and the module of functions that they call."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests import planted

POOL: Final = "eu-west-1_Example01"
DATABASE: Final = "flowengine.db"
ADMIN_ID: Final = "AKIDEXAMPLE"

WEB: Final = planted.CLIENT_ID
OTHER: Final = planted.OTHER_CLIENT_ID
LEGACY: Final = f"3{planted.MARK}client0000"
CONFIDENTIAL: Final = f"4{planted.MARK}client0000"
KIOSK: Final = f"5{planted.MARK}client0000"
HASTY: Final = f"6{planted.MARK}client0000"
ROTATING: Final = f"7{planted.MARK}client0000"
STRICT: Final = f"8{planted.MARK}client0000"
SECRET: Final = f"client_secret_{planted.MARK}"
CLIENT_IDS: Final = (WEB, OTHER, LEGACY, CONFIDENTIAL, KIOSK, HASTY, ROTATING, STRICT)

RAISES: Final = f"raise-{planted.MARK}"

_BY_PASSWORD: Final = "USER_SRP_AUTH: sign-in, USER_PASSWORD_AUTH: sign-in"
_DEPLOYMENT: Final = f"""
pools:
  main:
    id: {POOL}
    issuer: endpoint
    required_attributes: [name]
    password_policy: {{min_length: 12}}
    clients:
      web:
        id: {WEB}
        auth_flows: {{{_BY_PASSWORD}, CUSTOM_AUTH: two-rounds}}
      other:
        id: {OTHER}
        auth_flows: {{{_BY_PASSWORD}, CUSTOM_AUTH: two-rounds}}
      legacy:
        id: {LEGACY}
        prevent_user_existence_errors: false
        auth_flows: {{{_BY_PASSWORD}, CUSTOM_AUTH: two-rounds}}
      confidential:
        id: {CONFIDENTIAL}
        secret: {SECRET}
        auth_flows: {{{_BY_PASSWORD}}}
      kiosk:
        id: {KIOSK}
        auth_flows: {{{_BY_PASSWORD}}}
      hasty:
        id: {HASTY}
        auth_flows: {{CUSTOM_AUTH: hasty}}
      rotating:
        id: {ROTATING}
        tokens: {{rotation: {{grace: 60s}}}}
        auth_flows: {{{_BY_PASSWORD}}}
      strict:
        id: {STRICT}
        tokens: {{rotation: {{}}}}
        auth_flows: {{{_BY_PASSWORD}}}
flows: [sign-in.flow.yaml, two-rounds.flow.yaml, hasty.flow.yaml]
functions: rounds
sessions: sqlite:///{DATABASE}
directory: sqlite:///{DATABASE}
admin: {{keys: [{{id: {ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""

_SIGN_IN: Final = """
flow: sign-in
version: 1
auth_flows:
  USER_SRP_AUTH: {start: password}
  USER_PASSWORD_AUTH: {start: plain-password}
define:
  code_is_due: user.has.totp && client.name != "kiosk"
require: [proved.password, '!code_is_due || proved.totp']
start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next:
      - when: user.status == "FORCE_CHANGE_PASSWORD"
        goto: new-password
      - else: second-factor
  plain-password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: user.status == "FORCE_CHANGE_PASSWORD"
        goto: new-password
      - else: second-factor
  new-password:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD, 'userAttributes.*?']
    needs: proved.password
    next: second-factor
  second-factor:
    choose:
      - when: code_is_due
        goto: totp
      - else: done
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    attempts: 3
    next: done
  done:
    end: success
"""

_TWO_ROUNDS: Final = """
flow: two-rounds
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {first: knowledge, second: possession}
require: [proved.first && proved.second]
start: first
nodes:
  first:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask, with: {round: {value: first}, name: user.username}}
    verify: {call: judge, with: {given: responses.ANSWER, expected: private.answer}}
    evidence: first
    attempts: 3
    next: second
  second:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask, with: {round: {value: second}, name: user.username}}
    verify: responses.ANSWER == private.answer
    evidence: second
    next: done
  done:
    end: success
"""

_HASTY: Final = """
flow: hasty
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {first: knowledge}
require: [proved.first]
start: first
nodes:
  first:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask, with: {round: {value: first}, name: user.username}}
    verify: responses.ANSWER == private.answer
    evidence: first
    expires: 1s
    next: done
  done:
    end: success
"""

_FUNCTIONS: Final = f"""
def ask(round, name):
    return {{
        "public": {{"question": f"{{round}} of {{name}}"}},
        "private": {{"answer": f"{planted.CODE}-{{round}}-{{name}}"}},
    }}


def judge(given, expected):
    if given == {RAISES!r}:
        raise ValueError(expected)
    return "proved" if given == expected else "wrong"
"""


def answer_to(question: str) -> str:
    """Give what a user who knows it answers to what ``ask`` asked."""
    asked, _, name = question.partition(" of ")
    return f"{planted.CODE}-{asked}-{name}"


def write(folder: Path) -> None:
    """Write all of it."""
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT)
    (folder / "sign-in.flow.yaml").write_text(_SIGN_IN)
    (folder / "two-rounds.flow.yaml").write_text(_TWO_ROUNDS)
    (folder / "hasty.flow.yaml").write_text(_HASTY)
    (folder / "rounds.py").write_text(_FUNCTIONS)
