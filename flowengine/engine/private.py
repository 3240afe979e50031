"""What a step keeps that only the holder of its handle can open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flowengine.crypto.sealing import derive, open_sealed, seal
from flowengine.engine.ports import Entropy
from flowengine.runtime.token import StepToken

_INFO = b"flowengine step private v1"


@dataclass(frozen=True, slots=True)
class Private:
    """The sealed part of a step.

    Attributes:
        kind: What the node's kind kept.
        carried: What the auth flow brought for kinds that may come later: ``SRP_A``.
    """

    kind: Mapping[str, Any] = field(default_factory=dict, repr=False)
    carried: Mapping[str, str] = field(default_factory=dict, repr=False)

    def seal(self, token: StepToken, entropy: Entropy) -> bytes | None:
        """Seal under a key that only the step's secret gives; None when there is nothing."""
        if not self.kind and not self.carried:
            return None
        plain = json.dumps({"kind": dict(self.kind), "carried": dict(self.carried)})
        return seal(derive(token.secret, _INFO), plain.encode(), _bound_to(token), entropy.draw)


def unseal(token: StepToken, sealed: bytes | None) -> Private:
    """Open what a step kept.

    Raises:
        KeyringError: The row was tampered with.
    """
    if sealed is None:
        return Private()
    plain = json.loads(open_sealed(derive(token.secret, _INFO), sealed, _bound_to(token)))
    return Private(MappingProxyType(plain["kind"]), MappingProxyType(plain["carried"]))


def _bound_to(token: StepToken) -> bytes:
    """Tie the ciphertext to its row and step, so that it opens in no other."""
    return token.id + token.step.to_bytes(2, "big")
