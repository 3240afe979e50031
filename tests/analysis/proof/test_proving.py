"""What is proved, what is refuted and by which path, and what nobody can tell."""

from __future__ import annotations

import pytest

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import explained
from flowengine.analysis.proof.verdict import Counterexample, Proved, Refuted, Unproven, Verdict
from flowengine.flow.loading import load_source
from flowengine.source import SourceText

FLOW = """flow: f
version: 1
auth_flows: [USER_PASSWORD_AUTH]
metadata: {{channel: {{optional: true}}}}
inputs: {{n: {{type: int, default: 0}}, words: {{type: [string], default: []}}}}
functions: {{f: {{returns: {{ok: bool}}}}}}
require: ['{require}']
start: password
nodes:
  password: {{challenge: PASSWORD, responses: [PASSWORD], next: {next}}}
  consent: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: then}}
  then: {{choose: {again}}}
  fresh: {{challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: then}}
  totp: {{challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}}
  look: {{call: f, save: v, next: {again}, failed: refused}}
  done: {{end: success}}
"""


def verdict(require: str, first: str = "done", again: str = "[{else: done}]") -> Verdict:
    following = f"[{first}]" if first.startswith("{") else first
    text = FLOW.format(require=require, next=following, again=again)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    (promise,) = FlowProof(program).require
    return promise.verdict


def example(found: Verdict) -> Counterexample:
    assert isinstance(found, Refuted), found
    return found.by


def branch(when: str, goto: str, otherwise: str = "refused") -> str:
    return f"{{when: '{when}', goto: {goto}}}, {{else: {otherwise}}}"


@pytest.mark.parametrize(
    ("guard", "require"),
    [
        ("n < 20", "n <= 20"),
        ("n < 20", "n != 20"),
        ("20 > n", "n < 20"),
        ("20 >= n", "n <= 20"),
        ("20 < n", "n > 20"),
        ("20 <= n", "n >= 20"),
        ("n == 20 || n == 21", "n >= 20 && n < 22"),
        ('user.status in ["CONFIRMED", "UNCONFIRMED"]', 'user.status != "RESET_REQUIRED"'),
        ('user.groups.all(g, g == "a")', '!("b" in user.groups)'),
        ('"a" in user.groups', 'user.groups.exists(g, g != "b")'),
        ('words.exists(w, w == "x")', '"x" in words'),
        ('user.attributes.tier == "gold"', "has(user.attributes.tier)"),
        ('user.attributes.tier != "gold"', "has(user.attributes.tier)"),
        ("user.has.totp", "user.has.any"),
        ("!user.has.any", "!user.has.sms"),
        ('request.time < timestamp("2030-01-01T00:00:00Z")',
         'request.time <= timestamp("2030-01-01T00:00:00Z")'),
        ("n > 3 ? user.has.totp : user.has.sms", "n > 3 || user.has.sms"),
        ('user.username.startsWith("a")', 'user.username.startsWith("a")'),
        ('age.password < duration("5m")', "proved.password"),
        ("has(auth_flow.parameters.DEVICE_KEY)", "device.claimed"),
        ("device.remembered", "device.claimed"),
    ],
)  # fmt: skip
def test_a_guard_that_says_as_much_proves(guard: str, require: str) -> None:
    assert isinstance(verdict(require, branch(guard, "done")), Proved)


@pytest.mark.parametrize(
    ("guard", "require", "value"),
    [
        ("n <= 20", "n < 20", "n = 20"),
        ("n != 20", "n < 20", "n = 21"),
        ("n > 20 && n < 70", "n <= 20 || n >= 70", "n = 21"),
        ('user.status != "CONFIRMED"', 'user.status == "UNCONFIRMED"', "user.status ="),
        ('user.groups.all(g, g == "a")', '"a" in user.groups', '"a" in user.groups = false'),
        ("has(user.attributes.tier)", 'user.attributes.tier == "gold"', "user.attributes.tier ="),
        ('n == 0 || user.attributes.tier == "gold"', "has(user.attributes.tier)", "n = 0"),
    ],
)
def test_a_guard_that_says_less_is_refuted_by_the_value_between(
    guard: str, require: str, value: str
) -> None:
    found = example(verdict(require, branch(guard, "done")))
    told = [str(each) for step in found.steps for each in (*step.telling, *found.final)]
    assert any(each.startswith(value) for each in told), told
    assert [step.target for step in found.steps] == ["done"]


