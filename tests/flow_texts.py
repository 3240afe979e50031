"""Texts of flows that tests of several layers run."""

from __future__ import annotations

from typing import Final

NAMING_NODES: Final = """  passkey:
    challenge: WEB_AUTHN
    responses: [CREDENTIAL]
    switch: {key: SWITCH, to: [plain, srp]}
    next: after
    wrong: plain
  plain:
    challenge: PASSWORD
    responses: [USERNAME, PASSWORD]
    next: after
  srp:
    challenge: PASSWORD_SRP
    responses: [USERNAME, SRP_A]
    next: verifier
  verifier:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: after
  after:
    choose:
      - when: user.has.totp || device.remembered
        goto: totp
      - else: done
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done:
    end: success
"""
"""Nodes of a sign-in that begins with nobody: each way to be named, and what comes after."""

_ASKS: Final = {
    "password": ("PASSWORD", "PASSWORD"),
    "sms": ("SMS_MFA", "SMS_MFA_CODE"),
    "totp": ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
}


def chain(name: str, *proved: str, more: str = "") -> str:
    """Write a flow of CUSTOM_AUTH that has one thing proved after the other.

    Args:
        more: What every challenge has besides: ``expires: 1m``.
    """
    targets = (*proved[1:], "done")
    nodes = "".join(
        f"  {each}: {{challenge: {_ASKS[each][0]}, responses: [{_ASKS[each][1]}], "
        f"{more}{', ' if more else ''}next: {target}}}\n"
        for each, target in zip(proved, targets, strict=True)
    )
    require = ", ".join(f"proved.{each}" for each in proved)
    return (
        f"flow: {name}\nversion: 1\nauth_flows: [CUSTOM_AUTH]\nrequire: [{require}]\n"
        f"start: {proved[0]}\nnodes:\n{nodes}  done: {{end: success}}\n"
    )
