"""How commands end: the exit code, and what is said when something is in the way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from importlib import metadata
from pathlib import Path

import click
import pytest

from flowengine.cli.__main__ import run
from flowengine.cli.cmd_keys import keys
from flowengine.cli.commands import flowengine
from tests.cli.commanding import (
    BROKEN,
    COMMAND,
    FLOWS,
    LONG,
    Here,
    command,
    deploy_planted,
    shell,
    surroundings,
)
from tests.planted import MARK, OTHER_PASSWORD, PASSWORD

SIGN_IN = str(FLOWS / "sign-in.flow.yaml")
DANGLING = str(BROKEN / "dangling-target" / "input.flow.yaml")
ENTER = "\n" * 10
INTERNAL = re.compile(
    r"flowengine: internal error: (\w+) in (\w+\.py), line \d+\. This is a fault of flowengine, "
    r"not of your files; FLOWENGINE_DEBUG=1 shows where it comes from\n"
)
SABOTEUR = f"""
import flowengine.tokens.jwt

def verify(*arguments, **more):
    password = {PASSWORD!r}
    raise ValueError(password)

flowengine.tokens.jwt.verify = verify
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--version",), 0),
        (("--help",), 0),
        (("-h",), 0),
        (("check", SIGN_IN), 0),
        (("check",), 0),
        (("check", DANGLING), 1),
        (("check", SIGN_IN, DANGLING), 1),
        (("check", "gone.flow.yaml"), 2),
        (("check", ""), 2),
        (("check", LONG), 2),
        (("check", "empty"), 2),
        (("check", "--fix"), 0),
        (("check", "--fix", "-"), 2),
        (("check", "--format", "xml"), 2),
        (("check", "--fail-level", "never", DANGLING), 0),
        (("run", SIGN_IN), 0),
        (("run", DANGLING), 1),
        (("run", SIGN_IN, "--auth-flow", "NONE"), 2),
        (("run", LONG), 2),
        (("graph", SIGN_IN), 0),
        (("graph", DANGLING), 1),
        (("graph", "empty"), 2),
        (("new", "login"), 0),
        (("new", "empty/gone/login"), 2),
        (("keys",), 0),
        ((), 2),
        (("sign-in.flow.yaml",), 2),
        (("chek",), 2),
        (("--chek",), 2),
        (("users",), 2),
    ],
)
def test_the_exit_code_says_who_has_something_to_do(
    here: Here, words: tuple[str, ...], code: int
) -> None:
    here.deploy()
    (here.folder / "empty").mkdir()
    assert here(*words, given=ENTER) == code
    assert here.out + here.err
    assert bool(here.err.startswith("Usage: ")) == (code == 2)


def test_the_version_is_the_packages(here: Here) -> None:
    assert here("--version") == 0
    assert here.out == f"flowengine {metadata.version('flowengine')}\n"


def test_a_fault_of_ours_is_told_by_its_place_and_not_by_its_words(tmp_path: Path) -> None:
    (tmp_path / "saboteur.py").write_text(SABOTEUR)
    done = subprocess.run(
        (*COMMAND, "run", SIGN_IN, "--functions", "saboteur"),
        cwd=tmp_path, env=surroundings(FLOWENGINE_DEBUG=""), input=ENTER,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    told = INTERNAL.fullmatch(done.stderr)
    assert told is not None
    assert told.groups() == ("ValueError", "saboteur.py")
    assert MARK not in done.stdout


@pytest.mark.usefixtures("here")
def test_the_debug_variable_shows_where_a_fault_comes_from_and_no_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        password = OTHER_PASSWORD
        raise LookupError(len(password))

    monkeypatch.setattr(keys, "callback", fail)
    monkeypatch.setenv("FLOWENGINE_DEBUG", "1")
    assert run(["keys"]) == 70
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n")
    assert "raise LookupError(len(password))" in told
    assert told.endswith(f"LookupError: {len(OTHER_PASSWORD)}\n")
    assert MARK not in told


def _every_command(group: click.Group, *before: str) -> list[tuple[tuple[str, ...], click.Command]]:
    found = []
    for name, each in group.commands.items():
        words = (*before, name)
        found += _every_command(each, *words) if isinstance(each, click.Group) else [(words, each)]
    return found


@pytest.mark.parametrize(
    ("words", "body"),
    [pytest.param(*each, id=" ".join(each[0])) for each in _every_command(flowengine)],
)
def test_whatever_goes_wrong_in_a_command_no_traceback_is_shown(
    here: Here, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], body: click.Command
) -> None:
    def fail(**_: object) -> None:
        raise RecursionError(PASSWORD)

    monkeypatch.setattr(body, "callback", fail)
    required = [each.name or "" for each in body.params if each.required]
    assert here(*words, *required) == 70
    assert INTERNAL.fullmatch(here.err)
    assert here.out == ""


