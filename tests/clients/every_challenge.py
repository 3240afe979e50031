"""A deployment in which every challenge is asked: the flows that ship, and two of an application.

Its pools, clients and functions have the names and ids of ``deployed``, so that users are made and
questions answered in the same way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests import planted
from tests.clients import deployed
from tests.clients.deployed import (
    ADMIN_ID,
    CONFIDENTIAL,
    DATABASE,
    HASTY,
    KIOSK,
    OTHER,
    POOL,
    ROTATING,
    SECRET,
    WEB,
)
from tests.clients.pages import RELYING_PARTY

POOL_OF_AWS: Final = "eu-west-1_Example02"
"""The pool whose tokens are issued under AWS's name."""
BY_AWS: Final = deployed.LEGACY
"""Its client."""
POOL_OF_OWNERS: Final = "eu-west-1_Example03"
"""The pool whose passkeys are used by who owns them: a PIN, a finger or a face is demanded."""
OWNED: Final = HASTY
"""Its client."""
ENROLLING: Final = KIOSK
"""The client whose users set an authenticator app up as they sign in."""
AFTER_PASSWORD: Final = OTHER
"""The client whose custom challenge comes after the password; a remembered device comes last."""
OUTBOX: Final = "outbox.jsonl"

_SHIPPED: Final = Path(__file__).parents[2] / "flows"
_FLOWS: Final = ("password", "choice", "post-password", "second-factor", "device")

_DEPLOYMENT: Final = f"""
pools:
  main:
    id: {POOL}
    issuer: endpoint
    usernames: {{aliases: [email, phone_number]}}
    mfa: optional
    mfa_methods: [SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP]
    required_attributes: [name]
    password_policy: {{min_length: 12}}
    devices: {{remember: always}}
    passkeys: {{relying_party: {RELYING_PARTY}, origins: [ORIGIN]}}
    clients:
      web:
        id: {WEB}
        auth_flows:
          USER_SRP_AUTH: password
          USER_PASSWORD_AUTH: password
          ADMIN_USER_PASSWORD_AUTH: password
          CUSTOM_AUTH: two-rounds
          USER_AUTH: choice
      enrolling:
        id: {ENROLLING}
        auth_flows: {{USER_SRP_AUTH: enrol}}
      after-password:
        id: {AFTER_PASSWORD}
        auth_flows: {{CUSTOM_AUTH: question}}
      rotating:
        id: {ROTATING}
        tokens: {{rotation: {{grace: 10s}}}}
        auth_flows: {{USER_SRP_AUTH: password}}
      confidential:
        id: {CONFIDENTIAL}
        secret: {SECRET}
        auth_flows: {{USER_SRP_AUTH: password}}
  aws:
    id: {POOL_OF_AWS}
    issuer: aws
    clients:
      of-aws:
        id: {BY_AWS}
        auth_flows: {{USER_PASSWORD_AUTH: password}}
  owners:
    id: {POOL_OF_OWNERS}
    issuer: endpoint
    passkeys: {{relying_party: {RELYING_PARTY}, origins: [ORIGIN], user_verification: required}}
    clients:
      owned:
        id: {OWNED}
        auth_flows: {{USER_PASSWORD_AUTH: password, USER_AUTH: choice}}
flows: [{", ".join(f"{name}.flow.yaml" for name in (*_FLOWS, "enrol", "question", "two-rounds"))}]
functions: rounds
sessions: sqlite:///{DATABASE}
directory: sqlite:///{DATABASE}
delivery: {{email: 'outbox:{OUTBOX}', sms: 'outbox:{OUTBOX}'}}
admin: {{keys: [{{id: {ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""

_ENROL: Final = """
flow: enrol
version: 1
auth_flows: [USER_SRP_AUTH]
require: [proved.password, proved.totp || enrolled.totp || enrolled.email]
start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next:
      - when: user.has.totp
        goto: totp
      - else: enrol
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  enrol:
    challenge: MFA_SETUP
    responses: []
    next: done
  done:
    end: success
"""

_QUESTION: Final = """
flow: question
version: 1
auth_flows:
  CUSTOM_AUTH: {parameters: [SRP_A, 'CHALLENGE_NAME?']}
evidence: {first: possession}
require: [proved.password, proved.first]
start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: question
  question:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask, with: {round: {value: first}, name: user.username}}
    verify: responses.ANSWER == private.answer
    evidence: first
    next:
      - when: device.remembered && pool.device_challenge
        goto: device
      - else: done
  device:
    flow: device
    next: done
  done:
    end: success
"""


def write(folder: Path, origin: str) -> None:
    """Write all of it, over the flows and functions of ``deployed``.

    Args:
        origin: Of the pages where passkeys may be used.
    """
    deployed.write(folder)
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT.replace("ORIGIN", f"'{origin}'"))
    (folder / "enrol.flow.yaml").write_text(_ENROL)
    (folder / "question.flow.yaml").write_text(_QUESTION)
    for name in _FLOWS:
        text = (_SHIPPED / f"{name}.flow.yaml").read_text()
        (folder / f"{name}.flow.yaml").write_text(text)
