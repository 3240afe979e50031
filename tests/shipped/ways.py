"""Every way through the flows that ship.

Those whose steps differ are written; what comes after a password is the same for many flows, and
generated for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.device import DeviceSettings
from flowengine.accounts.pool import Mfa, PasskeySettings
from tests.authenticator import ORIGIN, RELYING_PARTY
from tests.engine.triggered import define_captcha, define_passwordless
from tests.engine.world import FORCED, PASSWORD, POOL
from tests.shipped.routes import ADDRESSES, Route

APPS_AND_CODES = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")
ALL_METHODS = replace(POOL, mfa_methods=APPS_AND_CODES)
NONE = replace(ALL_METHODS, mfa=Mfa.NONE)
REQUIRED = replace(ALL_METHODS, mfa=Mfa.REQUIRED)
TRACKING = replace(ALL_METHODS, devices=DeviceSettings())
PASSKEYS = replace(ALL_METHODS, passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)))
TWO = {"with_totp": True, "sms_mfa": True, "attributes": ADDRESSES}
PLAIN = {"PASSWORD": PASSWORD}


def _route(name: str, flow: str, auth_flow: str, asks: str, proved: str, **more: Any) -> Route:
    return Route(name, flow, auth_flow, tuple(asks.split()), frozenset(proved.split()), **more)


def _by_srp(name: str, asks: str, proved: str, **more: Any) -> Route:
    begin = {"SRP": "yes", **more.pop("begin", {})}
    asks = f"PASSWORD_VERIFIER {asks}"
    return _route(
        name, "password", "USER_SRP_AUTH", asks, f"password {proved}", begin=begin, **more
    )


def _by_choice(name: str, asks: str, proved: str, **more: Any) -> Route:
    return _route(name, "choice", "USER_AUTH", asks, proved, **more)


VERIFIED = {"attributes": ADDRESSES}
DEVICE = {"DEVICE": "yes"}
TOKEN = {"TOKEN": "yes"}
_WRITTEN = (
    _by_srp("srp", "", ""),
    _by_srp("srp-totp", "SOFTWARE_TOKEN_MFA", "totp", user={"with_totp": True}),
    _by_srp("srp-sms", "SMS_MFA", "sms", pool=ALL_METHODS, user={"sms_mfa": True, **VERIFIED}),
    _by_srp(
        "srp-email", "EMAIL_OTP", "email", pool=ALL_METHODS, user={"email_mfa": True, **VERIFIED}
    ),
    _by_srp("srp-several", "SELECT_MFA_TYPE SMS_MFA", "sms", pool=ALL_METHODS, user=TWO),
    _by_srp(
        "srp-preferred",
        "SOFTWARE_TOKEN_MFA",
        "totp",
        pool=ALL_METHODS,
        user={**TWO, "prefers": "SOFTWARE_TOKEN_MFA"},
    ),
    _by_srp("srp-mfa-none", "", "", pool=NONE, user=TWO),
    _by_srp(
        "srp-method-off",
        "SMS_MFA",
        "sms",
        pool=replace(POOL, mfa_methods=("SMS_MFA",)),
        user=TWO,
    ),
    _by_srp("srp-set-up", "MFA_SETUP", "", pool=REQUIRED),
    _by_srp(
        "srp-forced",
        "NEW_PASSWORD_REQUIRED SOFTWARE_TOKEN_MFA",
        "totp",
        user={"with_totp": True, "status": FORCED},
    ),
    _by_srp(
        "srp-device",
        "DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER",
        "device",
        pool=TRACKING,
        user={**TWO, "device": True},
        begin=DEVICE,
    ),
    _route("plain", "password", "USER_PASSWORD_AUTH", "", "password", begin=PLAIN),
    _route(
        "plain-totp",
        "password",
        "USER_PASSWORD_AUTH",
        "SOFTWARE_TOKEN_MFA",
        "password totp",
        begin=PLAIN,
        user={"with_totp": True},
    ),
    _route("admin", "password", "ADMIN_USER_PASSWORD_AUTH", "", "password", begin=PLAIN),
    _route("admin-legacy", "password", "ADMIN_NO_SRP_AUTH", "", "password", begin=PLAIN),
    _by_choice(
        "choice-email", "SELECT_CHALLENGE EMAIL_OTP", "email", user=VERIFIED, pool=ALL_METHODS
    ),
    _by_choice(
        "choice-sms",
        "SELECT_CHALLENGE SMS_OTP",
        "sms",
        user=VERIFIED,
        pool=ALL_METHODS,
        choice="SMS_OTP",
    ),
    _by_choice(
        "choice-preferred",
        "EMAIL_OTP",
        "email",
        user=VERIFIED,
        pool=ALL_METHODS,
        begin={"PREFERRED_CHALLENGE": "EMAIL_OTP"},
    ),
    _by_choice(
        "choice-email-device",
        "EMAIL_OTP DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER",
        "email device",
        pool=TRACKING,
        user={"device": True, **VERIFIED},
        begin={"PREFERRED_CHALLENGE": "EMAIL_OTP", **DEVICE},
        known=1,
    ),
    _by_choice(
        "choice-password",
        "SELECT_CHALLENGE PASSWORD",
        "password",
        user=VERIFIED,
        choice="PASSWORD",
    ),
    _by_choice(
        "choice-srp",
        "SELECT_CHALLENGE PASSWORD_SRP PASSWORD_VERIFIER SOFTWARE_TOKEN_MFA",
        "password totp",
        user={"with_totp": True},
        choice="PASSWORD_SRP",
    ),
    _by_choice(
        "choice-inline",
        "SOFTWARE_TOKEN_MFA",
        "password totp",
        user={"with_totp": True},
        begin={"PREFERRED_CHALLENGE": "PASSWORD", **PLAIN},
    ),
    _by_choice(
        "choice-passkey",
        "SELECT_CHALLENGE WEB_AUTHN",
        "passkey",
        pool=PASSKEYS,
        user={"passkey": True, **VERIFIED},
        choice="WEB_AUTHN",
    ),
    _route(
        "passkey-first",
        "passkey-first",
        "USER_AUTH",
        "WEB_AUTHN",
        "passkey",
        pool=PASSKEYS,
        user={"passkey": True},
    ),
    _route(
        "passkey-first-srp",
        "passkey-first",
        "USER_AUTH",
        "WEB_AUTHN PASSWORD_SRP PASSWORD_VERIFIER SOFTWARE_TOKEN_MFA",
        "password totp",
        pool=PASSKEYS,
        user={"with_totp": True},
        switch="PASSWORD_SRP",
    ),
    _route(
        "passkey-first-password",
        "passkey-first",
        "USER_AUTH",
        "WEB_AUTHN PASSWORD",
        "password",
        pool=PASSKEYS,
        switch="PASSWORD",
    ),
    _route(
        "passkey-first-none",
        "passkey-first",
        "USER_AUTH",
        "PASSWORD_SRP PASSWORD_VERIFIER",
        "password",
    ),
    _route(
        "step-up-totp",
        "step-up",
        "USER_AUTH",
        "SOFTWARE_TOKEN_MFA",
        "totp",
        begin=TOKEN,
        user={"with_totp": True},
    ),
    _route(
        "step-up-passkey",
        "step-up",
        "USER_AUTH",
        "WEB_AUTHN",
        "passkey",
        begin=TOKEN,
        pool=PASSKEYS,
        user={"passkey": True},
    ),
    _route(
        "lambda-code",
        "lambda-triggers",
        "CUSTOM_AUTH",
        "CUSTOM_CHALLENGE",
        "custom",
        define=define_passwordless,
    ),
    _route(
        "lambda-code-device",
        "lambda-triggers",
        "CUSTOM_AUTH",
        "CUSTOM_CHALLENGE DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER",
        "custom device",
        pool=TRACKING,
        user={"device": True},
        begin=DEVICE,
        define=define_passwordless,
        known=1,
    ),
    _route(
        "sign-in-forced",
        "sign-in",
        "USER_SRP_AUTH",
        "PASSWORD_VERIFIER NEW_PASSWORD_REQUIRED SOFTWARE_TOKEN_MFA",
        "password totp",
        begin={"SRP": "yes"},
        user={"with_totp": True, "status": FORCED},
    ),
    _route(
        "sign-in-plain-totp",
        "sign-in",
        "USER_PASSWORD_AUTH",
        "SOFTWARE_TOKEN_MFA",
        "password totp",
        begin=PLAIN,
        user={"with_totp": True},
    ),
    _route(
        "password-totp",
        "password-totp",
        "USER_SRP_AUTH",
        "PASSWORD_VERIFIER SOFTWARE_TOKEN_MFA",
        "password totp",
        begin={"SRP": "yes"},
        user={"with_totp": True},
    ),
    _route("step-up-password", "step-up", "USER_AUTH", "PASSWORD", "password", begin=TOKEN),
    _by_choice(
        "choice-required",
        "SELECT_CHALLENGE PASSWORD MFA_SETUP",
        "password",
        pool=REQUIRED,
        user=VERIFIED,
        choice="PASSWORD",
    ),
)

_AFTER: Final[Mapping[str, tuple[str, str, Mapping[str, Any]]]] = MappingProxyType(
    {
        "totp": ("SOFTWARE_TOKEN_MFA", "totp", {"user": {"with_totp": True}}),
        "sms": (
            "SMS_MFA",
            "sms",
            {"pool": ALL_METHODS, "user": {"sms_mfa": True, **VERIFIED}},
        ),
        "email": (
            "EMAIL_OTP",
            "email",
            {"pool": ALL_METHODS, "user": {"email_mfa": True, **VERIFIED}},
        ),
        "several": ("SELECT_MFA_TYPE SMS_MFA", "sms", {"pool": ALL_METHODS, "user": TWO}),
        "set-up": ("MFA_SETUP", "", {"pool": REQUIRED}),
        "forced": ("NEW_PASSWORD_REQUIRED", "", {"user": {"status": FORCED}}),
        "device": (
            "DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER",
            "device",
            {"pool": TRACKING, "user": {**TWO, "device": True}},
        ),
    }
)
"""What may come after a password: the challenges, what they prove, and where."""


def _generated() -> Iterator[Route]:
    """Give each flow that goes on after a password all that may come there."""
    srp = {"SRP": "yes"}
    chosen = {"PREFERRED_CHALLENGE": "PASSWORD_SRP", **srp}
    begun = {"CHALLENGE_NAME": "SRP_A", **srp}
    for name, (asks, proved, where) in _AFTER.items():
        device = DEVICE if name == "device" else {}
        yield _route(
            f"choice-after-{name}",
            "choice",
            "USER_AUTH",
            f"PASSWORD_VERIFIER {asks}",
            f"password {proved}",
            begin={**chosen, **device},
            known=1,
            **where,
        )
        yield _route(
            f"lambda-after-{name}",
            "lambda-triggers",
            "CUSTOM_AUTH",
            f"PASSWORD_VERIFIER {asks} CUSTOM_CHALLENGE",
            f"password {proved} custom",
            begin={**begun, **device},
            define=define_captcha,
            known=0 if name == "totp" else 1,
            **where,
        )
        yield _route(
            f"admin-after-{name}",
            "password",
            "ADMIN_USER_PASSWORD_AUTH",
            asks,
            f"password {proved}",
            begin={**PLAIN, **device},
            **where,
        )
        named = {"names_device": True} if device else {}
        yield _route(
            f"passkey-first-after-{name}",
            "passkey-first",
            "USER_AUTH",
            f"PASSWORD_SRP PASSWORD_VERIFIER {asks}",
            f"password {proved}",
            known=2,
            **{**where, "user": {**where.get("user", {}), **named}},
        )


ROUTES: Final = (*_WRITTEN, *_generated())
