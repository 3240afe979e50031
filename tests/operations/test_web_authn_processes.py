"""Passkeys over several processes, which share a database and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from flowengine.crypto.keyring import Keyring
from flowengine.engine.replies import SuccessReply
from flowengine.engine.system import InlineWork
from flowengine.errors import (
    CallerError,
    NotAuthorizedError,
    WebAuthnChallengeNotFoundError,
    WebAuthnCredentialNotSupportedError,
)
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.grants import SqlGrants
from flowengine.stores.schema import migrate
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.urls import parse
from flowengine.testing.fakes import ScriptedEntropy
from tests.authenticator import Authenticator
from tests.operations.registering import (
    BROWSER,
    CLIENTS,
    PASSKEYS,
    answer,
    ask,
    begin,
    by_passkey,
    complete,
)
from tests.operations.world import World, new_world
from tests.planted import KEY

KEYRING = Keyring.generate(ScriptedEntropy("keyring").draw)


def process(folder: Path, number: int, closing: ExitStack, secret: bytes = KEY) -> World:
    """Open what one process opens; all but the keys and the files is its own."""
    url = f"sqlite:///{folder}/users.db"
    migrate(url)
    users = sql_engine(parse(url))
    closing.callback(users.dispose)
    file = SqliteFile(folder / "sign-ins.db")
    closing.callback(file.close)
    entropy = ScriptedEntropy(f"process {number}")
    directory = SqlDirectory(users, KEYRING, {PASSKEYS.id: PASSKEYS}, InlineWork(), entropy.draw)
    world = new_world(
        PASSKEYS,
        by_passkey(),
        sessions=SqliteSessions(file),
        counters=SqliteCounters(file),
        directory=directory,
        grants=SqlGrants(users, InlineWork()),
        clients=CLIENTS,
        decoy_secret=secret,
        entropy=entropy,
    )
    return replace(world, directory=directory)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[World, World]]:
    with ExitStack() as closing:
        first, second = process(tmp_path, 1, closing), process(tmp_path, 2, closing)
        first.add_user()
        first.add_user("grace")
        yield first, second


def refusal(world: World, token: str, credential: object) -> CallerError:
    with pytest.raises(CallerError) as refused:
        complete(world, token, credential)
    return refused.value


def test_a_registration_begun_at_one_ends_at_another_once(pair: tuple[World, World]) -> None:
    first, second = pair
    token, device = first.access_token(client=BROWSER), Authenticator()
    options = begin(first, token)
    complete(second, token, device.create(options))
    for world in pair:
        again = refusal(world, token, Authenticator(credential_id=b"two").create(options))
        assert isinstance(again, WebAuthnChallengeNotFoundError)
    assert [each.name for each in first.user().passkeys] == ["Passkey"]


def test_a_passkey_made_at_one_signs_in_at_another_and_counts_for_both(
    pair: tuple[World, World],
) -> None:
    first, second = pair
    token, device = first.access_token(client=BROWSER), Authenticator()
    complete(first, token, device.create(begin(first, token)))
    reply, options = ask(second)
    assert isinstance(answer(second, reply, device.get(options, count=5)), SuccessReply)
    assert first.user().passkeys[0].sign_count == 5
    reply, options = ask(first)
    with pytest.raises(NotAuthorizedError):
        answer(first, reply, device.get(options, count=5))


def test_a_credential_that_somebody_has_is_refused_at_each(pair: tuple[World, World]) -> None:
    first, second = pair
    theirs, device = first.access_token("grace", BROWSER), Authenticator()
    complete(first, theirs, device.create(begin(first, theirs)))
    token = second.access_token(client=BROWSER)
    error = refusal(second, token, device.create(begin(second, token)))
    assert isinstance(error, WebAuthnCredentialNotSupportedError)
    assert second.user().passkeys == ()


def test_a_process_of_another_secret_knows_no_challenge_again(
    pair: tuple[World, World], tmp_path: Path
) -> None:
    first, _ = pair
    token = first.access_token(client=BROWSER)
    with ExitStack() as closing:
        stranger = process(tmp_path, 3, closing, secret=bytes(32))
        error = refusal(stranger, token, Authenticator().create(begin(first, token)))
    assert isinstance(error, WebAuthnChallengeNotFoundError)
