"""Step 6: what hangs on a settled step. The user is written, and what acts is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.engine.calling import Acting, act
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out
from flowengine.errors import CallerError, SessionError, StoreError
from flowengine.runtime.stored import NewStep
from flowengine.runtime.token import StepToken


@dataclass(frozen=True, slots=True)
class Write:
    """A change of the user that the answer makes, written after the sign-in was settled.

    Attributes:
        signs_out: Whether the user's other sign-ins end: the password is another one.
    """

    account: Account
    old_stamp: str = field(repr=False)
    signs_out: bool = False


async def write_user(parts: Parts, write: Write | None, token: StepToken, row: NewStep) -> None:
    """Step 6: write the user. One that fails ends the sign-in; its new token is never told."""
    if write is None or parts.directory is None:
        return
    try:
        if write.signs_out:  # before and after, as by ``sign_out_by``
            await sign_out(parts, write.account)
        saved = await parts.directory.save(write.account, write.old_stamp)
    except StoreError:
        saved = False
    if not saved:
        await _fail(parts, token, row)
        raise SessionError
    if write.signs_out:
        await sign_out(parts, write.account)


async def act_all(parts: Parts, acting: Iterable[Acting], token: StepToken, row: NewStep) -> None:
    """Step 6: call what acts. One that fails ends the sign-in, in its own words."""
    for each in acting:
        try:
            await act(parts, each)
        except CallerError:
            await _fail(parts, token, row)
            raise


async def _fail(parts: Parts, token: StepToken, row: NewStep) -> None:
    """End a sign-in that was settled and whose effect failed."""
    ended = replace(row, private=None, tries=0, secret_hash=bytes(32))
    await parts.sessions.settle(token.id, token.step, ended, "failed")
