"""All rules, in the order in which they run."""

from __future__ import annotations

from flowengine.analysis import no_way_to_an_end, require_missing, token_alone, unreachable_node
from flowengine.analysis.rule import Rule

ALL_RULES: tuple[Rule, ...] = (unreachable_node, no_way_to_an_end, require_missing, token_alone)
