"""The triggers of each pool, and the registered functions that they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flowengine.accounts.triggers import TokenEvent, pool_function
from flowengine.engine.triggers.create_auth_challenge import (
    CREATE_AUTH_CHALLENGE,
    CREATE_AUTH_CHALLENGES,
)
from flowengine.engine.triggers.custom_message import CUSTOM_MESSAGE
from flowengine.engine.triggers.define_auth_challenge import DEFINE_AUTH_CHALLENGE
from flowengine.engine.triggers.events import Handler
from flowengine.engine.triggers.post_authentication import POST_AUTHENTICATION
from flowengine.engine.triggers.pre_authentication import PRE_AUTHENTICATION
from flowengine.engine.triggers.pre_token_generation import (
    PRE_TOKEN_GENERATION,
    PRE_TOKEN_GENERATIONS,
)
from flowengine.engine.triggers.running import Function, Trigger, as_function
from flowengine.engine.triggers.user_migration import USER_MIGRATION
from flowengine.engine.triggers.verify_auth_challenge_response import (
    VERIFY_AUTH_CHALLENGE_RESPONSE,
)

_KINDS: Final[Mapping[str, Trigger]] = MappingProxyType(
    {
        "define_auth_challenge": DEFINE_AUTH_CHALLENGE,
        "create_auth_challenge": CREATE_AUTH_CHALLENGE,
        "verify_auth_challenge_response": VERIFY_AUTH_CHALLENGE_RESPONSE,
        "pre_authentication": PRE_AUTHENTICATION,
        "post_authentication": POST_AUTHENTICATION,
        "pre_token_generation": PRE_TOKEN_GENERATION,
        "user_migration": USER_MIGRATION,
        "custom_message": CUSTOM_MESSAGE,
    }
)


@dataclass(frozen=True, slots=True)
class PoolTriggers:
    """Lambda handlers, ``def handler(event, context)``, that one pool calls around a sign-in.

    They run as they are, on the events that Amazon Cognito sends, and have five seconds each.
    AsyncEngine takes coroutine functions too. What a handler raises refuses the request, and its
    message is told to the client: "PreAuthentication failed with error …".

    Attributes:
        empty_private: Whether CreateAuthChallenge may give no privateChallengeParameters, which
            Amazon Cognito refuses as a wrong answer.
        token_event: The version of the event that ``pre_token_generation`` is written for.
    """

    define_auth_challenge: Handler | None = None
    create_auth_challenge: Handler | None = None
    verify_auth_challenge_response: Handler | None = None
    pre_authentication: Handler | None = None
    post_authentication: Handler | None = None
    pre_token_generation: Handler | None = None
    user_migration: Handler | None = None
    custom_message: Handler | None = None
    token_event: TokenEvent = TokenEvent.V1_0
    empty_private: bool = False

    def functions(self) -> dict[str, Function]:
        """Give the functions that those which there are become, by their names."""
        kinds = {
            **_KINDS,
            "create_auth_challenge": CREATE_AUTH_CHALLENGES[self.empty_private],
            "pre_token_generation": PRE_TOKEN_GENERATIONS[self.token_event],
        }
        named = {name: getattr(self, name) for name in kinds}
        return {
            name: as_function(kinds[name], handler)
            for name, handler in named.items()
            if handler is not None
        }


def lambda_triggers(
    *, define: Handler, create: Handler, verify: Handler, empty_private: bool = False
) -> dict[str, Function]:
    """Make the functions that a flow of custom authentication calls, out of Lambda handlers.

    They are for an engine with one set of them, whatever the pool::

        Engine([flow], functions=lambda_triggers(define=…, create=…, verify=…), …)

    Args:
        define: DefineAuthChallenge, ``def handler(event, context)``.
        create: CreateAuthChallenge.
        verify: VerifyAuthChallengeResponse.
        empty_private: Whether ``create`` may give no privateChallengeParameters.
    """
    return PoolTriggers(define, create, verify, empty_private=empty_private).functions()


def trigger_function(name: str, handler: Handler) -> Function:
    """Make one function out of a Lambda handler, by the trigger's name in deployments."""
    return as_function(_KINDS[name], handler)


def registered(triggers: Mapping[str, PoolTriggers]) -> dict[str, Function]:
    """Give the functions of the triggers of all pools, by pool id."""
    return {
        pool_function(pool_id, name): function
        for pool_id, each in triggers.items()
        for name, function in each.functions().items()
    }
