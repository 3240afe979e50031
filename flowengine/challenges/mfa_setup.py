"""MFA_SETUP: a user without a second factor sets an authenticator app up while signing in.

AssociateSoftwareToken and VerifySoftwareToken are done at its node, each with the newest Session;
the answer then says that it was done. Source: Amazon Cognito API reference,
RespondToAuthChallenge, "MFA_SETUP"; COGNITO.md, A.3 and B.4.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.account import AccountChanges, TotpFactor
from flowengine.accounts.attributes import VERIFIED_MARKS, is_storable, value_objection
from flowengine.accounts.pool import Mfa, Pool
from flowengine.challenges.delivered_codes import draw_code
from flowengine.challenges.kind import (
    Advanced,
    Answering,
    AsksMore,
    Channel,
    CodeToSend,
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
from flowengine.challenges.masking import masked
from flowengine.challenges.software_token_mfa import spend_of
from flowengine.crypto import totp
from flowengine.crypto.text import octets
from flowengine.errors import (
    CodeMismatchError,
    EnableSoftwareTokenMFAError,
    ExpiredCodeError,
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
EMAIL_METHOD: Final = "EMAIL_OTP"
_EMAIL: Final = "email"
_EMAIL_CODE: Final = "EMAIL_OTP_CODE"
_DIGITS: Final = 8
_LIFE: Final = timedelta(minutes=3)
_CODE: Final = "code"
_UNTIL: Final = "until"
_SECRET: Final = "secret"
_DONE: Final = "done"
NOT_ENABLED: Final = "Software Token MFA has not been enabled by the userPool"

_FACTS: Final = KindFacts(
    name="MFA_SETUP",
    standing=Standing.RETRY,
    required=(),
    enrols=("totp", "email"),
    implied=(_EMAIL, _EMAIL_CODE),
    operations=(ASSOCIATE, VERIFY),
    writes=("user.has", "user.attributes", "user.verified"),
    factor="totp",
)


def takes_apps(pool: Pool) -> bool:
    """Say whether users of a pool may set authenticator apps up."""
    return pool.mfa is not Mfa.NONE and _METHOD in pool.mfa_methods


def _takes_mailboxes(pool: Pool) -> bool:
    return pool.mfa is not Mfa.NONE and EMAIL_METHOD in pool.mfa_methods


def name_objection(name: str) -> InvalidParameterError | None:
    """Say what is wrong with the name of an app, or None."""
    if len(name) > LONGEST_NAME or not is_storable(name):
        return InvalidParameterError("Invalid value for parameter FriendlyDeviceName")
    return None


class MfaSetup:
    """The kind that has a credential made; it proves nothing, and enrols what was verified.

    An app's secret waits in the sealed part of the step and is written to the user when its first
    code was right, which the code then is spent for: it signs nobody in. A mailbox is named by
    the answer's ``email``, and the code that was sent there is asked for as EMAIL_OTP, by this kind
    and at its node: it shows that the mailbox is the user's, and signs nobody in either.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Tell what can be set up here."""
        if issuing.account is None:
            return Unavailable(NotAuthorizedError())
        if not takes_apps(issuing.pool) and not _takes_mailboxes(issuing.pool):
            return Unavailable(SoftwareTokenMFANotFoundError(NOT_ENABLED))
        methods = [name for name in (_METHOD, EMAIL_METHOD) if name in issuing.pool.mfa_methods]
        parameters = {
            "MFAS_CAN_SETUP": json.dumps(methods),
            "USER_ID_FOR_SRP": issuing.account.username,
        }
        return Issued(MappingProxyType(parameters))

    def operate(
        self, operation: str, operating: Answering
    ) -> Advanced | Wrong | Malformed | Denied:
        """Draw a secret, or check the first code of the app that has it."""
        if not takes_apps(operating.pool):
            return Denied(SoftwareTokenMFANotFoundError(NOT_ENABLED))
        if operation == ASSOCIATE:
            secret = totp.new_secret(operating.entropy)
            return Advanced({"SecretCode": totp.to_text(secret)}, {_SECRET: secret.hex()})
        return _verified(operating) if operation == VERIFY else Denied(NotAuthorizedError())

    def verify(self, answering: Answering) -> Verdict:
        """Go on where an app was verified with this Session's predecessors."""
        if answering.private.get(_DONE) is True:
            return Proved(())
        if _CODE in answering.private:
            return _mailbox_shown(answering)
        if _EMAIL in answering.responses and EMAIL_METHOD in answering.pool.mfa_methods:
            return _mailbox_asked(answering)
        return Malformed(UnknownSessionError())


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
        enrols=("totp",),
        spend=spend_of(counter, operating.now, EnableSoftwareTokenMFAError()),
        changes=AccountChanges(totp=TotpFactor(secret, active=True, name=name)),
    )


def _mailbox_asked(answering: Answering) -> Verdict:
    """Send a code to the mailbox that the user names; a verified one cannot be changed so."""
    address, account = answering.responses[_EMAIL], answering.account
    objection = value_objection(_EMAIL, address)
    if objection is not None:
        return Malformed(InvalidParameterError(objection))
    if answering.user.email_verified and answering.user.attributes.get(_EMAIL) != address:
        return Malformed(NotAuthorizedError("Cannot modify an already provided email"))
    if account is None or not _takes_mailboxes(answering.pool):
        return Denied(NotAuthorizedError())
    code = draw_code(answering.entropy, _DIGITS)
    parameters = {
        "CODE_DELIVERY_DELIVERY_MEDIUM": Channel.EMAIL.name,
        "CODE_DELIVERY_DESTINATION": masked(Channel.EMAIL, address),
        "USER_ID_FOR_SRP": account.username,
    }
    until = (answering.now + _LIFE).isoformat()
    private = {_CODE: code, _EMAIL: address, _UNTIL: until}
    send = CodeToSend(Channel.EMAIL, address, code, "verify-attribute")
    issued = Issued(MappingProxyType(parameters), MappingProxyType(private), send=send)
    return AsksMore(EMAIL_METHOD, issued)


def _mailbox_shown(answering: Answering) -> Verdict:
    """Compare the code, and make the mailbox a second factor."""
    written, private = answering.responses.get(_EMAIL_CODE), answering.private
    if written is None:
        return Malformed(InvalidParameterError.missing(_EMAIL_CODE))
    if answering.now >= datetime.fromisoformat(private[_UNTIL]):
        return Denied(ExpiredCodeError())
    if not hmac.compare_digest(octets(written), octets(private[_CODE])):
        return Wrong(CodeMismatchError())
    attributes = {_EMAIL: private[_EMAIL], VERIFIED_MARKS[_EMAIL]: "true"}
    changes = AccountChanges(attributes=MappingProxyType(attributes), email_mfa=True)
    return Proved((), changes=changes, enrols=("email",))


def _waiting(private: Mapping[str, Any]) -> bytes | None:
    written = private.get(_SECRET)
    return bytes.fromhex(written) if isinstance(written, str) else None
