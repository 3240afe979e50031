from __future__ import annotations

from typing import Final

import pytest

from flowengine.analysis.enrolment_weaker import check
from flowengine.flow.loading import load_source
from flowengine.source import Severity, SourceText

RECOVER: Final = """\
flow: recover
version: 1
auth_flows: {door}
evidence: {{captcha: none, quiz: knowledge}}
require: [proved.email]
start: {start}
nodes:
  captcha:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {{call: draw}}
    verify: responses.ANSWER == private.answer
    evidence: {evidence}
    next: new-password
  new-password: {{challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: mail}}
  mail: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}}
  done: {{end: success, grants: nothing}}
"""
NAMED: Final = "[CUSTOM_AUTH]"
BY_TOKEN: Final = "{USER_AUTH: {continues: true}}"


@pytest.mark.parametrize(
    ("door", "start", "evidence", "severity"),
    [
        (NAMED, "new-password", "captcha", Severity.ERROR),
        (NAMED, "captcha", "captcha", Severity.ERROR),
        (NAMED, "captcha", "quiz", None),
        (BY_TOKEN, "new-password", "captcha", Severity.WARNING),
    ],
)
def test_a_password_that_whoever_knows_a_name_may_choose_is_an_error(
    door: str, start: str, evidence: str, severity: Severity | None
) -> None:
    text = RECOVER.format(door=door, start=start, evidence=evidence)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert [each.severity for each in check(program)] == ([] if severity is None else [severity])
