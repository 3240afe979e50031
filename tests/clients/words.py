"""How Cognito words its refusals; COGNITO.md, A.2, A.3, F.5 and G."""

from __future__ import annotations

from typing import Final, NamedTuple


class Told(NamedTuple):
    """What an application catches: the class of boto3's exception, and its message."""

    exception: str
    message: str


INCORRECT: Final = Told("NotAuthorizedException", "Incorrect username or password.")
NO_SUCH_DEVICE: Final = Told("ResourceNotFoundException", "Device does not exist.")
NO_SUCH_USER: Final = Told("UserNotFoundException", "User does not exist.")

FOREIGN: Final = Told("NotAuthorizedException", "Invalid session for the user.")
EXPIRED: Final = Told("NotAuthorizedException", "Invalid session for the user, session is expired.")
SPENT: Final = Told(
    "NotAuthorizedException", "Invalid session for the user, session can only be used once."
)
NO_SESSION: Final = Told("InvalidParameterException", "Missing required parameter Session")
NO_ANSWER: Final = Told("InvalidParameterException", "Missing required parameter ANSWER")

WRONG_CODE: Final = Told("CodeMismatchException", "Invalid code received for user")
USED_CODE: Final = Told("ExpiredCodeException", "Your software token has already been used once.")
LATE_CODE: Final = Told(
    "ExpiredCodeException", "Invalid code provided, please request a code again."
)
FUNCTION_RAISED: Final = Told(
    "UserLambdaValidationException", "judge failed with error ValueError."
)

NAME_MISSING: Final = Told("InvalidParameterException", "Invalid attributes given, name is missing")
EMAIL_GIVEN: Final = Told("NotAuthorizedException", "Cannot modify an already provided email")
TOO_SHORT: Final = Told(
    "InvalidPasswordException", "Password did not conform with policy: Password not long enough"
)

NO_REFRESH: Final = Told("NotAuthorizedException", "Invalid Refresh Token")
REVOKED_REFRESH: Final = Told("NotAuthorizedException", "Refresh Token has been revoked")
REUSED_REFRESH: Final = Told("RefreshTokenReuseException", "Refresh Token has been reused")
NOT_BY_AUTH_FLOW: Final = Told(
    "InvalidParameterException", "REFRESH_TOKEN_AUTH is not enabled for the client."
)
REVOKED_ACCESS: Final = Told("NotAuthorizedException", "Access Token has been revoked")
NOT_A_REFRESH_TOKEN: Final = Told("UnsupportedTokenTypeException", "Unsupported token type")
UNAUTHORIZED: Final = Told("UnauthorizedException", "Unauthorized")

ORIGIN: Final = Told(
    "WebAuthnOriginNotAllowedException", "The origin of the credential is not allowed."
)
RELYING_PARTY: Final = Told(
    "WebAuthnRelyingPartyMismatchException", "The credential is another relying party's."
)
CHALLENGE: Final = Told("WebAuthnChallengeNotFoundException", "Challenge not found, start again.")
NOT_SUPPORTED: Final = Told(
    "WebAuthnCredentialNotSupportedException", "The credential is not supported."
)

UNKNOWN_CLIENT: Final = "nosuchclient"
NO_SUCH_CLIENT: Final = Told(
    "ResourceNotFoundException", f"User pool client {UNKNOWN_CLIENT} does not exist."
)


def hash_absent(client_id: str) -> Told:
    """Say that SECRET_HASH was not sent."""
    message = f"Client {client_id} is configured with secret but SECRET_HASH was not received"
    return Told("NotAuthorizedException", message)


def hash_wrong(client_id: str) -> Told:
    """Say that SECRET_HASH is wrong."""
    return Told("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}")


def refresh_hash_wrong(client_id: str) -> Told:
    """Say that SECRET_HASH is wrong, as it is said of a refresh."""
    return Told("NotAuthorizedException", f"SecretHash does not match for the client: {client_id}")
