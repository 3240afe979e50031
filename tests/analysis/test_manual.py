"""Every rule has a page, a bad file, a good near-miss and what is said about the bad one.

FLOWENGINE_GOLDEN=write rewrites what is said.
"""

from __future__ import annotations

import ast
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowengine import resources
from flowengine.analysis.deployed.rules import DEPLOYMENT_RULES
from flowengine.analysis.rules import ALL_RULES
from tests.analysis import manual
from tests.analysis.manual import GOLDEN, ROOT, SHOWN_ELSEWHERE

RULES = manual.names()
SHOWN = [rule for rule in RULES if rule not in SHOWN_ELSEWHERE]

_TAG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_SAYS = {"error", "unknown", "add", "_say", "_told", "Diagnostic", "Finding", "misread_lead"}
"""What is called with a rule's name first, or second, where something is found."""
_SILENT = ("server", "delivery", "engine", "testing", "stores", "tokens", "runtime", "operations")
"""Layers that find nothing in files; their kebab-case words are other things."""


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        value = getattr(node, "value", None)
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = value.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = value.value
    return found


def _tags(path: Path) -> Iterator[str]:
    """Give the tags that a module can say: literals, module constants, and conditions of both."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = _constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if called not in _SAYS:
            continue
        for part in (part for argument in node.args[:3] for part in ast.walk(argument)):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
            elif isinstance(part, ast.Name) and part.id in known:
                yield known[part.id]


def _all_tags() -> set[str]:
    package = ROOT / "flowengine"
    modules = [
        path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in _SILENT
    ] + [package / "delivery" / "text_files.py"]
    found = {tag for path in modules for tag in _tags(path) if _TAG.fullmatch(tag)}
    # Two are put together from a word: ``text-{what}``; two stand in a table.
    return found | {"text-purpose", "text-channel", "yaml-tag", "yaml-anchor"}


def test_every_tag_that_the_code_can_say_has_a_page_and_every_page_a_tag() -> None:
    assert sorted(_all_tags()) == RULES
    assert resources.rule_names() == set(RULES)


def test_a_rules_file_has_the_rules_name() -> None:
    names = [(vars(rule)["__name__"], rule.NAME) for rule in ALL_RULES]
    names += [(vars(rule)["__name__"], rule.NAME) for rule in DEPLOYMENT_RULES]
    for module, name in names:
        assert module.rpartition(".")[2].replace("_", "-") == name


def test_every_rule_has_a_golden_folder_and_every_folder_a_rule() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(SHOWN)
    for rule in SHOWN:
        for which in ("bad", "good"):
            assert manual.example(rule, which).is_file(), (rule, which)
        assert (GOLDEN / rule / "expected.txt").is_file(), rule


@pytest.mark.parametrize("rule", SHOWN)
def test_a_bad_file_is_told_as_expected(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / rule)
    found = manual.check(Path(manual.example(rule, "bad").name))
    golden = GOLDEN / rule / "expected.txt"
    if os.environ.get("FLOWENGINE_GOLDEN") == "write":
        golden.write_text(manual.told(found), encoding="utf-8")
    assert rule in {each.rule for each in found if each.suppression is None}
    assert manual.told(found) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", SHOWN)
def test_its_near_miss_has_no_finding(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / rule)
    found = manual.check(Path(manual.example(rule, "good").name))
    assert [(e.rule, e.message) for e in found if e.suppression is None] == []


@pytest.mark.parametrize("rule", RULES)
def test_a_page_says_what_why_how_and_what_happened(rule: str) -> None:
    text = manual.page(rule)
    assert text.startswith(f"# {rule}\n\n*")
    assert re.search(r"^\*[A-Z][a-z]+, (error|warning|note)\.\* [A-Z`]", text, re.MULTILINE)
    assert "\n**Why it is bad.** " in text
    assert list(manual.blocks(rule)) == ["Bad", "Good"]
    assert len(text.partition("\n## Incident\n\n")[2]) > len("None.")
    assert max(map(len, text.splitlines())) <= 160


@pytest.mark.parametrize("rule", SHOWN)
@pytest.mark.parametrize("which", ["Bad", "Good"])
def test_an_example_on_a_page_is_part_of_a_file_that_is_checked(rule: str, which: str) -> None:
    raw = manual.example(rule, which.lower()).read_bytes().decode("utf-8", "replace")
    written = [line.strip() for line in raw.splitlines()]
    lines = [line.strip() for line in textwrap.dedent(manual.blocks(rule)[which]).splitlines()]
    at = 0
    for line in lines:
        ahead = [i for i in range(at, len(written)) if written[i].startswith(line[:60])]
        assert ahead or rule.startswith(("yaml-depth", "expression-limit")), line
        at = ahead[0] if ahead else at


def test_the_table_of_incidents_names_rules_that_there_are() -> None:
    text = (ROOT / "docs" / "INCIDENTS.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(rules/([a-z0-9-]+)\.md\)", text))
    assert named <= set(RULES)
    assert len(re.findall(r"^\| \d+ \|", text, re.MULTILINE)) == 42  # as many as are known


def test_a_page_that_tells_an_incident_is_in_the_table() -> None:
    text = (ROOT / "docs" / "INCIDENTS.md").read_text(encoding="utf-8")
    for rule in RULES:
        if "None is published" not in manual.page(rule):
            assert f"](rules/{rule}.md)" in text, rule


def test_a_page_has_the_severity_of_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in SHOWN:
        monkeypatch.chdir(GOLDEN / rule)
        found = manual.check(Path(manual.example(rule, "bad").name))
        severities = {each.severity.value for each in found if each.rule == rule}
        (severity,) = severities
        assert f", {severity}.*" in manual.page(rule), rule
