"""What is proved and refuted of flows that compare several facts with each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from flowengine.analysis.proof.facts import Form
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Proved, Refuted, Unproven, Verdict
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText

ROOT: Final = Path(__file__).parents[3]
FLOW: Final = """flow: f
version: 1
auth_flows: [USER_PASSWORD_AUTH]
metadata: {{channel: {{optional: true}}}}
inputs: {{n: {{type: int, default: 0}}, k: {{type: int, default: 0}}, m: {{type: int, default: 0}}}}
functions: {{f: {{returns: {{level: int}}}}}}
require: ['{require}']
start: password
nodes:
  password: {{challenge: PASSWORD, responses: [PASSWORD], next: {first}}}
  consent: {{challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: {then}}}
  look: {{call: f, save: v, next: {then}, failed: refused}}
  anew: {{call: f, save: v, next: {more}, failed: refused}}
  done: {{end: success}}
"""
ALL: Final = "[{else: done}]"


def only(when: str, goto: str = "done") -> str:
    return f"[{{when: '{when}', goto: {goto}}}, {{else: refused}}]"


def program(require: str, first: str, then: str = ALL) -> FlowProgram:
    text = FLOW.format(require=require, first=first, then=then, more=only("vars.v.level >= n"))
    found, diagnostics = load_source(SourceText("f", text))
    assert found is not None, diagnostics
    return found


def verdict(require: str, first: str, then: str = ALL) -> Verdict:
    (promise,) = FlowProof(program(require, first, then)).require
    return promise.verdict


@pytest.mark.parametrize(
    ("guard", "require"),
    [
        ("k < 5 && n < k", "n < 5"),
        ("k < 5 && n < k", "n < 4"),
        ("k < 5 && n < k || k == 20 && k == 30 || k == 40 && n > 50 && n < 30", "n < 4"),
        ("n < k && k < m", "n < m"),
        ("n == k && k == m", "n == m"),
        ("n < 5", "n - 1 < 4 || n < 0"),
        ("n < 5 && n > -5", "n * 2 < 10"),
        ("n < 100", "n + 1 > n"),
        ("n in [k, m] && k < 3 && m < 3", "n < 3"),
        ("n < 3", "(proved.password ? n : k) < 3"),
        ("(user.has.totp ? n : k) < 3", "!user.has.totp || n < 3"),
        ("(n < k ? n : k) >= 2", "n >= 2 && k >= 2"),
        ("(n < k ? n : k) * 2 > 10", "n > 5"),
        ("request.metadata.channel == user.username", "has(request.metadata.channel)"),
        (
            "pool.mfa == request.metadata.channel",
            'request.metadata.channel in ["none", "optional", "required"]',
        ),
        ('user.username == request.ip && request.ip == "a"', 'user.username == "a"'),
        (
            'age.password < duration("5m") && session.age > duration("5m")',
            "age.password <= session.age",
        ),
        (
            'request.time - age.password > timestamp("2030-01-01T00:00:00Z")',
            'request.time > timestamp("2029-01-01T00:00:00Z") || age.password < duration("0s")',
        ),
        ("n + k == n + k", "n <= 0 || k <= 9223372036854775807 - n"),
    ],
)
def test_what_several_facts_imply_together_is_proved(guard: str, require: str) -> None:
    assert isinstance(verdict(require, only(guard)), Proved)


@pytest.mark.parametrize(
    ("guard", "require", "told"),
    [
        ("k < 5 && n < k", "n < 3", {"n = 3", "k = 4"}),
        ("n <= k", "n < k", {"n = 0", "k = 0"}),
        ("n < 5", "n * 2 < 8", {"n = 4"}),
        ("n < 50", "n + k > n || n + k <= n", {"n = 1", "k = 9223372036854775807"}),
        ("n == k + 1000", "n != 1000", {"n = 1000", "k = 0"}),
        ("n == k + 1000 && k > 17", "n != 1018", {"n = 1018", "k = 18"}),
        ("user.username == request.ip", 'request.ip == "a"', {'request.ip = "other"'}),
        (
            "has(request.metadata.channel)",
            "request.metadata.channel != user.username",
            {'request.metadata.channel = "other"', 'user.username = "other"'},
        ),
        (
            "pool.mfa == request.metadata.channel",
            'pool.mfa != "optional" && pool.mfa != "none"',
            {'pool.mfa = "none"', 'request.metadata.channel = "none"'},
        ),
        ("(user.has.totp ? n : k) < 3", "n < 3", {"n = 3", "k = 0", "user.has.totp = false"}),
    ],
)
def test_what_they_do_not_imply_is_refuted_by_small_values(
    guard: str, require: str, told: set[str]
) -> None:
    found = verdict(require, only(guard))
    assert isinstance(found, Refuted), found
    values = {str(e) for step in found.by.steps for e in (*step.telling, *found.by.final)}
    assert values >= told
    assert not any(sign in value for value in values for sign in ("<", "=="))


def test_one_request_says_of_constants_what_another_may_not_deny() -> None:
    below = "n <= session.attempts && session.attempts < k"
    first = only(below, "consent")
    assert isinstance(verdict("n < k", first), Proved)
    above = only("k <= session.attempts && session.attempts < n")
    assert isinstance(verdict("false", first, above), Proved)
    assert isinstance(verdict("false", first, only("k <= session.attempts")), Refuted)


def test_one_request_says_of_a_user_what_another_may_not_deny() -> None:
    name, tier = "request.ip == user.username", "user.attributes.tier == request.ip"
    first = only(f"{name} && {tier}", "consent")
    assert isinstance(verdict("false", first, only(f"{name} && !({tier})")), Proved)
    assert isinstance(verdict("false", first, only(f"!({name}) && !({tier})")), Refuted)


def test_what_a_sum_says_of_a_constant_is_known_in_the_next_request() -> None:
    first = only("n - session.attempts > 5 && session.attempts > 2", "consent")
    then = only("n - session.attempts < 0 && session.attempts <= 5")
    assert isinstance(verdict("proved.totp", first, then), Proved)


def test_what_a_choice_says_of_a_constant_is_known_in_the_next_request() -> None:
    first = only("(proved.email ? n : k) < 3", "consent")
    assert isinstance(verdict("false", first, only("(proved.email ? k : n) >= 3")), Proved)
    assert isinstance(verdict("false", first, only("(proved.email ? k : n) >= 2")), Refuted)


def test_what_is_read_anew_is_not_compared_with_what_it_was() -> None:
    first = only("request.ip == user.username", "consent")
    found = verdict("request.ip == user.username", first)
    assert isinstance(found, Refuted)
    assert [step.node for step in found.by.steps] == ["password", "consent"]
    told = [str(each) for each in found.by.final]
    assert told == ['request.ip = "other-2"', 'user.username = "other"']


def test_what_a_call_saved_goes_into_sums_until_another_call() -> None:
    assert isinstance(verdict("vars.v.level < n", "look", only("vars.v.level + 1 < n")), Proved)
    assert isinstance(verdict("vars.v.level < n", "look", only("vars.v.level - 1 < n")), Refuted)
    found = verdict("false", "look", only("vars.v.level < n", "anew"))
    assert isinstance(found, Refuted)
    told = [[str(e) for e in step.telling if e.form is Form.VALUE] for step in found.by.steps]
    assert told == [[], ["vars.v.level = -1", "n = 0"], ["vars.v.level = 0", "n = 0"]]


def test_what_requests_say_of_each_other_by_sums_is_not_decided_and_no_proof() -> None:
    first = only("session.attempts + 1 == n && session.attempts <= k", "consent")
    again = only("session.attempts == n && session.attempts > k + 1")
    found = verdict("false", first, again)
    assert isinstance(found, Unproven)
    assert found.because.startswith("no values were found for the path, and no reason that holds")
    assert "`session.attempts <= k`" in found.because
    assert found.by is not None


def test_the_limit_of_the_solver_is_named_and_no_proof() -> None:
    proof = FlowProof(program("n < 5", only("k < 5 && n < k")), effort=10)
    found = proof.require[0].verdict
    assert isinstance(found, Unproven)
    said = "the solver came to its limit, 10 steps or ten seconds for one answer, with `n < k`"
    assert found.because == said


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "flowengine.analysis.proof.solving", raising=False)
    monkeypatch.setitem(sys.modules, "z3", None)
    found = verdict("n < 5", only("k < 5 && n < k"))
    assert isinstance(found, Unproven)
    assert found.because == (
        "it depends on `n < k` being true; with z3, `pip install 'flowengine[prove]'`, "
        "that may be decided"
    )
    assert isinstance(verdict("n <= k", only("n < 20 && n == k")), Unproven)
    assert isinstance(verdict("n < k", only("n < 20 && n == k")), Refuted)  # zeros happen to do
    assert isinstance(verdict("n == k", only("n == k")), Proved)


def test_a_solver_that_is_broken_is_no_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flowengine.analysis.proof.solving", None)
    with pytest.raises(ModuleNotFoundError):
        verdict("n < 5", only("k < 5 && n < k"))


CHECKS: Final = """
import sys
from flowengine.analysis.checking import check_source
from flowengine.source import SourceText
for name in sys.argv[1:]:
    check_source(SourceText(name, open(name).read()))
