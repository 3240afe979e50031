"""``flowengine keys``: the keys that encrypt credentials at rest."""

from __future__ import annotations

import click


@click.command()
def keys() -> None:
    """Print new keys for a deployment's `keys:`; whoever has them can read its credentials.

    The format is id:base64[,id:base64...]: the first key encrypts, all decrypt. To rotate, put a
    new one in front of the old ones.

    \b
    Example:
      export FLOWENGINE_KEYS="$(flowengine keys)"      and in flowengine.yaml:
      keys: ${FLOWENGINE_KEYS}
    """
    from flowengine.crypto.keyring import Keyring  # noqa: PLC0415 - help comes at once
    from flowengine.engine.system import SystemEntropy  # noqa: PLC0415 - the same

    click.echo(Keyring.generate(SystemEntropy().draw).to_text())
