"""Registered functions as a scenario has them: what they return, one call after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowengine.errors import UserLambdaValidationError


class CannedFunctions:
    """Every function that a flow calls, by its name.

    One that is not canned fails when it is called; one that judges an answer says then whether
    the answer was meant to be right.

    Attributes:
        returned: What each returned last.
        uncanned: The functions that were called and that nothing is said of.
    """

    def __init__(self, canned: Mapping[str, Any], judges: Iterable[str]) -> None:
        """Take what is canned, and which functions judge answers."""
        self._canned = canned
        self._judges = frozenset(judges)
        self._calls: dict[str, int] = {}
        self.returned: dict[str, object] = {}
        self.uncanned: list[str] = []
        self.is_right = True

    def function(self, name: str) -> Callable[..., object]:
        """Give the function that flows call by this name."""

        def called(**_arguments: object) -> object:
            return self._call(name)

        return called

    def _call(self, name: str) -> object:
        canned = self._canned.get(name)
        if canned is None and name in self._judges:
            return "proved" if self.is_right else "wrong"
        if canned is None:
            self.uncanned.append(name)
            raise LookupError
        if isinstance(canned, list):
            index = self._calls.get(name, 0)
            self._calls[name] = index + 1
            if index >= len(canned):
                self.uncanned.append(f"{name} (call {index + 1})")
                raise LookupError
            canned = canned[index]
        return self._answer(name, canned)

    def _answer(self, name: str, canned: Mapping[str, Any]) -> object:
        raised = canned.get("raises", False)
        if isinstance(raised, str):
            raise UserLambdaValidationError(raised)
        if raised:
            raise RuntimeError
        self.returned[name] = canned.get("returns")
        return self.returned[name]
