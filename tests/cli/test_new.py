"""``flowengine new``: what it writes is sound, and nothing is overwritten."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.commanding import FLOWS, LONG, Here

ENTER = "\n" * 10


@pytest.mark.parametrize("template", ["password-totp", "sign-in"])
def test_a_new_flow_is_sound_and_signs_in(here: Here, template: str) -> None:
    assert here("new", "login", "--template", template) == 0
    assert here.out.startswith("wrote login.flow.yaml: ")
    assert here("check", "login.flow.yaml") == 0
    assert here.out == "1 flow, no findings (1 accepted)\n"
    assert here("run", "login.flow.yaml", "--user-totp", given=ENTER) == 0
    assert here.out.startswith("login, version 1\n")


def test_without_a_word_the_smallest_flow_is_written_under_its_own_name(here: Here) -> None:
    assert here("new") == 0
    written = here.folder / "password-totp.flow.yaml"
    assert written.read_text() == (FLOWS / "password-totp.flow.yaml").read_text()


@pytest.mark.parametrize("name", ["login", "my flow", "it's", "$(echo x)", "Straße"])
def test_the_commands_that_it_prints_work_as_they_stand(here: Here, name: str) -> None:
    assert here("new", name) == 0
    told = re.findall(r"it:  (.*)", here.out)
    assert len(told) == 3
    for line in told:
        program, *words = shlex.split(line)
        assert program == "flowengine"
        assert here(*words, given=ENTER) == 0


@pytest.mark.parametrize("name", ["null", "true", "false", "yes", "off", "x1", "Login", "1st"])
def test_whatever_the_file_is_called_the_flow_is_sound(here: Here, name: str) -> None:
    assert here("new", name) == 0
    assert here("check", f"{name}.flow.yaml") == 0


def test_the_comments_name_the_file_that_was_written(here: Here) -> None:
    assert here("new", "login") == 0
    text = (here.folder / "login.flow.yaml").read_text()
    assert "flowengine check login.flow.yaml" in text
    assert "password-totp" not in text


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("d", "d/password-totp.flow.yaml"),
        ("d/login", "d/login.flow.yaml"),
        ("login.yaml", "login.yaml"),
        ("login.flow.yaml", "login.flow.yaml"),
    ],
)
def test_the_path_may_be_a_folder_or_a_file_with_or_without_its_ending(
    here: Here, path: str, written: str
) -> None:
    (here.folder / "d").mkdir()
    assert here("new", path) == 0
    stem = written.removesuffix(".yaml").removesuffix(".flow")
    files = {
        str(file.relative_to(here.folder)) for file in here.folder.rglob("*") if file.is_file()
    }
    assert files == {written, f"{stem}.flowtest.yaml"}


def test_scenarios_that_are_there_are_left_alone(here: Here) -> None:
    kept = here.write("login.flowtest.yaml", "mine")
    assert here("new", "login") == 0
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("path", ["login", "my flow", "it's", "null", "login.yaml"])
@pytest.mark.parametrize("template", ["password-totp", "sign-in", "lambda-triggers"])
def test_the_scenarios_that_are_written_pass(here: Here, path: str, template: str) -> None:
    assert here("new", path, "--template", template) == 0
    assert here("test", "--fail-under", "100") == 0


def test_a_deployment_comes_with_its_flow_and_the_flows_scenarios(here: Here) -> None:
    assert here("new", "--template", "deployment") == 0
    assert here("test") == 0
    assert "sign-in.flowtest.yaml" in here.out


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("login",), "login.flow.yaml"),
        ((), "password-totp.flow.yaml"),
        (("--template", "deployment"), "flowengine.yaml"),
    ],
)
def test_a_file_that_is_there_stays_as_it_was(
    here: Here, words: tuple[str, ...], name: str
) -> None:
    mine = here.write(name, "mine\n")
    assert here("new", *words) == 2
    assert f"Error: {name} is there already, and nothing is overwritten" in here.err
    assert mine.read_text() == "mine\n"
    assert list(here.folder.iterdir()) == [mine]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gone/login",), "cannot write gone/login.flow.yaml: No such file or directory"),
        (("file/login",), "cannot write file/login.flow.yaml: Not a directory"),
        ((LONG,), ".flow.yaml: File name too long"),
        (("--template", "deployment", "gone/x.yaml"), "cannot write gone/x.yaml: No such file"),
        (("--template", "deployment", LONG), ": File name too long"),
        (
            ("--template", "other"),
            "'other' is not one of 'password-totp', 'sign-in', 'lambda-triggers', 'deployment'",
        ),
        (("--force",), "No such option"),
        (("one", "two"), "unexpected extra argument (two)"),
    ],
)
def test_what_cannot_be_written_is_a_matter_of_usage(
    here: Here, words: tuple[str, ...], said: str
) -> None:
    mine = here.write("file", "mine\n")
    assert here("new", *words) == 2
    assert said in here.err
    assert list(here.folder.iterdir()) == [mine]


def test_a_new_deployment_is_sound_and_has_a_client_of_its_own(here: Here) -> None:
    ids = [_client_id(here, folder) for folder in ("one", "two")]
    assert ids[0] != ids[1]
    assert all(re.fullmatch(r"[0-9a-v]{26}", drawn) for drawn in ids)


def _client_id(here: Here, name: str) -> str:
    folder = here.folder / name
    folder.mkdir()
    assert here("new", "--template", "deployment", name) == 0
    assert here("check", name) == 0
    assert here.out == "1 deployment, 1 flow, no findings (1 accepted)\n"
    text = (folder / "flowengine.yaml").read_text()
    found = re.search(r"^        id: (\S+)$", text, re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_commands_that_a_new_deployment_prints_name_it(here: Here) -> None:
    assert here("new", "--template", "deployment", "my own.flowengine.yaml") == 0
    told = dict(re.findall(r"^(.*): +flowengine (.*)$", here.out, re.MULTILINE))
    assert set(told) == {"play the flow", "make a user", "serve it"}
    assert here(*shlex.split(told["play the flow"]), given=ENTER) == 0
    assert here(*shlex.split(told["make a user"]), "--generate") == 0
    where = shlex.split(told["serve it"])
    assert where[:2] == ["serve", "--deployment"]
    assert Path(where[2]).is_file()


def test_a_flow_that_is_there_is_kept_beside_a_new_deployment(here: Here) -> None:
    mine = here.write("sign-in.flow.yaml", "mine\n")
    assert here("new", "--template", "deployment") == 0
    assert "wrote flowengine.yaml\n" in here.out
    assert "wrote sign-in" not in here.out
    assert mine.read_text() == "mine\n"


HANDLERS = """
def define_auth_challenge(event, context):
    session = event["request"]["session"]
    passed = bool(session) and session[-1]["challengeResult"]
    event["response"]["issueTokens"] = passed
    event["response"]["failAuthentication"] = False
    if not passed:
        event["response"]["challengeName"] = "CUSTOM_CHALLENGE"
    return event


def create_auth_challenge(event, context):
    event["response"]["publicChallengeParameters"] = {"question": "How many?"}
    event["response"]["privateChallengeParameters"] = {"answer": "three"}
    return event


def verify_auth_challenge_response(event, context):
    expected = event["request"]["privateChallengeParameters"]["answer"]
    event["response"]["answerCorrect"] = event["request"]["challengeAnswer"] == expected
    return event
"""


def test_the_flow_of_lambda_triggers_is_sound_and_played_with_handlers(here: Here) -> None:
    (here.folder / "handlers_of_new.py").write_text(HANDLERS)
    assert here("new", "login", "--template", "lambda-triggers") == 0
    assert "flowengine run login.flow.yaml --functions MODULE" in here.out
    assert here("check", "login.flow.yaml") == 0
    assert here.out == "1 flow, no findings (2 accepted)\n"
    words = ("run", "login.flow.yaml", "--functions", "handlers_of_new")
    assert here(*words, given="two\nthree\n") == 0
    assert "How many?" in here.out