def test_a_condition_without_a_value_is_not_true() -> None:
    found = example(verdict('user.attributes.tier == "gold"'))
    assert "has(user.attributes.tier) = false" in [str(each) for each in found.final]


def test_a_guard_without_a_value_refuses_and_no_later_branch_is_tried() -> None:
    shadow = "{when: 'user.attributes.tier == \"gold\"', goto: totp}, {else: done}"
    assert isinstance(verdict("has(user.attributes.tier)", shadow), Proved)


def test_what_negates_an_error_is_an_error_too() -> None:
    shadow = "{when: '!(user.attributes.tier == \"gold\")', goto: totp}, {else: done}"
    assert isinstance(verdict("has(user.attributes.tier)", shadow), Proved)


def test_the_user_does_not_change_between_requests() -> None:
    again = f"[{branch('!user.has.totp', 'done')}]"
    first = branch("!user.has.totp", "consent", "totp")
    assert isinstance(verdict("!user.has.totp || proved.totp", first, again), Proved)


def test_a_request_may_be_another_one_each_time() -> None:
    first = branch('request.ip == "10.0.0.1"', "consent")
    found = example(verdict('request.ip == "10.0.0.1"', first))
    assert [step.node for step in found.steps] == ["password", "consent", "then"]


def test_one_request_is_one_snapshot_through_decisions_and_calls() -> None:
    first = branch('request.ip == "10.0.0.1"', "look")
    assert isinstance(verdict('request.ip == "10.0.0.1"', first), Proved)


def test_what_a_new_password_writes_is_not_what_it_was() -> None:
    first = branch("user.verified.email", "fresh")
    assert isinstance(verdict("user.verified.email", first), Refuted)


def test_a_new_password_leaves_the_user_confirmed() -> None:
    assert isinstance(verdict('user.status == "CONFIRMED"', "fresh"), Proved)


def test_what_a_call_saved_is_there_once_it_returned() -> None:
    asked = "[{when: vars.v.ok, goto: done}, {else: refused}]"
    assert isinstance(verdict("has(vars.v)", "look"), Proved)
    assert isinstance(verdict("has(vars.v) && vars.v.ok", "look"), Refuted)
    text = FLOW.format(require="has(vars.v) && vars.v.ok", next="look", again=asked)
    program, found = load_source(
        SourceText("f", text.replace(f"choose: {asked}", "choose: [{else: done}]"))
    )
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, Proved)


def test_a_path_that_needs_what_nobody_looks_into_is_not_called_one() -> None:
    found = verdict("!(n * n > 40)", branch("n < 10", "done"))
    assert isinstance(found, Unproven)
    assert found.because == "it depends on `n * n > 40` being true"


def test_a_limit_that_is_reached_is_named() -> None:
    text = FLOW.format(require="n < 20", next="done", again="[{else: done}]")
    program, _ = load_source(SourceText("f", text))
    assert program is not None
    proof = FlowProof(program, limit=3)
    verdict_ = proof.require[0].verdict
    assert isinstance(verdict_, Unproven)
    assert "3 nodes of decision diagrams" in verdict_.because


MENU = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
require: ['{require}']
start: menu
nodes:
  menu: {{offer: [{options}], none: refused}}
  totp: {{challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done{more}}}
  sms: {{challenge: SMS_MFA, responses: [SMS_MFA_CODE], next: done}}
  email: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}}
  gate: {{choose: [{{when: 'request.ip == "10.0.0.1"', goto: menu}}, {{else: refused}}]}}
  done: {{end: success}}
