"""Flows that are told what their answers wrote: the prover beside both explorations."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from tests.analysis.proof.exploring import SOAK
from tests.analysis.proof.test_soundness import Flows, explored
from tests.analysis.proof.writing import drawn_chain, told_names

CHAINS: Final = 1000 if SOAK else 40


@pytest.mark.timeout(3600)
def test_no_verdict_is_wrong_where_answers_write_what_functions_are_told() -> None:
    told: Counter[str] = Counter()
    for seed in range(CHAINS):
        flows = Flows(drawn_chain(seed), exact=True)
        told += explored(flows, 20_000)
        program = flows.program()
        assert program is not None
        told["told"] += bool(told_names(program))
    assert told["flows"] == CHAINS
    assert min(told["proved"], told["refuted"], told["told"]) > CHAINS // 4
