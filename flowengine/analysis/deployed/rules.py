"""All rules over deployments, in the order in which they run."""

from __future__ import annotations

from flowengine.analysis.deployed import (
    admin_exposed,
    function_missing,
    insecure_delivery,
    lockout_off,
    proxies_any,
    recovery_counts_twice,
    refresh_long_lived,
    secret_in_clear,
    store_for_one_process,
    strength_differs,
    user_existence_told,
)
from flowengine.analysis.deployed.rule import DeploymentRule

DEPLOYMENT_RULES: tuple[DeploymentRule, ...] = (
    function_missing,
    strength_differs,
    recovery_counts_twice,
    secret_in_clear,
    admin_exposed,
    insecure_delivery,
    store_for_one_process,
    lockout_off,
    user_existence_told,
    refresh_long_lived,
    proxies_any,
)