"""


def of_menu(require: str, options: str, more: str = "", start: str = "menu") -> FlowProof:
    text = MENU.format(require=require, options=options, more=more)
    program, found = load_source(SourceText("f", text.replace("start: menu", f"start: {start}")))
    assert program is not None, found
    return FlowProof(program)


def test_a_menu_offers_what_the_user_has() -> None:
    require = "user.has.totp || !proved.totp"
    assert isinstance(of_menu(require, "totp, sms, email").require[0].verdict, Proved)
    assert isinstance(of_menu("user.has.sms", "totp, sms").require[0].verdict, Refuted)


def test_the_only_option_is_come_to_in_the_same_request_and_one_of_two_in_another() -> None:
    more = ", needs: 'request.ip == \"10.0.0.1\"'"
    (alone,) = of_menu("proved.totp", "totp", more, "gate").needs
    assert isinstance(alone.verdict, Proved)
    (chosen,) = of_menu("proved.totp || proved.sms", "totp, sms", more, "gate").needs
    assert [step.outcome for step in example(chosen.verdict).steps] == [
        "decide", "offered SOFTWARE_TOKEN_MFA",
    ]  # fmt: skip


def test_a_wrong_answer_proves_nothing() -> None:
    found = example(of_menu("proved.totp", "totp", ", wrong: done").require[0].verdict)
    assert [step.outcome for step in found.steps] == ["offered SOFTWARE_TOKEN_MFA", "wrong"]


def test_what_a_call_that_failed_would_have_saved_is_not_there() -> None:
    text = FLOW.format(require="has(vars.v)", next="look", again="[{else: done}]")
    program, found = load_source(SourceText("f", text.replace("failed: refused", "failed: done")))
    assert program is not None, found
    by = example(FlowProof(program).require[0].verdict)
    assert [step.outcome for step in by.steps] == ["proved", "failed"]


ENROLS = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
require: ['{require}']
start: enrol
nodes:
  enrol: {{challenge: MFA_SETUP, responses: [], next: done, wrong: {wrong}}}
  done: {{end: success}}
  other: {{end: success}}
"""


def enrolling(require: str, wrong: str = "refused") -> Verdict:
    text = ENROLS.format(require=require, wrong=wrong)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    return FlowProof(program).require[0].verdict


def test_a_node_that_enrols_is_left_with_what_the_pool_lets_it_enrol() -> None:
    assert isinstance(enrolling("enrolled.totp || enrolled.email"), Proved)
    by = example(enrolling("enrolled.totp"))
    assert '"EMAIL_OTP" in pool.mfa_methods = true' in [
        str(each) for each in by.steps[-1].values.values()
    ]
    only = 'enrolled.totp || "EMAIL_OTP" in pool.mfa_methods'
    assert isinstance(enrolling(only), Proved)


MADE = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.totp]
start: {start}
nodes:
  totp: {{challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: enrol}}
  enrol: {{challenge: MFA_SETUP, responses: [], next: again-totp}}
  again-totp: {{challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}}
  done: {{end: success}}
