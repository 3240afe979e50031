"""``flowengine users``: what it does to a directory shows in the next sign-in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flowengine.assembly.assembling import assemble_blocking
from flowengine.cli.deployments import load
from flowengine.crypto import totp
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import (
    InitiateAuthRequest,
    RequestOrigin,
    RespondToAuthChallengeRequest,
)
from flowengine.engine.system import SystemClock
from flowengine.errors import NotAuthorizedError
from tests.cli.commanding import (
    COMMAND,
    SHIPPED_ID,
    Here,
    deploy_planted,
    surroundings,
)
from tests.planted import MARK, OTHER_PASSWORD, PASSWORD

NOBODY = RequestOrigin()


@pytest.fixture
def alice(deployed: Here) -> Here:
    """Give a deployment with one user, whose password is the planted one."""
    assert deployed("users", "add", "alice", given=PASSWORD) == 0
    return deployed


def sign_in(password: str, username: str = "alice", code: str | None = None) -> Reply:
    """Sign in to the deployment in this folder, and answer one challenge with a code."""
    parameters = {"USERNAME": username, "PASSWORD": password}
    with closing(assemble_blocking(load("flowengine.yaml"))) as assembled:
        engine = assembled.engine
        asked = InitiateAuthRequest(SHIPPED_ID, "USER_PASSWORD_AUTH", parameters)
        reply = engine.initiate(asked, NOBODY)
        if code is None or not isinstance(reply, ChallengeReply):
            return reply
        answers = {"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code}
        answered = RespondToAuthChallengeRequest(
            SHIPPED_ID, reply.challenge_name, reply.session, answers
        )
        return engine.respond(answered, NOBODY)


def challenge_of(reply: Reply) -> str:
    assert isinstance(reply, ChallengeReply)
    return reply.challenge_name


@pytest.mark.parametrize("end", ["", "\r\nanother line\n"])
def test_a_user_whose_password_comes_on_standard_input_signs_in_at_once(
    deployed: Here, end: str
) -> None:
    assert deployed("users", "add", "alice", given=PASSWORD + end) == 0
    assert (deployed.out, deployed.err) == ("added alice to pool main\n", "")
    assert isinstance(sign_in(PASSWORD), SuccessReply)


def test_a_user_whose_password_is_temporary_must_choose_another(deployed: Here) -> None:
    assert deployed("users", "add", "alice", "--temporary", "--password", PASSWORD) == 0
    assert "it is temporary: the user chooses another" in deployed.out
    assert challenge_of(sign_in(PASSWORD)) == "NEW_PASSWORD_REQUIRED"


@pytest.mark.parametrize("words", [("add", "bob"), ("password", "alice")])
def test_a_generated_password_is_printed_and_signs_in(alice: Here, words: tuple[str, str]) -> None:
    assert alice("users", *words, "--generate") == 0
    printed = re.search(r"^  password: (\S{16,})$", alice.out, re.MULTILINE)
    assert printed is not None
    assert isinstance(sign_in(printed[1], words[1]), SuccessReply)


def test_a_new_password_takes_the_place_of_the_old_one(alice: Here) -> None:
    assert alice("users", "password", "alice", given=OTHER_PASSWORD) == 0
    assert (alice.out, alice.err) == ("set the password of alice\n", "")
    assert isinstance(sign_in(OTHER_PASSWORD), SuccessReply)
    with pytest.raises(NotAuthorizedError):
        sign_in(PASSWORD)
    assert alice("users", "password", "alice", "--temporary", given=PASSWORD) == 0
    assert challenge_of(sign_in(PASSWORD)) == "NEW_PASSWORD_REQUIRED"


def test_an_authenticator_app_is_asked_for_until_it_is_taken_away(alice: Here) -> None:
    first, second = _new_secret(alice), _new_secret(alice)
    assert first != second
    counter = totp.counter_at(SystemClock().now())
    assert isinstance(sign_in(PASSWORD, code=totp.code(second, counter)), SuccessReply)
    assert alice("users", "totp", "alice", "--off") == 0
    assert alice.out == "alice has no authenticator app any more\n"
    assert isinstance(sign_in(PASSWORD), SuccessReply)


def _new_secret(here: Here) -> bytes:
    assert here("users", "totp", "alice") == 0
    printed = re.search(r"^  secret: ([A-Z2-7]{32})\n  link:   (\S+)\n", here.out, re.MULTILINE)
    assert printed is not None
    assert printed[2].startswith(f"otpauth://totp/flowengine:alice?secret={printed[1]}&")
    return totp.from_text(printed[1])


def test_what_is_shown_of_a_user_is_no_secret(alice: Here) -> None:
    secret = totp.to_text(_new_secret(alice))
    words = ("--temporary", "--attribute", "email=b@example.com", "--attribute", "nickname=B=b")
    assert alice("users", "add", "bob", *words, given=PASSWORD) == 0
    assert alice("users", "show", "bob") == 0
    assert alice.out.startswith("bob: FORCE_CHANGE_PASSWORD, enabled\n  second factors: none\n")
    assert "  email: b@example.com\n" in alice.out
    assert "  nickname: B=b\n" in alice.out
    assert alice("users", "show", "alice") == 0
    assert alice.out.startswith("alice: CONFIRMED, enabled\n  second factors: SOFTWARE_TOKEN_MFA\n")
    assert secret not in alice.out


def test_what_an_attribute_says_cannot_command_the_terminal(alice: Here) -> None:
    words = ("--generate", "--attribute", "nickname=\x1b[31m\u202e\nred")
    assert alice("users", "add", "bob", *words) == 0
    assert alice("users", "show", "bob") == 0
    assert "  nickname: \\x1b[31m\\u202e\\x0ared\n" in alice.out


def test_a_user_who_is_removed_is_gone(alice: Here) -> None:
    assert alice("users", "remove", "alice") == 0
    assert (alice.out, alice.err) == ("removed alice\n", "")
    assert alice("users", "show", "alice") == 1
    with pytest.raises(NotAuthorizedError):
        sign_in(PASSWORD)
    assert alice("users", "add", "alice", given=OTHER_PASSWORD) == 0


def test_a_user_who_is_there_already_is_left_alone(alice: Here) -> None:
    assert alice("users", "add", "alice", given=OTHER_PASSWORD) == 1
    assert alice.err == "flowengine: UsernameExistsException: User account already exists\n"
    assert alice.out == ""
    assert isinstance(sign_in(PASSWORD), SuccessReply)


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("totp",),
        ("totp", "--off"),
        ("remove",),
        ("password",),
        ("password", "--generate"),
    ],
)
def test_a_user_who_is_not_there_is_told_before_a_password_is_read(
    deployed: Here, words: tuple[str, ...]
) -> None:
    assert deployed("users", words[0], "bob", *words[1:], given=PASSWORD) == 1
    assert deployed.err == "flowengine: UserNotFoundException: User does not exist.\n"
    assert deployed.out == ""
    assert sys.stdin.read() == PASSWORD


WEAK = (MARK, f"{MARK}\0{MARK}")


@pytest.mark.parametrize("password", WEAK)
def test_a_password_that_does_not_fit_is_refused_and_not_repeated(
    alice: Here, password: str
) -> None:
    for words in (("add", "bob"), ("password", "alice"), ("add", "bob", "--password", password)):
        assert alice("users", *words, given=password) == 1
        assert re.match("flowengine: InvalidPasswordException: Password did not conf", alice.err)
        assert alice.out == ""
    assert alice("users", "show", "bob") == 1
    assert isinstance(sign_in(PASSWORD), SuccessReply)


@pytest.mark.parametrize("words", [("add", "bob"), ("password", "alice")])
def test_a_password_that_does_not_come_is_a_matter_of_usage(
    alice: Here, words: tuple[str, str]
) -> None:
    for nothing in ("", None):
        assert alice("users", *words, given=nothing) == 2
        assert "Error: no password came on standard input" in alice.err
    assert alice("users", *words, given=b"caf\xe9-Horse-Battery-9\n") == 2
    assert "Error: what comes on standard input is not text in UTF-8" in alice.err
    assert alice("users", *words, "--generate", "--password", PASSWORD) == 2
    assert "Error: --generate makes a password, and --password gives one: say one" in alice.err
    assert alice.out == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("bob", "--attribute", "email"), 2, "--attribute takes NAME=VALUE"),
        (("bob", "--attribute", "=x"), 2, "--attribute takes NAME=VALUE"),
        (("bob", "--attribute", "sub=hidden-value"), 1, "Cannot modify the non-mutable attribute"),
        (("bob", "--attribute", "email=hidden-value"), 1, "InvalidParameterException: Invalid ema"),
        (("bob", "--attribute", "size=hidden-value"), 1, "Attribute does not exist in the schema"),
        (("",), 1, "InvalidParameterException: Invalid value for parameter Username"),
        (("b o b",), 1, "InvalidParameterException: Invalid value for parameter Username"),
        (("\udcff",), 1, "InvalidParameterException: Invalid value for parameter Username"),
        (("b" * 5000,), 1, "InvalidParameterException: Invalid value for parameter Username"),
        ((), 2, "Missing argument 'USERNAME'"),
        (("bob", "two"), 2, "unexpected extra argument (two)"),
        (("bob", "--admin"), 2, "No such option"),
        (("bob", "--pool", "other"), 2, "say which pool, with --pool: main"),
    ],
)
def test_a_user_who_cannot_be_is_refused_with_the_reason(
    deployed: Here, words: tuple[str, ...], code: int, said: str
) -> None:
    assert deployed("users", "add", *words, given=PASSWORD) == code
    assert said in deployed.err
    assert "hidden-value" not in deployed.err
    assert deployed.out == ""


def test_where_there_are_several_pools_one_must_be_named(here: Here) -> None:
    here.deploy()
    path = here.folder / "flowengine.yaml"
    main = re.search(r"^  main:\n(?:    .*\n)+", path.read_text(), re.MULTILINE)
    assert main is not None
    other = (
        main[0].replace("main:", "other:").replace("Example01", "Example02").replace("web:", "app:")
    )
    text = path.read_text().replace(main[0], main[0] + other.replace(SHIPPED_ID, "2" + SHIPPED_ID))
    path.write_text(text)
    assert here("users", "add", "bob", "--generate") == 2
    assert "Error: say which pool, with --pool: main, other" in here.err
    assert here("users", "add", "bob", "--generate", "--pool", "other") == 0
    assert here.out.startswith("added bob to pool other\n")
    assert here("users", "show", "bob", "--pool", "main") == 1
    assert here("users", "show", "bob", "--pool", "other") == 0


SUBCOMMANDS = ("add", "show", "password", "totp", "remove")


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone.yaml", "there is no gone.yaml: name another with --deployment, or write one"),
        ("d", "d is a folder: name the deployment in it"),
        ("sign-in.flow.yaml", "sign-in.flow.yaml is a flow: name a deployment that has it"),
    ],
)
def test_what_is_no_deployment_is_a_matter_of_usage(
    deployed: Here, subcommand: str, path: str, said: str
) -> None:
    (deployed.folder / "d").mkdir()
    before = sorted(deployed.folder.iterdir())
    assert deployed("users", subcommand, "bob", "--deployment", path) == 2
    assert f"Error: {said}" in deployed.err
    assert sorted(deployed.folder.iterdir()) == before


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_a_broken_deployment_is_explained_as_check_explains_it(
    here: Here, subcommand: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWENGINE_KEYS", raising=False)
    here.deploy(directory="nowhere", keys="${FLOWENGINE_KEYS}")
    assert here("check") == 1
    explained = here.out
    assert here("users", subcommand, "bob") == 1
    assert here.out
    assert here.err == ""
    assert explained.startswith(here.out)
    assert not (here.folder / "flowengine.db").exists()


def test_a_directory_that_cannot_be_opened_is_told_with_its_deployment(here: Here) -> None:
    here.deploy("d/flowengine.yaml", directory="'memory:'")
    where = ("--deployment", "d/flowengine.yaml")
    said = "flowengine: d/flowengine.yaml: "
    assert here("users", "show", "alice", *where) == 1
    assert here.err.startswith(f"{said}the directory is memory: it ends with the process")
    here.deploy("d/flowengine.yaml")
    here.write("d/flowengine.db", "no database\n")
    assert here("users", "show", "alice", *where) == 1
    assert here.err.startswith(f"{said}.flowengine/keys beside the database is gone")
    assert here("keys") == 0
    here.write("d/.flowengine/keys", here.out)
    assert here("users", "show", "alice", *where) == 1
    assert here.err == f"{said}the file is not a SQLite database\n"


def test_help_teaches_by_examples_and_names_every_command(here: Here) -> None:
    assert here("users", "--help") == 0
    assert "flowengine users add alice --attribute" in here.out
    assert re.findall(r"^  (\w+)  ", here.out, re.MULTILINE)[-5:] == sorted(SUBCOMMANDS)
    assert here("users", "rename", "alice") == 2
    assert "No such command 'rename'" in here.err


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(deployed: Here) -> None:
    deploy_planted(deployed.folder)
    typed = [OTHER_PASSWORD, PASSWORD, PASSWORD, PASSWORD]
    told, status = _at_a_terminal(deployed.folder, typed)
    assert told.count("Password for alice: \r\nRepeat for confirmation: \r\n") == 2
    assert told.count("values do not match") == 1
    assert told.endswith("added alice to pool main\r\n")
    assert status == 0
    assert MARK not in told


def _at_a_terminal(folder: Path, typed: list[str]) -> tuple[str, int]:
    """Give what a terminal shows, and the exit code, when a line is typed at each prompt."""
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    words = (sys.executable, "-c", spawn, *COMMAND, "users", "add", "alice")
    told = b""
    with subprocess.Popen(
        words, cwd=folder, env=surroundings(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked = 0
        while chunk := os.read(process.stdout.fileno(), 65_536):
            told += chunk
            if len(re.findall(rb"(?:alice|confirmation): ", told)) > asked:
                asked += 1
                process.stdin.write(f"{typed.pop(0)}\n".encode())
                process.stdin.flush()
    return told.decode(), process.returncode
