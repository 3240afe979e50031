"""Factors that were made with an access token prove nothing in the sign-ins that continue its own.

Who has stolen a token can make a factor with it. Were that one evidence in a step-up, the token
would be worth all that a step-up is. Whoever made a factor so signs in anew to use it. The same is
true of an attribute that was written with it, where what proves something is given that.
"""

from __future__ import annotations

from flowengine.accounts.evidence import ANY_ATTRIBUTE, written, written_attribute
from flowengine.challenges.kind import Proved
from flowengine.engine.access_tokens import line_of
from flowengine.engine.opened import Opened
from flowengine.engine.parts import Parts

_DEVICE = "device"


async def is_of_own_making(parts: Parts, opened: Opened, proved: Proved) -> bool:
    """Say whether an answer is by a factor that a token of the sign-ins it continues made."""
    line, account = opened.record.line, opened.user.account
    if not line or account is None:
        return False
    made = {name for name, by in account.made_by.items() if by == line}
    if any(written_attribute(name) is not None for name in made):
        made.add(written(ANY_ATTRIBUTE))
    makers = frozenset().union(*map(opened.program.makers, proved.evidence))
    if made & {*makers, proved.credential}:
        return True
    return _DEVICE in proved.evidence and await _is_devices(parts, opened, line)


async def _is_devices(parts: Parts, opened: Opened, line: str) -> bool:
    device = opened.user.remembered
    if device is None:
        return False
    grant = None if parts.grants is None else await parts.grants.live(device.origin_jti)
    return line in (device.origin_jti, "" if grant is None else line_of(grant))
