"""A passkey that is nobody's, opened where a user has none: the time of a reply must not tell."""

from __future__ import annotations

from typing import Final

from flowengine.accounts.account import Account, Passkey
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.crypto.passkeys import NOBODYS_KEY
from flowengine.stores.credentials import open_passkey, passkey_hash, seal_passkey
from flowengine.stores.instants import instant_of

_TRANSPORTS: Final = ("internal", "hybrid")


class NobodysPasskey:
    """A passkey like any other, sealed like one."""

    def __init__(self, keyring: Keyring, entropy: Entropy) -> None:
        """Make it and seal it."""
        self._keyring = keyring
        never, credential_id = instant_of(0), entropy(32)
        self._id_hash = passkey_hash(credential_id)
        passkey = Passkey(credential_id, NOBODYS_KEY, 0, "example.com", never, _TRANSPORTS)
        account = Account("", "", "", "", never, never)
        self._sealed = seal_passkey(account, passkey, keyring, entropy)

    def open(self) -> None:
        """Open it, for nothing but the time that it takes."""
        open_passkey(self._sealed, "", "", self._id_hash, 0, self._keyring)
