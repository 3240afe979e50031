"""A secret of the answer that decides an edge: what was proved should, and it leaves a trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.places import expression_place, reading
from flowengine.challenges.custom_settings import CustomSettings, Equality
from flowengine.flow.definition import ResponseRule
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "secret-outside-verify"

_SECRETS: Final = frozenset(
    {
        "PASSWORD",
        "NEW_PASSWORD",
        "PASSWORD_CLAIM_SIGNATURE",
        "PASSWORD_CLAIM_SECRET_BLOCK",
        "SOFTWARE_TOKEN_MFA_CODE",
        "SMS_MFA_CODE",
        "SMS_OTP_CODE",
        "EMAIL_OTP_CODE",
        "CREDENTIAL",
    }
)


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find secret keys in the conditions of edges."""
    for row in program.machine.table:
        node = program.nodes[row.source]
        if row.program is None or not isinstance(node, ChallengeNode):
            continue
        for name, tree in reading(row.program.tree, "responses"):
            key = name.removeprefix("responses.")
            if _is_secret(node, key):
                yield Diagnostic(
                    NAME,
                    f"'{key}' is a secret, and here it decides where the sign-in goes",
                    program.definition.source,
                    expression_place(program, row.source, row.program, tree),
                    hint="read it in `verify` alone; branch on what it proved",
                )


def _is_secret(node: ChallengeNode, key: str) -> bool:
    settings = node.settings
    verify = settings.verify if isinstance(settings, CustomSettings) else None
    if isinstance(verify, Equality) and verify.response == key:
        return True
    return key in _SECRETS or any(_hidden(rule, key) for rule in node.responses)


def _hidden(rule: ResponseRule, key: str) -> bool:
    return rule.sensitive and rule.key == key
