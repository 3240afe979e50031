from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.delivery.sending import UndeliverableError
from flowengine.delivery.text_files import load_texts
from flowengine.delivery.texts import Template, Texts
from flowengine.errors import InvalidDocumentError, UnavailableError
from tests.delivery.letters import message
from tests.planted import CODE


def folder_of(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def test_without_a_folder_there_are_english_texts_for_signing_in() -> None:
    texts = load_texts(None, [("sign-in", "email"), ("sign-in", "sms")])
    mail = texts.write(message(locale="pt-BR"))
    assert mail.subject == "Your sign-in code"
    assert mail.text.startswith(f"Your sign-in code is {CODE}\n\n")
    assert texts.write(message(channel="sms")).text.startswith(f"{CODE} is your sign-in code.")
    assert CODE not in repr(mail)


def test_the_nearest_locale_wins(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "sign-in.sms.pt-BR.txt": "br {code}",
        "sign-in.sms.pt.txt": "pt {code}",
        "sign-in.sms.zh_Hant.txt": "hant {code}",
        "sign-in.sms.txt": "any {code}",
        "sign-in.email.de.txt": "Subject: Code für {name}\n\nHallo {name}, es ist {code}.\n",
        ".gitkeep": "",
    }
    texts = load_texts(folder_of(tmp_path, files))
    for locale, first in {
        "pt-BR": "br",
        "PT_br": "br",
        "pt-PT": "pt",
        "pt": "pt",
        "zh-Hant-TW": "hant",
        "zh": "any",
        "": "any",
        "-": "any",
        "x" * 4000: "any",
        "pt-" * 4000: "any",
    }.items():
        assert texts.write(message(channel="sms", locale=locale)).text.split()[0] == first
    mail = texts.write(message(locale="de-AT", name="Ann"))
    assert (mail.subject, mail.text) == ("Code für Ann", f"Hallo Ann, es ist {CODE}.\n")
    assert texts.write(message(locale="fr")).subject == "Your sign-in code"


def test_a_text_of_a_flows_own_is_loaded(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"quiz.sms.txt": "\ufeffQuiz:\r\n{code}\r\n"}
    texts = load_texts(folder_of(tmp_path, files), [("quiz", "sms")])
    assert texts.write(message(purpose="quiz", channel="sms")).text == f"Quiz:\n{CODE}"
    with pytest.raises(UndeliverableError, match="no-text"):
        texts.write(message(purpose="quiz"))


def test_a_name_that_looks_like_a_placeholder_stays_what_it_is() -> None:
    texts = Texts({("sign-in", "sms"): {"": Template("", "{name} {code} {name}")}})
    written = texts.write(message(channel="sms", name="{code}{name}"))
    assert written.text == f"{{code}}{{name}} {CODE} {{code}}{{name}}"


@given(st.text(), st.text())
def test_what_is_put_in_is_never_looked_at_again(code: str, name: str) -> None:
    filled = Template("", "<{code}|{name}>").fill(code, name).text
    assert filled.startswith(f"<{code}|")
    assert len(filled) <= len(code) + 64 + 3
    assert len(filled[len(code) + 1 :].splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann\r\nBcc: eve@example.com", "Ann Bcc: eve@example.com"),
        ("A\u2028B\u202eC\x00D\x85E", "A B C D E"),
        ("x" * 65, "x" * 63 + "…"),
        ("\ud800Ann", "Ann"),
        ("\N{WOMAN}\u200d\N{PERSONAL COMPUTER}", "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}"),
    ],
)
def test_a_name_is_one_short_line(name: str, shown: str) -> None:
    assert Template("{name}", "{code}").fill(CODE, name).subject == shown


def test_an_invitation_tells_the_user_name_whole() -> None:
    for channel in ("email", "sms"):
        sent = message(purpose="admin-create-user", channel=channel, username="a" * 128)
        text = Texts().write(sent).text
        assert "a" * 128 in text
        assert CODE in text


