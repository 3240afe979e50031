"""Everything that flowengine raises, in one tree by whose fault it is.

::

    FlowEngineError
    ├── AuthorError                     who wrote the flow, the expression or the deployment
    │   ├── InvalidDocumentError        carries the diagnostics
    │   ├── ExpressionError             carries the diagnostics
    │   └── UnavailableError            an engine lacks what its flows need
    ├── EvaluationError                 an expression that has no value for these bindings
    ├── CallerError                     who sent the request; each has a Cognito exception name
    │   ├── InvalidParameterError
    │   │   └── InvalidPasswordError …  names of their own, siblings below
    │   ├── NotAuthorizedError
    │   │   └── SessionError
    │   │       ├── UnknownSessionError
    │   │       ├── SpentSessionError
    │   │       │   └── AnswerConflictError
    │   │       └── ExpiredSessionError
    │   └── …
    └── WorldError                      a store, a key, a function or a clock that failed us
        ├── StoreError
        ├── KeyringError
        └── FunctionFailedError

No secret, code, token, session or client answer is ever part of a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowengine.source import Diagnostic


class FlowEngineError(Exception):
    """The root; catch it to catch all that flowengine raises on purpose."""


class AuthorError(FlowEngineError):
    """A file or an expression is wrong; its author mends it.

    Attributes:
        diagnostics: All that was found, ordered by place; never empty.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Keep the findings; the message names the first and counts the rest."""
        first = diagnostics[0]
        where = first.source.position(first.span.start)
        more = f" (and {len(diagnostics) - 1} more)" if len(diagnostics) > 1 else ""
        super().__init__(
            f"{first.source.name}:{where.line}:{where.column}: {first.message} [{first.rule}]{more}"
        )
        self.diagnostics = tuple(diagnostics)


class InvalidDocumentError(AuthorError):
    """A flow or a deployment that cannot be used as it is written."""


class ExpressionError(AuthorError):
    """An expression that does not parse or does not type-check."""


class EvaluationError(FlowEngineError):
    """An expression has no value for these bindings: no such key, overflow, and the like.

    The message names the kind of failure, never a bound value.
    """


class UnavailableError(AuthorError):
    """An engine was asked to run a flow that needs something it was not given."""

    def __init__(self, message: str) -> None:
        """Say what is missing; there is no place in a file to point at."""
        FlowEngineError.__init__(self, message)
        self.diagnostics = ()


class CallerError(FlowEngineError):
    """The request is refused; ``code`` is the exception's name in Cognito's API.

    Source: Amazon Cognito API reference, "Common Errors" and each operation's "Errors".

    Attributes:
        code: The ``__type`` of the wire: ``NotAuthorizedException``.
        status: The HTTP status; 400 for every refusal, as Cognito answers.
        message: What the wire says. Where Cognito's text names the client, it has
            ``{client_id}``, which the server fills in from the request it answers: an
            exception that is logged never holds a client id.
    """

    code: ClassVar[str] = "InvalidParameterException"
    status: ClassVar[int] = 400
    default_message: ClassVar[str] = ""

    def __init__(self, message: str = "") -> None:
        """Take the class's own text unless another is given."""
        self.message = message or self.default_message
        super().__init__(self.message)


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


class UsernameExistsError(CallerError):
    """A user of this name is there already."""

    code = "UsernameExistsException"
    default_message = "User account already exists"


class AliasExistsError(CallerError):
    """An address is the verified alias of another user."""

    code = "AliasExistsException"
    default_message = "An account with the given address already exists."


class CodeDeliveryFailureError(CallerError):
    """A code cannot be sent."""

    code = "CodeDeliveryFailureException"
    default_message = "This server delivers no messages."


class InvalidPasswordError(CallerError):
    """The new password does not fit the pool's policy."""

    code = "InvalidPasswordException"
    default_message = "Password did not conform with policy"


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


class WebAuthnNotEnabledError(CallerError):
    """The pool has no passkeys."""

    code = "WebAuthnNotEnabledException"
    default_message = "Passkeys are not enabled for the user pool."


class WebAuthnConfigurationMissingError(CallerError):
    """The pool has passkeys, and no relying party or origin to make them for."""

    code = "WebAuthnConfigurationMissingException"


class WebAuthnChallengeNotFoundError(CallerError):
    """The challenge of a registration has expired, was used, or was never this user's."""

    code = "WebAuthnChallengeNotFoundException"


class WebAuthnClientMismatchError(CallerError):
    """The registration was begun with another client's access token."""

    code = "WebAuthnClientMismatchException"


class WebAuthnOriginNotAllowedError(CallerError):
    """The passkey was made at an origin that the pool does not name."""

    code = "WebAuthnOriginNotAllowedException"


class WebAuthnRelyingPartyMismatchError(CallerError):
    """The passkey was made for another relying party."""

    code = "WebAuthnRelyingPartyMismatchException"


class WebAuthnCredentialNotSupportedError(CallerError):
    """The passkey is not of a kind that can be kept."""

    code = "WebAuthnCredentialNotSupportedException"


class ResourceNotFoundError(CallerError):
    """The pool or the client does not exist."""

    code = "ResourceNotFoundException"


class TooManyRequestsError(CallerError):
    """More answers are under way for this factor than the policy allows."""

    code = "TooManyRequestsException"
    default_message = "Too many requests"


class RefreshTokenReuseError(CallerError):
    """A refresh token was used again after its rotation and its grace: someone has a copy."""

    code = "RefreshTokenReuseException"
    default_message = "Refresh Token has been reused"


class UnauthorizedError(CallerError):
    """The client may not revoke this token."""

    code = "UnauthorizedException"
    default_message = "Unauthorized"


class UnsupportedTokenTypeError(CallerError):
    """What shall be revoked is no refresh token."""

    code = "UnsupportedTokenTypeException"
    default_message = "Unsupported token type"


class LimitExceededError(CallerError):
    """A limit of the service was passed."""

    code = "LimitExceededException"
    default_message = "Attempt limit exceeded, please try after some time."


class AccessDeniedError(CallerError):
    """An administrative call without a key that this server knows."""

    code = "AccessDeniedException"


class InvalidSignatureError(CallerError):
    """An administrative call whose signature does not verify."""

    code = "InvalidSignatureException"


class MissingAuthenticationTokenError(CallerError):
    """An administrative call that is not signed."""

    code = "MissingAuthenticationTokenException"
    default_message = "Missing Authentication Token"


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


class WorldError(FlowEngineError):
    """Something outside failed; the wire says InternalErrorException and nothing more."""


class StoreError(WorldError):
    """A store did not do what was asked; the driver's text is never part of the message."""


class KeyringError(WorldError):
    """A key is missing, malformed, or does not open what was sealed."""


class FunctionFailedError(WorldError):
    """A registered function raised, timed out or is not registered."""


class DeviceKeyExistsError(CallerError):
    """The device was confirmed before."""

    code = "DeviceKeyExistsException"
    default_message = "Device already exists."


class ForbiddenError(CallerError):
    """The caller is not let in, in the words of a flow."""

    code = "ForbiddenException"
    default_message = "Request not allowed."


def caller_errors() -> dict[str, type[CallerError]]:
    """Give the exceptions that a flow may end in, by their names on the wire."""
    found: dict[str, type[CallerError]] = {}
    waiting: list[type[CallerError]] = [CallerError]
    while waiting:
        kind = waiting.pop(0)
        # Several of ours may have one name: the most general of them is meant by it.
        found.setdefault(kind.code, kind)
        waiting += kind.__subclasses__()
    return found
