"""The client's half of a sign-in by SRP, a forced new password and TOTP, request by request."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from flowengine.crypto import srp_client, totp
from flowengine.engine.system import SystemClock, SystemEntropy
from tests import planted
from tests.processes.serving import CLIENT, POOL, Server
from tests.server.wire import error_of

POINTS: Final = ("begin", "password", "new-password", "totp")
"""The requests of a first sign-in, in their order."""


@dataclass(frozen=True, slots=True)
class Password:
    """A password under a name that a failed test may show."""

    name: str
    text: str = field(repr=False)


OLD: Final = Password("old", planted.PASSWORD)
NEW: Final = Password("new", planted.OTHER_PASSWORD)

Request = tuple[str, dict[str, Any]]
"""An operation and its members."""

_CLOCK: Final = SystemClock()


@dataclass(slots=True)
class Person:
    """A user whose password must change, as they know themselves.

    Attributes:
        used: The counter of the newest code that was sent; -1 where none was.
    """

    name: str
    used: int = field(default=-1, repr=False)

    def new_code(self) -> str:
        """Give a code that was never sent, and that stays good for another half minute."""
        self.used = max(self.used + 1, totp.counter_at(_CLOCK.now()))
        return self.same_code()

    def same_code(self) -> str:
        """Give the newest code once more."""
        return totp.code(planted.TOTP_SECRET, self.used)


class SignIn:
    """One sign-in: the request to send next, until there are tokens.

    Attributes:
        request: The next one; None once there are tokens.
    """

    def __init__(self, person: Person, password: Password, *, same_code: bool = False) -> None:
        self._steps = _steps(person, password, same_code=same_code)
        self._asked = ""
        self._changed = False
        self.request: Request | None = next(self._steps)

    def go_on(self, told: Mapping[str, Any]) -> None:
        """Take what the server answered."""
        self._changed = self._changed or self._asked == "NEW_PASSWORD_REQUIRED"
        self._asked = told.get("ChallengeName", "")
        try:
            self.request = self._steps.send(told)
        except StopIteration:
            self.request = None

    def send(self, server: Server) -> bool:
        """Send the next request; False where it is refused."""
        assert self.request is not None
        return self.take(server.post(*self.request))

    def take(self, response: httpx.Response) -> bool:
        """Take a response; False for a refusal, and anything else that is no success fails."""
        if response.status_code == 200:
            self.go_on(response.json())
            return True
        status, code, _ = error_of(response)
        assert (status, code) in _REFUSALS
        return False

    def finish(self, server: Server) -> bool:
        """Send all that is left; whether there are tokens."""
        while self.request is not None:
            if not self.send(server):
                return False
        return True

    def allows(self, password: Password) -> bool:
        """Say whether a password may be the user's by what the server has answered.

        Either may, while the answer to the request that changes it has not come.
        """
        if self._asked == "NEW_PASSWORD_REQUIRED":
            return True
        return password == (NEW if self._changed else OLD)

    def reach(self, server: Server, point: str) -> None:
        """Send all requests before the one that is named."""
        for _ in range(POINTS.index(point)):
            assert self.send(server)


_REFUSALS: Final = {
    (400, "NotAuthorizedException"),
    (400, "CodeMismatchException"),
    (400, "ExpiredCodeException"),
}


def _steps(
    person: Person, password: Password, *, same_code: bool
) -> Generator[Request, Mapping[str, Any], None]:
    ephemeral = srp_client.begin(SystemEntropy().draw)
    parameters = {"USERNAME": person.name, "SRP_A": ephemeral.srp_a}
    told = yield (
        "InitiateAuth",
        {
            "AuthFlow": "USER_SRP_AUTH",
            "ClientId": CLIENT,
            "AuthParameters": parameters,
        },
    )
    claim = _claim(ephemeral, password.text, told["ChallengeParameters"])
    told = yield _answer(person, told, claim)
    if told["ChallengeName"] == "NEW_PASSWORD_REQUIRED":
        told = yield _answer(person, told, {"NEW_PASSWORD": NEW.text})
    code = person.same_code() if same_code else person.new_code()
    told = yield _answer(person, told, {"SOFTWARE_TOKEN_MFA_CODE": code})
    assert told["AuthenticationResult"]["AccessToken"]


def _claim(
    ephemeral: srp_client.ClientEphemeral, password: str, told: Mapping[str, str]
) -> dict[str, str]:
    half = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    pool, user = POOL.partition("_")[2], told["USER_ID_FOR_SRP"]
    claim = srp_client.answer(ephemeral, pool, user, password, half, _CLOCK.now())
    return claim.responses()


def _answer(person: Person, told: Mapping[str, Any], responses: dict[str, str]) -> Request:
    members = {
        "ClientId": CLIENT,
        "ChallengeName": told["ChallengeName"],
        "ChallengeResponses": {"USERNAME": person.name, **responses},
    }
    if "Session" in told:
        members["Session"] = told["Session"]
    return "RespondToAuthChallenge", members
