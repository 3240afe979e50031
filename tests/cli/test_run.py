"""``flowengine run``: flows are played from outside, by lines or at a terminal."""

from __future__ import annotations

import io
import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowengine.cli.__main__ import run
from tests.cli.played import CHOICE, FACTORS, FACTS, FUNCTIONS, STORED
from tests.engine.levels import LEVELS

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "flows"
SIGN_IN = str(FLOWS / "sign-in.flow.yaml")
TWO_STEP = str(ROOT / "examples" / "two-step.flow.yaml")
BROKEN = sorted((ROOT / "tests" / "golden" / "check").iterdir())
ENTER = "\n" * 30
PLAIN = ("--auth-flow", "USER_PASSWORD_AUTH")


class Player:
    """Plays in this process, with answers that come as from a pipe."""

    def __init__(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = tmp_path
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, flow: str, *options: str, answers: str = ENTER) -> int:
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        code = run(["run", flow, *options])
        printed = self._capsys.readouterr()
        self.out, self.err = printed.out, printed.err
        assert "Traceback" not in self.out + self.err
        return code

    def write(self, text: str, name: str = "x.flow.yaml") -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)


@pytest.fixture
def play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Player]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    player = Player(tmp_path, monkeypatch, capsys)
    player.write(FUNCTIONS, "played_functions.py")
    yield player
    sys.modules.pop("played_functions", None)


NOT_BY_ENTER = {
    "device.flow.yaml": (1, "ResourceNotFoundException: Device does not exist."),
    "lambda-triggers.flow.yaml": (2, "name the Python module that has them with --functions"),
}
"""Flows that need what a made-up user does not have, and what is said of them."""


@pytest.mark.parametrize("flow", NOT_BY_ENTER)
def test_a_flow_that_needs_more_says_what(play: Player, flow: str) -> None:
    code, said = NOT_BY_ENTER[flow]
    assert play(str(FLOWS / flow)) == code
    assert said in play.out + play.err


@pytest.mark.parametrize("options", [(), ("--user-totp",), ("--temporary", "--group", "admins")])
@pytest.mark.parametrize(
    "flow", sorted({path.name for path in FLOWS.glob("*.flow.yaml")} - NOT_BY_ENTER.keys())
)
def test_every_shipped_flow_is_signed_in_to_by_pressing_enter(
    play: Player, flow: str, options: tuple[str, ...]
) -> None:
    assert play(str(FLOWS / flow), *options) == 0
    assert "signed in: alice, at done" in play.out
    assert ("totp at" in play.out) == ("--user-totp" in options)
    assert re.search(r"cognito:username +alice", play.out)
    assert bool(re.search(r"cognito:groups +admins", play.out)) == ("--group" in options)


def test_a_branch_is_told_with_its_reason(play: Player) -> None:
    assert play(SIGN_IN, "--user-totp", *PLAIN) == 0
    assert "plain-password (proved) -> second-factor  else\n" in play.out
    assert "second-factor -> totp  because user.has.totp\n" in play.out


