"""The words of refusals that several rows share, and the keys that answers cannot lack."""

from __future__ import annotations

from typing import Final

INVALID: Final = "InvalidParameterException"
DENIED: Final = "NotAuthorizedException"
MISSING: Final = "ResourceNotFoundException"
INCORRECT: Final = "Incorrect username or password."
FOREIGN: Final = "Invalid session for the user."
SPENT: Final = "Invalid session for the user, session can only be used once."
EXPIRED: Final = "Invalid session for the user, session is expired."
NO_ADDRESSEE: Final = "Username/client id combination not found."
WRONG_CODE: Final = "Invalid code or auth state for the user."
LATE_CODE: Final = "Invalid code provided, please request a code again."
WRONG_SENT_CODE: Final = "Invalid verification code provided, please try again."
LOCKED: Final = "Password attempts exceeded"
NO_LEVEL: Final = "Invalid value for parameter TARGET_ACR_VALUES"
NO_AGE: Final = "MAX_AGE should be a non-negative integer"
REACHED: Final = "The access token already has the requested authentication level"
NAMES: Final = (
    "[SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE, MFA_SETUP, PASSWORD_VERIFIER, "
    "CUSTOM_CHALLENGE, SELECT_CHALLENGE, DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER, "
    "ADMIN_NO_SRP_AUTH, NEW_PASSWORD_REQUIRED, SMS_OTP, PASSWORD, WEB_AUTHN, PASSWORD_SRP]"
)
KEYS: Final = (
    "SMS_MFA SMS_MFA_CODE",
    "EMAIL_OTP EMAIL_OTP_CODE",
    "SMS_OTP SMS_OTP_CODE",
    "SOFTWARE_TOKEN_MFA SOFTWARE_TOKEN_MFA_CODE",
    "SELECT_MFA_TYPE ANSWER",
    "PASSWORD_VERIFIER PASSWORD_CLAIM_SIGNATURE",
    "PASSWORD_VERIFIER PASSWORD_CLAIM_SECRET_BLOCK",
    "PASSWORD_VERIFIER TIMESTAMP",
    "CUSTOM_CHALLENGE ANSWER",
    "NEW_PASSWORD_REQUIRED NEW_PASSWORD",
    "DEVICE_SRP_AUTH DEVICE_KEY",
    "DEVICE_SRP_AUTH SRP_A",
    "DEVICE_PASSWORD_VERIFIER DEVICE_KEY",
    "DEVICE_PASSWORD_VERIFIER PASSWORD_CLAIM_SIGNATURE",
    "DEVICE_PASSWORD_VERIFIER PASSWORD_CLAIM_SECRET_BLOCK",
    "DEVICE_PASSWORD_VERIFIER TIMESTAMP",
    "SELECT_CHALLENGE ANSWER",
    "PASSWORD PASSWORD",
    "PASSWORD_SRP SRP_A",
    "WEB_AUTHN CREDENTIAL",
)
"""The challenges of A.3, each with the keys that it cannot be answered without."""


def missing(key: str) -> str:
    """Word that a key was not sent."""
    return f"Missing required parameter {key}"