@pytest.mark.parametrize(
    ("file", "text", "line", "said", "rule"),
    [
        ("sign-in.sms.txt", "a\n{cod} {code}", 2, "'{cod}'", "text-placeholder"),
        ("sign-in.sms.txt", "a\n\n{user.email} {code}", 3, "{user.email}", "text-placeholder"),
        ("sign-in.sms.txt", "{code} {", 1, "a brace stands", "text-placeholder"),
        ("sign-in.sms.txt", "{{code}}", 1, "a brace stands", "text-placeholder"),
        ("sign-in.email.txt", "Subject: {sub}\n\n{code}", 1, "'{sub}'", "text-placeholder"),
        ("sign-in.sms.txt", "Hello {name}", 1, "has no {code}", "text-no-code"),
        ("sign-in.sms.txt", "", 1, "has no {code}", "text-no-code"),
        ("sign-in.email.txt", "Subject: {code}\n\nHello", 2, "has no {code}", "text-no-code"),
        ("sign-in.email.txt", "It is {code}", 1, "needs a subject", "text-subject"),
        ("sign-in.email.txt", "Subject: \n\n{code}", 1, "needs a subject", "text-subject"),
        ("sign-in.email.txt", "Subject: a\nFrom: b\n\n{code}", 2, "empty line", "text-subject"),
        ("sign-in.sms.txt", "Subject: a\n\n{code}", 1, "has no subject", "text-subject"),
        ("sign-on.sms.txt", "{code}", 1, "unknown purpose 'sign-on'", "text-purpose"),
        ("sign-in.mail.txt", "{code}", 1, "unknown channel 'mail'", "text-channel"),
        ("sign-in.txt", "{code}", 1, "not the name of a text", "text-name"),
        ("sign-in.sms.pt.BR.txt", "{code}", 1, "not the name of a text", "text-name"),
        ("sign-in.sms.txt~", "{code}", 1, "not the name of a text", "text-name"),
        ("sign-in.sms.txt", b"a\nb\n\xff {code}", 3, "UTF-8", ""),
        ("sign-in.sms.txt", b"a\nb\x00 {code}", 2, "", ""),
        ("sign-in.sms.txt", "{code}" + "x" * 65536, 1, "", ""),
    ],
)
def test_a_bad_text_is_an_error_that_names_file_and_line(
    tmp_path: Path, file: str, text: str | bytes, line: int, said: str, rule: str
) -> None:
    with pytest.raises(InvalidDocumentError) as refused:
        load_texts(folder_of(tmp_path, {file: text}))
    assert str(refused.value).startswith(f"{tmp_path / file}:{line}:")
    assert said in str(refused.value)
    assert rule in str(refused.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"sign-in.sms.txt": "{a} {b}", "x.sms.txt": "{code}"}
    with pytest.raises(InvalidDocumentError) as refused:
        load_texts(folder_of(tmp_path, files), [("quiz", "email")])
    assert [each.rule for each in refused.value.diagnostics] == [
        "text-missing",
        "text-placeholder",
        "text-no-code",
        "text-placeholder",
        "text-purpose",
    ]


def test_a_folder_in_the_folder_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    (tmp_path / "sign-in.sms.txt").mkdir()
    with pytest.raises(InvalidDocumentError, match="not the name of a text"):
        load_texts(tmp_path)
    with pytest.raises(InvalidDocumentError, match="cannot read this folder: No such file"):
        load_texts(tmp_path / "none")


def test_one_locale_written_in_two_ways_is_an_error(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "sign-in.sms.pt-BR.txt": "{code}",
        "sign-in.sms.pt_br.txt": "{code}",
    }
    with pytest.raises(InvalidDocumentError, match="another text of locale 'pt-br'"):
        load_texts(folder_of(tmp_path, files))


def test_a_text_that_only_some_locales_have_is_missing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"quiz.sms.pt.txt": "{code}"})
    with pytest.raises(InvalidDocumentError, match=r"quiz\.sms\.txt:1:1: a flow sends 'quiz'"):
        load_texts(folder, [("quiz", "sms")])


def test_a_text_that_is_not_built_in_needs_a_folder() -> None:
    with pytest.raises(UnavailableError, match=r"quiz\.sms\.txt"):
        load_texts(None, [("quiz", "sms")])
