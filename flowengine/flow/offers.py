"""Compiles menus: what an ``offer`` lets a user choose among, and a ``switch`` on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from flowengine.challenges.catalog import Catalog
from flowengine.challenges.kind import ChallengeKind
from flowengine.challenges.offers import SELECT_MFA_TYPE, Offer
from flowengine.expr import STRING, EnumType, Environment, Program
from flowengine.flow.definition import (
    ChallengeDefinition,
    Name,
    NodeDefinition,
    OfferDefinition,
    ResponseRule,
)
from flowengine.flow.edges import edge_rows
from flowengine.flow.findings import Findings
from flowengine.flow.machine import OFFERED, SWITCHED, Row
from flowengine.flow.program import ChallengeNode, Condition, Switch
from flowengine.flow.targets import AGAIN, REFUSED
from flowengine.source import Excerpt

_ANSWER = "ANSWER"
_NOTHING_TO_OFFER = "none"


def challenges_of(nodes: Collection[NodeDefinition]) -> Mapping[str, str]:
    """Give the challenge of each node that asks one."""
    asking = [node for node in nodes if isinstance(node, ChallengeDefinition)]
    return MappingProxyType({node.name.text: node.challenge.text for node in asking})


def compile_offer(
    node: OfferDefinition,
    catalog: Catalog,
    challenges: Mapping[str, str],
    environment: Environment,
    needs: tuple[Condition, ...],
    findings: Findings,
) -> ChallengeNode | None:
    """Compile an offer; None when its menu has no kind in the catalog."""
    menu = node.challenge.text if node.challenge else SELECT_MFA_TYPE
    kind = catalog.find(menu)
    options = _options(node.offer, challenges, findings)
    _check_inline(node.inline, catalog, options, findings)
    prefer = _prefer(node.prefer, environment, findings) if node.prefer else None
    if kind is None:
        return None
    inline = tuple(key.text for key in node.inline)
    settings = Offer(menu, MappingProxyType(options), prefer, inline)
    optional = tuple(ResponseRule(key.text, key.span, optional=True) for key in node.inline)
    outcomes = (_NOTHING_TO_OFFER, *(f"{OFFERED}{name}" for name in options))
    return ChallengeNode(
        name=node.name.text,
        kind=kind,
        responses=(ResponseRule(_ANSWER, node.name.span), *optional),
        settings=settings,
        evidence=(),
        attempts=node.attempts or kind.facts.attempts,
        expires=None,
        needs=needs,
        written=frozenset(outcomes),
    )


def offer_rows(
    node: OfferDefinition,
    challenges: Mapping[str, str],
    environment: Environment,
    names: Collection[str],
    findings: Findings,
) -> Iterator[Row]:
    """Give the arrows of an offer: one to each option, and where there is none."""
    source = node.name.text
    yield from edge_rows(source, _NOTHING_TO_OFFER, node.none, environment, names, findings)
    for option in node.offer:
        if option.text in challenges:
            yield Row(f"{OFFERED}{challenges[option.text]}", source, option.text)
    yield Row("wrong", source, AGAIN)
    for outcome in ("exhausted", "expired", "denied", "unavailable"):
        yield Row(outcome, source, REFUSED)


def compile_switch(
    node: ChallengeDefinition, challenges: Mapping[str, str], findings: Findings
) -> Switch | None:
    """Compile a switch: the challenge's name leads to its node."""
    if node.switch is None:
        return None
    return Switch(node.switch.key.text, _options(node.switch.to, challenges, findings))


def switch_rows(node: ChallengeDefinition, challenges: Mapping[str, str]) -> Iterator[Row]:
    """Give the arrows of a switch; none carries evidence."""
    for target in node.switch.to if node.switch else ():
        if target.text in challenges:
            yield Row(f"{SWITCHED}{challenges[target.text]}", node.name.text, target.text)


def check_inline(
    keys: tuple[Name, ...], kinds: Collection[ChallengeKind], findings: Findings
) -> None:
    """Refuse a key that answers something issued: it cannot have been made before it was asked."""
    answering = {key for kind in kinds for key in kind.facts.answered_by}
    for key in keys:
        if key.text not in answering:
            findings.error(
                "inline-key",
                f"'{key.text}' cannot come with the choice: no node there is answered by it alone",
                key.span,
                hint=f"these can: {', '.join(sorted(answering))}" if answering else None,
            )


def _check_inline(
    keys: tuple[Name, ...], catalog: Catalog, options: Mapping[str, str], findings: Findings
) -> None:
    kinds = [kind for name in options if (kind := catalog.find(name)) is not None]
    check_inline(keys, kinds, findings)


def _options(
    targets: tuple[Name, ...], challenges: Mapping[str, str], findings: Findings
) -> dict[str, str]:
    """Give the node of each challenge; answers name challenges, so no two may have the same."""
    options: dict[str, str] = {}
    for target in targets:
        challenge = challenges.get(target.text)
        if challenge is None:
            findings.unknown("dangling-target", "challenge node", target, challenges)
        elif challenge in options:
            findings.error(
                "same-challenge",
                f"nodes '{options[challenge]}' and '{target.text}' both ask {challenge}, "
                "so an answer could not tell them apart",
                target.span,
            )
        else:
            options[challenge] = target.text
    return options


def _prefer(written: Excerpt, environment: Environment, findings: Findings) -> Program | None:
    program, found = environment.check(written, None)
    findings.found.extend(found)
    if program is None or program.type == STRING or isinstance(program.type, EnumType):
        return program
    findings.error(
        "wrong-type",
        f"prefer gives a challenge's name, and this is {program.type}",
        written.span(0, len(written.text)),
        hint="prefer: user.prefers",
    )
    return None
