"""A sound flow to break, and what is said about it."""

from __future__ import annotations

from typing import Final

from flowengine.analysis.checking import check_source
from flowengine.analysis.proved.rules import PROOF_RULES
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
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done:
    end: success
"""


_PROOF: Final = frozenset(rule.NAME for rule in PROOF_RULES)


def changed(*changes: tuple[str, str], text: str = SOUND) -> str:
    """Change a flow; each change must apply, and does once."""
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def found(text: str) -> list[Diagnostic]:
    """Give what the rules of this folder find, and loading."""
    return of_shape(check_source(SourceText("a.flow.yaml", text)))


def of_shape(everything: list[Diagnostic]) -> list[Diagnostic]:
    """Leave out what the proof found."""
    return [each for each in everything if each.rule not in _PROOF]


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
