"""Refusals of a sign-in and of any request, by their names in Cognito's API."""

from __future__ import annotations

from flowengine.errors.tree import CallerError


class InvalidParameterError(CallerError):
    """A member is missing, malformed or out of place."""

    code = "InvalidParameterException"

    @classmethod
    def missing(cls, key: str) -> InvalidParameterError:
        """Name the key that was not sent; keys are the protocol's, not the client's data."""
        return cls(f"Missing required parameter {key}")


class SerializationError(CallerError):
    """The body is not JSON of the right shape."""

    code = "SerializationException"


class UnknownOperationError(CallerError):
    """The operation is not one that this server speaks."""

    code = "UnknownOperationException"


class NotAuthorizedError(CallerError):
    """The caller did not prove what was asked."""

    code = "NotAuthorizedException"
    default_message = "Incorrect username or password."


class SessionError(NotAuthorizedError):
    """The session handle cannot be used."""

    default_message = "Invalid session for the user."


class UnknownSessionError(SessionError):
    """No such session, or a handle that was not handed out for this."""


class SpentSessionError(SessionError):
    """The handle's step has been answered, or no try is left at it."""

    default_message = "Invalid session for the user, session can only be used once."


class AnswerConflictError(SpentSessionError):
    """Another answer changed the session first; the caller may not retry this one."""


class ExpiredSessionError(SessionError):
    """The session's time is over."""

    default_message = "Invalid session for the user, session is expired."


class UserNotFoundError(CallerError):
    """The user does not exist, said only where the client allows it to be said."""

    code = "UserNotFoundException"
    default_message = "User does not exist."


class UserNotConfirmedError(CallerError):
    """The user has not confirmed the sign-up."""

    code = "UserNotConfirmedException"
    default_message = "User is not confirmed."


class PasswordResetRequiredError(CallerError):
    """The password was right and must be reset before it is good for a sign-in."""

    code = "PasswordResetRequiredException"
    default_message = "Password reset required for the user"


class InvalidPasswordError(CallerError):
    """The new password does not fit the pool's policy."""

    code = "InvalidPasswordException"
    default_message = "Password did not conform with policy"


class PasswordHistoryPolicyViolationError(CallerError):
    """The new password is the one that it shall replace."""

    code = "PasswordHistoryPolicyViolationException"
    default_message = "Password has previously been used"


class CodeMismatchError(CallerError):
    """The code is wrong; the same session stays good while tries are left."""

    code = "CodeMismatchException"
    default_message = "Invalid code or auth state for the user."


class ExpiredCodeError(CallerError):
    """The code was right once and is no longer."""

    code = "ExpiredCodeException"
    default_message = "Invalid code provided, please request a code again."


class EnableSoftwareTokenMFAError(CallerError):
    """The code does not show that the authenticator was set up."""

    code = "EnableSoftwareTokenMFAException"
    default_message = "Code mismatch"


class SoftwareTokenMFANotFoundError(CallerError):
    """The user has no software token."""

    code = "SoftwareTokenMFANotFoundException"
    default_message = "Software Token MFA does not exist for the user."


class MFAMethodNotFoundError(CallerError):
    """The user has nowhere that the code could be sent to."""

    code = "MFAMethodNotFoundException"
    default_message = "The user has no verified destination for this challenge."


class ResourceNotFoundError(CallerError):
    """The pool or the client does not exist."""

    code = "ResourceNotFoundException"


class TooManyRequestsError(CallerError):
    """More answers are under way for this factor than the policy allows."""

    code = "TooManyRequestsException"
    default_message = "Too many requests"


class LimitExceededError(CallerError):
    """A limit of the service was passed."""

    code = "LimitExceededException"
    default_message = "Attempt limit exceeded, please try after some time."


class UserLambdaValidationError(CallerError):
    """A registered function refused the request in its own words."""

    code = "UserLambdaValidationException"


class InvalidLambdaResponseError(CallerError):
    """A registered function returned something of the wrong shape."""

    code = "InvalidLambdaResponseException"
    default_message = "Unrecognizable lambda output"


class UnexpectedLambdaError(CallerError):
    """A registered function could not be called or did not answer in time."""

    code = "UnexpectedLambdaException"


class ForbiddenError(CallerError):
    """The caller is not let in, in the words of a flow."""

    code = "ForbiddenException"
    default_message = "Request not allowed."
