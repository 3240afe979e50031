"""Makes a scenario of a way through a flow: of a counter-example, that it can be played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from flowengine.flow.durations import write_duration
from flowengine.flow.program import FlowProgram
from flowengine.testing.scenarios.definition import BEGINNING, Scenario
from flowengine.testing.scenarios.moves import Move, UnwritableError, steps_of
from flowengine.testing.scenarios.worlds import client_of, device_of, pool_of, user_of

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_KEY: Final = "DEVICE_KEY"
_REQUEST: Final = ("ip", "user_agent", "metadata", "context")


@dataclass(frozen=True, slots=True)
class Way:
    """A sign-in as it may happen: what holds, and what happens at each node.

    Attributes:
        auth_flow: None for a flow without one; `BACKEND` where a backend begins one that has some.
        facts: What holds when it begins, in the form in which expressions read it: the records
            ``user``, ``device``, ``pool``, ``client``, ``request``, ``auth_flow`` and each input
            by its name. What is left out is as a scenario has it that says nothing of it.
            ``request.time`` is an aware datetime. ``pool`` and ``client`` may have whatever a
            scenario says of them besides.
        moves: What happens at nodes, in its order; decisions may be left out.
        earlier: How long ago each evidence was proved in the sign-in that this one continues.
        after_sign_up: ``email`` or ``sms``, where it begins with a sign-up's Session.
        token: ``right``, where it brings an access token and may do without.
        outcome: What comes of it, as a scenario says it.
    """

    moves: tuple[Move, ...]
    outcome: Any = "refused"
    auth_flow: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    earlier: Mapping[str, timedelta] = field(default_factory=dict)
    after_sign_up: str | None = None
    token: str | None = None


def scenario_of(
    program: FlowProgram, name: str, way: Way, *, summary: str | None = None
) -> Scenario:
    """Make the scenario that plays a way; written by ``to_yaml``, ``flowengine test`` reads it.

    Whatever each node asks must be what is waited for, so that a way which the engine does not
    go is told at its first step. Wrong answers lock nobody, and Sessions last fifteen minutes,
    unless ``pool`` and ``client`` say otherwise.

    Raises:
        UnwritableError: There is no such sign-in, or none that a scenario can tell.
    """
    facts = way.facts
    asked = [move for move in way.moves if move.asked]
    user = user_of(program, facts.get("user", _NOTHING), asked)
    made = steps_of(program, way.auth_flow, way.moves, facts.get("request", _NOTHING))
    request = made.request
    given = facts.get("auth_flow", _NOTHING).get("parameters", _NOTHING)
    username = facts.get("user", _NOTHING).get("username") or "user"
    return Scenario(
        name=name,
        flow=program.name,
        summary=summary,
        users={username: user},
        auth_flow=way.auth_flow or None,
        parameters={**{k: v for k, v in given.items() if k != _KEY}, **made.parameters},
        inputs={name: facts[name] for name in program.inputs if name in facts},
        device=device_of(facts, way.moves),
        earlier={name: _duration(ago) for name, ago in way.earlier.items()},
        after_sign_up=way.after_sign_up,
        token=way.token,
        request={name: request[name] for name in _REQUEST if name in request},
        pool=pool_of(program, facts.get("pool", _NOTHING), asked),
        client=client_of(facts.get("client", _NOTHING)),
        functions=made.functions,
        clock=request.get("time", BEGINNING),
        steps=made.steps,
        outcome=way.outcome,
    )


def _duration(ago: timedelta) -> str:
    try:
        return write_duration(ago)
    except ValueError as error:
        raise UnwritableError(f"how long ago something was proved is {error}") from None
