"""Each thing that can happen on a path of a proof is made to happen by the scenario of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from flowengine.analysis.proof.claims import Claim
from flowengine.analysis.proof.facts import Form
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Counterexample, FactValue, Refuted
from flowengine.flow.compiler import compile_condition
from flowengine.flow.program import FlowProgram
from flowengine.testing import Scenario, UnwritableError, run_scenario
from flowengine.testing.counterexamples import way_of
from flowengine.testing.replaying import Replay, replay
from flowengine.testing.scenarios import BACKEND
from tests.engine.world import program

FLOW: Final = """
flow: own
version: 1
{top}
start: first
nodes:
{nodes}
  email: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}}
  done: {{end: success}}
"""
BY_CUSTOM: Final = "auth_flows: [CUSTOM_AUTH]\nrequire: [proved.totp]"
PASSWORD: Final = "challenge: PASSWORD, responses: [PASSWORD]"
TOTP: Final = "challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE]"


def made(top: str, nodes: str) -> FlowProgram:
    lines = "\n".join(f"  {line}" for line in nodes.strip().splitlines())
    return program(FLOW.format(top=top, nodes=lines))


def refuted(flow: FlowProgram) -> tuple[Counterexample, Scenario]:
    """Give the counter-example of the first line that is refuted, once the engine bears it out."""
    found = []

    def player(own: FlowProgram, example: Counterexample, claim: Claim) -> str | None:
        done = replay(own, example, claim)
        found.append((example, done.scenario))
        return done.otherwise

    proof = FlowProof(flow, replayer=player)
    promises = [*proof.require, *proof.needs, *proof.levels]
    unproven = [p.verdict.because for p in promises if hasattr(p.verdict, "because")]
    assert unproven == []
    assert any(isinstance(each.verdict, Refuted) for each in promises)
    example, scenario = found[0]
    assert scenario is not None
    assert run_scenario(scenario, program=flow).passed
    return example, scenario


def answers(scenario: Scenario) -> list[Any]:
    return [step.what for step in scenario.steps if step.does == "answer"]


OFFER: Final = f"""
first: {{offer: [code, totp], none: refused}}
code: {{challenge: SMS_MFA, responses: [SMS_MFA_CODE], next: done}}
totp: {{{TOTP}, next: refused}}
"""
LATE: Final = """
first: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], expires: 2m, expired: done,
        next: refused}
"""
CUSTOM: Final = """
first: {challenge: CUSTOM_CHALLENGE, responses: [A], create: {call: ask}, verify: {call: judge},
        next: refused, OUTCOME: done}
