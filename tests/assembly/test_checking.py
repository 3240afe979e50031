"""What a check of a deployment says about its stores, its deliveries and its texts."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.assembly.checking import check_adapters, check_deployment
from flowengine.assembly.deliveries import sent_by
from flowengine.delivery.texts import BUILT_IN
from flowengine.deployment.definition import Deployment
from flowengine.deployment.findings import Findings
from flowengine.errors import UnavailableError
from flowengine.operations.codes import Purpose
from flowengine.runtime.messages import OPERATION_PURPOSES
from flowengine.source import Diagnostic, SourceText
from flowengine.stores import urls
from tests import planted
from tests.assembly.deployed import KEYS, with_settings
from tests.deployment.deployments import FLOW, SMALL, client, pool, read, spanned

OUTBOX = "delivery: {email: 'outbox:mail.jsonl'}\n"
CODE = (
    "  code:\n    challenge: CUSTOM_CHALLENGE\n    responses: [ANSWER]\n    create: {call: f}\n"
    "    verify: responses.ANSWER == private.code\n"
    "    deliver: {channel: email, template: welcome}\n    next: done\n"
)
WELCOMES = FLOW.replace("    next: done\n", f"    next: code\n{CODE}", 1)
SECRET = "whsec_" + base64.b64encode(planted.KEY).decode()


def _checked(
    folder: Path, text: str, flow: str = FLOW
) -> tuple[Deployment | None, list[Diagnostic]]:
    (folder / "sign-in.flow.yaml").write_text(flow)
    path = folder / "flowengine.yaml"
    path.write_text(text)
    return check_deployment(path, {})


def _found(folder: Path, text: str, flow: str = FLOW) -> list[Diagnostic]:
    """Give the errors; what is only doubtful has golden files."""
    deployment, found = _checked(folder, text, flow)
    errors = [each for each in found if each.is_fatal]
    assert (deployment is None) is bool(errors)
    return errors


def _rules(folder: Path, text: str, flow: str = FLOW) -> list[tuple[str, str]]:
    return [(each.rule, spanned(each)) for each in _found(folder, text, flow)]


def _sessions(where: str) -> str:
    return SMALL.replace("sessions: 'memory:'", f"sessions: '{where}'")


def _directory(where: str) -> str:
    return SMALL.replace("directory: 'memory:'", f"directory: '{where}'") + f"keys: {KEYS}\n"


STORES = [
    "memory:", "sqlite:///a.db", "sqlite:////var/a b.db", "postgres://h/db", "postgresql:///db",
]  # fmt: skip
VALKEY = [
    "redis://h", "valkey://:pw@h:7000/1", "rediss://h?ssl_ca_certs=ca.pem", "valkeys://h",
    "redis+cluster://:pw@a,b:7001", "redis+sentinel://a,b/main/2",
]  # fmt: skip


@pytest.mark.parametrize("where", [*STORES, *VALKEY])
def test_sign_ins_are_kept_in_any_store(tmp_path: Path, where: str) -> None:
    assert _found(tmp_path, _sessions(where)) == []


@pytest.mark.parametrize("where", STORES)
def test_users_are_kept_in_any_store_but_valkey(tmp_path: Path, where: str) -> None:
    assert _found(tmp_path, _directory(where)) == []


@pytest.mark.parametrize("where", VALKEY)
def test_users_in_valkey_are_refused(tmp_path: Path, where: str) -> None:
    (found,) = _found(tmp_path, _directory(where))
    assert (found.rule, spanned(found)) == ("store-form", f"'{where}'")
    assert "keep sign-ins alone" in found.message


@pytest.mark.parametrize(
    "where",
    [
        "users.db", "memory:x", "sqlite:", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?mode=ro",
        "mysql://h/db", " memory:", "redis:h", "redis://", "redis://h:0", "redis://a,b",
        "redis://h/x", "redis+cluster://h/1", "redis+sentinel://h", "redis://h?ssl_ca_certs=x",
    ],
)  # fmt: skip
def test_a_store_of_another_form_is_refused_at_its_place(tmp_path: Path, where: str) -> None:
    for text in (_sessions(where), _directory(where)):
        assert _rules(tmp_path, text) == [("store-form", f"'{where}'")]


PART = st.sampled_from(["memory:", "sqlite:", "postgres", "ql", "redis", "+cluster", "://", "/", ":memory:", "?", "a.db", ",", "\n", " "])  # fmt: skip  # noqa: E501


@given(st.lists(PART, max_size=6).map("".join))
def test_check_takes_exactly_the_stores_that_can_be_opened(text: str) -> None:
    deployment = with_settings(Deployment(read(SMALL), {}), sessions=text, directory=text)
    noted = Findings(SourceText("flowengine.yaml", text))
    check_adapters(deployment.definition, None, noted)
    refused = sum(_refuses(reading, text) for reading in (urls.parse_sign_ins, urls.parse))
    assert [each.rule for each in noted.found] == ["store-form"] * refused


def _refuses(reading: object, text: str) -> bool:
    assert callable(reading)
    try:
        reading(text)
    except UnavailableError:
        return True
    return False


GOOD = {
    "email": [
        "outbox:mail.jsonl", "outbox:/var/mail.jsonl", "smtp://127.0.0.1?from=a@b.example",
        "smtps://me:pw@h:465?from=Me <a@b.example>".replace(" ", "%20"),
        f"https://h/path#{SECRET}", "my_backend.mail:send",
    ],
    "sms": ["outbox:sms.jsonl", f"https://h/path#{SECRET}", "my_backend.sms:send"],
}  # fmt: skip


@pytest.mark.parametrize(("channel", "where"), [(c, w) for c, all_ in GOOD.items() for w in all_])
def test_codes_go_to_a_file_a_server_a_webhook_or_a_function(
    tmp_path: Path, channel: str, where: str
) -> None:
    assert _found(tmp_path, f"{SMALL}delivery: {{{channel}: '{where}'}}\n") == []


@pytest.mark.parametrize(
    ("channel", "where"),
    [
        ("email", "mail.jsonl"), ("email", "outbox:"), ("email", "smtp:h"),
        ("email", f"smtp://{planted.PASSWORD}@h"), ("email", "http://h/#" + SECRET),
        ("email", "https://h/"), ("email", f"https://h/#{planted.CODE}"), ("email", "m:f:g"),
        ("sms", "smtp://h?from=a@b.example"), ("sms", f"ftp://{planted.PASSWORD}@h"),
    ],
)  # fmt: skip
def test_a_delivery_of_another_form_is_refused_at_its_place_and_never_shown(
    tmp_path: Path, channel: str, where: str
) -> None:
    (found,) = _found(tmp_path, f"{SMALL}delivery: {{{channel}: '{where}'}}\n")
    assert (found.rule, spanned(found)) == ("delivery-form", f"'{where}'")
    assert f"delivery of {channel}" in found.message
    assert planted.MARK not in f"{found.message}{found.hint}"
    assert SECRET not in f"{found.message}{found.hint}"


def test_a_mail_server_is_told_whom_the_mail_is_from(tmp_path: Path) -> None:
    (found,) = _found(tmp_path, SMALL + "delivery: {email: 'smtp://127.0.0.1'}\n")
    assert (found.rule, spanned(found)) == ("delivery-sender", "'smtp://127.0.0.1'")


def test_what_is_wrong_with_a_delivery_is_said_beside_what_is_wrong_with_a_flow(
    tmp_path: Path,
) -> None:
    text = SMALL + "delivery: {email: 'mail.jsonl'}\n"
    _, found = _checked(tmp_path, text, FLOW.replace("next: done", "next: dome"))
    assert {"delivery-form", "dangling-target"} <= {each.rule for each in found}


def test_of_a_variable_that_is_not_set_its_form_is_not_said(tmp_path: Path) -> None:
    text = _sessions("${STORE}") + "delivery: {email: '${MAIL}'}\n"
    assert {rule for rule, _ in _rules(tmp_path, text)} == {"env-unset"}


def test_a_text_of_a_flows_own_needs_a_folder(tmp_path: Path) -> None:
    (found,) = _found(tmp_path, SMALL + OUTBOX, WELCOMES)
    assert (found.rule, spanned(found)) == ("text-missing", "email")
    assert found.message == "a flow sends 'welcome' by email, and there is no such text"
    assert found.hint == "name a folder under messages, with a file welcome.email.txt"


def test_a_text_that_is_not_in_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    text = f"{SMALL}{OUTBOX}messages: messages/\n"
    (found,) = _found(tmp_path, text, WELCOMES)
    assert found.rule == "text-missing"
    assert found.source.name == str(tmp_path / "messages" / "welcome.email.txt")
    (tmp_path / "messages" / "welcome.email.txt").write_text("Subject: Hello\n\n{code}\n")
    assert _found(tmp_path, text, WELCOMES) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("welcome.email.txt", "text-purpose"),
        ("sign-in.post.txt", "text-channel"),
        ("readme.md", "text-name"),
    ],
)
def test_a_text_that_nothing_sends_is_refused(tmp_path: Path, name: str, rule: str) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / name).write_text("Subject: Hello\n\n{code}\n")
    found = _found(tmp_path, f"{SMALL}{OUTBOX}messages: messages\n")
    assert (rule, name) in [(each.rule, Path(each.source.name).name) for each in found]


@pytest.mark.parametrize("purpose", OPERATION_PURPOSES)
def test_the_texts_of_operations_may_be_written_too(tmp_path: Path, purpose: str) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / f"{purpose}.email.fr.txt").write_text("Subject: Bonjour\n\n{code}\n")
    assert _found(tmp_path, f"{SMALL}{OUTBOX}messages: messages\n") == []


def test_a_folder_of_texts_that_is_not_there_is_said(tmp_path: Path) -> None:
    (found,) = _found(tmp_path, f"{SMALL}{OUTBOX}messages: mesages\n")
    assert (found.rule, found.source.name) == ("text-unreadable", str(tmp_path / "mesages"))


def test_texts_without_a_delivery_are_refused(tmp_path: Path) -> None:
    assert _rules(tmp_path, f"{SMALL}messages: texts/\n") == [("messages-unused", "texts/")]


def test_there_is_a_text_for_each_purpose_of_an_operation_by_each_channel() -> None:
    assert {purpose.value for purpose in Purpose} <= set(OPERATION_PURPOSES)
    both = read(SMALL + "delivery: {email: 'outbox:x', sms: 'outbox:x'}\n")
    sent = set(sent_by(both, {}))
    assert sent == {(each, by) for each in OPERATION_PURPOSES for by in ("email", "sms")}
    assert sent <= BUILT_IN.keys()


TOTP = (
    "  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}\n"
    "  done:"
)
STRONG = FLOW.replace("next: done", "next: totp", 1).replace("  done:", TOTP, 1)
WHERE_SET_UP = STRONG.replace(
    "next: totp", "next: [{when: user.has.totp, goto: totp}, {else: done}]", 1
)


def test_a_pool_that_requires_mfa_has_flows_that_prove_two_kinds(tmp_path: Path) -> None:
    assert _found(tmp_path, pool("mfa: required"), STRONG) == []


@pytest.mark.parametrize("flow", [FLOW, WHERE_SET_UP])
def test_a_flow_that_can_do_with_one_kind_is_refused_where_mfa_is_required(
    tmp_path: Path, flow: str
) -> None:
    assert _rules(tmp_path, pool("mfa: required"), flow) == [("mfa-not-proved", "sign-in")]
    assert _found(tmp_path, SMALL, flow) == []


def test_what_a_client_requires_is_proved_of_its_auth_flows(tmp_path: Path) -> None:
    text = client("require: [proved.totp]")
    assert _found(tmp_path, text, STRONG) == []
    assert _rules(tmp_path, text, WHERE_SET_UP) == [("client-require-not-proved", "proved.totp")]


def test_the_pool_that_a_client_is_in_counts_for_what_it_requires(tmp_path: Path) -> None:
    text = client("require: ['proved.totp || pool.mfa == \"optional\"']")
    assert _found(tmp_path, text, WHERE_SET_UP) == []
    off = text.replace("    clients:", "    mfa: none\n    clients:", 1)
    ((rule, _),) = _rules(tmp_path, off, WHERE_SET_UP)
    assert rule == "client-require-not-proved"


SET_UP = WHERE_SET_UP.replace("{else: done}", "{else: set-up}").replace(
    "  done:", "  set-up: {challenge: MFA_SETUP, responses: [], next: done}\n  done:", 1
)
SET_UP_FIRST = FLOW.replace("start: password", "start: set-up", 1).replace(
    "  done:",
    "  set-up:\n"
    "    challenge: MFA_SETUP\n"
    "    responses: []\n"
    "    accept: {enrolment-weaker: Of this another test tells.}\n"
    "    next: password\n"
    "  done:",
    1,
)
REQUIRED = pool("mfa: required\n    mfa_methods: [SOFTWARE_TOKEN_MFA]")


def test_what_is_enrolled_behind_another_kind_stands_for_the_second(tmp_path: Path) -> None:
    assert _rules(tmp_path, REQUIRED, SET_UP) == []


def test_what_is_enrolled_before_anything_was_proved_does_not(tmp_path: Path) -> None:
    assert ("mfa-not-proved", "sign-in") in _rules(tmp_path, REQUIRED, SET_UP_FIRST)
