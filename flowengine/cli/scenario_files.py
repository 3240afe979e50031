"""What ``flowengine test`` writes for machines: JSON, and JUnit's XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from flowengine.cli.coverage_report import total_of
from flowengine.cli.escaping import escaped
from flowengine.cli.scenario_report import failure_lines, plain_text, step_text
from flowengine.source import Diagnostic
from flowengine.testing.scenarios import FlowCoverage, ScenarioResult


def results_json(
    results: Sequence[ScenarioResult],
    findings: Sequence[Diagnostic],
    covered: Sequence[FlowCoverage],
) -> str:
    """Give all that came of a run as JSON."""
    total = total_of(covered)
    plain = {
        "passed": sum(result.passed for result in results),
        "failed": sum(not result.passed for result in results),
        "scenarios": [_plain(result) for result in results],
        "findings": [_finding(each) for each in findings],
        "coverage": {
            "flows": [each.to_plain() for each in covered],
            "total": {"covered": total.covered, "total": total.total},
        },
    }
    return json.dumps(plain, indent=2, ensure_ascii=False)


def junit(results: Sequence[ScenarioResult], findings: Sequence[Diagnostic]) -> str:
    """Give a run as JUnit's XML: a suite for each file, a case for each scenario."""
    root = ET.Element("testsuites")
    for file, found in groupby(results, key=lambda result: result.file):
        cases = list(found)
        failed = sum(not each.passed for each in cases)
        suite = _suite(root, file, tests=len(cases), failures=failed, errors=0)
        for each in cases:
            case = _case(suite, file, each.name, each.line)
            if each.failure is not None:
                message = escaped(each.failure.message)
                failure = ET.SubElement(case, "failure", message=message)
                failure.text = plain_text(failure_lines(each, named=False))
    for finding in findings:
        file = finding.source.name
        suite = _suite(root, file, tests=1, failures=0, errors=1)
        case = _case(suite, file, finding.rule, finding.source.position(finding.span.start).line)
        ET.SubElement(case, "error", message=escaped(finding.message))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, **counts: int) -> ET.Element:
    figures = {key: str(value) for key, value in counts.items()}
    return ET.SubElement(root, "testsuite", {"name": escaped(name), **figures})


def _case(suite: ET.Element, file: str, name: str, line: int) -> ET.Element:
    place = {"classname": escaped(file), "file": escaped(file), "line": str(line)}
    return ET.SubElement(suite, "testcase", {"name": escaped(name), **place})


def _plain(result: ScenarioResult) -> dict[str, object]:
    failure = result.failure
    return {
        "file": result.file,
        "line": result.line,
        "name": result.name,
        "flow": result.program.name,
        "passed": result.passed,
        "failure": None
        if failure is None
        else {
            **_finding(failure),
            "trail": [step_text(decision) for decision in result.trail],
            "require_not_met": list(result.unmet),
        },
    }


def _finding(finding: Diagnostic) -> dict[str, object]:
    place = finding.source.position(finding.span.start)
    return {
        "file": finding.source.name,
        "line": place.line,
        "column": place.column,
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
    }
