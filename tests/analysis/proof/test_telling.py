"""How the values of a counter-example are told."""

from __future__ import annotations

from flowengine.analysis.proof.facts import EARLIER, Form
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import path_notes, told_values
from flowengine.analysis.proof.verdict import FactValue, Refuted, Unproven
from flowengine.expr import DURATION, TIMESTAMP
from flowengine.flow.loading import load_source
from flowengine.source import SourceText

FLOW = """flow: f
version: 1
auth_flows: {USER_AUTH: {continues: true}}
require: ['has(age.password) && age.password < duration("LIMIT") && proved.totp']
start: gate
nodes:
  gate:
    choose:
      - when: has(age.password) && age.password < duration("2h")
        goto: SHORT
      - else: totp
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success}
"""


def notes(limit: str, short: str) -> tuple[str, ...]:
    """Tell how a sign-in comes to the success without what is demanded."""
    text = FLOW.replace("LIMIT", limit).replace("SHORT", short)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    (promise,) = FlowProof(program).require
    assert isinstance(promise.verdict, Refuted | Unproven)
    assert promise.verdict.by is not None
    return path_notes(promise.verdict.by)


def fact(*path: str, value: object) -> FactValue:
    return FactValue(Form.VALUE, ".".join(path), path, value)


def test_no_age_is_told_of_what_was_never_proved() -> None:
    told = notes("2h", "refused")
    assert not [each for each in told if "age.password =" in each or "earlier" in each]
    assert told[-1] == "done is come to where proved.password = false, proved.totp = true"


def test_what_was_proved_before_is_told_in_words_and_with_its_age() -> None:
    told = notes("1h", "done")[1]
    assert 'password was proved before this sign-in, age.password = duration("' in told
    assert "earlier" not in told


def test_an_age_is_told_of_what_was_proved_here() -> None:
    values = [
        fact("proved", "totp", value=True),
        fact(EARLIER, "totp", value=False),
        fact("age", "totp", value=0),
        fact("age", "password", value=0),
    ]
    assert told_values(values) == "proved.totp = true, age.totp = 0"


def test_moments_and_durations_are_told_as_conditions_have_them() -> None:
    moment = FactValue(Form.VALUE, "request.time", ("request", "time"), 0, type=TIMESTAMP)
    age = FactValue(Form.VALUE, "age.totp", ("age", "totp"), 90 * 10**9, type=DURATION)
    there = FactValue(Form.PRESENCE, "has(vars.at)", ("vars", "at"), value=True, type=TIMESTAMP)
    assert str(moment) == 'request.time = timestamp("1970-01-01T00:00:00Z")'
    assert str(age) == 'age.totp = duration("90s")'
    assert str(there) == "has(vars.at) = true"


def test_evidence_that_is_not_there_is_named_up_to_four() -> None:
    missing = [fact("proved", name, value=False) for name in ("a", "b", "c", "d")]
    told = "proved.a = false, proved.b = false, proved.c = false, proved.d = false"
    assert told_values(missing) == told
    more = [fact("proved", "x", value=True), *missing, fact("enrolled", "e", value=False)]
    assert told_values(more) == "proved.x = true, none of the other 5 is there"


def test_where_no_value_is_left_nothing_was_proved() -> None:
    values = [fact(EARLIER, "totp", value=False), fact("age", "totp", value=0)]
    assert told_values(values) == "nothing was proved"
