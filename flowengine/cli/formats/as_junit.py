"""JUnit's XML, which CI servers show as tests: a suite for each file, a case for each finding."""

from __future__ import annotations

from collections import defaultdict
from typing import Final
from xml.etree import ElementTree as ET

import click

from flowengine.cli.checked import Checked
from flowengine.cli.escaping import escaped, escaped_name
from flowengine.cli.formats.describing import in_words
from flowengine.source import Diagnostic

_NAME: Final = "flowengine check"


def write(checked: Checked) -> None:
    """Print one document, in ASCII; what XML has no characters for is shown as its escape."""
    root = suites(checked)
    ET.indent(root)
    click.echo(b"<?xml version='1.0' encoding='us-ascii'?>")
    click.echo(ET.tostring(root, encoding="us-ascii", xml_declaration=False))


def suites(checked: Checked) -> ET.Element:
    """Describe what was checked; a file without findings is one case that passed."""
    by_file: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for each in checked.open:
        by_file[each.source.name].append(each)
    root = ET.Element("testsuites", name=_NAME)
    for name in dict.fromkeys((*checked.files, *by_file)):
        _suite(root, escaped_name(name), by_file[name], checked)
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    root.set("errors", "0")
    return root


def _suite(root: ET.Element, name: str, found: list[Diagnostic], checked: Checked) -> None:
    failures = sum(map(checked.fails, found))
    suite = ET.SubElement(
        root, "testsuite", name=name, tests=str(max(len(found), 1)), failures=str(failures),
        errors="0",
    )  # fmt: skip
    if not found:
        ET.SubElement(suite, "testcase", classname=name, name="check")
    for each in found:
        _case(suite, name, each, failed=checked.fails(each))


def _case(suite: ET.Element, name: str, found: Diagnostic, *, failed: bool) -> None:
    place = found.source.position(found.span.start)
    case = ET.SubElement(
        suite, "testcase", classname=name, name=f"{found.rule} at {place.line}:{place.column}"
    )
    lines = [f"{name}:{place.line}:{place.column}", *in_words(found).split("\n")]
    text = "\n".join(map(escaped, lines))
    if failed:
        message = escaped(found.message)
        ET.SubElement(case, "failure", type=found.rule, message=message).text = text
    else:
        ET.SubElement(case, "system-out").text = f"{found.severity.value}: {text}"
