"""A sound flow to break, and what is said about it."""

from __future__ import annotations

from typing import Final

from flowengine.analysis.checking import check_source
from flowengine.analysis.proved.rules import PROOF_RULES
from flowengine.analysis.rules import ALL_RULES
from flowengine.source import Diagnostic, SourceText

SOUND: Final = """flow: sound
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: choice
  choice:
    choose:
      - when: user.has.totp
        goto: totp
      - else: done
  totp: # flowengine: ignore[evidence-not-required] For the tests of other rules.
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done: # flowengine: ignore[single-factor] For the tests of other rules.
    end: success
"""

SHAPE: Final = frozenset({"unreachable-node", "no-way-to-an-end", "require-missing", "token-alone"})
"""The rules that the tests of this folder ask one by one; the others have golden files."""
_MADE: Final = (*(rule.NAME for rule in ALL_RULES), *(rule.NAME for rule in PROOF_RULES))
_OTHERS: Final = frozenset({*_MADE, "suppression-unused", "suppression-unknown"} - SHAPE)


def changed(*changes: tuple[str, str], text: str = SOUND) -> str:
    """Change a flow; each change must apply, and does once."""
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def found(text: str) -> list[Diagnostic]:
    """Give what nobody accepted of the rules of this folder, and of loading."""
    return of_shape(check_source(SourceText("a.flow.yaml", text)))


def of_shape(everything: list[Diagnostic]) -> list[Diagnostic]:
    """Leave out what was accepted, and what other rules found."""
    return [e for e in everything if e.suppression is None and e.rule not in _OTHERS]


def rules(text: str) -> list[str]:
    return [each.rule for each in found(text)]


def places(text: str) -> list[tuple[str, int, int]]:
    """Give the rule of each finding, and the line and column that it points at."""
    at = [(each, each.source.position(each.span.start)) for each in found(text)]
    return [(each.rule, position.line, position.column) for each, position in at]


def spanned(each: Diagnostic) -> str:
    """Give the text that a finding's carets stand under."""
    return each.source.text[each.span.start : each.span.end]


def told(text: str) -> list[tuple[str, str]]:
    """Give the message of each finding, and the text that it is about."""
    return [(each.message, spanned(each)) for each in found(text)]
