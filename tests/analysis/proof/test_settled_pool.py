"""Proofs of a deployment, where the pool is known, beside the exploration of that pool alone."""

from __future__ import annotations

from collections import Counter
from itertools import count
from random import Random  # noqa: TID251 - a seed names a pool
from typing import Final

import pytest

from flowengine.accounts.pool import Pool
from flowengine.analysis.proof.proving import FlowProof
from tests.analysis.proof.drawing import Drawing
from tests.analysis.proof.exploring import SOAK, TooManyStepsError, explore
from tests.analysis.proof.test_soundness import Flows, held

FLOWS: Final = 200 if SOAK else 12
STEPS: Final = 1500
SETTLED: Final = ("pool.mfa", "pool.mfa_methods")
READ: Final = ("pool.", "offer: [", "MFA_SETUP")


def _held(seed: int) -> Counter[str]:
    drawn, chance = Drawing(seed), Random(seed)
    flows = Flows(drawn.text, drawn.inner, drawn.exact)
    program = flows.program()
    if program is None or not any(word in drawn.text + drawn.inner for word in READ):
        return Counter(passed_over=1)
    domains = {**flows.domains()}
    mfa, methods = (chance.choice(domains[name]) for name in SETTLED)
    domains |= dict(zip(SETTLED, ((mfa,), (methods,)), strict=True))
    try:
        broken = explore(program, domains, STEPS)
    except TooManyStepsError:
        return Counter(large=1)
    pool = Pool(id="", name="", mfa=mfa, mfa_methods=methods)
    proof = FlowProof(program, known={"pool": pool.bindings()})
    return Counter(flows=1) + held(proof, broken, flows)


@pytest.mark.timeout(3600)
def test_no_verdict_is_wrong_where_the_pool_is_settled() -> None:
    told: Counter[str] = Counter()
    for seed in count(500_000):
        if told["flows"] >= FLOWS:
            break
        told += _held(seed)
    assert min(told["proved"], told["refuted"]) > FLOWS // 2
