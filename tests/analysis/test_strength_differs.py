"""Auth flows of one client: what is weaker, a sign-in or a recovery, is told as what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.analysis import manual

SIGN_IN: Final = """flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password, proved.totp]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: totp}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success}
"""
RECOVERY: Final = """flow: recovery
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.email]
start: mailbox
nodes:
  mailbox: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: fresh}
  fresh: {challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: done}
  done: {end: success, grants: nothing}
"""
DEPLOYMENT: Final = """pools:
  main:
    id: eu-west-1_Example01
    clients:
      web:
        id: 1example23456789
        auth_flows: {USER_PASSWORD_AUTH: sign-in, CUSTOM_AUTH: recovery}
flows: [.]
sessions: 'memory:'
directory: 'memory:'
delivery: {email: 'outbox:outbox.jsonl'}
listen: 127.0.0.1:9229
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 1", "recovers by email with CUSTOM_AUTH"),
        (", grants: nothing", "", "signs in by email with CUSTOM_AUTH"),
        ("next: fresh", "next: totp", None),
    ],
)
def test_a_weaker_recovery_of_a_flow_of_its_own_is_told_as_one(
    tmp_path: Path, old: str, new: str, said: str | None
) -> None:
    totp = SIGN_IN.splitlines()[-2].replace("next: done", "next: fresh")
    recovery = RECOVERY.replace(old, new)
    recovery = recovery.replace("  fresh:", f"{totp}\n  fresh:") if said is None else recovery
    (tmp_path / "sign-in.flow.yaml").write_text(SIGN_IN)
    (tmp_path / "recovery.flow.yaml").write_text(recovery)
    deployment = tmp_path / "a.flowengine.yaml"
    deployment.write_text(DEPLOYMENT)
    found = [e for e in manual.check(deployment) if e.rule == "strength-differs"]
    assert [each.message for each in found] == (
        []
        if said is None
        else [f"client 'web' {said}, where USER_PASSWORD_AUTH takes password and totp"]
    )
