"""Which client speaks what: rows and columns of the matrix, and what is not spoken and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pytest

from flowengine.challenges.catalog import builtin_catalog

BOTO3: Final = "boto3"
PYCOGNITO: Final = "pycognito"
WARRANT_LITE: Final = "warrant-lite"
AWS_SDK_JS: Final = "aws-sdk-js"
IDENTITY_JS: Final = "identity-js"
AMPLIFY: Final = "amplify"
SOFT_WEBAUTHN: Final = "soft-webauthn"
CHROMIUM: Final = "Chromium"
AMPLIFY_IN_CHROMIUM: Final = "amplify in Chromium"
A_PAGE: Final = "a page"
"""Where a page without a library does what boto3 does; Chromium's column."""
PYJWT: Final = "PyJWT"
AWS_JWT_VERIFY: Final = "aws-jwt-verify"

CLIENTS: Final = (
    BOTO3,
    PYCOGNITO,
    WARRANT_LITE,
    SOFT_WEBAUTHN,
    AWS_SDK_JS,
    IDENTITY_JS,
    AMPLIFY,
    AMPLIFY_IN_CHROMIUM,
    CHROMIUM,
)
VERIFIERS: Final = (PYCOGNITO, PYJWT, AWS_JWT_VERIFY)

CHALLENGES: Final = builtin_catalog().names
AUTH_FLOWS: Final = (
    "USER_SRP_AUTH",
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH",
    "CUSTOM_AUTH with SRP_A",
    "USER_AUTH",
    "REFRESH_TOKEN_AUTH",
    "GetTokensFromRefreshToken",
)
AFTERWARDS: Final = (
    "ConfirmDevice",
    "UpdateDeviceStatus",
    "ForgetDevice",
    "CompleteWebAuthnRegistration",
    "DeleteWebAuthnCredential",
    "RevokeToken",
    "GlobalSignOut",
)
TOKENS: Final = ("access token", "id token")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the matrix."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]


TABLES: Final = (
    Table("Challenges", CHALLENGES, CLIENTS),
    Table("Auth flows", AUTH_FLOWS, CLIENTS),
    Table("Afterwards", AFTERWARDS, CLIENTS),
    Table("Tokens", TOKENS, VERIFIERS),
)


def speaks(what: str, *clients: str) -> pytest.MarkDecorator:
    """Mark a test in which these clients speak ``what``, a row of the matrix."""
    return pytest.mark.speaks(what, clients)


def in_chromium() -> pytest.MarkDecorator:
    """Mark a file in which aws-amplify runs in a browser; what it speaks is that column's."""
    return _where(_in_chromium(CHROMIUM))


def in_node_and_chromium() -> pytest.MarkDecorator:
    """Mark a file that runs twice: aws-amplify is for browsers, and for Node.js too."""
    return _where(pytest.param("Node.js"), _in_chromium(CHROMIUM))


def by_boto3_and_a_page() -> pytest.MarkDecorator:
    """Mark a file that runs twice: a page without a library calls what boto3 calls."""
    return _where(pytest.param(BOTO3), _in_chromium(A_PAGE))


def _in_chromium(where: str) -> Any:
    return pytest.param(where, marks=pytest.mark.in_chromium)


def _where(*places: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("where", places, indirect=True)


def spoken_by(marks: Any) -> set[tuple[str, str]]:
    """Give the cells that a test's marks name."""
    marks = tuple(marks)
    in_browser = any(mark.name == "in_chromium" for mark in marks)
    there = {AMPLIFY: AMPLIFY_IN_CHROMIUM, BOTO3: CHROMIUM} if in_browser else {}
    return {
        (mark.args[0], there.get(client, client))
        for mark in marks
        if mark.name == "speaks"
        for client in mark.args[1]
    }


_DEVICES: Final = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
_NO_USER_AUTH: Final = "it has no USER_AUTH"
_ONLY_SRP: Final = "it signs in by SRP only, and stops at this"
_NO_ARITHMETIC: Final = "it computes no SRP; pycognito does, with boto3"
_NO_LIBRARY: Final = "a page without a library computes no SRP; one of amplify does"
_BROWSER: Final = "it calls navigator.credentials, which Node.js does not have"
_AUTHENTICATOR: Final = "it is an authenticator: it has passkeys, which boto3 registers and sends"
_PUBLIC: Final = "it is for browsers, which hold no keys for Admin operations"
_NO_CALL: Final = "it has no call for it"
_PASSKEYS: Final = ("CompleteWebAuthnRegistration", "DeleteWebAuthnCredential")
_USER_AUTH: Final = (
    "USER_AUTH",
    "SELECT_CHALLENGE",
    "PASSWORD",
    "PASSWORD_SRP",
    "SMS_OTP",
    "WEB_AUTHN",
)
_OF_SOFT_WEBAUTHN: Final = {"WEB_AUTHN", "CompleteWebAuthnRegistration"}


def _reasons() -> Mapping[tuple[str, str], str]:
    reasons: dict[tuple[str, str], str] = {}

    def silent(client: str, reason: str, *rows: str) -> None:
        reasons.update({(row, client): reason for row in rows})

    every = (*CHALLENGES, *AUTH_FLOWS, *AFTERWARDS)
    for client in (IDENTITY_JS, AMPLIFY, AMPLIFY_IN_CHROMIUM, CHROMIUM):
        silent(client, _PUBLIC, "ADMIN_USER_PASSWORD_AUTH")
    for client, reason in ((BOTO3, _NO_ARITHMETIC), (CHROMIUM, _NO_LIBRARY)):
        silent(client, reason, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "PASSWORD_SRP", *_DEVICES)
        silent(client, reason, "CUSTOM_AUTH with SRP_A")
    silent(PYCOGNITO, _NO_USER_AUTH, *_USER_AUTH)
    silent(PYCOGNITO, _ONLY_SRP, "EMAIL_OTP")
    silent(PYCOGNITO, _ONLY_SRP, "CUSTOM_AUTH", "CUSTOM_AUTH with SRP_A", "CUSTOM_CHALLENGE")
    silent(PYCOGNITO, _ONLY_SRP, "SELECT_MFA_TYPE", "MFA_SETUP", "USER_PASSWORD_AUTH")
    silent(PYCOGNITO, _NO_CALL, "GetTokensFromRefreshToken", "RevokeToken")
    silent(PYCOGNITO, _NO_CALL, *_PASSKEYS)
    spoken = {"USER_SRP_AUTH", "PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"}
    silent(WARRANT_LITE, _ONLY_SRP, *(row for row in every if row not in spoken))
    silent(SOFT_WEBAUTHN, _AUTHENTICATOR, *(row for row in every if row not in _OF_SOFT_WEBAUTHN))
    silent(IDENTITY_JS, _NO_USER_AUTH, *_USER_AUTH)
    silent(IDENTITY_JS, _NO_CALL, *_PASSKEYS)
    silent(IDENTITY_JS, "it is older than EMAIL_OTP, and takes it for tokens", "EMAIL_OTP")
    silent(IDENTITY_JS, "it refreshes by REFRESH_TOKEN_AUTH only", "GetTokensFromRefreshToken")
    silent(AMPLIFY, _BROWSER, "WEB_AUTHN", "CompleteWebAuthnRegistration")
    for client in (AMPLIFY, AMPLIFY_IN_CHROMIUM):
        silent(client, "it refreshes by GetTokensFromRefreshToken only", "REFRESH_TOKEN_AUTH")
    return MappingProxyType(reasons)


NOT_SPOKEN: Final = _reasons()
"""Why a client does not speak something, by row and client."""
