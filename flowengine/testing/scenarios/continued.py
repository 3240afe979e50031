"""What a scenario's sign-in continues: an earlier one by its access token, or a sign-up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client, Pool
from flowengine.engine.engine import run
from flowengine.engine.parts import Parts, PoolKeys
from flowengine.flow.durations import parse_duration
from flowengine.testing.earlier import earlier_token, signed_up_session
from flowengine.testing.fakes import ScriptedEntropy
from flowengine.testing.scenarios.definition import Scenario
from flowengine.tokens.keys import TokenUse, generate

_REVOKED: Final = "revoked"
_WRONG: Final = "wrong"


class Continued:
    """What came before a sign-in. Each is made once: a token grows old, a Session is spent."""

    def __init__(self, parts: Parts, client: Client, scenario: Scenario) -> None:
        """Take what is said of it."""
        self._parts, self._client, self._scenario = parts, client, scenario
        self._began = parts.clock.now()
        self._token: str | None = None
        self._session: str | None = None

    def proved(self) -> dict[str, datetime]:
        """Say when each name of evidence was proved."""
        earlier = self._scenario.earlier
        return {name: self._began - parse_duration(ago) for name, ago in earlier.items()}

    def token(self, account: Account) -> str:
        """Give the access token of the earlier sign-in."""
        if self._token is None:
            self._token = self._new_token(account)
        return self._token

    def session(self, account: Account) -> str | None:
        """Give the Session of the sign-up that was confirmed; None where there was none."""
        evidence = self._scenario.after_sign_up
        if evidence is not None and self._session is None:
            made = signed_up_session(self._parts, self._client, account, evidence)
            self._session = run(made)
        return self._session

    def _new_token(self, account: Account) -> str:
        parts = self._parts
        # One flow after another by the same: what it calls evidence means the same in both.
        flow = next(iter(parts.flows))
        token = run(earlier_token(parts, self._client, account, self.proved(), flow))
        if self._scenario.token == _REVOKED and parts.grants is not None:
            run(parts.grants.revoke_user(account.pool_id, account.username))
        return _spoilt(token) if self._scenario.token == _WRONG else token


def _spoilt(token: str) -> str:
    """Give the token under a signature that does not fit."""
    signed, _, signature = token.rpartition(".")
    first = "B" if signature.startswith("A") else "A"
    return f"{signed}.{first}{signature[1:]}"


def keys_of(pool: Pool) -> Mapping[str, PoolKeys]:
    """Give a pool the keys that its access tokens are signed with."""
    return {pool.id: _keys()}


@cache
def _keys() -> PoolKeys:
    """Make signing keys; once, since making them takes long."""
    draw = ScriptedEntropy("keys of scenarios").draw
    return PoolKeys(generate(TokenUse.ID, draw), generate(TokenUse.ACCESS, draw))
