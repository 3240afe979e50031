"""The formats of ``flowengine check``; FLOWENGINE_GOLDEN=write rewrites what they look like."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from flowengine import resources
from flowengine.cli.checked import Checked, FailLevel, ordered
from flowengine.cli.formats import as_json, as_sarif
from flowengine.cli.formats.choosing import Format, writer
from flowengine.cli.formats.describing import fingerprints
from flowengine.source import Diagnostic, Severity, SourceText, Span
from tests.cli.commanding import ROOT, Here

GOLDEN = Path(__file__).parents[1] / "golden" / "formats"
SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text())
ENDINGS = {"text": "txt", "json": "json", "sarif": "sarif", "junit": "xml", "github": "log"}
HOSTILE = "\x1b[31m\u202e%0A::error::x,y:z&<]]>\x00\u2028##[add-mask]a"
ACCEPTED = "Nobody has a second factor yet."


def _compare(case: str, form: str, printed: str) -> None:
    golden = GOLDEN / case / f"output.{ENDINGS[form]}"
    if os.environ.get("FLOWENGINE_GOLDEN") == "write":
        golden.write_text(printed)
    assert printed == golden.read_text()


def _checked(text: str = "a: b\nc: d\n", name: str = "some.flow.yaml", **how: object) -> Checked:
    source = SourceText(name, text)
    found = (
        Diagnostic("first-rule", "it is wrong", source, Span(0, 1), "mend it"),
        Diagnostic("second-rule", "it is odd", source, Span(3, 4), severity=Severity.WARNING),
        Diagnostic("third-rule", "as you know", source, Span(5, 6), severity=Severity.NOTE),
        Diagnostic("second-rule", "it is bad", source, Span(8, 9), suppression=ACCEPTED),
    )
    level = FailLevel(str(how.get("level", "error")))
    return Checked(ordered(found), (name, "clean.flow.yaml"), 2, 0, 1, 3, level)


@pytest.mark.parametrize("form", ENDINGS)
def test_findings_look_as_they_are_kept(
    here: Here, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(GOLDEN / "errors")
    assert here("check", "--format", form, "--no-cache") == 1
    assert here.err == ""
    _compare("errors", form, here.out)


@pytest.mark.parametrize("form", ENDINGS)
def test_accepted_findings_and_other_severities_look_as_they_are_kept(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    writer(Format(form))(_checked())
    _compare("severities", form, capsys.readouterr().out)


@pytest.mark.parametrize(
    "checked",
    [_checked(), _checked(HOSTILE, HOSTILE), Checked((), (), 0, 0)],
    ids=["findings", "hostile", "nothing"],
)
def test_sarif_is_valid_by_its_schema(checked: Checked) -> None:
    log = json.loads(json.dumps(as_sarif.log(checked)))
    assert [error.message for error in Draft4Validator(SARIF).iter_errors(log)] == []


def test_sarif_of_a_real_check_is_valid_and_gives_the_place_of_each_finding(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN / "errors")
    here("check", "--format", "sarif")
    log = json.loads(here.out)
    Draft4Validator(SARIF).validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        lines = Path(place["artifactLocation"]["uri"]).read_text().splitlines()
        meant = lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]
        assert meant in {"usr", "donne", "done", "!user.enabled"}
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_has_the_manuals_page_of_each_rule(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN / "errors")
    here("check", "--format", "sarif")
    rules = json.loads(here.out)["runs"][0]["tool"]["driver"]["rules"]
    assert rules
    for rule in rules:
        page = (ROOT / "docs" / "rules" / f"{rule['id']}.md").read_text(encoding="utf-8")
        assert rule["shortDescription"]["text"] in " ".join(page.split())
        assert rule["help"]["text"] == rule["help"]["markdown"] == page


def test_an_accepted_finding_is_suppressed_in_sarif_with_its_reason() -> None:
    results = as_sarif.log(_checked())["runs"][0]["results"]
    kept = [result["suppressions"] for result in results]
    assert kept[:3] == [[], [], []]
    assert kept[3] == [{"kind": "inSource", "status": "accepted", "justification": ACCEPTED}]


@pytest.mark.parametrize(
    "checked",
    [_checked(), _checked(HOSTILE, HOSTILE), Checked((), (), 0, 0)],
    ids=["findings", "hostile", "nothing"],
)
def test_json_is_as_its_schema_and_its_page_promise(checked: Checked) -> None:
    document = as_json.document(checked)
    Draft202012Validator(json.loads(resources.schemas()["check"])).validate(document)
    page = (ROOT / "docs" / "CHECK-JSON.md").read_text()
    described = set(re.findall(r"`(\w+)`", page))
    findings: list[dict[str, object]] = document["findings"]
    members = {
        *document,
        *document["summary"],
        *document["tool"],
        *(key for f in findings for key in f),
    }
    assert members <= described


def test_the_schema_does_refuse_what_is_not_sarif() -> None:
    log = as_sarif.log(_checked())
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not Draft4Validator(SARIF).is_valid(log)


@pytest.mark.parametrize(
    ("level", "failed"),
    [("error", [True, False, False]), ("warning", [True, True, False]),
     ("note", [True, True, True]), ("never", [False, False, False])],
)  # fmt: skip
def test_the_fail_level_is_the_least_severity_that_fails(level: str, failed: list[bool]) -> None:
    checked = _checked(level=level)
    assert [checked.fails(each) for each in checked.found] == [*failed, False]
    assert checked.failed is any(failed)


def test_fingerprints_stay_when_lines_move_and_differ_among_equals() -> None:
    before = _checked("aaaa\naaaa\n").found
    moved = SourceText("some.flow.yaml", "# new\n\naaaa\naaaa\n")
    after = [
        Diagnostic(each.rule, "in other words", moved, Span(each.span.start + 7, each.span.end + 7))
        for each in before
    ]
    assert fingerprints(before) == fingerprints(after)
    assert len(set(fingerprints(before))) == len(before)


def test_a_fingerprint_tells_nothing_of_a_secret() -> None:
    def one(secret: str) -> list[str]:
        source = SourceText("d.yaml", f"keys: {secret}", (Span(6, 6 + len(secret)),))
        return fingerprints([Diagnostic("keys-form", "not a key", source, Span(6, 7))])

    assert one("abcdef") == one("ghijkl")


@pytest.mark.parametrize("form", ENDINGS)
def test_what_a_file_says_cannot_give_commands(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    source = SourceText(f"::{HOSTILE}", f"::{HOSTILE}")
    finding = Diagnostic("some-rule", HOSTILE.partition("\x00")[0], source, Span(0, 9), HOSTILE)
    writer(Format(form))(Checked((finding,), (source.name,), 1, 0))
    printed = capsys.readouterr().out
    assert not {"\x1b", "\u202e", "\x00", "\u2028", "\r"} & set(printed)
    commands: list[str] = []
    if form in {"text", "github", "junit"}:
        commands = [line for line in printed.split("\n") if line.lstrip().startswith("::")]
        assert len(commands) == (1 if form == "github" else 0)
        assert "##[" not in printed
    if form == "github":
        _, properties, _ = commands[0].split("::", 2)
        assert properties.startswith("error file=%3A%3A")
        assert [each.partition("=")[0] for each in properties.partition(" ")[2].split(",")] == [
            "file", "line", "endLine", "col", "endColumn", "title",
        ]  # fmt: skip


def test_the_xml_is_read_again_as_it_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    writer(Format.JUNIT)(_checked(HOSTILE, HOSTILE))
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own output
    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "4", "failures": "1", "errors": "0",
    }  # fmt: skip


def test_a_name_that_is_no_text_is_shown_by_its_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9.flow.yaml")
    for form in ENDINGS:
        writer(Format(form))(_checked(name=name))
        capsys.readouterr().out.encode("ascii" if form != "text" else "utf-8", "surrogateescape")
    assert as_json.document(_checked(name=name))["files"][0] == r"caf\xe9.flow.yaml"
    uri = as_sarif.log(_checked(name=name))["runs"][0]["artifacts"][0]["location"]["uri"]
    assert uri == "caf%E9.flow.yaml"


def test_annotations_name_files_from_the_folder_of_the_repository(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.write("flows/broken.flow.yaml", "flow: [")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(here.folder))
    monkeypatch.chdir(here.folder / "flows")
    assert here("check", "--format", "github") == 1
    assert here.out.startswith("::error file=flows/broken.flow.yaml,line=1,")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_every_format_shows_the_way_of_a_counter_example(here: Here, form: str) -> None:
    flow = (GOLDEN.parent / "check" / "require-not-proved" / "input.flow.yaml").read_text()
    here.write("open.flow.yaml", flow)
    assert here("check", "--format", form, "--no-cache", "open.flow.yaml") == 1
    assert "begins at password" in here.out
    assert "done is come to where" in here.out
