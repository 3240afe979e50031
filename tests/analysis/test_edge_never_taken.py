"""What kinds can answer is read out of their code, and held against the rule's tables."""

from __future__ import annotations

import inspect
import sys

import pytest

from flowengine.analysis.edge_never_taken import _COMPARES_NOTHING, _NEVER_DENIES
from flowengine.challenges import delivered_codes, srp_proof
from flowengine.challenges.catalog import BUILTIN
from flowengine.challenges.kind import ChallengeKind

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