@pytest.mark.parametrize("door", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_a_wrong_password_is_refused_under_the_wires_name(play: Player, door: str) -> None:
    assert play(SIGN_IN, "--auth-flow", door, answers="wrong\n" + ENTER) == 1
    assert "NotAuthorizedException: Incorrect username or password." in play.out
    assert "refused: the sign-in is over" in play.out
    assert "signed in" not in play.out


def test_a_wrong_code_is_asked_again_with_the_same_session(play: Player) -> None:
    assert play(SIGN_IN, "--user-totp", answers="\n000000x\n\n") == 0
    assert "CodeMismatchException: Invalid code received for user" in play.out
    assert "The session stays good: 4 tries left." in play.out
    assert play.out.count("totp: SOFTWARE_TOKEN_MFA\n") == 1
    assert "signed in: alice" in play.out


def test_wrong_codes_end_the_sign_in_when_no_try_is_left(play: Player) -> None:
    assert play(SIGN_IN, "--user-totp", answers="\n" + "wrong\n" * 5 + ENTER) == 1
    assert "1 try left" in play.out
    assert "totp (exhausted) -> refused" in play.out
    assert "signed in" not in play.out


def test_the_drawn_password_and_the_present_code_are_shown(play: Player) -> None:
    assert play(SIGN_IN, "--user", "bob", "--user-totp") == 0
    password = re.search(r"  password  ([a-z2-7]{16})\n", play.out)
    assert password is not None
    assert f"password [{password[1]}]: " in play.out
    assert re.search(r"otpauth://totp/flowengine:bob\?secret=[A-Z2-7]{32}&", play.out)
    assert re.search(r"SOFTWARE_TOKEN_MFA_CODE \[\d{6}\]: ", play.out)


def test_a_new_password_is_held_against_the_policy_and_asked_again(play: Player) -> None:
    answers = "\nshort\n\n\nnickname=Al\n\n"
    assert play(SIGN_IN, "--temporary", answers=answers) == 0
    assert "InvalidPasswordException: Password did not conform with policy" in play.out
    assert re.search(r"nickname +Al\n", play.out)


def test_a_flow_without_auth_flows_is_lent_one_and_knows_the_new_password(play: Player) -> None:
    assert play(play.write(STORED), "--temporary") == 0
    assert "it has no auth_flows and is lent USER_SRP_AUTH" in play.out
    proposed = re.search(r"NEW_PASSWORD \[(\S+)\]", play.out)
    assert proposed is not None
    assert f" PASSWORD [{proposed[1]}]: " in play.out


def test_custom_challenges_are_played_by_functions_plain_and_asynchronous(play: Player) -> None:
    options = ("--functions", "played_functions")
    assert play(TWO_STEP, *options, answers="red\nblue\n424242\n") == 0
    assert "quiz (wrong) -> quiz" in play.out
    assert re.search(r"proved  quiz at [\d:]+ UTC, code at [\d:]+ UTC\n  tokens  none\n", play.out)
    assert play(TWO_STEP, *options, answers="red\n" * 4) == 1
    assert "quiz (exhausted) -> refused" in play.out


def test_what_a_function_tells_cannot_command_the_terminal(play: Player) -> None:
    play(TWO_STEP, "--functions", "played_functions", answers="blue\n")
    assert r"alice, \x1b[31mwhich colour?" in play.out
    assert "\x1b" not in play.out


def test_functions_that_nobody_named_are_asked_for(play: Player) -> None:
    assert play(TWO_STEP) == 2
    assert "calls ask_question, send_code, and no module was named" in play.err
    assert "--functions" in play.err
    play.write("send_code = print", "played_functions.py")
    assert play(TWO_STEP, "--functions", "played_functions") == 2
    assert "calls ask_question, and played_functions has not" in play.err


def test_a_module_that_fails_is_told_by_its_error_class_alone(play: Player) -> None:
    play.write("raise ValueError('secret-in-a-module')", "played_functions.py")
    assert play(TWO_STEP, "--functions", "played_functions") == 1
    assert "played_functions cannot be imported: ValueError" in play.err
    assert "secret-in-a-module" not in play.out + play.err


def test_a_menu_takes_what_it_offers_and_codes_that_are_sent_are_printed(play: Player) -> None:
    flow = play.write(FACTORS)
    options = ("--user-sms", "--user-email")
    assert play(flow, *options, answers="\nSOFTWARE_TOKEN_MFA\n\n\n") == 0
    assert "InvalidParameterException: Invalid value for parameter ANSWER" in play.out
    assert re.search(r"sent by sms to \+15555550100: \d{6}\n", play.out)
    assert "factor (offered SMS_MFA) -> sms" in play.out
    assert re.search(r"proved +password at \S+ UTC, sms at", play.out)


def test_a_new_code_and_another_way_can_be_asked_for(play: Player) -> None:
    flow, options = play.write(FACTORS), ("--user-sms", "--user-email")
    answers = "\nSMS_MFA\nRESEND=1\nSWITCH=EMAIL_OTP\n\n"
    assert play(flow, *options, answers=answers) == 0
    assert "LimitExceededException" in play.out  # earlier than a second after the first code
    assert "sms (switched EMAIL_OTP) -> mail" in play.out
    assert re.search(r"sent by email to user@example.com: \d{8}\n", play.out)


def test_administrators_auth_flows_are_played_too(play: Player) -> None:
    assert play(play.write(FACTORS), "--auth-flow", "ADMIN_USER_PASSWORD_AUTH") == 0
    assert "factor (none) -> done" in play.out


@pytest.mark.parametrize(
    ("answers", "node"), [("\nPASSWORD_SRP\n\n", "verifier"), ("PASSWORD\n\n", "plain")]
)
def test_a_first_factor_is_chosen_or_preferred(play: Player, answers: str, node: str) -> None:
    assert play(play.write(CHOICE), answers=answers) == 0
    assert f"{node} (proved) -> done" in play.out


def test_inputs_metadata_and_attributes_reach_the_flow(play: Player) -> None:
    flow = play.write(FACTS)
    low, high = 'risk={"score": 1, "signals": []}', 'risk={"score": 80, "signals": []}'
    assert play(flow, "--input", high, "--user-totp") == 0
    assert re.search(r"level +strong\n", play.out)
    assert re.search(r"acr +strong\n", play.out)
    assert play(flow, "--input", low, "--metadata", "channel=app") == 0
    assert "-> free" in play.out
    assert re.search(r"tokens +none\n", play.out)
    assert play(flow, "--input", low, "--metadata", "channel=web", "--attribute", "tier=gold") == 0
    assert play(flow, "--input", low, "--metadata", "channel=web", "--attribute", "tier=tin") == 1
    assert "UserNotConfirmedException: Closed today." in play.out


def test_a_condition_without_a_value_is_told_as_the_reason(play: Player) -> None:
    low = 'risk={"score": 1, "signals": []}'
    assert play(play.write(FACTS), "--input", low) == 1
    because = 'because request.metadata.channel == "app" has no value'
    assert f"password (proved) -> refused\n      {because}\n" in play.out


@pytest.mark.parametrize("case", [folder.name for folder in BROKEN])
def test_a_broken_flow_is_explained_as_check_explains_it(
    play: Player, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    flow = str(ROOT / "tests" / "golden" / "check" / case / "input.flow.yaml")
    assert play(flow) == 1
    assert run(["check", flow]) == 1
    assert play.out == capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "needs --input risk=JSON, of type {score: int, signals: [string]}"),
        (("--input", "risk"), "--input takes NAME=JSON"),
        (("--input", "risk=hidden-value"), "--input risk is not JSON"),
        (("--input", f"risk={'[' * 100_000}"), "--input risk is not JSON"),
        (("--input", 'risk="hidden-value"'), "--input risk does not fit: it is of type {score"),
        (("--input", "rask=1"), "no input rask (--input): it has risk, name"),
        (("--auth-flow", "CUSTOM"), "no auth flow CUSTOM (--auth-flow): it has USER_PASSWORD_AUTH"),
        (("--metadata", "chanel=app"), "no metadata chanel (--metadata): it has channel"),
        (("--attribute", "email"), "--attribute takes NAME=VALUE"),
        (("--attribute", "email=hidden-value"), "--attribute email: Invalid email"),
        (("--attribute", "sub=1"), "--attribute sub"),
        (("--user", ""), "--user takes a name"),
        (("--nonsense",), "No such option"),
    ],
)
def test_an_option_that_does_not_fit_is_a_matter_of_usage(
    play: Player, options: tuple[str, ...], said: str
) -> None:
    given = "--input" in options or not options
    good = () if given else ("--input", json.dumps({"score": 1, "signals": []}).join(["risk=", ""]))
    assert play(play.write(FACTS), *good, *options) == 2
    assert said in play.err
    assert "hidden-value" not in play.out + play.err


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("missing.flow.yaml", "there is no file missing.flow.yaml"),
        ("-", "answers come from standard input"),
        (str(FLOWS), "is a folder"),
        (str(FLOWS / "flowengine.yaml"), "is a deployment"),
    ],
)
def test_what_is_no_file_of_a_flow_is_a_matter_of_usage(play: Player, file: str, said: str) -> None:
    assert play(file) == 2
    assert said in play.err


