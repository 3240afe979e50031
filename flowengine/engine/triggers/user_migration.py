"""UserMigration: gives a user who is unknown here, whose password was right elsewhere.

Source: Amazon Cognito developer guide, "Migrate user Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowengine.accounts.user import UserStatus
from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.events import Event, client_metadata, envelope, flag, text, texts
from flowengine.engine.triggers.running import Trigger
from flowengine.errors import InvalidLambdaResponseError

_STATUSES: Final[Mapping[str | None, UserStatus]] = {
    "CONFIRMED": UserStatus.CONFIRMED,
    "RESET_REQUIRED": UserStatus.RESET_REQUIRED,
    None: UserStatus.RESET_REQUIRED,
}
_MEDIUMS: Final = frozenset({"EMAIL", "SMS"})


@dataclass(frozen=True, slots=True)
class Migrated:
    """A user as the trigger gives them.

    Attributes:
        status: RESET_REQUIRED unless the trigger says CONFIRMED.
    """

    attributes: Mapping[str, str] = field(repr=False)
    status: UserStatus
    sms_mfa: bool


def ask(source: str, password: str | None) -> Event:
    """Make the event.

    Args:
        source: ``Authentication``, or ``ForgotPassword`` where there is no password.
    """
    context = current()
    named = {} if password is None else {"password": password}
    data = "validationData" if source == "Authentication" else "clientMetadata"
    response = {
        "userAttributes": None,
        "finalUserStatus": None,
        "messageAction": None,
        "desiredDeliveryMediums": None,
        "forceAliasCreation": None,
        "enableSMSMFA": None,
    }
    request = {**named, **client_metadata(context, data)}
    return envelope(context, f"UserMigration_{source}", request, response)


def read(response: Mapping[str, Any]) -> Migrated | None:
    """Read the user; None where there are no attributes: there is no such user elsewhere either.

    Raises:
        InvalidLambdaResponseError: It has another shape, or a status that is none.
    """
    attributes = texts(response, "userAttributes")
    status, action = text(response, "finalUserStatus"), text(response, "messageAction")
    mediums = response.get("desiredDeliveryMediums") or []
    flag(response, "forceAliasCreation")
    if status not in _STATUSES or action not in (None, "SUPPRESS"):
        raise InvalidLambdaResponseError
    if not isinstance(mediums, list) or not all(each in _MEDIUMS for each in mediums):
        raise InvalidLambdaResponseError
    if not attributes:
        return None
    return Migrated(attributes, _STATUSES[status], flag(response, "enableSMSMFA") is True)


USER_MIGRATION: Final = Trigger("UserMigration", ask, read)
