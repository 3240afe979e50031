"""The doors of a flow: what each auth flow brings, and who its sign-ins are for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flowengine.flow.definition import AuthFlowDefinition, ResponseRule
from flowengine.flow.findings import Findings

DEMANDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "USER_SRP_AUTH": ("SRP_A",),
        "USER_PASSWORD_AUTH": ("PASSWORD",),
        "ADMIN_USER_PASSWORD_AUTH": ("PASSWORD",),
        "CUSTOM_AUTH": (),
        "USER_AUTH": (),
    }
)
"""The AuthParameters that Cognito demands beside USERNAME (COGNITO.md, B.1)."""

USER_AUTH: Final = "USER_AUTH"
"""The auth flow that may continue a sign-up, and that may be asked for a level."""
_USERNAME: Final = "USERNAME"
_TOKEN: Final = "ACCESS_TOKEN"


def parameters_of(written: AuthFlowDefinition) -> tuple[ResponseRule, ...]:
    """Give the parameters that an auth flow takes: those written, or those that it demands."""
    if written.parameters is not None:
        return written.parameters
    span = written.name.span
    demanded = tuple(ResponseRule(key, span) for key in DEMANDED[written.name.text])
    return (*demanded, ResponseRule("DEVICE_KEY", span, optional=True))


def check_user(written: AuthFlowDefinition, findings: Findings) -> None:
    """Refuse an auth flow that says in two ways, or in none, whose sign-in it begins."""
    name = written.name
    if written.after_sign_up is not None and name.text != USER_AUTH:
        findings.error(
            "sign-up-door",
            f"{name.text} brings no Session of a sign-up; {USER_AUTH} does",
            written.after_sign_up.span,
        )
    if written.after_sign_up is not None and written.continues:
        findings.error(
            "two-users",
            f"{name.text} goes on from an access token and from a sign-up: it can be either",
            written.after_sign_up.span,
        )
    _check_step_up(written, findings)
    for rule in written.parameters or ():
        if rule.key == _TOKEN and not written.continues and written.step_up is None:
            findings.error(
                "unread-parameter",
                f"nothing reads {_TOKEN} here",
                rule.span,
                hint="write `continues: true` where the token names the user, or `step_up: NODE`",
            )
    if not written.names_user:
        _check_nameless(written, findings)


def _check_nameless(written: AuthFlowDefinition, findings: Findings) -> None:
    """Refuse an auth flow that names nobody, and brings something that is somebody's."""
    name = written.name
    if written.continues or written.after_sign_up is not None or written.step_up is not None:
        after = "after_sign_up" if written.after_sign_up is not None else "step_up"
        key = "continues" if written.continues else after
        findings.error(
            "two-users",
            f"{name.text} names nobody by 'names_user: false', and somebody by '{key}'",
            name.span,
        )
    if DEMANDED[name.text]:
        findings.error(
            "unnamed-user",
            f"{name.text} brings what answers for its user, so it names the user too",
            name.span,
            hint="names_user: false is for USER_AUTH and CUSTOM_AUTH",
        )
    for rule in written.parameters or ():
        if rule.key == _USERNAME:
            findings.error(
                "two-users",
                "with 'names_user: false' the request names nobody, and this is a name",
                rule.span,
            )
    for inline in written.inline:
        findings.error(
            "unnamed-user",
            f"'{inline.text}' cannot come with a request that names nobody",
            inline.span,
            hint="who answers with the request says who they are: leave out names_user: false; "
            "a CREDENTIAL signs what the first reply asks, so it comes with the answer",
        )


def _check_step_up(written: AuthFlowDefinition, findings: Findings) -> None:
    """Refuse a step-up by an auth flow that has none, or where every sign-in is one."""
    if written.step_up is None:
        return
    name = written.name.text
    if name != USER_AUTH:
        findings.error(
            "step-up-door",
            f"{name} has no step-up; {USER_AUTH} has",
            written.step_up.span,
            hint="`continues: true` is for every auth flow",
        )
    if written.continues:
        findings.error(
            "two-users",
            f"{name} always goes on from an access token, and by 'step_up' only where one comes",
            written.step_up.span,
        )
