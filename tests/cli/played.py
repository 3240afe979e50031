"""Flows that the tests of ``flowengine run`` play, and a module of functions."""

from __future__ import annotations

FUNCTIONS = """
def ask_question(name):
    public = {"question": f"{name}, \\x1b[31mwhich colour?"}
    return {"public": public, "private": {"answer": "blue"}}

async def send_code(name):
    return {"public": {"question": "Code?"}, "private": {"code": "424242"}}
"""

FACTORS = """
flow: factors
version: 1
auth_flows: [USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: factor}
  factor: {offer: [totp, sms, mail], challenge: SELECT_MFA_TYPE, attempts: 2, none: done}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  sms:
    challenge: SMS_MFA
    responses: [SMS_MFA_CODE]
    resend: {key: RESEND, times: 1, every: 1s}
    switch: {key: SWITCH, to: [mail]}
    next: done
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""

CHOICE = """
flow: choice
version: 1
auth_flows:
  USER_AUTH: {inline: [PASSWORD, SRP_A], parameters: ['PREFERRED_CHALLENGE?', 'PASSWORD?', 'SRP_A?']}
require: [proved.password || proved.email]
start: choice
nodes:
  choice:
    offer: [srp, plain, mail]
    challenge: SELECT_CHALLENGE
    prefer: auth_flow.parameters.PREFERRED_CHALLENGE
    inline: [PASSWORD, SRP_A]
    none: refused
  srp: {challenge: PASSWORD_SRP, responses: [SRP_A], next: verifier}
  verifier:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""  # noqa: E501 - as it is written in a flow

FACTS = """
flow: facts
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
  risk: {type: {score: int, signals: [string]}}
  name: {type: string, default: x}
metadata: {channel: {optional: true, enum: [app, web]}}
define: {strong: proved.totp}
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: risk.score > 50
        goto: totp
      - when: request.metadata.channel == "app"
        goto: free
      - when: user.attributes.tier == "gold"
        goto: done
      - else: closed
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: strong-end}
  strong-end: {end: success, level: strong}
  free: {end: success, grants: nothing}
  closed: {end: failure, error: UserNotConfirmedException, message: 'Closed today.'}
  done: {end: success}
"""

STORED = """
flow: stored
version: 1
require: [proved.password]
start: first
nodes:
  first:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: new
  new:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD, 'userAttributes.*?']
    next: again-please
  again-please: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
