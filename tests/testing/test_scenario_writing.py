"""Whatever a scenario says can be written, and reads back as the same scenario."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.source import SourceText
from flowengine.testing import Scenario, Step
from flowengine.testing.scenarios.reader import read_text
from tests.engine.world import program

PROGRAM = program("""
flow: everything
version: 1
auth_flows:
  USER_AUTH: {after_sign_up: email}
  CUSTOM_AUTH: {continues: true}
inputs:
  risk: {type: {score: int, signals: [string]}, default: {score: 1, signals: []}}
  weight: {type: double, default: 1.0}
  labels: {type: map(string), default: {}}
evidence: {quiz: knowledge}
require: [proved.email]
start: first
nodes:
  first: {call: first, failed: refused, next: second}
  second: {call: second, failed: refused, next: email}
  email: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
""")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORD = st.from_regex("[a-z]{1,6}", fullmatch=True)
NAME = st.from_regex("[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,8}", fullmatch=True)
DURATION = st.from_regex("[0-9]{1,9}(ms|s|m|h|d)", fullmatch=True)
CHALLENGE = st.sampled_from(["SMS_OTP", "SOFTWARE_TOKEN_MFA", "CUSTOM_CHALLENGE"])
NODE = st.from_regex("[a-z0-9_/-]{1,12}", fullmatch=True)
EVIDENCE = st.sampled_from(["password", "totp", "quiz", "passkey_uv"])
KNOWN = st.sampled_from(["remembered", "confirmed", "unknown"])
CHANNEL = st.sampled_from(["email", "sms"])
EXCEPTION = st.from_regex("[A-Za-z]{1,8}Exception", fullmatch=True)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=3)
WHOLE = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a mapping that has any of these members."""
    return st.fixed_dictionaries({}, optional=members)


def one(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a mapping that has one of these members."""
    return st.one_of(*(st.fixed_dictionaries({name: what}) for name, what in members.items()))


def lists(*names: str) -> st.SearchStrategy[list[str]]:
    """Draw a list of some of these names, each once."""
    return st.lists(st.sampled_from(names), unique=True)


REQUEST = some(
    ip=TEXT, user_agent=TEXT, metadata=TEXTS, context=some(ip=TEXT, data=TEXT)
)  # fmt: skip
USER = some(
    exists=st.booleans(),
    password=st.none() | TEXT.filter(bool),
    status=st.sampled_from(["UNCONFIRMED", "CONFIRMED", "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD"]),
    enabled=st.booleans(),
    has=lists("totp", "sms", "email", "passkey"),
    verified=lists("email", "phone"),
    groups=st.lists(TEXT.filter(bool), max_size=2),
    prefers=st.just("") | CHALLENGE,
    attributes=TEXTS,
    sub=TEXT.filter(bool),
)
POOL = some(
    id=st.just("eu-west-1_Own"),
    name=TEXT.filter(bool),
    mfa=st.sampled_from(["none", "optional", "required"]),
    mfa_methods=lists("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"),
    device_challenge=st.booleans(),
    passkeys=st.booleans(),
    lockout=st.sampled_from(["cognito", "none"]),
    aliases=lists("email", "phone_number"),
    case_sensitive=st.booleans(),
    min_password_length=st.integers(6, 99),
)
CLIENT = some(
    id=st.from_regex("[A-Za-z0-9_+]{1,12}", fullmatch=True),
    name=TEXT.filter(bool),
    session_validity=DURATION,
    prevent_user_existence_errors=st.booleans(),
    require=st.lists(st.sampled_from(["proved.email", '"x" in user.groups']), max_size=2),
)
ANSWER = some(
    device_key=KNOWN,
    password=TEXT.filter(bool),
    totp=st.sampled_from(["now", "previous", "next", "wrong", "000123"]),
    code=TEXT.filter(bool),
    passkey=st.sampled_from(["right", "wrong", "verified"]),
    device=st.sampled_from(["right", "wrong"]),
    choose=CHALLENGE,
    new_password=TEXT.filter(bool),
    attributes=TEXTS,
    email=TEXT.filter(bool),
    resend=st.just(True),  # noqa: FBT003 - a value
    switch=CHALLENGE,
    responses=st.dictionaries(TEXT, st.none() | TEXT, max_size=2),
    session=st.sampled_from(["newest", "previous"]),
    challenge=CHALLENGE,
).filter(bool)
REFUSAL = st.fixed_dictionaries({"type": EXCEPTION}, optional={"message": TEXT})
STEP = one(
    expect=CHALLENGE | st.fixed_dictionaries({"node": NODE}, optional={"parameters": TEXTS}),
    answer=st.sampled_from(["right", "wrong"]) | ANSWER,
    wait=DURATION,
    sent=st.fixed_dictionaries({"channel": CHANNEL}, optional={"to": TEXT, "save": WORD}),
    enrol=st.just("totp"),
    error=EXCEPTION | REFUSAL,
    restart=st.sampled_from(["process", "sign-in"]),
    request=REQUEST,
)  # fmt: skip
SUCCESS = some(
    node=NODE, acr=TEXT, evidence=st.lists(EVIDENCE, unique=True), enrolled=lists("totp", "email")
)
OUTCOME = st.sampled_from(["success", "refused", "locked", "waits"]) | one(
    success=SUCCESS, refused=REFUSAL, waits=NODE
)
CANNED = one(returns=JSON, raises=st.booleans() | TEXT)
CALLS = CANNED | st.lists(CANNED, min_size=1, max_size=2)
FUNCTIONS = some(first=CALLS, second=CALLS)
INPUTS = some(
    risk=st.fixed_dictionaries({"score": WHOLE, "signals": st.lists(TEXT, max_size=2)}),
    weight=st.floats(allow_nan=False, allow_infinity=False),
    labels=TEXTS,
)
CLOCK = st.datetimes(timezones=st.just(UTC))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a scenario of the flow above."""
    users = draw(st.dictionaries(NAME, USER, min_size=1, max_size=2))
    user = st.none() | st.sampled_from(sorted(users))
    door = draw(st.sampled_from([None, "USER_AUTH", "CUSTOM_AUTH"]))
    goes_on = door == "CUSTOM_AUTH"
    steps = [next(iter(step.items())) for step in draw(st.lists(STEP, max_size=4))]
    return Scenario(
        name=draw(TEXT.filter(bool)),
        flow="everything",
        outcome=draw(OUTCOME),
        steps=tuple(Step(does, what) for does, what in steps),
        users=users,
        user=draw(user),
        auth_flow=door,
        parameters=draw(st.dictionaries(TEXT, st.none() | TEXT, max_size=2)),
        inputs=draw(INPUTS),
        device=draw(st.none() | KNOWN),
        earlier=draw(st.dictionaries(EVIDENCE, DURATION)) if goes_on else {},
        token=draw(st.none() | st.sampled_from(["right", "revoked"])) if goes_on else None,
        after_sign_up=None if goes_on else draw(st.none() | CHANNEL),
        request=draw(REQUEST),
        pool=draw(POOL),
        client=draw(CLIENT),
        functions=draw(FUNCTIONS),
        clock=draw(CLOCK),
        summary=draw(st.none() | TEXT),
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(scenarios())
def test_what_is_written_reads_back_as_the_same_scenario(scenario: Scenario) -> None:
    source = SourceText("x.flowtest.yaml", scenario.to_yaml())
    file, found = read_text(source, Path(), PROGRAM)
    assert file is not None, [(each.message, source.text) for each in found]
    assert file.scenarios[0].scenario == scenario