print("z3" in sys.modules)
"""


def test_no_shipped_flow_needs_the_solver() -> None:
    flows = [str(path) for path in sorted((ROOT / "flows").glob("*.flow.yaml"))]
    assert len(flows) > 5
    assert ran(CHECKS, *flows) == "False\n"


def test_a_comparison_that_lies_on_no_path_does_not_load_the_solver(tmp_path: Path) -> None:
    unread, read = tmp_path / "unread.flow.yaml", tmp_path / "read.flow.yaml"
    text = FLOW.format(require="proved.password", first=only("n < k"), then=ALL, more=ALL)
    unread.write_text(text)
    read.write_text(text.replace("proved.password", "n < 3"))
    assert ran(CHECKS, str(unread)) == "False\n"
    assert ran(CHECKS, str(read)) == "True\n"


TELLS: Final = """
from flowengine.analysis.proof.telling import path_notes
from tests.analysis.proof.test_solving import Refuted, only, verdict
for require in ("n < 3", "n < 5", "(user.has.totp ? n : m) <= k", "m + n < k"):
    found = verdict(require, only("k < 5 && n < k || m < n && m + n == k", "consent"))
    print(type(found).__name__, *path_notes(found.by) if isinstance(found, Refuted) else found)
"""


def test_the_same_is_said_each_time() -> None:
    said = {ran(TELLS, seed=seed) for seed in ("0", "1", "77")}
    assert len(said) == 1
    assert "Refuted" in said.pop()


def ran(code: str, *words: str, seed: str = "random") -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