STEP_UP = str(FLOWS / "step-up.flow.yaml")
PASSKEY_FIRST = str(FLOWS / "passkey-first.flow.yaml")


def test_what_was_proved_before_is_as_old_as_is_said(play: Player) -> None:
    assert play(STEP_UP, "--user-totp", "--earlier", "password=11h") == 0
    assert "level   fresh" in play.out
    assert "PASSWORD" not in play.out
    assert play(STEP_UP, "--user-totp", "--earlier", "password=12h") == 0
    assert "PASSWORD" in play.out


def test_a_flow_that_may_step_up_does_where_something_was_proved_before(play: Player) -> None:
    flow, options = play.write(LEVELS), ("--auth-flow", "USER_AUTH", "--user-totp")
    assert play(flow, *options) == 0
    assert "level   weak" in play.out
    assert play(flow, *options, "--earlier", "password=5m") == 0
    assert "level   strong" in play.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((STEP_UP, "--earlier", "pasword=1h"), "knows no evidence pasword"),
        ((STEP_UP, "--earlier", "password=soon"), "is no duration, as 5m is"),
        ((STEP_UP, "--earlier", "password"), "--earlier takes NAME=DURATION"),
        ((SIGN_IN, "--earlier", "password=1h"), "USER_SRP_AUTH of flow sign-in continues nothing"),
    ],
)
def test_what_cannot_have_been_proved_before_is_refused(
    play: Player, options: tuple[str, ...], said: str
) -> None:
    flow, *rest = options
    assert play(flow, *rest) == 2
    assert said in play.err


