"""Sign-in flows as data: what a backend that embeds the engine imports.

Names are loaded when they are first used, so that ``import flowengine`` costs nothing and a
command that only checks a file does not load the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowengine.accounts.account import (
        Account,
        HashCredential,
        Passkey,
        SrpCredential,
        TotpFactor,
    )
    from flowengine.accounts.credentials import check_password, make_password
    from flowengine.accounts.pool import Client, PasskeySettings, Pool
    from flowengine.accounts.user import UserFacts, UserStatus
    from flowengine.challenges.custom_settings import ChallengeParameters, Judgement
    from flowengine.engine.engine import AsyncEngine, Engine
    from flowengine.engine.replies import (
        AuthenticationResult,
        ChallengeReply,
        Reply,
        SuccessReply,
    )
    from flowengine.engine.requests import (
        InitiateAuthRequest,
        RequestOrigin,
        RespondToAuthChallengeRequest,
    )
    from flowengine.engine.triggers.registering import PoolTriggers, lambda_triggers
    from flowengine.flow.loading import load_flow
    from flowengine.flow.program import FlowProgram
    from flowengine.stores.memory import MemoryCounters, MemorySessions
    from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
    from flowengine.stores.sqlite_file import SqliteFile

_HOMES = {
    "Account": "flowengine.accounts.account",
    "AsyncEngine": "flowengine.engine.engine",
    "AuthenticationResult": "flowengine.engine.replies",
    "ChallengeParameters": "flowengine.challenges.custom_settings",
    "ChallengeReply": "flowengine.engine.replies",
    "Client": "flowengine.accounts.pool",
    "Engine": "flowengine.engine.engine",
    "FlowProgram": "flowengine.flow.program",
    "HashCredential": "flowengine.accounts.account",
    "InitiateAuthRequest": "flowengine.engine.requests",
    "Judgement": "flowengine.challenges.custom_settings",
    "MemoryCounters": "flowengine.stores.memory",
    "MemorySessions": "flowengine.stores.memory",
    "Passkey": "flowengine.accounts.account",
    "PasskeySettings": "flowengine.accounts.pool",
    "Pool": "flowengine.accounts.pool",
    "PoolTriggers": "flowengine.engine.triggers.registering",
    "Reply": "flowengine.engine.replies",
    "RequestOrigin": "flowengine.engine.requests",
    "RespondToAuthChallengeRequest": "flowengine.engine.requests",
    "SqliteFile": "flowengine.stores.sqlite_file",
    "SqliteCounters": "flowengine.stores.sqlite",
    "SqliteSessions": "flowengine.stores.sqlite",
    "SrpCredential": "flowengine.accounts.account",
    "SuccessReply": "flowengine.engine.replies",
    "TotpFactor": "flowengine.accounts.account",
    "UserFacts": "flowengine.accounts.user",
    "UserStatus": "flowengine.accounts.user",
    "check_password": "flowengine.accounts.credentials",
    "lambda_triggers": "flowengine.engine.triggers.registering",
    "load_flow": "flowengine.flow.loading",
    "make_password": "flowengine.accounts.credentials",
}

__all__ = [
    "Account",
    "AsyncEngine",
    "AuthenticationResult",
    "ChallengeParameters",
    "ChallengeReply",
    "Client",
    "Engine",
    "FlowProgram",
    "HashCredential",
    "InitiateAuthRequest",
    "Judgement",
    "MemoryCounters",
    "MemorySessions",
    "Passkey",
    "PasskeySettings",
    "Pool",
    "PoolTriggers",
    "Reply",
    "RequestOrigin",
    "RespondToAuthChallengeRequest",
    "SqliteCounters",
    "SqliteFile",
    "SqliteSessions",
    "SrpCredential",
    "SuccessReply",
    "TotpFactor",
    "UserFacts",
    "UserStatus",
    "check_password",
    "lambda_triggers",
    "load_flow",
    "make_password",
]


def __getattr__(name: str) -> object:
    """Load a public name from where it lives."""
    from importlib import import_module  # noqa: PLC0415, TID251 - our own modules, our own table

    home = _HOMES.get(name)
    if home is None:
        message = f"module 'flowengine' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    """List the public names too, loaded or not."""
    return sorted({*globals(), *_HOMES})
