"""``check`` plays what it refutes; ``check --counterexamples`` and ``graph --counterexample``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.analysis.proof import proving
from flowengine.analysis.proof.system import System, build
from flowengine.flow.program import FlowProgram
from tests.cli.commanding import ROOT, SHIPPED_ID, Here, surroundings
from tests.planted import CLIENT_ID

RULES: Final = ROOT / "tests" / "golden" / "rules"
BYPASSES: Final = ROOT / "tests" / "analysis" / "bypasses"
BAD: Final = RULES / "require-not-proved" / "bad.flow.yaml"
GOOD: Final = BAD.with_name("good.flow.yaml")
REFUTED: Final = (
    "require-not-proved", "needs-not-proved", "level-not-proved", "client-require-not-proved",
    "mfa-not-proved",
)  # fmt: skip
NOBODY: Final = BAD.read_text().replace("when: risk < 70", 'when: "!user.exists"')
"""Whom the flow lets through is a user who can prove nothing."""


def written(here: Here, folder: str = "out") -> list[str]:
    return sorted(path.name for path in (here.folder / folder).glob("*"))


@pytest.mark.parametrize("rule", REFUTED)
def test_what_is_refuted_is_written_and_plays_as_it_was_told(here: Here, rule: str) -> None:
    shutil.copytree(RULES / rule, here.folder / "rules" / rule)
    shutil.copytree(RULES.parent / "flows", here.folder / "flows")
    (bad,) = (here.folder / "rules" / rule).glob("bad.*")
    assert here("check", str(bad), "--counterexamples", "out") == 1
    assert f"[{rule}]" in here.out
    assert "1 written as a scenario)" in here.out
    names = written(here)
    assert any(name.endswith(f".{rule}-1.flowtest.yaml") for name in names)
    assert here("test", "out") == 0, here.out
    assert here.out.endswith(f"{len(names)} scenario{'s' if len(names) > 1 else ''} passed\n")


def test_the_id_of_a_client_is_written_nowhere(here: Here) -> None:
    here.deploy()
    path = here.folder / "flowengine.yaml"
    told = path.read_text().replace(SHIPPED_ID, CLIENT_ID)
    path.write_text(told.replace("        id: ", "        require: [proved.passkey]\n        id: "))
    assert here("check", "--counterexamples", "out") == 1
    texts = [each.read_text() for each in (here.folder / "out").glob("*")]
    assert texts
    assert not [text for text in texts if CLIENT_ID in text]
    assert here("test", "out") == 0


def test_bypasses_are_written_under_names_of_their_own_by_several_processes(here: Here) -> None:
    shutil.copytree(BYPASSES, here.folder / "flows")
    assert (
        here("check", "flows", "--counterexamples", "out", "--jobs", "2", "--format", "json") == 1
    )
    told = [each["rule"] for each in json.loads(here.out)["findings"]]
    refuted = [rule for rule in told if rule in REFUTED]
    assert "require-unproven" not in told
    assert len(written(here)) == len(refuted)
    assert f"bypass.require-not-proved-{told.count('require-not-proved')}.flowtest.yaml" in written(
        here
    )
    assert here("test", "out") == 0, here.out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_what_the_engine_does_not_bear_out_is_no_refutation_in_any_format(
    here: Here, form: str
) -> None:
    here.write("lax.flow.yaml", NOBODY)
    assert here("check", "--format", form, "--counterexamples", "out") == 1
    assert "require-not-proved" not in here.out
    assert "require-unproven" in here.out
    assert "cannot prove `proved.totp || risk " in here.out
    assert ": the engine does not go the path that was found: " in here.out
    assert "it takes password (wrong)" in here.out
    assert not (here.folder / "out").exists()


def test_what_is_known_good_is_checked_again_where_counter_examples_are_asked_for(
    here: Here,
) -> None:
    shutil.copy(RULES / "require-not-proved" / "good.flow.yaml", here.folder / "a.flow.yaml")
    assert here("check") == 0
    assert here("check", "--counterexamples", "out") == 0
    assert "0 written" not in here.out
    assert "known good" not in here.out


def test_a_flow_of_standard_input_is_named_by_its_name(here: Here) -> None:
    assert here("check", "-", "--counterexamples", ".", given=BAD.read_text()) == 1
    shutil.copy(BAD, here.folder / "sign-in.flow.yaml")
    assert here("test", ".") == 0, here.out


def test_a_folder_that_cannot_be_made_is_told(here: Here) -> None:
    here.write("out/file", "")
    assert here("check", str(BAD), "--counterexamples", "out/file/deeper") == 2
    assert "cannot write" in here.err


def test_the_engine_is_imported_only_for_what_is_refuted(tmp_path: Path) -> None:
    """The budget of a cold start."""
    for rule, loaded in (("good", "False False"), ("bad", "True True")):
        flow = RULES / "require-not-proved" / f"{rule}.flow.yaml"
        words = (
            "import sys; from flowengine.cli.__main__ import run; "
            f"run(['check', '--no-cache', {str(flow)!r}]); "
            "print(*(f'flowengine.{n}' in sys.modules for n in ('engine.engine', 'runtime.step')))"
        )
        done = subprocess.run(
            (sys.executable, "-c", words),
            cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == loaded, done.stderr


def test_the_way_of_the_first_refutation_is_marked(here: Here) -> None:
    assert here("graph", str(BAD), "--path", "password,second-factor,done") == 0
    by_hand = here.out
    assert here("graph", str(BAD), "--counterexample") == 0
    assert here.out == by_hand
    assert here.err == ""


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        (RULES / "require-not-proved" / "good.flow.yaml", "it keeps its promises"),
        (
            RULES / "require-unproven" / "bad.flow.yaml",
            "1 of its promises cannot be proved",
        ),
    ],
)
def test_that_there_is_none_is_said_beside_a_picture_without(
    here: Here, flow: Path, said: str
) -> None:
    assert here("graph", str(flow)) == 0
    plain = here.out
    assert here("graph", str(flow), "--counterexample") == 0
    assert here.out == plain
    assert f"no way is marked, as nothing refutes the flow: {said}" in here.err


def test_a_way_is_marked_by_one_option_only(here: Here) -> None:
    assert here("graph", str(BAD), "--counterexample", "--path", "password,done") == 2
    assert "leave out --path" in here.err


@pytest.mark.parametrize("where", ["flow", "stream", "deployment"])
def test_what_proofs_rest_on_is_told_of_proofs_that_are_made_once(
    here: Here, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def counted(program: FlowProgram, *rest: Any, **more: Any) -> System:
        built.append(program.name)
        return build(program, *rest, **more)

    monkeypatch.setattr(proving, "build", counted)
    match where:
        case "flow":
            here("check", "--explain-proof", str(GOOD))
        case "stream":
            here("check", "--explain-proof", "-", given=GOOD.read_text())
        case _:
            here.deploy()
            here("check", "--explain-proof")
    assert "proved over" in here.out
    assert len(built) == len(set(built)) == 1
