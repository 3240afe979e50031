"""NEW_PASSWORD_REQUIRED: the user chooses a password of their own, and fills what is missing.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "NEW_PASSWORD_REQUIRED".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from flowengine.accounts.account import Account, AccountChanges
from flowengine.accounts.attributes import (
    VERIFIED_MARKS,
    is_reserved,
    is_storable,
)
from flowengine.accounts.credentials import check_password, make_password
from flowengine.accounts.evidence import ANY_ATTRIBUTE, written
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.challenges.kind import (
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
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    InvalidPasswordError,
    NotAuthorizedError,
    PasswordHistoryPolicyViolationError,
)

_PASSWORD = "NEW_PASSWORD"
_FAMILY = "userAttributes."
_FACTS = KindFacts(
    name="NEW_PASSWORD_REQUIRED",
    standing=Standing.RETRY,
    required=(_PASSWORD,),
    optional=(f"{_FAMILY}*",),
    enrols=("password",),
    attributes=_FAMILY,
    # Setting an address takes away that it was verified.
    writes=("user.status", "user.attributes", "user.has", "user.verified"),
    sets=(("user.status", UserStatus.CONFIRMED.value),),
    never=("denied", "unavailable"),
)


class NewPasswordRequired:
    """The kind that replaces a password; it proves nothing that was not proved before.

    Two decisions where Cognito is lenient or silent: the new password must differ from the
    present one, since the one that an administrator knows would otherwise stay; and an
    attribute that has a value is refused even when the same value is sent again.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Tell the present attributes and which required ones lack a value."""
        account = issuing.account
        if account is None:
            return Unavailable(NotAuthorizedError())
        missing = [_FAMILY + name for name in _lacking(issuing.pool, account.attributes)]
        parameters = {
            "USER_ID_FOR_SRP": account.username,
            "userAttributes": _json(dict(account.attributes)),
            "requiredAttributes": _json(missing),
        }
        return Issued(MappingProxyType(parameters))

    def verify(self, answering: Answering) -> Verdict:
        """Judge the password by the pool's policy, then the attributes."""
        account, password = answering.account, answering.responses.get(_PASSWORD)
        if account is None:
            return Denied(NotAuthorizedError())
        if password is None:
            return Malformed(InvalidParameterError.missing(_PASSWORD))
        pool, given = answering.pool, _attributes(answering.responses)
        error = _attributes_error(pool, account, given) or _password_error(pool, account, password)
        if error is not None:
            return Wrong(error)
        changes = AccountChanges(
            password=make_password(pool, account.username, password, answering.entropy),
            status=UserStatus.CONFIRMED,
            attributes=MappingProxyType({**given, **_no_longer_verified(given)}),
        )
        # A decoy's is judged alike, and nothing is made of it.
        names = (*given, ANY_ATTRIBUTE) if given else ()
        made = (*_FACTS.enrols, *map(written, names)) if answering.user.exists else ()
        return Proved((), changes=changes, enrols=made)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lacking(pool: Pool, attributes: Mapping[str, str]) -> list[str]:
    return [name for name in pool.required_attributes if not attributes.get(name)]


def _attributes(responses: Mapping[str, str]) -> dict[str, str]:
    """Give the attributes of an answer; one with an empty value was not given."""
    return {
        key.removeprefix(_FAMILY): value
        for key, value in responses.items()
        if key.startswith(_FAMILY) and value
    }


def _no_longer_verified(names: Iterable[str]) -> dict[str, str]:
    """Give the marks to take back: an address that was just written is nobody's yet."""
    return {VERIFIED_MARKS[name]: "false" for name in names if name in VERIFIED_MARKS}


def _password_error(pool: Pool, account: Account, password: str) -> CallerError | None:
    objection = pool.password_policy.objection(password)
    if objection is None and not is_storable(password):
        objection = "Password is not valid text"
    if objection is not None:
        return InvalidPasswordError(f"Password did not conform with policy: {objection}")
    kept = account.password
    if kept is not None and check_password(pool, account.username, kept, password):
        return PasswordHistoryPolicyViolationError()
    return None


def _attributes_error(pool: Pool, account: Account, given: Mapping[str, str]) -> CallerError | None:
    for name, value in given.items():
        error = _attribute_error(pool, account, name, value)
        if error is not None:
            return error
    for name in _lacking(pool, {**account.attributes, **given}):
        return InvalidParameterError(f"Invalid attributes given, {name} is missing")
    return None


def _attribute_error(pool: Pool, account: Account, name: str, value: str) -> CallerError | None:
    """Say why an attribute may not be written; a name that we do not know is not repeated."""
    if is_reserved(name):
        return NotAuthorizedError("A client attempted to write unauthorized attribute")
    if name not in pool.attributes:
        return InvalidParameterError(
            "Attributes did not conform to the schema: Attribute does not exist in the schema."
        )
    if account.attributes.get(name):
        return NotAuthorizedError(f"Cannot modify an already provided {name}")
    objection = pool.value_objection(name, value)
    return InvalidParameterError(objection) if objection else None
