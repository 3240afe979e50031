"""What is drawn of a flow: the machine's own table, whatever draws it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from transitions.extensions import GraphMachine

from flowengine.flow.dot import dot
from flowengine.flow.loading import FlowFiles, load_source
from flowengine.flow.mermaid import mermaid
from flowengine.flow.picture import NoSuchWayError, Shape, picture
from flowengine.flow.program import FlowProgram
from flowengine.flow.targets import BUILTIN_TARGETS
from flowengine.source import SourceText

ROOT = Path(__file__).parents[2]
SHIPPED = [*sorted((ROOT / "flows").glob("*.flow.yaml")), ROOT / "examples" / "two-step.flow.yaml"]
HOSTILE = r"""
flow: hostile
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: "user.username == '\\\\N\\\\G &lt;b&gt; \"] -> x [URL=\"javascript:a\"' && \
          user.username != '<script>alert(1)</script>\\x1b\\u202e'"
        goto: done
      - else: done
  done: {end: success}
"""


def _program(path: Path) -> FlowProgram:
    source = SourceText(str(path), path.read_text())
    program, _ = load_source(source, library=FlowFiles(SHIPPED))
    assert program is not None
    return program


def _hostile() -> FlowProgram:
    program, found = load_source(SourceText("h", HOSTILE))
    assert program is not None, found
    return program


def _by_transitions(program: FlowProgram) -> set[tuple[str, str, str]]:
    """Let the library draw the machine's table: from, to, what stands on the arrow."""

    class Model:
        get_graph: Any

    numbers = {row.text: f"guard{n}" for n, row in enumerate(program.machine.table) if row.text}
    model = Model()
    GraphMachine(
        model=model, states=list(program.machine.states), initial=program.start,
        auto_transitions=False, show_conditions=True, graph_engine="mermaid",
        transitions=[
            {"trigger": row.outcome, "source": row.source, "dest": row.target,
             "conditions": [numbers[row.text]] if row.text else None}
            for row in program.machine.table
        ],
    )  # fmt: skip
    texts = {number: text for text, number in numbers.items()}
    drawn: set[tuple[str, str, str]] = set()
    names = {re.sub(r"\W", "_", name): name for name in program.machine.states}
    for line in model.get_graph().source.splitlines():
        if found := re.fullmatch(r"\s*(\S+) --> (\S+): (.+)", line):
            for label in found[3].split(" | "):
                outcome, _, guard = label.partition(" [")
                text = texts.get(guard.rstrip("]"), "")
                source, target = (names[re.sub(r"\W", "_", found[n])] for n in (1, 2))
                drawn.add((source, target, f"{outcome} {text}".strip()))
    return drawn


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_drawing_of_transitions_agrees(path: Path) -> None:
    program = _program(path)
    theirs = _by_transitions(program)
    silent = {"proved", "decide", "returned"}
    ours = {
        (each.source, each.target, each.outcome, " ".join(each.guard.split()))
        for each in picture(program).arrows
        if each.source is not None
    }
    words = {(source, target, *_split(label, silent)) for source, target, label in theirs}
    bare = {(s, t, o, "" if g == "else" else g) for s, t, o, g in ours}
    assert ours
    assert bare <= words
    unwritten = {(source, target) for source, target, _, _ in words - bare}
    assert all(target in (*BUILTIN_TARGETS, source) for source, target in unwritten)


def _split(label: str, silent: set[str]) -> tuple[str, str]:
    outcome = re.match(r"(?:offered|switched) \S+|\S+", label)
    assert outcome is not None
    guard = " ".join(label[outcome.end() :].split())
    return "" if outcome[0] in silent else outcome[0], guard


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_both_languages_draw_the_same_boxes_and_arrows(path: Path) -> None:
    program = _program(path)
    shown = picture(program)
    arrows = [line for line in mermaid(program).splitlines() if " --> " in line]
    ends = sum(
        box.shape in (Shape.SUCCESS, Shape.FAILURE) and bool(box.detail) for box in shown.boxes
    )
    assert len(arrows) == len(shown.arrows) + ends
    lines = dot(program).splitlines()
    assert sum(" -> " in line for line in lines) == len(shown.arrows)
    assert sum(line.startswith('  "node/') and " -> " not in line for line in lines) == len(
        shown.boxes
    )


def test_a_path_is_marked_and_numbered() -> None:
    program = _program(ROOT / "flows" / "sign-in.flow.yaml")
    path = ["password", "second-factor", "totp", "done"]
    shown = picture(program, path)
    assert {box.name for box in shown.boxes if box.marked} == set(path)
    marked = {each.steps: (each.source, each.target) for each in shown.arrows if each.steps}
    assert marked == {(n,): way for n, way in enumerate(pairwise(path), 1)}
    assert "    n_second_factor --> n_totp : (2) user.has.totp\n" in mermaid(program, path)
    assert "    class n_totp path\n" in mermaid(program, path)
    assert dot(program, path).count("penwidth") == len(path) + len(path) - 1


def test_a_path_into_a_refusal_shows_the_arrow_that_is_otherwise_left_out() -> None:
    program = _program(ROOT / "flows" / "sign-in.flow.yaml")
    assert "refused" not in {box.name for box in picture(program).boxes}
    shown = picture(program, ["totp", "refused"])
    assert "refused" in {box.name for box in shown.boxes}
    assert [each.source for each in shown.arrows if each.steps] == ["totp"] * sum(
        row.source == "totp" and row.target == "refused" for row in program.machine.table
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (["password", "done"], "no arrow leads from 'password' to 'done': from 'password' one c"),
        (["done", "totp"], "no arrow leads from 'done' to 'totp': 'done' is an end"),
        (["nowhere"], "there is no node 'nowhere'; there are again, done, locked, new-password, "),
    ],
)  # fmt: skip
def test_a_path_that_is_not_there_is_explained(path: list[str], said: str) -> None:
    program = _program(ROOT / "flows" / "sign-in.flow.yaml")
    with pytest.raises(NoSuchWayError) as refused:
        picture(program, path)
    assert str(refused.value).startswith(said)


def test_what_a_flow_says_is_text_in_every_language() -> None:
    for text in (dot(_hostile()), mermaid(_hostile())):
        assert text.isprintable() is False
        assert text.replace("\n", "").isprintable()
        assert "<script>" not in text.replace('\\"', "") or text.startswith("digraph")
    assert 'URL="javascript' not in dot(_hostile())
    assert mermaid(_hostile()).count("\n") == 9
