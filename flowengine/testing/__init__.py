"""What users test their flows and adapters with: scenarios, fakes, the contracts of the ports."""

from flowengine.testing.scenarios import (
    Scenario,
    ScenarioResult,
    Step,
    coverage_of,
    run_scenario,
    run_scenarios,
)

__all__ = ["Scenario", "ScenarioResult", "Step", "coverage_of", "run_scenario", "run_scenarios"]