def test_who_signs_in_is_asked_where_nobody_was_named(play: Player) -> None:
    assert play(PASSKEY_FIRST) == 0
    assert "USERNAME [alice]" in play.out
    assert play(PASSKEY_FIRST, answers="bob\n" + ENTER) == 1
    assert "NotAuthorizedException: Incorrect username or password." in play.out


@pytest.mark.parametrize("answers", ["", "\n", "\n000000"])
def test_the_end_of_the_answers_is_told_and_refuses(play: Player, answers: str) -> None:
    assert play(SIGN_IN, "--user-totp", answers=answers) == 1
    assert play.err == "flowengine: the answers ended before the sign-in did\n"


def test_help_teaches_by_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--help"]) == 0
    told = capsys.readouterr().out
    assert "flowengine run sign-in.flow.yaml --user-totp" in told
    assert "Exit codes: 0 signed in, 1 findings" in told
    assert run(["--help"]) == 0
    assert "flowengine run login.flow.yaml" in capsys.readouterr().out


def test_answers_come_from_a_pipe_in_a_process_of_its_own() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "flowengine", "run", SIGN_IN, "--user-totp"),
        input="\n\n", capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""
    assert "signed in: alice" in done.stdout


@pytest.mark.parametrize(
    ("keys", "code", "said"),
    [
        (b"typed-in-hiding\n", 1, "refused: the sign-in is over"),
        (b"\n", 0, "signed in: alice"),
        (b"\x03", 1, "flowengine: stopped"),
        (b"\x04", 1, "flowengine: the answers ended before the sign-in did"),
    ],
)
def test_at_a_terminal_a_password_is_not_shown_and_ctrl_c_stops(
    keys: bytes, code: int, said: str
) -> None:
    told, status = _at_a_terminal(keys)
    assert status == code
    assert said in told
    assert "typed-in-hiding" not in told
    assert "Traceback" not in told


def _at_a_terminal(keys: bytes) -> tuple[str, int]:
    """Give what a terminal shows, and the exit code, when the keys are pressed at the prompt."""
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    command = (sys.executable, "-m", "flowengine", "run", SIGN_IN)
    told = b""
    with subprocess.Popen(
        (sys.executable, "-c", spawn, *command), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        shown = process.stdout.fileno()
        while True:
            # Keys are pressed again where nothing comes of them: a signal just before the read
            # that it shall end is seen by Python after it.
            if select.select([shown], [], [], 10)[0]:
                if not (chunk := os.read(shown, 65_536)):
                    break
                told += chunk
            if re.search(rb"password \[\S+\]: $", told):
                process.stdin.write(keys)
                process.stdin.flush()
    return re.sub(rb"\x1b\[[\d;]*m", b"", told).decode(), process.returncode
