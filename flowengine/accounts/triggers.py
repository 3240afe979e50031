"""The functions that a user pool calls around a sign-in, by the names that deployments give them.

Source: Amazon Cognito API reference, LambdaConfigType; developer guide, "Customizing user pool
workflows with Lambda triggers".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

TRIGGERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "define_auth_challenge": "DefineAuthChallenge",
        "create_auth_challenge": "CreateAuthChallenge",
        "verify_auth_challenge_response": "VerifyAuthChallengeResponse",
        "pre_authentication": "PreAuthentication",
        "post_authentication": "PostAuthentication",
        "pre_token_generation": "PreTokenGeneration",
        "user_migration": "UserMigration",
        "custom_message": "CustomMessage",
    }
)
"""What Cognito calls each of them, in events and in messages."""


class TokenEvent(StrEnum):
    """The version of the event that PreTokenGeneration is given.

    Source: Amazon Cognito API reference, PreTokenGenerationVersionConfigType.
    """

    V1_0 = "V1_0"
    V2_0 = "V2_0"
    V3_0 = "V3_0"


CUSTOM_AUTH_TRIGGERS: Final = (
    "define_auth_challenge",
    "create_auth_challenge",
    "verify_auth_challenge_response",
)
"""Those that flows call by name, as they call any registered function."""


def pool_function(pool_id: str, trigger: str) -> str:
    """Name the registered function that is one pool's trigger."""
    return f"{pool_id}/{trigger}"
