"""Doors through which a sign-in steps up, and the levels that it may be asked for."""

from __future__ import annotations

import pytest

from flowengine.expr import BOOL, RecordType
from flowengine.flow.library import Definitions
from flowengine.flow.loading import load_source, read_source
from flowengine.flow.mermaid import mermaid
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from tests.engine.levels import LEVELS

DOOR = "{step_up: higher, parameters: ['PASSWORD?'], inline: [PASSWORD]}"


def loaded(text: str, library: Definitions | None = None) -> FlowProgram:
    found, diagnostics = load_source(
        SourceText("f.flow.yaml", text), library=library or Definitions(lambda: iter(()))
    )
    assert found is not None, [d.message for d in diagnostics]
    return found


def findings(text: str, library: Definitions | None = None) -> list[tuple[str, str]]:
    """Give the rules of all findings, each with the text that it points at."""
    source = SourceText("f.flow.yaml", text)
    _, found = load_source(source, library=library or Definitions(lambda: iter(())))
    return [(each.rule, text[each.span.start : each.span.end]) for each in found]


def test_a_door_knows_where_a_token_leads() -> None:
    program = loaded(LEVELS)
    door = program.doors["USER_AUTH"]
    assert (door.start, door.step_up, door.token_start) == ("password", "higher", "higher")
    assert door.starts == ("password", "higher")
    assert program.doors["USER_PASSWORD_AUTH"].token_start is None
    always = loaded(LEVELS.replace(DOOR, "{continues: true, start: higher}"))
    assert always.doors["USER_AUTH"].token_start == "higher"


@pytest.mark.parametrize(
    ("door", "rule", "place"),
    [
        ("{step_up: higher, continues: true}", "two-users", "higher"),
        ("{step_up: higher, names_user: false}", "two-users", "USER_AUTH"),
        ("{step_up: hihger}", "dangling-target", "hihger"),
        ("{start: password, parameters: ['ACCESS_TOKEN?']}", "unread-parameter", "'ACCESS_TOKEN?'"),
    ],
)
def test_a_door_that_steps_up_otherwise_is_refused(door: str, rule: str, place: str) -> None:
    assert (rule, place) in findings(LEVELS.replace(DOOR, door))


@pytest.mark.parametrize("name", ["CUSTOM_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"])
def test_only_user_auth_steps_up(name: str) -> None:
    text = LEVELS.replace(f"USER_AUTH: {DOOR}", f"{name}: {{step_up: higher}}")
    assert ("step-up-door", "higher") in findings(text)


def test_a_token_may_be_written_among_the_parameters_where_it_is_read() -> None:
    loaded(LEVELS.replace("'PASSWORD?'", "'PASSWORD?', 'ACCESS_TOKEN?'"))


def test_where_a_token_leads_no_variable_is_set() -> None:
    look = "  look: {call: look, save: seen, next: low, failed: refused}\n"
    text = LEVELS.replace(
        "nodes:\n", f"functions: {{look: {{returns: {{n: int}}}}}}\nnodes:\n{look}"
    )
    text = text.replace("- else: low", "- else: look")
    assert findings(text) == []
    text = text.replace("when: has(age.password)", "when: vars.seen.n > 1")
    assert ("unset-variable", "vars.seen") in findings(text)


def test_a_graph_shows_where_a_token_leads() -> None:
    drawn = mermaid(loaded(LEVELS))
    assert "[*] --> n_higher : USER_AUTH step-up\n" in drawn


def test_a_flow_may_read_the_levels_that_its_own_successes_have() -> None:
    target = _target(loaded(LEVELS))
    assert {name: field.type for name, field in target.fields.items()} == {
        "weak": BOOL,
        "strong": BOOL,
    }
    plain = LEVELS.replace(", level: weak", "").replace(", level: strong", "")
    plain = plain.replace("auth_flow.target.strong", "user.enabled")
    assert _target(loaded(plain)).fields == {}


def _target(program: FlowProgram) -> RecordType:
    auth_flow = program.environment.variables["auth_flow"]
    assert isinstance(auth_flow, RecordType)
    target = auth_flow.fields["target"].type
    assert isinstance(target, RecordType)
    return target


STEP = """flow: step
version: 1
define: {own: proved.totp}
start: asks
nodes:
  asks:
    choose:
      - when: auth_flow.target.LEVEL
        goto: over
      - else: refused
  over: {end: success, level: own}
"""


@pytest.mark.parametrize(("level", "is_known"), [("strong", True), ("own", False)])
def test_a_step_reads_the_levels_of_the_flow_that_it_is_a_step_of(
    level: str, *, is_known: bool
) -> None:
    step, _ = read_source(SourceText("step.flow.yaml", STEP.replace("LEVEL", level)))
    assert step is not None
    text = LEVELS.replace("next: high", "next: step")
    text += "  step: {flow: step, next: high}\n"
    library = Definitions(lambda: iter((step,)))
    if is_known:
        assert list(loaded(text, library).levels) == ["weak", "strong"]
    else:
        assert [rule for rule, _ in findings(text, library)] == ["flow-in-error"]