"""


def making(start: str) -> Verdict:
    program, found = load_source(SourceText("f", MADE.format(start=start)))
    assert program is not None, found
    return FlowProof(program).require[0].verdict


def test_a_factor_that_was_made_in_a_sign_in_proves_nothing_in_it() -> None:
    by = example(making("enrol"))
    assert [step.node for step in by.steps] == ["enrol", "again-totp"]
    assert [step.proved for step in by.steps] == [frozenset(), frozenset()]
    assert [str(each) for each in by.steps[-1].telling] == ["enrolled.totp = true"]


def test_a_password_that_was_chosen_in_a_sign_in_proves_nothing_in_it() -> None:
    text = (
        MADE.format(start="enrol")
        .replace("MFA_SETUP, responses: []", "NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD]")
        .replace(
            "SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE]",
            "PASSWORD, responses: [PASSWORD]",
        )
        .replace("proved.totp", "proved.password || !enrolled.password")
    )
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    by = example(FlowProof(program).require[0].verdict)
    assert [(step.node, set(step.enrolled)) for step in by.steps] == [
        ("enrol", {"password"}), ("again-totp", {"password"})
    ]  # fmt: skip


def test_a_mailbox_that_was_made_in_a_sign_in_proves_nothing_in_it_under_another_name() -> None:
    link = (
        "CUSTOM_CHALLENGE, responses: [ANSWER], create: {call: mail}, "
        "verify: responses.ANSWER == private.code, evidence: link"
    )
    text = (
        MADE.format(start="enrol")
        .replace(
            "SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done",
            f"{link}, next: done",
        )
        .replace("require: [proved.totp]", "evidence: {link: mailbox}\nrequire: [proved.link]")
    )
    for kind, verdict in (("mailbox", Refuted), ("knowledge", Proved)):
        source = SourceText("f", text.replace("link: mailbox", f"link: {kind}"))
        program, found = load_source(source)
        assert program is not None, found
        assert isinstance(FlowProof(program).require[0].verdict, verdict), kind


def test_a_wrong_answer_chooses_no_password() -> None:
    text = ENROLS.format(require="!enrolled.password", wrong="other").replace(
        "MFA_SETUP, responses: [], next: done",
        "NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: refused",
    )
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, Proved)


def test_what_was_proved_before_it_was_made_anew_stays_proved() -> None:
    assert isinstance(making("totp"), Proved)


def test_an_operation_may_have_enrolled_and_changed_the_user_before_a_wrong_answer() -> None:
    assert isinstance(enrolling("!enrolled.totp", "other"), Refuted)
    asked = "[{when: user.has.totp, goto: refused}, {else: enrol}]"
    text = (
        ENROLS.format(require="!user.has.totp", wrong="other")
        .replace("start: enrol", "start: ask")
        .replace("nodes:", f"nodes:\n  ask: {{choose: {asked}}}")
        .replace("next: done", "next: refused")
    )
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, Refuted)


def overlapping(*whens: str) -> list[str]:
    branches = ", ".join(f"{{when: '{w}', goto: n{i}}}" for i, w in enumerate(whens))
    nodes = "".join(f"  n{i}: {{end: failure}}\n" for i in range(len(whens)))
    text = FLOW.format(require="proved.password", next=f"[{branches}, {{else: done}}]", again=ALL)
    program, found = load_source(SourceText("f", text + nodes))
    assert program is not None, found
    return [line for line in explained(FlowProof(program)) if line.startswith("branch")]


ALL = "[{else: done}]"
TAKES = "branch `{}` of node 'password' takes what `{}` is true of too: {}"


def test_branches_that_overlap_are_told_with_what_comes_to_both() -> None:
    assert overlapping("n < 70", "n < 90 && user.has.totp") == [
        TAKES.format("n < 70", "n < 90 && user.has.totp", "n = 0, user.has.totp = true")
    ]


def test_branches_of_which_no_order_matters_do_not_overlap() -> None:
    assert overlapping("n < 20", "n >= 20 && n < 70", "n > 70") == []
    assert overlapping("n < 20", "n < 20 && n > 30") == []


def test_branches_overlap_only_in_what_comes_to_both() -> None:
    one, totp, sms = "n < 20", "n < 20 || user.has.totp", "n < 20 || user.has.sms"
    assert overlapping(one, totp, sms) == [
        TAKES.format(one, totp, "n = 0"),
        TAKES.format(one, sms, "n = 0"),
        TAKES.format(totp, sms, "n = 20, user.has.totp = true, user.has.sms = true"),
    ]


def test_branches_with_one_target_have_no_order() -> None:
    edge = "[{when: 'n < 20', goto: done}, {when: 'n < 30', goto: done}, {else: totp}]"
    text = FLOW.format(require="proved.password", next=edge, again=ALL)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert FlowProof(program).overlaps == ()


def test_past_the_limit_nothing_is_said_of_branches() -> None:
    text = FLOW.format(require="n < 20", next=f"[{branch('n < 20', 'done')}]", again=ALL)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    proof = FlowProof(program, limit=3)
    assert (proof.branches, proof.overlaps) == ((), ())
    assert isinstance(proof.require[0].verdict, Unproven)


def test_a_backend_may_begin_a_flow_by_itself_unless_only_auth_flows_are_asked_about() -> None:
    require = 'auth_flow.name == "USER_PASSWORD_AUTH"'
    text = FLOW.format(require=require, next="done", again=ALL)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    assert example(FlowProof(program).require[0].verdict).auth_flow == ""
    (asked,) = FlowProof(program, doors=("USER_PASSWORD_AUTH",)).require
    assert isinstance(asked.verdict, Proved)
