"""Attributes that answers write and functions are told: as drawn flows have them, and as it ends.

What a right answer writes was chosen by whoever answered, so evidence by what is told it is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations
from random import Random  # noqa: TID251 - a seed names a drawn flow
from typing import Final

from flowengine.accounts.evidence import written_attribute
from flowengine.flow.program import ChallengeNode, FlowProgram

WRITTEN_CLOSED: Final = ("proved.link", "proved.quiz", "enrolled.email", "enrolled.password")
WRITTEN_KINDS: Final = ("fresh", "fresh", "link", "link", "quiz", "setup", "choose")
"""What conditions read of a sign-in, and which nodes there are, where attributes are written."""
KEYS: Final = ("'userAttributes.*?'", "'userAttributes.email?'", "'userAttributes.tier?'")
_CREATED: Final = (
    "create: {call: ask, with: {to: user.attributes.email}}",
    "create: {call: ask, with: {to: user.attributes.tier}}",
    "create: {call: ask, with: {to: user.attributes}}",
    "create: {call: create_auth_challenge}",
    "create: {call: ask}, deliver: {channel: email}",
)
_PLAIN: Final = "create: {call: ask}"
_FRESH: Final = "responses: [NEW_PASSWORD]"


def with_attributes(asking: str, chance: Random) -> str:
    """Let a challenge write attributes, or be told some, now and then."""
    if _FRESH in asking:
        return asking.replace(_FRESH, f"responses: [NEW_PASSWORD, {chance.choice(KEYS)}]")
    return asking.replace(_PLAIN, chance.choice([_PLAIN, *_CREATED]))


def told_names(program: FlowProgram) -> list[str]:
    """Name what the ledger enrols of attributes that something is told which proves something."""
    asking = (node for node in program.nodes.values() if isinstance(node, ChallengeNode))
    names = {name for node in asking for e in node.evidence for name in program.makers(e)}
    return sorted(name for name in names if written_attribute(name) is not None)


def written_by(node: ChallengeNode, names: list[str]) -> Iterator[tuple[str, ...]]:
    """Give everything of those names that a right answer at a node may enrol."""
    may = [name for name in names if node.writes(written_attribute(name) or "")]
    return chain(*(combinations(may, count) for count in range(len(may) + 1)))


_ASKING: Final = {
    "password": "challenge: PASSWORD, responses: [PASSWORD]",
    "fresh": f"challenge: NEW_PASSWORD_REQUIRED, {_FRESH}",
    "setup": "challenge: MFA_SETUP, responses: []",
    "email": "challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE]",
    "link": (
        f"challenge: CUSTOM_CHALLENGE, responses: [ANSWER], {_PLAIN}, "
        "verify: responses.ANSWER == private.answer, evidence: link"
    ),
    "quiz": (
        f"challenge: CUSTOM_CHALLENGE, responses: [ANSWER], {_PLAIN}, "
        "verify: responses.ANSWER == private.answer, evidence: quiz"
    ),
}
_READ: Final = ("proved.link", "proved.quiz", "proved.email", "enrolled.email")


def drawn_chain(seed: int) -> str:
    """Draw a flow that asks one thing after the other, so that little else decides what is proved.

    Some conditions lead past a node; what is required, most ways come to.
    """
    chance = Random(seed)
    making = chance.choice(["fresh", "fresh", "setup"])
    others = chance.choices([*_ASKING], k=chance.randint(0, 2))
    kinds = ["password", *others[:1], making, *others[1:], "link", "quiz"]
    names = [f"n{number}" for number in range(len(kinds))]
    if chance.random() < 0.5:
        kinds[-2:] = kinds[-2:][::-1]
    nodes = []
    for number, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        later = [*names[number + 1 :], "done"]
        edge = later[0]
        if chance.random() < 0.3 and len(later) > 1:
            edge = f"[{{when: '{chance.choice(_READ)}', goto: {later[1]}}}, {{else: {edge}}}]"
        asking = with_attributes(_ASKING[kind], chance)
        nodes.append(f"  {name}: {{{asking}, next: {edge}}}")
    kind = chance.choice(["mailbox", "possession", "phone"])
    demanded = chance.choice([*_READ[:2], " || ".join(_READ[:2]), "!enrolled.email || proved.link"])
    lines = [
        "flow: drawn",
        "version: 1",
        "auth_flows: {USER_PASSWORD_AUTH: {start: n0, parameters: ['PASSWORD?']}}",
        f"evidence: {{link: {kind}, quiz: knowledge}}",
        f"require: ['{demanded}']",
        "start: n0",
        "nodes:",
        *nodes,
        "  done: {end: success}",
    ]
    return "\n".join(lines) + "\n"