@pytest.mark.parametrize("words", [("keys",), ("check", DANGLING)])
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = command(tmp_path, *words, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_head_ends_check_quietly(tmp_path: Path) -> None:
    for name in "abcd":
        shutil.copytree(BROKEN, tmp_path / name)
    with subprocess.Popen(
        ("/bin/sh", "-c", "exec head -1"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        pipesize=4096,
    ) as head:  # fmt: skip
        done = command(tmp_path, "check", stdout=head.stdin)
        told, _ = head.communicate()
    assert told.startswith(b"a/")
    assert told.count(b"\n") == 1
    assert (done.returncode, done.stderr) == (0, "")


def test_head_ends_run_quietly(tmp_path: Path) -> None:
    line = f"yes '' | flowengine run '{SIGN_IN}' | head -1; echo ${{PIPESTATUS[1]}}"
    done = shell(tmp_path, line)
    assert (done.stdout, done.stderr) == ("sign-in, version 1\n0\n", "")


def test_an_output_without_room_is_no_fault_of_ours(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = command(tmp_path, "check", SIGN_IN, stdout=full)
    said = "flowengine: cannot write the output: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize("words", [("check", "-"), ("graph", "-")])
def test_a_closed_input_is_an_empty_one(here: Here, words: tuple[str, ...]) -> None:
    assert here(*words, given=None) == 1
    assert "<stdin>:1:1: error: the file is empty [yaml-documents]" in here.out + here.err


def test_closed_outputs_are_no_fault_of_ours(tmp_path: Path) -> None:
    done = shell(tmp_path, f"flowengine graph '{SIGN_IN}' >&- 2>&-")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_ctrl_c_stops_a_command_with_a_word(tmp_path: Path) -> None:
    with subprocess.Popen(
        (*COMMAND, "run", SIGN_IN), cwd=tmp_path, env=surroundings(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert any("password [" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (1, "\nflowengine: stopped\n")


def test_a_module_of_functions_that_ends_the_process_does_not(here: Here) -> None:
    here.write("leaver.py", "raise SystemExit(5)\n")
    assert here("run", SIGN_IN, "--functions", "leaver", given=ENTER) == 1
    assert "leaver cannot be imported: SystemExit" in here.err


def test_links_that_lead_nowhere_are_findings_and_the_rest_is_checked(here: Here) -> None:
    (here.folder / "circle.flow.yaml").symlink_to("circle.flow.yaml")
    (here.folder / "gone.flow.yaml").symlink_to("gone")
    (here.folder / "twice.flow.yaml").symlink_to(DANGLING)
    (here.folder / "again.flow.yaml").symlink_to(DANGLING)
    assert here("check") == 1
    assert "circle.flow.yaml:1:1: error: cannot read the file: Too many levels" in here.out
    assert "gone.flow.yaml:1:1: error: cannot read the file: No such file" in here.out
    assert here.out.count("[dangling-target]") == 1
    assert here.out.endswith("3 errors in 3 files\n")


def test_an_output_that_knows_no_accents_gets_escapes(tmp_path: Path) -> None:
    (tmp_path / "é.flow.yaml").write_text(Path(DANGLING).read_text())
    done = command(tmp_path, "check", env=surroundings(PYTHONIOENCODING="ascii"))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(r"\xe9.flow.yaml:10:11: error: ")


def test_findings_do_not_repeat_what_a_deployment_keeps_to_itself(tmp_path: Path) -> None:
    deploy_planted(tmp_path, directory=f"mysql://{MARK}", keys=MARK)
    done = command(tmp_path, "check")
    assert done.returncode == 1
    assert "[store-form]" in done.stdout
    assert "[keys-form]" in done.stdout
    assert MARK not in done.stdout


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"_FLOWENGINE_COMPLETE": "bash_source"}, 0, "_flowengine_completion"),
        (
            {"_FLOWENGINE_COMPLETE": "bash_complete", "COMP_WORDS": "flowengine ch",
             "COMP_CWORD": "1"}, 0, "plain,check\n",
        ),
        ({"_FLOWENGINE_COMPLETE": "nonsense"}, 1, ""),
    ],
)  # fmt: skip
def test_shells_can_complete_commands(
    here: Here, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: int, said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert here() == code
    assert said in here.out
