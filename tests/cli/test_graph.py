"""``flowengine graph``: the picture of a flow, and what has none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowengine.flow.loading import FlowFiles, load_source
from flowengine.source import SourceText
from tests.cli.commanding import BROKEN, FLOWS, LONG, ROOT, Here

SHIPPED = [*sorted(FLOWS.glob("*.flow.yaml")), ROOT / "examples" / "two-step.flow.yaml"]
ISLANDS = """
flow: islands
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: "user.attributes.nickname == '\\x1b[31m\\u202e'"
        goto: done
      - else: done
  island: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""


@pytest.mark.parametrize("flow", SHIPPED, ids=lambda flow: flow.name)
def test_nodes_edges_and_ways_in_are_drawn(here: Here, flow: Path) -> None:
    program, _ = load_source(SourceText(str(flow), flow.read_text()), library=FlowFiles(SHIPPED))
    assert program is not None
    assert here("graph", str(flow)) == 0
    assert here.err == ""
    assert here.out.startswith(f"stateDiagram-v2\n    %% {program.name}, version ")
    drawn = set(re.findall(r'^    state "(\S+)<br/>', here.out, re.MULTILINE))
    assert drawn == set(program.nodes) - {"refused"}
    for door in program.doors:
        assert re.search(rf"^    \[\*\] --> n_\w+ : .*{door}", here.out, re.MULTILINE)
    assert " --> [*]\n" in here.out


def test_a_condition_is_written_at_its_edge(here: Here) -> None:
    assert here("graph", str(FLOWS / "sign-in.flow.yaml")) == 0
    assert "    n_second_factor --> n_totp : user.has.totp\n" in here.out
    assert "    n_second_factor --> n_done : else\n" in here.out


def test_a_flow_that_breaks_a_rule_is_drawn_to_show_it(here: Here) -> None:
    here.write("islands.flow.yaml", ISLANDS)
    assert here("check") == 1
    assert "[unreachable-node]" in here.out
    assert here("graph", "islands.flow.yaml") == 0
    assert 'state "island<br/>PASSWORD"' in here.out


def test_what_a_flow_says_cannot_command_the_terminal(here: Here) -> None:
    here.write("islands.flow.yaml", ISLANDS)
    assert here("graph", "islands.flow.yaml") == 0
    assert "\x1b" not in here.out
    assert "\u202e" not in here.out
    assert "#92;u202e" in here.out


def test_a_flow_may_come_on_standard_input(here: Here) -> None:
    flow = FLOWS / "sign-in.flow.yaml"
    assert here("graph", str(flow)) == 0
    drawn = here.out
    assert here("graph", "-", given=flow.read_text()) == 0
    assert here.out == drawn


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "<stdin>:1:1: error: the file is empty [yaml-documents]"),
        ("flow: [", "<stdin>:1:8: error: "),
        (b"flow: \xff", "<stdin>:1:7: error: the file is not UTF-8 from here on [yaml-encoding]"),
    ],
)
def test_a_stream_that_is_no_flow_is_explained_beside_the_picture(
    here: Here, given: str | bytes, said: str
) -> None:
    assert here("graph", "-", given=given) == 1
    assert here.out == ""
    assert here.err.startswith(said)


def test_a_flow_that_does_not_compile_is_explained_as_check_explains_it(here: Here) -> None:
    flow = str(BROKEN / "dangling-target" / "input.flow.yaml")
    assert here("graph", flow) == 1
    assert here.out == ""
    told = here.err
    assert here("check", flow) == 1
    assert told
    assert here.out.startswith(told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gone.flow.yaml",), "there is no file gone.flow.yaml"),
        ((LONG,), f"there is no file {LONG}"),
        ((".",), ". is a folder: name one of its flows"),
        (("flowengine.yaml",), "flowengine.yaml is a deployment: name one of its flows"),
        ((), "Missing argument 'FILE'"),
        (("sign-in.flow.yaml", "two"), "unexpected extra argument (two)"),
        (("--formats", "svg"), "No such option"),
    ],
)
def test_what_is_no_file_of_a_flow_is_a_matter_of_usage(
    here: Here, words: tuple[str, ...], said: str
) -> None:
    here.deploy()
    assert here("graph", *words) == 2
    assert said in here.err
    assert here.out == ""
