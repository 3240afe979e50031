"""Reads a pool's ``passkeys``: for which domain they are made, and on which pages they are used.

Sources: W3C Web Authentication Level 3, section 5.1.2 ("RP ID") and section 13.4.9 (validating
the origin); Amazon Cognito API reference, WebAuthnConfigurationType.
"""

from __future__ import annotations

from flowengine.accounts.pool import PasskeySettings, UserVerification
from flowengine.crypto.passkey_origins import is_below, is_domain, is_origin
from flowengine.deployment.definition import Setting
from flowengine.deployment.findings import Findings


def read_passkeys(
    relying_party: Setting,
    origins: tuple[Setting, ...],
    user_verification: UserVerification,
    findings: Findings,
) -> PasskeySettings:
    """Read the settings; what was found is not repeated, as it may be of the environment."""
    known = is_domain(relying_party.text)
    if not known:
        message = "a relying party is a domain in lower case, such as example.com, or localhost"
        findings.error("relying-party-form", message, relying_party.span)
    for origin in origins:
        if not is_origin(origin.text):
            message = (
                "an origin is https://HOST or https://HOST:PORT as browsers write it: in lower "
                "case, without a path and without the usual port"
            )
            hint = "http is for localhost alone"
            findings.error("origin-form", message, origin.span, hint)
        elif known and not is_below(origin.text, relying_party.text):
            message = "no passkey of the relying party can be used at this origin"
            hint = "its host must be the relying party's domain, or one below it"
            findings.error("origin-elsewhere", message, origin.span, hint)
    return PasskeySettings(
        relying_party.text, tuple(origin.text for origin in origins), user_verification
    )
