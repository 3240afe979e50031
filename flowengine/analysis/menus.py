"""What a user must have for a challenge that a menu offers, as a formula."""

from __future__ import annotations

from flowengine.analysis.formulas import All, Formula, contains, holds
from flowengine.challenges.offers import SELECT_MFA_TYPE


def has_challenge(menu: str, challenge: str) -> Formula:
    """Say what a user must have for a challenge, as ``challenges.offers`` asks of the facts."""
    factor = {"SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms", "EMAIL_OTP": "email"}.get(challenge)
    if menu == SELECT_MFA_TYPE and factor is not None:
        return All((holds(f"user.has.{factor}"), contains(challenge, "pool.mfa_methods")))
    first = {"PASSWORD": "password", "PASSWORD_SRP": "password", "WEB_AUTHN": "passkey"}
    if challenge in first:
        return holds(f"user.has.{first[challenge]}")
    address = {"EMAIL_OTP": "email", "SMS_OTP": "phone"}.get(challenge)
    if address is not None:
        return holds(f"user.verified.{address}")
    return holds(f"user.has.{factor}") if factor is not None else All(())
