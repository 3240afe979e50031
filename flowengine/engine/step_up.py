"""What a client asks USER_AUTH for: levels, by TARGET_ACR_VALUES, and how recently, by MAX_AGE.

Source: Amazon Cognito developer guide, "Step-up authentication with the USER_AUTH flow", and API
reference, InitiateAuth; OpenID Connect Core 1.0, section 3.1.2.1 (``acr_values``, ``max_age``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flowengine.accounts.pool import Pool
from flowengine.engine.responses import required
from flowengine.errors import InvalidParameterError, NotAuthorizedError
from flowengine.flow.doors import USER_AUTH
from flowengine.flow.program import Condition, DoorProgram, EndNode, FlowProgram
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import holds
from flowengine.runtime.stored import Grant

ACCESS_TOKEN: Final = "ACCESS_TOKEN"
LEVELS: Final = "TARGET_ACR_VALUES"
MAX_AGE: Final = "MAX_AGE"
NONE_KNOWN: Final = "Invalid value for parameter TARGET_ACR_VALUES"
NO_AGE: Final = "MAX_AGE should be a non-negative integer"
REACHED: Final = "The access token already has the requested authentication level"
_SECONDS: Final = re.compile(r"[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for.

    Attributes:
        levels: Those that the flow has, the most wanted first; any of them will do. Empty where
            the sign-in may end at whatever level it comes to.
        max_age: How long ago the sign-in that is continued may have been; None for however long.
    """

    levels: tuple[str, ...] = ()
    max_age: timedelta | None = None

    def credits(self, grant: Grant, now: datetime) -> bool:
        """Say whether what an earlier sign-in proved is recent enough to count for anything."""
        return self.max_age is None or now - grant.auth_time <= self.max_age

    def above(self, level: str | None) -> tuple[str, ...]:
        """Give the levels that are wanted more than the one that a token has.

        Raises:
            InvalidParameterError: There are none: a step-up is no way to renew tokens.
        """
        if level not in self.levels:
            return self.levels
        above = self.levels[: self.levels.index(level)]
        if not above:
            raise InvalidParameterError(REACHED)
        return above


NO_TARGET: Final = Target()


def begins_by_token(door: DoorProgram, parameters: Mapping[str, str]) -> bool:
    """Say whether a sign-in continues the one that an access token is of."""
    return door.continues or (door.step_up is not None and bool(parameters.get(ACCESS_TOKEN)))


def read_target(
    pool: Pool, program: FlowProgram, door: DoorProgram, parameters: Mapping[str, str]
) -> Target:
    """Read what is asked of USER_AUTH; no other auth flow has these parameters.

    Values that the flow has no level for are passed over, as Cognito does. Where an access token
    begins the sign-in, levels are demanded, unless the flow has none: then it is its ``require``
    alone that says what a step-up is.

    Raises:
        InvalidParameterError: None of the levels is one of the flow's, they are missing, or the
            age is not a whole number of seconds.
    """
    if door.name != USER_AUTH:
        return NO_TARGET
    written = parameters.get(LEVELS) or ""
    if program.levels and begins_by_token(door, parameters):
        written = required(parameters, LEVELS)
    known = {pool.acr_of(level): level for level in program.levels}
    levels = tuple(known[value] for value in dict.fromkeys(written.split()) if value in known)
    if written and not levels:
        raise InvalidParameterError(NONE_KNOWN)
    return Target(levels, _age(parameters.get(MAX_AGE)))


def _age(written: str | None) -> timedelta | None:
    if not written:
        return None
    if not _SECONDS.fullmatch(written):
        raise InvalidParameterError(NO_AGE)
    return timedelta(seconds=int(written))


def level_at(
    program: FlowProgram, record: SignInRecord, snapshot: Snapshot, end: EndNode
) -> str | None:
    """Give the level that the tokens will name.

    That is the most wanted one whose condition is true of the ledger, or, where none was asked
    for, that of the end. None where there is no such level, which ``check_target`` may refuse.
    """
    if not record.target_levels:
        return end.level_name
    facts = snapshot.bindings(program, record)
    return next((name for name in record.target_levels if holds(program.levels[name], facts)), None)


def check_target(record: SignInRecord, level: str | None) -> None:
    """Refuse a sign-in that came to none of the levels that were asked for.

    Raises:
        NotAuthorizedError: It did not.
    """
    if record.target_levels and level not in record.target_levels:
        raise NotAuthorizedError


def conditions_of(program: FlowProgram, end: EndNode, level: str | None) -> tuple[Condition, ...]:
    """Give what must be true for the level that is named, and for that of the end."""
    own = () if end.level is None else (end.level,)
    return own if level in (None, end.level_name) else (*own, program.levels[level])
