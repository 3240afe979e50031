"""PASSWORD: the password itself, sent by the client.

Source: Amazon Cognito API reference, InitiateAuth (USER_PASSWORD_AUTH) and
RespondToAuthChallenge, "PASSWORD".
"""

from __future__ import annotations

from flowengine.accounts.credentials import check_password
from flowengine.challenges.kind import (
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    NamedBy,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.errors import InvalidParameterError, NotAuthorizedError

_PASSWORD = "PASSWORD"
_FACTS = KindFacts(
    name="PASSWORD",
    standing=Standing.OVER,
    required=(_PASSWORD,),
    proves=("password",),
    answered_by=(_PASSWORD,),
    names_user_by=NamedBy.USERNAME,
    factor="password",
    never=("denied", "unavailable"),
    attempts=1,
)


class Password:
    """The kind that checks a plain password; a user without one costs the same work."""

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable:
        """Ask; there is nothing to tell."""
        if issuing.account is None and issuing.named:
            return Unavailable(NotAuthorizedError())
        return Issued({})

    def verify(self, answering: Answering) -> Verdict:
        """Check the password against the user's credential."""
        account, password = answering.account, answering.responses.get(_PASSWORD)
        if account is None:
            return Denied(NotAuthorizedError())
        if password is None:
            return Malformed(InvalidParameterError.missing(_PASSWORD))
        right = check_password(answering.pool, account.username, account.password, password)
        return Proved(_FACTS.proves) if right else Wrong(NotAuthorizedError())
