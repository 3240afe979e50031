"""Everything that flowengine raises, in one tree by whose fault it is.

::

    FlowEngineError
    ├── AuthorError                     who wrote the flow, the expression or the deployment
    │   ├── InvalidDocumentError        carries the diagnostics
    │   ├── ExpressionError             carries the diagnostics
    │   └── UnavailableError            an engine lacks what its flows need
    ├── EvaluationError                 an expression that has no value for these bindings
    │   └── CostExceededError           or that would cost too much to find
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

from flowengine.errors.operations import (
    AccessDeniedError,
    AliasExistsError,
    CodeDeliveryFailureError,
    DeviceKeyExistsError,
    InvalidSignatureError,
    MissingAuthenticationTokenError,
    RefreshTokenReuseError,
    UnauthorizedError,
    UnsupportedTokenTypeError,
    UnsupportedUserStateError,
    UsernameExistsError,
    WebAuthnChallengeNotFoundError,
    WebAuthnClientMismatchError,
    WebAuthnConfigurationMissingError,
    WebAuthnCredentialNotSupportedError,
    WebAuthnNotEnabledError,
    WebAuthnOriginNotAllowedError,
    WebAuthnRelyingPartyMismatchError,
)
from flowengine.errors.sign_in import (
    AnswerConflictError,
    CodeMismatchError,
    EnableSoftwareTokenMFAError,
    ExpiredCodeError,
    ExpiredSessionError,
    ForbiddenError,
    InvalidLambdaResponseError,
    InvalidParameterError,
    InvalidPasswordError,
    LimitExceededError,
    MFAMethodNotFoundError,
    NotAuthorizedError,
    PasswordHistoryPolicyViolationError,
    PasswordResetRequiredError,
    ResourceNotFoundError,
    SerializationError,
    SessionError,
    SoftwareTokenMFANotFoundError,
    SpentSessionError,
    TooManyRequestsError,
    UnexpectedLambdaError,
    UnknownOperationError,
    UnknownSessionError,
    UserLambdaValidationError,
    UserNotConfirmedError,
    UserNotFoundError,
)
from flowengine.errors.tree import (
    AuthorError,
    CallerError,
    CostExceededError,
    EvaluationError,
    ExpressionError,
    FlowEngineError,
    FunctionFailedError,
    InvalidDocumentError,
    KeyringError,
    StoreError,
    UnavailableError,
    WorldError,
)

__all__ = [
    "AccessDeniedError",
    "AliasExistsError",
    "AnswerConflictError",
    "AuthorError",
    "CallerError",
    "CodeDeliveryFailureError",
    "CodeMismatchError",
    "CostExceededError",
    "DeviceKeyExistsError",
    "EnableSoftwareTokenMFAError",
    "EvaluationError",
    "ExpiredCodeError",
    "ExpiredSessionError",
    "ExpressionError",
    "FlowEngineError",
    "ForbiddenError",
    "FunctionFailedError",
    "InvalidDocumentError",
    "InvalidLambdaResponseError",
    "InvalidParameterError",
    "InvalidPasswordError",
    "InvalidSignatureError",
    "KeyringError",
    "LimitExceededError",
    "MFAMethodNotFoundError",
    "MissingAuthenticationTokenError",
    "NotAuthorizedError",
    "PasswordHistoryPolicyViolationError",
    "PasswordResetRequiredError",
    "RefreshTokenReuseError",
    "ResourceNotFoundError",
    "SerializationError",
    "SessionError",
    "SoftwareTokenMFANotFoundError",
    "SpentSessionError",
    "StoreError",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnavailableError",
    "UnexpectedLambdaError",
    "UnknownOperationError",
    "UnknownSessionError",
    "UnsupportedTokenTypeError",
    "UnsupportedUserStateError",
    "UserLambdaValidationError",
    "UserNotConfirmedError",
    "UserNotFoundError",
    "UsernameExistsError",
    "WebAuthnChallengeNotFoundError",
    "WebAuthnClientMismatchError",
    "WebAuthnConfigurationMissingError",
    "WebAuthnCredentialNotSupportedError",
    "WebAuthnNotEnabledError",
    "WebAuthnOriginNotAllowedError",
    "WebAuthnRelyingPartyMismatchError",
    "WorldError",
    "caller_errors",
]


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
