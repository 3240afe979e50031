"""A flow of two levels, to sign in by and to step up by."""

from __future__ import annotations

from typing import Final

LEVELS: Final = """\
flow: levels
version: 1
auth_flows:
  USER_AUTH: {step_up: higher, parameters: ['PASSWORD?'], inline: [PASSWORD]}
  USER_PASSWORD_AUTH: {}
define:
  weak: proved.password
  strong: proved.totp && (proved.password || has(age.password))
require: [weak || strong]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: auth_flow.target.strong
        goto: totp
      - else: low
  higher:
    choose:
      - when: has(age.password)
        goto: totp
      - else: password
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: high
  low: {end: success, level: weak}
  high: {end: success, level: strong}
"""
