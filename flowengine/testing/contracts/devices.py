"""The contract of ``Devices``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flowengine.accounts.account import SrpCredential
from flowengine.accounts.device import Device
from flowengine.engine.ports import Devices
from flowengine.testing.contracts.candidate import Candidate, Check, Race, expect, in_threads

_NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_LATER = _NOW + timedelta(days=1)
_POOL = "eu-west-1_Example"
_AT_ONCE = 8


def _device(sub: str | None = None, key: str | None = None) -> Device:
    return Device(
        pool_id=_POOL,
        sub=sub or str(uuid.uuid4()),
        key=key or f"eu-west-1_{uuid.uuid4()}",
        group_key="-group",
        credential=SrpCredential("abc", 2**3071 + 7),
        name="Zoë's \U0001f4f1",
        remembered=True,
        created_at=_NOW,
        modified_at=_NOW,
        seen_at=_NOW,
        origin_jti=str(uuid.uuid4()),
    )


async def _found(devices: Devices, device: Device) -> Device | None:
    return await devices.find(device.pool_id, device.sub, device.key)


async def a_device_comes_back_as_it_went_in(candidate: Candidate[Devices]) -> None:
    """Every field, for its own user and key."""
    devices, first = candidate.make(), _device()
    second = replace(_device(), remembered=False, name="", credential=SrpCredential("1", 2))
    expect(await devices.add(first), "a device is added")
    expect(await devices.add(second), "and another one")
    expect(await _found(devices, first) == first, "a device comes back as it went in")
    expect(await _found(devices, second) == second, "and so does the other one")


async def a_device_is_its_users_alone(candidate: Candidate[Devices]) -> None:
    """Neither another user's, nor another pool's, nor under another key."""
    devices, device = candidate.make(), _device()
    await devices.add(device)
    for other in (
        replace(device, sub=str(uuid.uuid4())),
        replace(device, pool_id="eu-west-1_Other"),
        replace(device, key=f"eu-west-1_{uuid.uuid4()}"),
        replace(device, key=device.key.upper()),
        replace(device, key="\ud800"),
        replace(device, key=device.key + "\0"),
    ):
        expect(await _found(devices, other) is None, "a device is found by its whole name only")
        removed = await devices.remove(other.pool_id, other.sub, other.key)
        expect(not removed, "and so it is forgotten")
    expect(await _found(devices, device) == device, "nobody else can forget it")
    another = replace(device, sub=str(uuid.uuid4()), name="another's")
    expect(await devices.add(another), "two users may have devices of one key")
    expect(await _found(devices, device) == device, "and each has its own")


async def a_key_is_added_once(candidate: Candidate[Devices]) -> None:
    """The second one changes nothing, even when many come at once."""
    devices, device = candidate.make(), _device()
    added = await candidate.race([lambda: devices.add(device)] * _AT_ONCE)
    expect(sum(added) == 1, "one of many is added")
    expect(not await devices.add(replace(device, name="another")), "and no other one after it")
    expect(await _found(devices, device) == device, "a refused add changes nothing")


async def only_some_of_a_device_can_be_saved(candidate: Candidate[Devices]) -> None:
    """Name, whether it is remembered, and two instants; nothing that verifies it."""
    devices, device = candidate.make(), _device()
    await devices.add(device)
    saved = replace(device, name="new", remembered=False, modified_at=_LATER, seen_at=_LATER)
    forged = replace(saved, credential=SrpCredential("9", 9), group_key="-x", created_at=_LATER)
    expect(await devices.save(forged), "a device that is there is saved")
    expect(await _found(devices, device) == saved, "and keeps what verifies it")


async def what_was_modified_later_stays(candidate: Candidate[Devices]) -> None:
    """A sign-in that read the device before does not have it remembered again."""
    devices, device = candidate.make(), _device()
    await devices.add(device)
    seen = replace(device, seen_at=_LATER)
    expect(await devices.save(seen), "that it was seen modifies nothing")
    no_longer = replace(seen, remembered=False, modified_at=_LATER)
    expect(await devices.save(no_longer), "what is modified now is saved")
    expect(not await devices.save(seen), "what was read before that is not")
    expect(await _found(devices, device) == no_longer, "and changes nothing")


async def what_is_forgotten_is_gone(candidate: Candidate[Devices]) -> None:
    """It can neither be saved nor forgotten again, and its key is free."""
    devices, device = candidate.make(), _device()
    await devices.add(device)
    expect(await devices.remove(device.pool_id, device.sub, device.key), "a device is forgotten")
    expect(await _found(devices, device) is None, "and gone")
    expect(not await devices.save(device), "it cannot be saved")
    again = await devices.remove(device.pool_id, device.sub, device.key)
    expect(not again, "nor forgotten again")
    expect(await devices.add(device), "its key is free")


async def pages_give_each_device_once(candidate: Candidate[Devices]) -> None:
    """In the order of keys, the user's own alone."""
    devices, sub = candidate.make(), str(uuid.uuid4())
    keys = [f"eu-west-1_{number:08x}" for number in (3, 1, 2, 5, 4)]
    for key in keys:
        await devices.add(_device(sub, key))
    await devices.add(_device(None, "eu-west-1_00000000"))
    seen: list[str] = []
    after = ""
    for _ in range(len(keys)):
        page = await devices.page(_POOL, sub, after, 2)
        seen += [device.key for device in page]
        if not page:
            break
        after = page[-1].key
    expect(seen == sorted(keys), "each is given once, in order")
    expect(await devices.page(_POOL, sub, "", 0) == (), "nothing is given where nothing is asked")


ALL_CHECKS: tuple[Check[Devices], ...] = (
    a_device_comes_back_as_it_went_in,
    a_device_is_its_users_alone,
    a_key_is_added_once,
    only_some_of_a_device_can_be_saved,
    what_was_modified_later_stays,
    what_is_forgotten_is_gone,
    pages_give_each_device_once,
)


async def check_devices(make: Callable[[], Devices], race: Race = in_threads) -> None:
    """Run the whole contract.

    Raises:
        BrokenContractError: A promise is not kept; the message says which.
    """
    for check in ALL_CHECKS:
        await check(Candidate(make, race))
