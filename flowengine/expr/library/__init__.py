"""All functions of the language: CEL's own and its extension libraries, a file for each family."""

from __future__ import annotations

from flowengine.expr.functions import STANDARD_FUNCTIONS, Function
from flowengine.expr.library import (
    clock,
    conversions,
    encoders,
    mathematics,
    network,
    optionals,
    strings,
)

FUNCTIONS: tuple[Function, ...] = (
    *STANDARD_FUNCTIONS,
    *conversions.FUNCTIONS,
    *clock.FUNCTIONS,
    *strings.FUNCTIONS,
    *mathematics.FUNCTIONS,
    *encoders.FUNCTIONS,
    *network.FUNCTIONS,
    *optionals.FUNCTIONS,
)
"""What every environment knows."""

TRUSTED = frozenset(function.implementation for function in FUNCTIONS)
"""Implementations whose results need no check against their declared type."""
