"""Where sign-ins of a flow begin."""

from __future__ import annotations

from flowengine.flow.definition import Name
from flowengine.flow.program import FlowProgram


def starts(program: FlowProgram) -> dict[str, Name]:
    """Give each node that a sign-in may begin at, and where the author said so.

    The flow's own ``start`` counts although every auth flow may name another: a backend that
    embeds the engine begins there.
    """
    definition = program.definition
    doors = definition.auth_flows
    named = (n for d in doors for n in (d.start, d.after_sign_up, d.step_up) if n)
    return {name.text: name for name in reversed((definition.start, *named))}
