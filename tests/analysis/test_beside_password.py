"""What of a flow is said to count a mailbox or a phone beside the password."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from flowengine import documents
from flowengine.accounts.pool import Mfa, Pool, Recovery
from flowengine.analysis import walking
from flowengine.analysis.beside_password import SignIns, counted_beside_password
from flowengine.analysis.standing import TooManyPlacesError
from flowengine.flow.loading import beside, load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText

SHIPPED: Final = sorted((Path(__file__).parents[2] / "flows").glob("*.flow.yaml"))
FACTORS: Final = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")
POOL: Final = Pool("eu-west-1_Main00001", "main", mfa_methods=FACTORS)
NODES: Final = """
  password: {challenge: PASSWORD, responses: [PASSWORD], next: AFTER}
  email: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: email}
  app: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  own:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: send}
    verify: responses.ANSWER == private.code
    evidence: letter
    next: done
  set-up: {challenge: MFA_SETUP, responses: [], next: done}
  guarded: {challenge: MFA_SETUP, responses: [], needs: proved.email, next: done}
  mailbox: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: guarded}
  either: {choose: [{when: has_app, goto: app}, {else: email}]}
  mine: {choose: [{when: user.has.email, goto: email}, {else: done}]}
  menu: {offer: [app, email], none: done}
  anew: {challenge: MFA_SETUP, responses: [], next: menu}
"""
HEAD: Final = """\
flow: two
version: 1
evidence: {letter: mailbox}
inputs: {has_app: {type: bool, default: false}}
"""


def flow(require: str, after: str = "email", *, doors: str = "", done: str = "") -> FlowProgram:
    doors = doors or "auth_flows: [USER_PASSWORD_AUTH]"
    nodes = NODES.replace("AFTER", after)
    end = f"  done: {{end: success{done}}}\n"
    text = f"{HEAD}{doors}\nrequire: [{require}]\nstart: password\nnodes:{nodes}{end}"
    program, found = load_source(SourceText("two.flow.yaml", text))
    assert program is not None, [each.message for each in found]
    return program


def counted(program: FlowProgram, recovery: Recovery = Recovery.EMAIL, pool: Pool = POOL) -> object:
    door = next(iter(program.doors))
    return counted_beside_password(SignIns(program, door, pool), recovery)


COUNTED: Final = {
    "demanded": flow("proved.password, proved.email"),
    "one of two, of which the user chooses": flow(
        "proved.password, proved.totp || proved.email", "either"
    ),
    "of those without an app": flow("proved.password, user.has.totp || proved.email"),
    "beside a third": flow("proved.password, proved.totp, proved.email", "totp"),
    "by needs alone": flow("proved.password, enrolled.totp || enrolled.email", "mailbox"),
}


@pytest.mark.parametrize("case", COUNTED)
def test_a_code_that_makes_the_difference_counts(case: str) -> None:
    assert counted(COUNTED[case]) == "email"
    assert counted(COUNTED[case], Recovery.PHONE) is None


def test_evidence_of_ones_own_that_is_of_a_mailbox_counts() -> None:
    assert counted(flow("proved.password, proved.letter", "own")) == "letter"


def test_a_level_counts() -> None:
    levels = "define: {strong: proved.password && proved.email}\nauth_flows: [USER_AUTH]"
    assert counted(flow("proved.password", doors=levels, done=", level: strong")) == "email"


NOT_COUNTED: Final = {
    "asked and not demanded": flow("proved.password"),
    "alone": flow("proved.password || proved.email"),
    "of those who turned it on": flow('proved.password, "!user.has.email || proved.email"', "mine"),
    "out of a menu of those": flow(
        'proved.password, "!user.has.any || proved.totp || proved.email"', "menu"
    ),
    "out of a menu, after a new app": flow(
        "proved.password, proved.totp || proved.email || enrolled.totp || enrolled.email", "anew"
    ),
    "beside what rules it out": flow('proved.password, proved.email, "!user.verified.email"'),
    "made anew": flow("proved.password, enrolled.email || proved.email", "set-up"),
}


@pytest.mark.parametrize("case", NOT_COUNTED)
def test_a_code_that_makes_none_does_not(case: str) -> None:
    for recovery in Recovery:
        assert counted(NOT_COUNTED[case], recovery) is None


STEP_UP: Final = """\
define: {strong: '%s'}
auth_flows:
  USER_AUTH: {start: password, step_up: email, parameters: ['ACCESS_TOKEN?']}"""


@pytest.mark.parametrize(
    ("strong", "told"),
    [
        ('proved.email && has(age.password) && age.password < duration("1h")', "email"),
        ('proved.email && has(age.totp) && age.totp < duration("1h")', None),
    ],
)
def test_a_password_of_an_hour_ago_is_one_beside_a_code(strong: str, told: str | None) -> None:
    program = flow(
        "proved.password || proved.email", "done", doors=STEP_UP % strong, done=", level: strong"
    )
    assert counted(program) == told


@pytest.mark.parametrize("mfa", Mfa)
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name.partition(".")[0])
def test_no_flow_that_ships_counts_what_its_user_has_not_turned_on(path: Path, mfa: Mfa) -> None:
    source, _ = documents.read(path)
    assert source is not None
    program, _ = load_source(source, library=beside(path))
    assert program is not None
    pool = Pool(POOL.id, POOL.name, mfa=mfa, mfa_methods=FACTORS)
    for door in program.doors or (None,):
        for recovery in Recovery:
            assert counted_beside_password(SignIns(program, door, pool), recovery) is None


def large(require: str, last: str) -> FlowProgram:
    """Write a flow of more ways than a walk with a limit of sixty goes."""
    facts = [f"fact_{number}" for number in range(6)]
    inputs = "\n".join(f"  {fact}: {{type: bool, default: false}}" for fact in facts)
    nodes = "".join(
        f"  at-{fact}: {{choose: [{{when: {fact}, goto: {on}}}, {{else: {on}}}]}}\n"
        for fact, on in zip(facts, [*(f"at-{fact}" for fact in facts[1:]), last], strict=True)
    )
    text = f"""\
flow: large
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
{inputs}
require: [{require}]
start: password
nodes:
  password: {{challenge: PASSWORD, responses: [PASSWORD], next: at-fact_0}}
  mine: {{choose: [{{when: user.has.email, goto: email}}, {{else: done}}]}}
  email: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}}
  done: {{end: success}}
{nodes}"""
    program, found = load_source(SourceText("large.flow.yaml", text))
    assert program is not None, [each.message for each in found]
    return program


def test_a_flow_of_too_many_ways_counts_what_no_condition_rules_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walking, "LIMIT", 60)
    with pytest.raises(TooManyPlacesError):
        walking.Walker(large("proved.password", "mine")).successes("USER_PASSWORD_AUTH")
    assert counted(large("proved.password, proved.email", "email")) == "email"
    spared = 'proved.password, "!user.has.email || proved.email"'
    assert counted(large(spared, "mine")) is None
