"""Refusals of what surrounds a sign-in, by their names in Cognito's API."""

from __future__ import annotations

from flowengine.errors.tree import CallerError


class UsernameExistsError(CallerError):
    """A user of this name is there already."""

    code = "UsernameExistsException"
    default_message = "User account already exists"


class UnsupportedUserStateError(CallerError):
    """The user is in a state in which this cannot be done."""

    code = "UnsupportedUserStateException"
    default_message = "The user is not in a state for this."


class AliasExistsError(CallerError):
    """An address is the verified alias of another user."""

    code = "AliasExistsException"
    default_message = "An account with the given address already exists."


class CodeDeliveryFailureError(CallerError):
    """A code cannot be sent."""

    code = "CodeDeliveryFailureException"
    default_message = "This server delivers no messages."


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


class DeviceKeyExistsError(CallerError):
    """The device was confirmed before."""

    code = "DeviceKeyExistsException"
    default_message = "Device already exists."
