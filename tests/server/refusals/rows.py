"""Every refusal that COGNITO.md names in A, B.1 (step-up), B.5, E.4, F.5 and G, once each.

Where ours is another one, or none, the row says what Cognito's is and why.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from tests.operations.world import CONFIDENTIAL
from tests.server.refusals.row import NONE, Row
from tests.server.refusals.stage import LEGACY, UNKNOWN_CLIENT
from tests.server.refusals.words import (
    DENIED,
    EXPIRED,
    FOREIGN,
    INCORRECT,
    INVALID,
    KEYS,
    LATE_CODE,
    LOCKED,
    MISSING,
    NAMES,
    NO_ADDRESSEE,
    NO_AGE,
    NO_LEVEL,
    REACHED,
    SPENT,
    WRONG_CODE,
    WRONG_SENT_CODE,
    missing,
)

_ON_THE_WAY: Final = (
    "A sign-in ends where somebody else changes its user (step 7). Cognito: perhaps"
)
_CHALLENGES: Final = {
    "USERNAME is missing in an answer": Row("A.2 G1 F.5", INVALID, missing("USERNAME")),
    "USERNAME is missing at the start": Row("A.2 G1 F.5", INVALID, missing("USERNAME")),
    "Session is missing": Row("A.2 G1 F.5", INVALID, missing("Session")),
    **{
        f"{key} is missing": Row("A.3 G1 F.5", INVALID, missing(key.partition(" ")[2]))
        for key in KEYS
    },
    "USERNAME is another user's": Row("A.2 B.5", DENIED, FOREIGN),
    "the SMS_MFA code is wrong": Row("A.3 F.5", "CodeMismatchException", WRONG_CODE),
    "the SMS_MFA code is late": Row("A.3 F.5", "ExpiredCodeException", LATE_CODE),
    "the SMS_MFA session is gone": Row("A.3 G2", DENIED, SPENT),
    "a code cannot be delivered": Row(
        "A.3",
        NONE,
        differs="Cognito tells that it may not use the pool's SMS or e-mail account. Here no "
        "reply waits for a delivery, or a user could be told from nobody by it (DESIGN, ports).",
    ),
    "the EMAIL_OTP code is wrong": Row("A.3 F.5", "CodeMismatchException", WRONG_CODE),
    "the SMS_OTP code is wrong": Row("A.3 F.5", "CodeMismatchException", WRONG_CODE),
    "the SOFTWARE_TOKEN_MFA code is wrong": Row(
        "A.3 F.5", "CodeMismatchException", "Invalid code received for user"
    ),
    "the SOFTWARE_TOKEN_MFA code was used": Row(
        "A.3 E.4 F.5",
        "ExpiredCodeException",
        "Your software token has already been used once.",
    ),
    "there is no app for SOFTWARE_TOKEN_MFA": Row(
        "A.3 F.5",
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA does not exist for the user.",
    ),
    "there is no app for SOFTWARE_TOKEN_MFA at the start": Row(
        "A.3 F.5",
        DENIED,
        "Software Token MFA does not exist for the user.",
        "InitiateAuth declares no exception for it, and no SDK would know one.",
    ),
    "SELECT_MFA_TYPE does not offer it": Row("A.3", INVALID, "Invalid value for parameter ANSWER"),
    "there is no address for the factor": Row(
        "A.3",
        "MFAMethodNotFoundException",
        "The user has no verified destination for this challenge.",
    ),
    "MFA_SETUP has the session before VerifySoftwareToken": Row(
        "A.3 B.5",
        DENIED,
        SPENT,
        "Cognito's text is 'Invalid session for the user.'; a session that was replaced says so "
        "in every challenge (M.1).",
    ),
    "MFA_SETUP has another session": Row("A.3", DENIED, FOREIGN),
    "MFA_SETUP has no session": Row("A.3", INVALID, missing("Session")),
    "PASSWORD_VERIFIER: wrong password": Row("A.3 F.5", DENIED, INCORRECT),
    "PASSWORD_VERIFIER: wrong signature": Row("A.3", DENIED, INCORRECT),
    "PASSWORD_VERIFIER: wrong secret block": Row("A.3", DENIED, INCORRECT),
    "PASSWORD_VERIFIER: wrong weekday": Row("A.3", DENIED, INCORRECT),
    "PASSWORD_VERIFIER: day with a zero": Row("A.3", DENIED, INCORRECT),
    "PASSWORD_VERIFIER: too late": Row("A.3", DENIED, INCORRECT),
    "PASSWORD_VERIFIER: a time stamp of five minutes and a second ago": Row(
        "A.3", DENIED, INCORRECT
    ),
    "PASSWORD_VERIFIER: no TIMESTAMP": Row(
        "A.3 F.5", INVALID, "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."
    ),
    "PASSWORD_VERIFIER: unknown device": Row("A.3 F.5", MISSING, "Device does not exist."),
    "CUSTOM_CHALLENGE: failAuthentication": Row("A.3 C.7", DENIED, INCORRECT),
    "NEW_PASSWORD_REQUIRED: too short": Row(
        "A.3 F.5",
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    ),
    "NEW_PASSWORD_REQUIRED: used before": Row(
        "A.3", "PasswordHistoryPolicyViolationException", "Password has previously been used"
    ),
    "NEW_PASSWORD_REQUIRED: no required attribute": Row(
        "A.3 F.5", INVALID, "Invalid attributes given, name is missing"
    ),
    "NEW_PASSWORD_REQUIRED: email was given before": Row(
        "A.3 F.5", DENIED, "Cannot modify an already provided email"
    ),
    "DEVICE_SRP_AUTH: unknown device": Row("A.3 F.5", MISSING, "Device does not exist."),
    "DEVICE_SRP_AUTH: no device key": Row("A.3 F.5", INVALID, "Invalid device key given."),
    "DEVICE_SRP_AUTH: no SRP_A": Row("A.3", INVALID, "Invalid SRP_A"),
    "DEVICE_PASSWORD_VERIFIER: wrong": Row("A.3", DENIED, INCORRECT),
    "SELECT_CHALLENGE does not offer it": Row("A.3", INVALID, "Invalid value for parameter ANSWER"),
    "PASSWORD: wrong": Row("A.3", DENIED, INCORRECT),
    "PASSWORD_SRP: no SRP_A": Row("A.3", INVALID, "Invalid SRP_A"),
    "WEB_AUTHN: another origin": Row("A.3", DENIED, INCORRECT),
    "WEB_AUTHN: no credential": Row("A.3", INVALID, "Invalid value for parameter CREDENTIAL"),
    "ADMIN_NO_SRP_AUTH is answered": Row(
        "A.1 A.3",
        INVALID,
        "ADMIN_NO_SRP_AUTH is an auth flow, and no challenge to respond to.",
        "The exception is Cognito's as far as is known; its text is not published.",
    ),
    "the challenge has no such name": Row(
        "G1",
        INVALID,
        "1 validation error detected: Value at 'challengeName' failed to satisfy constraint: "
        f"Member must satisfy enum value set: {NAMES}",
        "Cognito repeats the value. What a client sent stands in no message.",
    ),
    "the challenge is another one": Row("G2", DENIED, FOREIGN),
    "the user is disabled": Row("G3 F.5", DENIED, "User is disabled."),
    "the user is disabled on the way": Row("G3 F.5", DENIED, "User is disabled."),
    "the user is not confirmed": Row(
        "G4 F.5", "UserNotConfirmedException", "User is not confirmed."
    ),
    "the password must be reset": Row(
        "G4 F.5", "PasswordResetRequiredException", "Password reset required for the user"
    ),
    "the password is reset on the way": Row(
        "G4", DENIED, FOREIGN, f"{_ON_THE_WAY} PasswordResetRequiredException."
    ),
    "the user is removed on the way": Row(
        "G4", DENIED, FOREIGN, f"{_ON_THE_WAY} UserNotFoundException, which tells who exists."
    ),
    "there is no such client": Row(
        "G5 F.5", MISSING, f"User pool client {UNKNOWN_CLIENT} does not exist."
    ),
    "there is no such client to answer": Row(
        "G5 F.5", MISSING, f"User pool client {UNKNOWN_CLIENT} does not exist."
    ),
    "there is no such pool": Row("G5 F.5", MISSING, "User pool eu-west-1_Nowhere does not exist."),
}
_SECRET_HASHES: Final = {
    "SECRET_HASH is absent": Row(
        "A.2 F.5",
        DENIED,
        f"Client {CONFIDENTIAL.id} is configured with secret but SECRET_HASH was not received",
    ),
    "SECRET_HASH is absent in an answer": Row(
        "A.2 F.5",
        DENIED,
        f"Client {CONFIDENTIAL.id} is configured with secret but SECRET_HASH was not received",
    ),
    "SECRET_HASH is wrong": Row(
        "A.2 F.5", DENIED, f"Unable to verify secret hash for client {CONFIDENTIAL.id}"
    ),
    "SECRET_HASH is wrong in an answer": Row(
        "A.2 F.5", DENIED, f"Unable to verify secret hash for client {CONFIDENTIAL.id}"
    ),
    "SECRET_HASH is wrong at a refresh": Row(
        "A.2 F.5", DENIED, f"SecretHash does not match for the client: {CONFIDENTIAL.id}"
    ),
    "SECRET_HASH to a client without a secret": Row(
        "A.2", DENIED, f"Unable to verify secret hash for client {LEGACY}"
    ),
}
_TRIGGERS: Final = {
    "a trigger raised": Row(
        "G6 C.7 F.5",
        "UserLambdaValidationException",
        "CreateAuthChallenge failed with error Bot detected.",
    ),
    "a trigger gave something else": Row(
        "G6 C.7 F.5", "InvalidLambdaResponseException", "Unrecognizable lambda output"
    ),
    "a trigger took too long": Row(
        "G6 C.7 F.5",
        "UnexpectedLambdaException",
        "DefineAuthChallenge invocation failed due to error TimeoutError.",
        "Cognito names AccessDeniedException or its configuration: here a trigger is a function "
        "of the same process, which can be late and nothing else.",
    ),
    "there are no triggers": Row(
        "C.7 F.5", INVALID, "Custom auth lambda trigger is not configured for the user pool."
    ),
    "a trigger refused the sign-in": Row(
        "G6 C.7 F.5",
        "UserLambdaValidationException",
        "PreAuthentication failed with error Not today.",
    ),
}
_SESSIONS: Final = {
    "a session was used": Row("B.5 G2 F.5", DENIED, SPENT),
    "a wrong answer was given and the challenge asked anew": Row("B.5", DENIED, SPENT),
    "a wrong EMAIL_OTP code leaves the session good": Row(
        "B.5", "CodeMismatchException", WRONG_CODE
    ),
    "a wrong SOFTWARE_TOKEN_MFA code leaves the session good": Row(
        "B.5", "CodeMismatchException", "Invalid code received for user"
    ),
    "a trigger raised before": Row(
        "B.5",
        DENIED,
        SPENT,
        "Cognito's text is 'Invalid session for the user.'; the sign-in has ended, and ended "
        "ones are told from unknown ones (M.1, M.2).",
    ),
    "AssociateSoftwareToken replaced the session": Row("B.5", DENIED, SPENT),
    "VerifySoftwareToken replaced the session": Row("B.5", DENIED, SPENT),
    "a session expired": Row("B.5 E.3 G2 F.5", DENIED, EXPIRED),
    "a session is another client's": Row("B.5", DENIED, FOREIGN),
    "a session was made up": Row("B.5 G2 F.5", DENIED, FOREIGN),
    "an administrator goes on with a user's session": Row(
        "B.5", NONE, differs="Nothing is known of Cognito; sessions are exchanged freely (B.5)."
    ),
}
_ATTEMPTS: Final = {
    "five passwords were wrong": Row("E.4 G3 F.5", DENIED, LOCKED),
    "five passwords were wrong, the right one comes": Row("E.4 F.5", DENIED, LOCKED),
    "five passwords were wrong, one comes with a choice": Row("E.4 F.5", DENIED, LOCKED),
    "five passwords were wrong, one is preferred": Row("E.4 F.5", DENIED, LOCKED),
    "five passwords were wrong, SRP goes on": Row("E.4 F.5", DENIED, LOCKED),
    "five passwords were wrong, each by another way": Row("E.4 F.5", DENIED, LOCKED),
    "the lock is over": Row("E.4", DENIED, INCORRECT),
    "five codes of an app were wrong": Row("E.4", DENIED, LOCKED),
    "five codes by e-mail were wrong": Row("E.4", DENIED, LOCKED),
    "too many answers at once": Row("E.4", "TooManyRequestsException", "Too many requests"),
}
_UNPUBLISHED: Final = "Cognito refuses too; by which exception and text is not published."
_LEVELS: Final = {
    "no level is asked for beside a token": Row("B.1 G1", INVALID, missing("TARGET_ACR_VALUES")),
    "no level is known beside a token": Row("B.1", INVALID, NO_LEVEL, _UNPUBLISHED),
    "no level is known": Row("B.1", INVALID, NO_LEVEL, _UNPUBLISHED),
    "MAX_AGE is no number of seconds": Row("B.1", INVALID, NO_AGE, _UNPUBLISHED),
    "the token has the level": Row("B.1", INVALID, REACHED, _UNPUBLISHED),
    "the token is another user's": Row("B.1", DENIED, "Invalid Access Token", _UNPUBLISHED),
    "the level is not reached": Row("B.1", DENIED, INCORRECT),
}
_TEXTS: Final = {
    "a temporary password is too old": Row(
        "F.5", DENIED, "Temporary password has expired and must be reset by an administrator."
    ),
    "what is no refresh token": Row("F.5", DENIED, "Invalid Refresh Token"),
    "a refresh token without its device": Row("F.5 H.4", DENIED, "Invalid Refresh Token"),
    "a refresh token expired": Row("F.5", DENIED, "Refresh Token has expired"),
    "a refresh token was revoked": Row("F.5", DENIED, "Refresh Token has been revoked"),
    "what is no access token": Row("F.5", DENIED, "Invalid Access Token"),
    "an access token expired": Row("F.5", DENIED, "Access Token has expired"),
    "an access token was revoked": Row("F.5", DENIED, "Access Token has been revoked"),
    "an access token has another scope": Row(
        "F.5", DENIED, "Access Token does not have required scopes"
    ),
    "nobody to sign up again": Row("F.5 G", "UserNotFoundException", NO_ADDRESSEE),
    "a code that confirms is wrong": Row("F.5", "CodeMismatchException", WRONG_SENT_CODE),
    "a code that resets is wrong": Row("F.5", "CodeMismatchException", WRONG_SENT_CODE),
    "a code that resets is late": Row("F.5", "ExpiredCodeException", LATE_CODE),
    "an app is set up with a wrong code": Row(
        "F.5", "EnableSoftwareTokenMFAException", "Code mismatch"
    ),
    "a pool has no apps": Row(
        "F.5",
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA has not been enabled by the userPool",
    ),
    "an app was never associated": Row(
        "F.5",
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA does not exist for the user.",
    ),
    "a user's auth flow comes from an administrator": Row(
        "F.5 B.1", INVALID, "Initiate Auth method not supported."
    ),
    "an administrator's auth flow comes from a user": Row(
        "F.5 B.1", INVALID, "Initiate Auth method not supported."
    ),
    "an auth flow is not enabled": Row(
        "F.5 B.1", INVALID, "USER_SRP_AUTH is not enabled for the client."
    ),
    "a device key is another token's": Row("F.5", INVALID, "Invalid device key given."),
    "a user was imported without a password": Row(
        "F.5",
        DENIED,
        INCORRECT,
        "Cognito: InvalidParameterException 'Invalid input given' at USER_SRP_AUTH, which tells "
        "such a user from nobody. Here a verifier that nobody knows is played (G).",
    ),
    "an app is preferred that was not verified": Row(
        "F.5",
        INVALID,
        "User has not verified software token mfa",
        "Cognito has this text for SetUserMFAPreference; 'User does not have delivery config set "
        "to turn on SOFTWARE_TOKEN_MFA' is what a sign-in says where nothing can be set up.",
    ),
    "a phone is preferred that was not verified": Row(
        "F.5", INVALID, "User does not have delivery config set to turn on SMS_MFA"
    ),
    **{
        f"a password has no {what}": Row(
            "F.5", "InvalidPasswordException", f"Password did not conform with policy: {objection}"
        )
        for what, objection in {
            "lowercase": "Password must have lowercase characters",
            "uppercase": "Password must have uppercase characters",
            "numbers": "Password must have numeric characters",
            "symbols": "Password must have symbol characters",
        }.items()
    },
}
_EXISTENCE: Final = {
    "LEGACY: unknown user, password": Row("G F.5", "UserNotFoundException", "User does not exist."),
    "LEGACY: unknown user, SRP": Row("G", "UserNotFoundException", "User does not exist."),
    "LEGACY: unknown user, custom": Row("G", "UserNotFoundException", "User does not exist."),
    "LEGACY: unknown user, choice": Row("G", "UserNotFoundException", "User does not exist."),
    "LEGACY: imported user": Row(
        "G", "PasswordResetRequiredException", "Password reset required for the user"
    ),
    "LEGACY: ForgotPassword": Row("G F.5", "UserNotFoundException", NO_ADDRESSEE),
    "LEGACY: ConfirmForgotPassword": Row("G F.5", "UserNotFoundException", NO_ADDRESSEE),
    "LEGACY: ConfirmSignUp": Row("G F.5", "UserNotFoundException", NO_ADDRESSEE),
    "LEGACY: pre-authentication is not called": Row(
        "G", "UserNotFoundException", "User does not exist."
    ),
    "ENABLED: unknown user, password": Row("G", DENIED, INCORRECT),
    "ENABLED: unknown user, SRP": Row("G", DENIED, INCORRECT),
    "ENABLED: unknown user, custom": Row("G", DENIED, INCORRECT),
    "ENABLED: unknown user, choice": Row("G", "CodeMismatchException", WRONG_CODE),
    "ENABLED: unknown user, locked": Row("G", DENIED, LOCKED),
    "ENABLED: unknown user, locked, with a choice": Row("G", DENIED, LOCKED),
    "ENABLED: imported user": Row(
        "G",
        "PasswordResetRequiredException",
        "Password reset required for the user",
        "Cognito: NotAuthorizedException. Here it is said after the right password alone, as "
        "in A's G4, to who is known to be the user; a wrong one is told nothing.",
    ),
    "ENABLED: imported user, wrong password": Row("G", DENIED, INCORRECT),
    "ENABLED: unconfirmed user": Row("G", "UserNotConfirmedException", "User is not confirmed."),
    "ENABLED: ForgotPassword": Row("G", NONE),
    "ENABLED: ConfirmForgotPassword": Row("G", "CodeMismatchException", WRONG_SENT_CODE),
    "ENABLED: ConfirmForgotPassword without a code": Row("G", "ExpiredCodeException", LATE_CODE),
    "ENABLED: ConfirmSignUp": Row("G", "ExpiredCodeException", LATE_CODE),
    "ENABLED: pre-authentication is called": Row(
        "G",
        "UserLambdaValidationException",
        "PreAuthentication failed with error Not found: True.",
    ),
    "SignUp with a name that is taken": Row(
        "G", "UsernameExistsException", "User account already exists"
    ),
    "an administrator looks for nobody": Row("G", "UserNotFoundException", "User does not exist."),
    "an administrator signs nobody in": Row("G", DENIED, INCORRECT),
}
ROWS: Final = MappingProxyType(
    {
        **_CHALLENGES,
        **_SECRET_HASHES,
        **_TRIGGERS,
        **_SESSIONS,
        **_ATTEMPTS,
        **_LEVELS,
        **_TEXTS,
        **_EXISTENCE,
    }
)
