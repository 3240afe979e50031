"""What a check of a flow, and of a deployment, gives when it has several things to say."""

from __future__ import annotations

from pathlib import Path

import pytest

import flowengine.analysis
from flowengine.analysis.checking import check_flow, check_program, check_source
from flowengine.analysis.deployed.rules import DEPLOYMENT_RULES
from flowengine.analysis.proved.rules import PROOF_RULES
from flowengine.analysis.rules import ALL_RULES
from flowengine.deployment.loading import load_deployment
from flowengine.flow.loading import load_source
from flowengine.source import Diagnostic, Severity, SourceText
from tests.analysis.flows import SHAPE, SOUND, changed, found, of_shape, places, rules, spanned

BAD = {
    "unreachable-node": changed(("  done:", "  island:\n    end: failure\n  done:")),
    "no-way-to-an-end": changed(("    next: done", "    next: refused")),
    "require-missing": changed(("require: [proved.password]\n", "")),
    "token-alone": changed(
        ("auth_flows: [USER_PASSWORD_AUTH]", "auth_flows: {USER_AUTH: {continues: true}}"),
        ("require: [proved.password]", "require: ['age.password < duration(\"1h\")']"),
        ("    next: choice", "    next: choice\n    wrong: done"),
    ),
}
"""For each rule a flow that only it speaks of; beside ``SOUND``, of which none does."""

MANY = changed(
    ("require: [proved.password]\n", ""),
    ("    next: done\n  done", "    next: refused\n  done"),
    ("  choice:", "  first:\n    end: failure\n  choice:"),
    ("  done:", "  last:\n    end: failure\n  done:"),
)


def test_each_of_them_has_a_bad_flow_and_knows_a_good_one() -> None:
    assert sorted(BAD) == sorted(SHAPE)
    assert rules(SOUND) == []


@pytest.mark.parametrize("rule", BAD)
def test_a_rule_speaks_under_its_own_name_and_alone(rule: str) -> None:
    assert rules(BAD[rule]) == [rule]


def test_every_module_that_has_a_rule_is_among_the_rules() -> None:
    folder = Path(flowengine.analysis.__file__).parent
    places = (("", ALL_RULES), ("deployed", DEPLOYMENT_RULES), ("proved", PROOF_RULES))
    for place, known in places:
        written = [
            p.stem for p in (folder / place).glob("*.py") if "\nNAME: Final" in p.read_text()
        ]
        names = [name.replace("_", "-") for name in written]
        assert sorted(names) == sorted(rule.NAME for rule in known)


def test_findings_of_all_rules_come_by_place() -> None:
    assert places(MANY) == [
        ("require-missing", 1, 7),
        ("unreachable-node", 10, 3),
        ("no-way-to-an-end", 17, 3),
        ("unreachable-node", 21, 3),
    ]


def test_two_findings_on_one_line_come_by_column() -> None:
    line = (
        "{flow: f, version: 1, require: [proved.password], start: a, nodes: {x: {end: failure}, "
        "a: {challenge: PASSWORD, responses: [PASSWORD], next: d}, y: {end: failure}, "
        "d: {end: success}}}"
    )
    assert places(line) == [("unreachable-node", 1, 69), ("unreachable-node", 1, 146)]
    assert [line[column - 1] for _, _, column in places(line)] == ["x", "y"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_places_do_not_depend_on_the_ends_of_lines(ends: str) -> None:
    assert places(MANY.replace("\n", ends)) == places(MANY)


def test_a_column_counts_characters_and_not_bytes() -> None:
    text = changed(("flow: sound", "flow: sound # ä𝄞"), text=BAD["unreachable-node"])
    assert places(text) == places(BAD["unreachable-node"])
    inline = (
        "{summary: 'ä𝄞', flow: f, version: 1, require: [proved.password], start: d, "
        "nodes: {x: {end: failure}, d: {end: success}}}"
    )
    assert places(inline) == [("unreachable-node", 1, inline.index("x: {end") + 1)]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_name_in_quotes_is_pointed_at_with_its_quotes(quote: str) -> None:
    text = changed(("  island:", f"  {quote}island{quote}:"), text=BAD["unreachable-node"])
    (finding,) = found(text)
    assert spanned(finding) == f"{quote}island{quote}"
    assert finding.message == "no sign-in can come to node 'island'"


def test_every_finding_is_an_error_and_withholds_the_program() -> None:
    for text in BAD.values():
        program, findings = check_flow(SourceText("a.flow.yaml", text))
        assert program is None
        assert {each.severity for each in of_shape(findings)} == {Severity.ERROR}


def test_a_sound_flow_gives_its_program_and_no_finding() -> None:
    program, findings = check_flow(SourceText("a.flow.yaml", SOUND))
    assert program is not None
    assert (program.name, of_shape(findings)) == ("sound", [])


def test_rules_wait_until_a_flow_compiles() -> None:
    text = changed(("goto: totp", "goto: topt"), text=MANY)
    assert rules(text) == ["dangling-target"]
    assert check_flow(SourceText("a.flow.yaml", text))[0] is None


@pytest.mark.parametrize("text", ["", "flow: [", "[]", "flow: f\n"])
def test_what_is_no_flow_is_told_as_loading_tells_it(text: str) -> None:
    source = SourceText("a.flow.yaml", text)
    assert check_source(source) == load_source(source)[1] != []


def test_the_same_flow_gives_the_same_findings_however_often() -> None:
    program, _ = load_source(SourceText("a.flow.yaml", MANY))
    assert program is not None
    assert check_program(program) == check_program(program) != []


def _deployment(folder: Path, **flows: str) -> tuple[bool, list[Diagnostic]]:
    """Check a deployment of flows, written into files of these names."""
    for name, text in flows.items():
        (folder / f"{name}.flow.yaml").write_text(text.replace("sound", name))
    path = folder / "flowengine.yaml"
    path.write_text(
        f"""pools:
  main:
    id: eu-west-1_Example01
    clients:
      web: {{id: 1example23456789, auth_flows: {{USER_PASSWORD_AUTH: {next(iter(flows))}}}}}
flows: [{", ".join(f"{name}.flow.yaml" for name in flows)}]
sessions: 'memory:'
directory: 'memory:'
"""
    )
    deployment, findings = load_deployment(path, {}, check_flow)
    return deployment is not None, of_shape(findings)


def test_a_deployment_of_sound_flows_is_given(tmp_path: Path) -> None:
    assert _deployment(tmp_path, one=SOUND, two=SOUND) == (True, [])


@pytest.mark.parametrize("rule", BAD)
def test_a_deployment_with_a_bad_flow_is_withheld(tmp_path: Path, rule: str) -> None:
    given, findings = _deployment(tmp_path, one=SOUND, two=BAD[rule])
    assert not given
    assert [(each.rule, each.source.name) for each in findings] == [
        (rule, str(tmp_path / "two.flow.yaml"))
    ]


def test_findings_of_several_flows_come_by_file_and_then_by_place(tmp_path: Path) -> None:
    _, findings = _deployment(tmp_path, b=BAD["unreachable-node"], a=MANY)
    assert [(Path(each.source.name).name, each.rule) for each in findings] == [
        ("a.flow.yaml", "require-missing"),
        ("a.flow.yaml", "unreachable-node"),
        ("a.flow.yaml", "no-way-to-an-end"),
        ("a.flow.yaml", "unreachable-node"),
        ("b.flow.yaml", "unreachable-node"),
    ]
