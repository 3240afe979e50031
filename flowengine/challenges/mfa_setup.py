"""MFA_SETUP: a user without a second factor sets an authenticator app up while signing in.

AssociateSoftwareToken and VerifySoftwareToken are done at its node, each with the newest Session;
the answer then says that it was done. Source: Amazon Cognito API reference,
RespondToAuthChallenge, "MFA_SETUP"; COGNITO.md, A.3 and B.4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.account import AccountChanges, TotpFactor
from flowengine.accounts.attributes import is_storable
from flowengine.accounts.pool import Mfa, Pool
from flowengine.challenges.kind import (
    Advanced,
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.challenges.software_token_mfa import spend_of
from flowengine.crypto import totp
from flowengine.errors import (
    EnableSoftwareTokenMFAError,
    InvalidParameterError,
    NotAuthorizedError,
    SoftwareTokenMFANotFoundError,
    UnknownSessionError,
)

ASSOCIATE: Final = "AssociateSoftwareToken"
VERIFY: Final = "VerifySoftwareToken"
LONGEST_NAME: Final = 2048
"""Characters in the name of an app: it is sent with each challenge."""

_METHOD: Final = "SOFTWARE_TOKEN_MFA"
_SECRET: Final = "secret"
_DONE: Final = "done"
NOT_ENABLED: Final = "Software Token MFA has not been enabled by the userPool"

_FACTS: Final = KindFacts(
    name="MFA_SETUP",
    standing=Standing.RETRY,
    required=(),
    enrols=("totp",),
    operations=(ASSOCIATE, VERIFY),
    writes=("user.has",),
    factor="totp",
)


def takes_apps(pool: Pool) -> bool:
    """Say whether users of a pool may set authenticator apps up."""
    return pool.mfa is not Mfa.NONE and _METHOD in pool.mfa_methods


def name_objection(name: str) -> InvalidParameterError | None:
    """Say what is wrong with the name of an app, or None."""
    if len(name) > LONGEST_NAME or not is_storable(name):
        return InvalidParameterError("Invalid value for parameter FriendlyDeviceName")
    return None


class MfaSetup:
    """The kind that has a credential made; it proves nothing, and enrols what was verified.

    The secret waits in the sealed part of the step and is written to the user when its first
    code was right, which the code then is spent for: it signs nobody in.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Tell what can be set up here."""
        if issuing.account is None:
            return Unavailable(NotAuthorizedError())
        if not takes_apps(issuing.pool):
            return Unavailable(SoftwareTokenMFANotFoundError(NOT_ENABLED))
        parameters = {
            "MFAS_CAN_SETUP": json.dumps([_METHOD]),
            "USER_ID_FOR_SRP": issuing.account.username,
        }
        return Issued(MappingProxyType(parameters))

    def operate(
        self, operation: str, operating: Answering
    ) -> Advanced | Wrong | Malformed | Denied:
        """Draw a secret, or check the first code of the app that has it."""
        if operation == ASSOCIATE:
            secret = totp.new_secret(operating.entropy)
            return Advanced({"SecretCode": totp.to_text(secret)}, {_SECRET: secret.hex()})
        return _verified(operating) if operation == VERIFY else Denied(NotAuthorizedError())

    def verify(self, answering: Answering) -> Verdict:
        """Go on where an app was verified with this Session's predecessors."""
        if answering.private.get(_DONE) is not True:
            return Malformed(UnknownSessionError())
        return Proved(())


def _verified(operating: Answering) -> Advanced | Wrong | Malformed | Denied:
    secret, code = _waiting(operating.private), operating.responses.get("UserCode")
    name = operating.responses.get("FriendlyDeviceName", "")
    if code is None:
        return Malformed(InvalidParameterError.missing("UserCode"))
    objection = name_objection(name)
    if objection is not None:
        return Malformed(objection)
    if secret is None:
        return Malformed(SoftwareTokenMFANotFoundError())
    counter = totp.match(secret, code, operating.now, after=-1)
    if counter is None:
        return Wrong(EnableSoftwareTokenMFAError())
    return Advanced(
        result={"Status": "SUCCESS"},
        private={_DONE: True},
        enrols=_FACTS.enrols,
        spend=spend_of(counter, operating.now, EnableSoftwareTokenMFAError()),
        changes=AccountChanges(totp=TotpFactor(secret, active=True, name=name)),
    )


def _waiting(private: Mapping[str, Any]) -> bytes | None:
    written = private.get(_SECRET)
    return bytes.fromhex(written) if isinstance(written, str) else None
