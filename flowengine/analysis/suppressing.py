"""What an author accepted: ``accept`` on a node, or a comment ``# flowengine: ignore[rule] why``.

A comment excuses what is found on its line or, standing alone, on the next line that has text.
Each needs a reason, and one that excuses nothing is a finding of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flowengine import resources
from flowengine.documents import comments, did_you_mean, load
from flowengine.flow.definition import FlowDefinition
from flowengine.source import Diagnostic, Severity, SourceText, Span

UNUSED: Final = "suppression-unused"
UNKNOWN: Final = "suppression-unknown"
FORM: Final = "suppression-form"
NO_REASON: Final = "suppression-without-reason"

_MARK: Final = re.compile(r"\s*flowengine\s*:")
_IGNORE: Final = re.compile(r"\s*flowengine:\s*ignore\[(?P<rules>[^\]]*)\](?P<reason>.*)")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One rule that is accepted somewhere.

    Attributes:
        span: Where the author wrote it, for what is to be said about it.
        place: The stretch of the text whose findings it excuses.
    """

    rule: str
    reason: str
    span: Span
    place: Span


def suppressed(
    source: SourceText, found: Sequence[Diagnostic], flow: FlowDefinition | None = None
) -> list[Diagnostic]:
    """Mark the findings of a text that its author accepted, and add what is wrong with that.

    Args:
        found: Findings of rules; those of other texts are given back as they are.
        flow: What the text says, for ``accept`` on its nodes; None for a deployment.
    """
    told: list[Diagnostic] = []
    written = [*_accepted(flow), *_ignored(source, told)]
    good = [each for each in written if not _objections(source, each, told)]
    marked = [_marked(source, each, good) for each in found]
    told += [_unused(source, each) for each in good if not _is_used(source, each, found)]
    return [*marked, *told]


def _accepted(flow: FlowDefinition | None) -> Iterator[Suppression]:
    for node in flow.nodes if flow is not None else ():
        extent = flow.extents.get(node.name.text, node.name.span) if flow else node.name.span
        for rule, acceptance in node.accept.items():
            yield Suppression(rule, acceptance.reason.strip(), acceptance.span, extent)


def _ignored(source: SourceText, told: list[Diagnostic]) -> Iterator[Suppression]:
    if "flowengine" not in source.text:
        return
    document, _ = load(source)
    for comment in comments(document) if document is not None else ():
        if _MARK.match(comment.text) is None:
            continue
        written = _IGNORE.fullmatch(comment.text)
        rules = [rule.strip() for rule in written["rules"].split(",")] if written else []
        if written is None or not all(rules):
            message = "this comment is none that flowengine knows"
            hint = "write `# flowengine: ignore[rule] reason`"
            told.append(Diagnostic(FORM, message, source, comment.span, hint))
            continue
        line = _next_line(source, comment.span) if comment.alone else _line(source, comment.span)
        for rule in rules:
            yield Suppression(rule, written["reason"].strip(), comment.span, line)


def _line(source: SourceText, span: Span) -> Span:
    start = source.text.rfind("\n", 0, span.start) + 1
    end = source.text.find("\n", span.start)
    return Span(start, end if end >= 0 else len(source.text))


def _next_line(source: SourceText, span: Span) -> Span:
    """Give the next line that has more than a comment."""
    line = _line(source, span)
    while line.end < len(source.text):
        line = _line(source, Span(line.end + 1, line.end + 1))
        text = source.text[line.start : line.end].strip()
        if text and not text.startswith("#"):
            break
    return line


def _objections(source: SourceText, each: Suppression, told: list[Diagnostic]) -> bool:
    known = resources.rule_names()
    if each.rule not in known:
        message = f"there is no rule '{each.rule}'"
        hint = did_you_mean(each.rule, known)
        told.append(Diagnostic(UNKNOWN, message, source, each.span, hint))
    elif not each.reason:
        message = f"'{each.rule}' is accepted without a reason"
        hint = "say why it is right here, for whoever reads it next"
        told.append(Diagnostic(NO_REASON, message, source, each.span, hint))
    else:
        return False
    return True


def _excuses(source: SourceText, each: Suppression, finding: Diagnostic) -> bool:
    inside = each.place.start <= finding.span.start <= each.place.end
    return finding.source == source and finding.rule == each.rule and inside


def _marked(source: SourceText, finding: Diagnostic, good: Iterable[Suppression]) -> Diagnostic:
    for each in good:
        if _excuses(source, each, finding):
            return replace(finding, suppression=each.reason)
    return finding


def _is_used(source: SourceText, each: Suppression, found: Iterable[Diagnostic]) -> bool:
    return any(_excuses(source, each, finding) for finding in found)


def _unused(source: SourceText, each: Suppression) -> Diagnostic:
    message = f"there is no finding of '{each.rule}' here to accept"
    hint = "remove it: it would hide the next one"
    return Diagnostic(UNUSED, message, source, each.span, hint, Severity.WARNING)