"""


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        (f"first: {{{PASSWORD}, next: refused, exhausted: done}}", ["wrong"]),
        (f"first: {{{TOTP}, next: refused, exhausted: email}}", [*["wrong"] * 5, "right"]),
        (f"first: {{{TOTP}, next: refused, wrong: done}}", ["wrong"]),
        (f"first: {{{TOTP}, next: refused, unavailable: done}}", []),
        (
            f"first: {{{PASSWORD}, switch: {{key: SWITCH, to: [email]}}, next: refused}}",
            [{"switch": "EMAIL_OTP"}, "right"],
        ),
        (OFFER, ["right"]),
        (LATE, ["right"]),
        (CUSTOM.replace("OUTCOME", "denied"), ["right"]),
        (CUSTOM.replace("OUTCOME", "unavailable"), []),
        (
            "first: {challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: done}",
            ["right"],
        ),
    ],
)
def test_every_outcome_is_brought_about(nodes: str, said: list[Any]) -> None:
    _, scenario = refuted(made(BY_CUSTOM, nodes))
    assert answers(scenario) == said


CALLS: Final = """
auth_flows: [CUSTOM_AUTH]
functions: {weigh: {returns: {score: int, signals: [string], extra: {kind: string}}}}
require: [proved.totp]
"""


def test_functions_return_what_branches_read_of_them_or_fail() -> None:
    call = "first: {call: weigh, save: risk, next: "
    read = "when: 'vars.risk.score > 70 && \"tor\" in vars.risk.signals', goto: done"
    _, scenario = refuted(made(CALLS, f"{call}[{{{read}}}, {{else: refused}}], failed: refused}}"))
    made_up = {"score": 71, "signals": ["tor"], "extra": {"kind": ""}}
    assert scenario.functions == {"weigh": [{"returns": made_up}]}
    _, scenario = refuted(made(CALLS, f"{call}refused, failed: done}}"))
    assert scenario.functions == {"weigh": [{"raises": True}]}


READING: Final = """
auth_flows: {USER_AUTH: {parameters: ['PREFERRED_CHALLENGE?', 'DEVICE_KEY?']}}
metadata: {channel: {optional: true, enum: [app, web]}}
inputs: {risk: {type: {score: int, country: string}}, free: {type: int, default: 3}}
require: [proved.totp]
"""


@pytest.mark.parametrize(
    ("read", "member", "value"),
    [
        ("risk.score > 70", "inputs", {"risk": {"score": 71, "country": ""}}),
        ('request.metadata.channel == "app"', "request", {"metadata": {"channel": "app"}}),
        ('request.ip == "203.0.113.7"', "request", {"ip": "203.0.113.7"}),
        ('request.context.data == "x"', "request", {"context": {"data": "x"}}),
        (
            'auth_flow.parameters.PREFERRED_CHALLENGE == "SMS_OTP"',
            "parameters",
            {"PREFERRED_CHALLENGE": "SMS_OTP"},
        ),
        ("device.remembered", "device", "remembered"),
        ("device.claimed && !device.remembered", "device", "confirmed"),
        (
            'request.time >= timestamp("2031-01-01T00:00:00Z")',
            "clock",
            datetime(2031, 1, 1, tzinfo=UTC),
        ),
        ('"staff" in user.groups', "users", {"user": {"groups": ["staff"]}}),
        (
            'user.attributes.tier == "gold"',
            "users",
            {"user": {"attributes": {"tier": "gold"}}},
        ),
        ("!user.has.password", "users", {"user": {"password": None}}),
        ('pool.id != "eu-west-1_Abc"', "pool", {"lockout": "none"}),
        ('pool.mfa == "required"', "pool", {"lockout": "none", "mfa": "required"}),
    ],
)
def test_what_a_branch_reads_when_it_begins_is_what_the_scenario_says(
    read: str, member: str, value: object
) -> None:
    branch = f"first: {{choose: [{{when: '{read}', goto: done}}, {{else: refused}}]}}"
    _, scenario = refuted(made(READING, branch))
    assert getattr(scenario, member) == value


def test_what_a_later_request_carries_comes_with_it() -> None:
    ask = "first: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: "
    read = "when: 'request.metadata.channel == \"app\"', goto: done"
    _, scenario = refuted(made(READING, f"{ask}[{{{read}}}, {{else: refused}}]}}"))
    assert scenario.request == {}
    carried = [step.what for step in scenario.steps if step.does == "request"]
    assert carried == [{"metadata": {"channel": "app"}}]


def test_what_the_engine_counts_comes_to_what_is_read_of_it() -> None:
    ask = "first: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: "
    counted = "when: session.attempts == 3, goto: done"
    _, scenario = refuted(made(BY_CUSTOM, f"{ask}[{{{counted}}}, {{else: refused}}]}}"))
    assert answers(scenario) == ["wrong", "wrong", "right"]


def test_two_codes_of_one_authenticator_are_asked_for_in_two_periods() -> None:
    nodes = f"first: {{{TOTP}, next: second}}\nsecond: {{{TOTP}, next: done}}"
    _, scenario = refuted(made("auth_flows: [CUSTOM_AUTH]\nrequire: [proved.password]", nodes))
    assert [step.what for step in scenario.steps if step.does == "wait"] == ["30s"]


def test_a_sign_in_that_goes_on_from_another_begins_as_one() -> None:
    top = "auth_flows: {USER_AUTH: {continues: true}}\nrequire: [proved.totp]"
    read = (
        "first: {choose: [{when: 'age.password < duration(\"5m\")', goto: done}, {else: refused}]}"
    )
    _, scenario = refuted(made(top, read))
    assert scenario.earlier == {"password": "0d"}
    top = "auth_flows: {USER_AUTH: {after_sign_up: done}}\nrequire: [proved.email]"
    _, scenario = refuted(made(top, f"first: {{{PASSWORD}, next: refused}}"))
    assert scenario.after_sign_up == "sms"


def test_a_step_up_brings_a_token_and_asks_for_the_levels_that_it_must() -> None:
    top = (
        "auth_flows: {USER_AUTH: {step_up: choice}}\ndefine: {high: proved.email, low: "
        "proved.password}\nrequire: [proved.sms]"
    )
    nodes = (
        f"first: {{{PASSWORD}, next: refused}}\n"
        "choice: {choose: [{when: 'WHEN', goto: email}, {else: refused}]}\n"
        f"plain: {{{PASSWORD}, next: low}}\n"
        "low: {end: success, level: low}\nhigh: {end: success, level: high}"
    )
    asked = {
        "auth_flow.target.high && !auth_flow.target.low": "high",
        "!auth_flow.target.high": "low",
        "user.enabled": "low high",
    }
    for when, levels in asked.items():
        _, scenario = refuted(made(top, nodes.replace("WHEN", when)))
        assert scenario.token == "right"
        assert scenario.parameters == {"TARGET_ACR_VALUES": levels}
    top = top.replace("step_up: choice", "start: choice")
    plain = {"auth_flow.target.high": {"TARGET_ACR_VALUES": "high"}, "user.enabled": {}}
    for when, parameters in plain.items():
        _, scenario = refuted(made(top, nodes.replace("WHEN", when)))
        assert (scenario.token, scenario.parameters) == (None, parameters)


def test_a_passkey_verifies_its_user_where_that_is_claimed() -> None:
    top = (
        "auth_flows: {USER_AUTH: {names_user: false}}\nrequire: [proved.totp, '!proved.passkey_uv']"
    )
    flow = made(top, "first: {challenge: WEB_AUTHN, responses: [CREDENTIAL], next: done}")
    condition = compile_condition(flow, "!proved.passkey_uv")
    verdict = FlowProof(flow, added=(condition,)).at_success(condition)
    assert isinstance(verdict, Refuted)
    done = replay(flow, verdict.by, Claim("require-not-proved", condition))
    assert (done.otherwise, done.scenario and answers(done.scenario)) == (
        None,
        [{"passkey": "verified"}],
    )


def test_nobody_switches_to_what_the_user_who_is_then_named_does_not_have() -> None:
    top = "auth_flows: {USER_AUTH: {names_user: false}}\nrequire: [user.has.password]"
    passkey = "challenge: WEB_AUTHN, responses: [CREDENTIAL]"
    nodes = (
        f"first: {{{passkey}, switch: {{key: SWITCH, to: [plain]}}, next: refused}}\n"
        "plain: {challenge: PASSWORD, responses: [USERNAME, PASSWORD], next: refused,\n"
        "        switch: {key: SWITCH, to: [last]}}\n"
        f"last: {{{passkey}, next: done}}"
    )
    _, scenario = refuted(made(top, nodes))
    assert answers(scenario) == [{"switch": "PASSWORD"}, {"switch": "WEB_AUTHN"}, "right"]


def test_levels_needs_and_flows_that_a_backend_begins_are_played_too() -> None:
    level = "auth_flows: [CUSTOM_AUTH]\ndefine: {strong: proved.totp}\nrequire: [proved.password]"
    nodes = f"first: {{{PASSWORD}, next: top}}\ntop: {{end: success, level: strong}}"
    refuted(made(level, nodes))
    needs = (
        f"first: {{{PASSWORD}, next: second}}\nsecond: {{{TOTP}, next: done, needs: proved.email}}"
    )
    refuted(made("auth_flows: [CUSTOM_AUTH]\nrequire: [proved.totp]", needs))
    example, scenario = refuted(
        made("require: [proved.totp]", f"first: {{{PASSWORD}, next: done}}")
    )
    assert (example.auth_flow, scenario.auth_flow) == ("", None)


# ---- claims that do not hold

PLAIN: Final = made(BY_CUSTOM, f"first: {{{PASSWORD}, next: done}}")


def test_a_claim_that_does_not_hold_where_the_path_comes_to_is_not_borne_out() -> None:
    example, _ = refuted(PLAIN)
    held = compile_condition(PLAIN, "proved.password")
    done = replay(PLAIN, example, Claim("require-not-proved", held))
    assert done.otherwise == (
        "the engine does not go the path that was found: expected refused, got success at done"
    )
    entered = replay(PLAIN, example, Claim("needs-not-proved", held, entered=True))
    assert entered.otherwise is not None


def test_a_path_that_parts_from_what_the_engine_takes_is_told_where_it_parts() -> None:
    example, _ = refuted(PLAIN)
    elsewhere = replace(example, steps=(replace(example.steps[0], target="email"),))
    done = replay(PLAIN, elsewhere, Claim("require-not-proved", PLAIN.require[0]))
    assert done.otherwise == (
        "the engine does not go the path that was found: it takes first (proved) -> done, "
        "not first (proved) -> email"
    )


def test_a_flow_with_auth_flows_that_only_a_backend_can_begin_so_is_played_as_by_one() -> None:
    top = "auth_flows: [CUSTOM_AUTH]\nrequire: [proved.password]"
    fresh = 'has(age.password) && age.password < duration("5m")'
    nodes = f"first: {{choose: [{{when: '{fresh}', goto: done}}, {{else: second}}]}}\n"
    nodes += f"second: {{{PASSWORD}, next: done}}"
    example, scenario = refuted(made(top, nodes))
    assert (example.auth_flow, scenario.auth_flow) == ("", BACKEND)
    assert scenario.earlier == {"password": "0d"}


def test_what_a_backend_begins_is_verified_by_stored_credentials_too() -> None:
    example, _ = refuted(PLAIN)
    by_a_backend = replace(example, auth_flow="")
    done = replay(PLAIN, by_a_backend, Claim("require-not-proved", PLAIN.require[0]))
    assert done.otherwise is None
    assert done.scenario is not None
    assert done.scenario.auth_flow == BACKEND


def test_what_no_scenario_tells_is_said_in_words() -> None:
    example, _ = refuted(PLAIN)
    nowhere = replace(example, steps=(replace(example.steps[0], node="done"),))
    with pytest.raises(UnwritableError, match="nothing happens at done"):
        way_of(PLAIN, nowhere, {})
    done = replay(PLAIN, nowhere, Claim("require-not-proved", PLAIN.require[0]))
    assert done.scenario is None
    assert str(done.otherwise).startswith("the path that was found cannot be played on the engine")


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("session.attempts > 1000000000", "first takes no more than 5 answers"),
        ("user.has.recovery_code", "no user of a scenario has recovery codes"),
        ('user.sub == ""', "expected at least 1 character, found ''"),
    ],
)
def test_what_nobody_can_play_is_not_proved_and_it_is_said_why(read: str, said: str) -> None:
    ask = "first: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: "
    flow = made(BY_CUSTOM, f"{ask}[{{when: '{read}', goto: done}}, {{else: refused}}]}}")
    pure = FlowProof(flow).require[0].verdict
    assert isinstance(pure, Refuted)
    done = replay(flow, pure.by, Claim("require-not-proved", flow.require[0]))
    assert done == Replay(None, f"the path that was found cannot be played on the engine: {said}")


def test_settled_variables_win_over_what_is_told() -> None:
    example, _ = refuted(PLAIN)
    told = FactValue(Form.VALUE, "pool.mfa", ("pool", "mfa"), "none")
    facts = {**example.facts, "pool.mfa": told}
    known = {"pool": {"mfa": "optional", "mfa_methods": ("SMS_MFA",)}}
    way = way_of(PLAIN, replace(example, facts=facts), known)
    assert way.facts["pool"] == {"mfa": "optional", "mfa_methods": ["SMS_MFA"]}


def test_a_sign_in_begins_no_later_than_the_first_request_whose_time_is_read() -> None:
    when = 'request.time < timestamp("2020-01-01T00:00:00Z")'
    nodes = f"first: {{{PASSWORD}, next: [{{when: '{when}', goto: done}}, {{else: refused}}]}}"
    _, scenario = refuted(made(BY_CUSTOM, nodes))
    assert scenario.clock.year < 2020
