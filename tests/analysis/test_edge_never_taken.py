"""What kinds can answer is read out of their code, and held against the rule's tables."""

from __future__ import annotations

import inspect
import sys

import pytest

from flowengine.analysis.checking import check_source
from flowengine.analysis.edge_never_taken import _COMPARES_NOTHING, _NEVER_DENIES
from flowengine.challenges import delivered_codes, srp_proof
from flowengine.challenges.catalog import BUILTIN
from flowengine.challenges.kind import ChallengeKind
from flowengine.source import SourceText

SHARED = {"SMS_MFA": delivered_codes, "SMS_OTP": delivered_codes, "EMAIL_OTP": delivered_codes}
ASKING = [k for k in BUILTIN if not k.facts.name.startswith(("SELECT_", "CUSTOM_"))]


def _code(kind: ChallengeKind) -> str:
    module = SHARED.get(kind.facts.name) or sys.modules[type(kind).__module__]
    source = inspect.getsource(module)
    return source + (inspect.getsource(srp_proof) if "srp_proof" in source else "")


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_a_kind_that_denies_may_have_the_edge(kind: ChallengeKind) -> None:
    assert ("Denied(" in _code(kind)) is (kind.facts.name not in _NEVER_DENIES)


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_a_kind_that_compares_may_have_wrong_answers(kind: ChallengeKind) -> None:
    assert ("Wrong(" in _code(kind)) is (kind.facts.name not in _COMPARES_NOTHING)


FLOW = """
flow: waits
version: 1
auth_flows: [CUSTOM_AUTH]
functions:
  asked: {returns: {state: string}}
require: [proved.push]
evidence: {push: possession}
start: push
nodes:
  push:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    verify: {call: asked}
    evidence: push
    expired: refused
    next: done
  done:
    end: success
"""


@pytest.mark.parametrize(
    ("lasts", "told"),
    [("", True), ("    expires: 1m\n", False), ("    poll: {every: 5s, for: 2m}\n", False)],
)
def test_what_lasts_too_long_expires(lasts: str, told: bool) -> None:  # noqa: FBT001 - a parameter
    text = FLOW.replace("    expired:", f"{lasts}    expired:")
    found = check_source(SourceText("waits.flow.yaml", text))
    assert ("edge-never-taken" in [each.rule for each in found]) is told
