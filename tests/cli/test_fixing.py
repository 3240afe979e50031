"""``flowengine check --fix``: what needs nobody's judgement is mended, and nothing else."""

from __future__ import annotations

import os

import pytest

from flowengine import documents
from flowengine.cli.fixing import fix_file
from flowengine.flow.loading import load_source
from flowengine.source import SourceText
from tests.cli.commanding import Here

FLOW = """\
flow: quoting   # kept
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require:
  - proved.password
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: {that}
        goto: done
      - else: refused
  done: # flowengine: ignore[single-factor] It is about quotes.
    end: success
"""


@pytest.mark.parametrize(
    "written",
    [
        "!user.has.totp || proved.totp",
        "!user.has.totp   # and a comment",
        "!(user.status == 'CONFIRMED') && user.username != 'b'",
        '"a" != user.username',
        "'a' != user.username",
        "[1, 2].size() == 2",
        '{"a": 1}.size() == 1',
        "user.enabled ? user.exists : false",
        "user.username != 'a: b'",
    ],
)
def test_an_expression_is_quoted_and_means_what_it_said(here: Here, written: str) -> None:
    path = here.write("a.flow.yaml", FLOW.replace("{that}", written))
    assert here("check", "--fix", "a.flow.yaml") == 0
    fixed = path.read_text()
    program, found = load_source(SourceText("a", fixed))
    assert (program is not None, found) == (True, [])
    assert program is not None
    value = written.partition("   # ")[0]
    assert value in [row.text for row in program.machine.table]
    quoted = "'" + value.replace("'", "''") + "'"
    assert fixed == FLOW.replace("{that}", written.replace(value, quoted))


def test_everything_else_of_the_file_stays_as_it_was(here: Here) -> None:
    text = "\ufeff" + FLOW.replace("{that}", "!user.has.totp").replace("\n", "\r\n")
    path = here.write("a.flow.yaml", "")
    path.write_bytes(text.encode())
    path.chmod(0o640)
    (here.folder / "link.flow.yaml").symlink_to("a.flow.yaml")
    assert here("check", "--fix", "link.flow.yaml") == 0
    assert here.out == "1 flow, no findings (1 fixed, 1 accepted)\n"
    assert path.read_bytes().decode() == text.replace("!user.has.totp", "'!user.has.totp'")
    assert path.stat().st_mode & 0o777 == 0o640
    assert (here.folder / "link.flow.yaml").is_symlink()
    assert sorted(each.name for each in here.folder.iterdir()) == ["a.flow.yaml", "link.flow.yaml"]


def test_optional_keys_are_quoted_in_a_list(here: Here) -> None:
    text = FLOW.replace("{that}", "has(responses.KEY)")
    text = text.replace("[PASSWORD]\n", "[PASSWORD, KEY?]\n")
    path = here.write("a.flow.yaml", text)
    assert here("check", "--fix", "a.flow.yaml") == 0
    assert "responses: [PASSWORD, 'KEY?']" in path.read_text()


@pytest.mark.parametrize(
    "written",
    [
        "!user.has.totp &&\n            user.enabled",  # it goes on on the next line
        "user.has.totpp",  # a name that is misspelt may be meant otherwise
        "!!str proved.totp\n        other: 1",
    ],
)
def test_what_may_be_meant_otherwise_is_left_alone(here: Here, written: str) -> None:
    path = here.write("a.flow.yaml", FLOW.replace("{that}", written))
    before = path.read_text()
    assert here("check", "--fix", "a.flow.yaml") == 1
    first = path.read_text()
    assert first == before or "'!!str proved.totp'" in first


def test_a_clean_file_is_not_written(here: Here) -> None:
    path = here.write("a.flow.yaml", FLOW.replace("{that}", "proved.password"))
    before = path.stat()
    assert here("check", "--fix", "a.flow.yaml") == 0
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert fix_file(path) == 0


def test_a_deployment_is_mended_as_text(here: Here) -> None:
    here.deploy()
    path = here.folder / "flowengine.yaml"
    path.write_text(path.read_text().replace("clients:\n", "clients:\n      # kept\n"))
    assert here("check", "--fix") == 0
    assert "# kept" in path.read_text()


def test_each_fix_that_is_offered_takes_its_finding_away() -> None:
    for value in ("!a", "&a", "*a", "@a", "`a", "%a", "[a].b", "{a}.b", '"a" + b', "a ? b : c"):
        source = SourceText("a", f"when: {value}\n")
        _, (finding,) = documents.load(source)
        assert finding.fix is not None, value
        at = finding.fix.span
        mended = source.text[: at.start] + finding.fix.text + source.text[at.end :]
        document, found = documents.load(SourceText("a", mended))
        assert document is not None
        assert (documents.plain(document.root), found) == ({"when": value}, [])


def test_a_file_that_cannot_be_written_stays_as_it_was(here: Here) -> None:
    path = here.write("shut/a.flow.yaml", FLOW.replace("{that}", "!user.has.totp"))
    before = path.read_text()
    assert here("check", "shut") == 1  # loads what another user could not
    path.parent.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.chown(here.folder, 65534, -1)
        os.seteuid(65534)
    try:
        code = here("check", "--fix", "shut")
    finally:
        os.seteuid(user)
        path.parent.chmod(0o755)
    assert (code, here.out) == (2, "")
    assert "cannot write shut/a.flow.yaml: Permission denied" in here.err
    assert path.read_text() == before
    assert [each.name for each in path.parent.iterdir()] == ["a.flow.yaml"]
