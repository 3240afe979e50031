"""What users test their flows and adapters with: scenarios, fakes, the contracts of the ports."""

from flowengine.testing.scenarios import (
    Move,
    Scenario,
    ScenarioResult,
    Step,
    UnwritableError,
    Way,
    coverage_of,
    run_scenario,
    run_scenarios,
    scenario_of,
)

__all__ = [
    "Move",
    "Scenario",
    "ScenarioResult",
    "Step",
    "UnwritableError",
    "Way",
    "coverage_of",
    "run_scenario",
    "run_scenarios",
    "scenario_of",
]
