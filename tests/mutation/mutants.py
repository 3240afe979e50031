"""Defects put into the code on purpose, each of which some test must notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect.

    Attributes:
        file: Below ``flowengine``.
        before: What stands there exactly once.
        tests: Below ``tests``; those that must notice it.
    """

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


_ENGINE: Final = ("engine",)
_PROOFS: Final = ("challenges", "engine/test_sign_in.py")

MUTANTS: Final = (
    Mutant(
        "an SRP proof is not compared",
        "crypto/srp.py",
        "    return len(claimed) == _SIGNATURE_BYTES and hmac.compare_digest(expected, claimed)",
        "    return len(claimed) == _SIGNATURE_BYTES",
        ("crypto", *_PROOFS),
    ),
    Mutant(
        "A = 0 is accepted",
        "crypto/srp.py",
        "    return None if number is None or number % PRIME == 0 else number",
        "    return number",
        ("crypto", *_PROOFS),
    ),
    Mutant(
        "a key is computed for A = 0",
        "crypto/srp.py",
        "    if client_public % PRIME == 0 or value % PRIME == 0 or u == 0:",
        "    if value % PRIME == 0 or u == 0:",
        ("crypto",),
    ),
    Mutant(
        "a plain password is not compared",
        "crypto/srp.py",
        "    return hmac.compare_digest(pad(claimed), pad(kept.value))",
        "    return bool(claimed)",
        ("crypto", *_PROOFS),
    ),
    Mutant(
        "a time stamp of any age is taken",
        "challenges/srp_proof.py",
        "        and abs(answering.now - sent_at) <= MOST_SKEW\n",
        "",
        _PROOFS,
    ),
    Mutant(
        "another secret block is taken",
        "challenges/srp_proof.py",
        "        and _is_our_block(answering)\n",
        "",
        (*_PROOFS, "shipped/test_adversaries.py"),
    ),
    Mutant(
        "a session is good after it was answered",
        "stores/memory.py",
        "            self.step == token.step\n            and self.outcome is None",
        "            self.outcome is None",
        ("stores/test_contracts.py", *_ENGINE),
    ),
    Mutant(
        "an ended sign-in goes on",
        "stores/memory.py",
        "            and self.outcome is None\n",
        "",
        ("stores/test_contracts.py", *_ENGINE),
    ),
    Mutant(
        "an expired session is taken",
        "stores/memory.py",
        "            and now < self.now.expires_at\n",
        "",
        ("stores/test_contracts.py", *_ENGINE),
    ),
    Mutant(
        "the secret of a session is not compared",
        "stores/memory.py",
        "            and same_secret(token, self.now.secret_hash)\n",
        "",
        ("stores/test_contracts.py", *_ENGINE),
    ),
    Mutant(
        "a session is not bound to its client",
        "engine/conversation.py",
        "    if record is None or record.client != client.name or record.pool != client.pool_id:",
        "    if record is None:",
        (*_ENGINE, "shipped/test_adversaries.py"),
    ),
    Mutant(
        "a session is not bound to its user",
        "engine/conversation.py",
        "    if not await same_user(parts, pool, record, username):\n        raise foreign\n",
        "",
        (*_ENGINE, "shipped/test_adversaries.py"),
    ),
    Mutant(
        "a session is not bound to its challenge",
        "engine/conversation.py",
        "    if (record.asking or node.kind.facts.name) != request.challenge_name:\n"
        "        raise foreign\n",
        "",
        (*_ENGINE, "shipped/test_adversaries.py"),
    ),
    Mutant(
        "SECRET_HASH is not compared",
        "engine/parts.py",
        "    if not secret_hash.check(client.secret, username, client.id, sent):",
        "    if not sent:",
        ("engine", "server/test_sign_in.py"),
    ),
    Mutant(
        "a TOTP code is good twice",
        "challenges/software_token_mfa.py",
        "        return Proved(_FACTS.proves, spend=spend)",
        "        return Proved(_FACTS.proves)",
        _PROOFS,
    ),
    Mutant(
        "an older TOTP code is good after a later one",
        "challenges/software_token_mfa.py",
        "        also=tuple(_key(older) for older in range(oldest, counter)),",
        "        also=(),",
        _PROOFS,
    ),
    Mutant(
        "what is good once is not spent",
        "engine/judging.py",
        "    if not await parts.counters.spend_once(spent_key(pool, sub, once.key), once.until, now):\n"
        "        return once.used\n",
        "",
        (*_ENGINE, "operations/test_software_tokens.py"),
    ),
    Mutant(
        "MFA_SETUP is passed without a factor",
        "challenges/mfa_setup.py",
        "        return Malformed(UnknownSessionError())\n\n\ndef _verified",
        "        return Proved(())\n\n\ndef _verified",
        ("engine/test_mfa_setup.py",),
    ),
    Mutant(
        "any first code of an app will do",
        "challenges/mfa_setup.py",
        "    if counter is None:\n        return Wrong(EnableSoftwareTokenMFAError())\n",
        "    counter = counter or 0\n",
        ("engine/test_mfa_setup.py",),
    ),
    Mutant(
        "an enrolled app counts as a proved one",
        "engine/advancing.py",
        "    ledger = record.ledger.enrol(done.enrols) or record.ledger",
        "    ledger = record.ledger.gain(done.enrols, parts.clock.now()) or record.ledger",
        ("engine/test_mfa_setup.py",),
    ),
    Mutant(
        "a decoy gains evidence",
        "runtime/ledger.py",
        "        if self.decoy and names:\n            return None\n        return replace(self, proved",
        "        return replace(self, proved",
        ("runtime", *_ENGINE),
    ),
    Mutant(
        "a decoy's salt changes from one sign-in to the next",
        "accounts/decoys.py",
        '    salt = srp.new_salt(_stream(seed, b"salt"))\n',
        "    import secrets\n\n    salt = srp.new_salt(secrets.token_bytes)\n",
        ("accounts", "engine/test_sign_in.py"),
    ),
    Mutant(
        "require is not recomputed",
        "engine/issuance.py",
        "        if not holds(condition, facts):",
        "        if False:",
        ("engine", "operations/test_refresh_require.py"),
    ),
    Mutant(
        "a changed user still signs in",
        "engine/users.py",
        "    if account.stamp != record.stamp:\n        raise SessionError\n",
        "",
        _ENGINE,
    ),
    Mutant(
        "a disabled user still signs in",
        "engine/users.py",
        '    if not account.enabled:\n        raise NotAuthorizedError("User is disabled.")\n',
        "",
        (*_ENGINE, "operations"),
    ),
    Mutant(
        "wrong answers do not lock",
        "engine/judging.py",
        "        await parts.counters.count_wrong(reservation.key, reservation.id, pool.lockout, now)\n",
        "",
        _ENGINE,
    ),
    Mutant(
        "a step whose answers move on is claimed twice",
        "engine/turn.py",
        "        once=not turn.program.stays(node),",
        "        once=False,",
        ("processes/test_answers_at_once.py",),
    ),
    Mutant(
        "needs is not enforced",
        "runtime/step.py",
        "        if not holds(condition, walk.facts):",
        "        if False:",
        ("runtime", "engine"),
    ),
    Mutant(
        "what a step requires is not enforced",
        "flow/inlining.py",
        "                return ChooseNode(name, (*node.needs, *self.require))",
        "                return ChooseNode(name, node.needs)",
        ("flow/test_steps.py", "engine/test_steps.py"),
    ),
    Mutant(
        "the device's proof is not compared",
        "challenges/device_password_verifier.py",
        "srp_proof.is_right(answering, device.group_key, device.key)",
        "True",
        ("engine/test_devices.py",),
    ),
    Mutant(
        "a device that is not remembered proves itself",
        "engine/users.py",
        "        return device if device is not None and device.remembered else None",
        "        return device",
        ("engine/test_devices.py",),
    ),
    Mutant(
        "a rotated refresh token is still good",
        "engine/refreshing.py",
        "    return text if hmac.compare_digest(hash_token(text), grant.hash) else None",
        "    return text",
        ("operations",),
    ),
    Mutant(
        "a revoked sign-in is refreshed",
        "engine/refreshing.py",
        "    if grant.revoked:\n        raise NotAuthorizedError(REVOKED)\n",
        "",
        ("operations",),
    ),
    Mutant(
        "another client's refresh token is good",
        "engine/refreshing.py",
        "    if grant is None or (grant.client_id, grant.pool_id) != (client.id, client.pool_id):",
        "    if grant is None:",
        ("operations",),
    ),
    Mutant(
        "an assertion over another challenge is taken",
        "crypto/passkeys.py",
        "    if signed is None or not hmac.compare_digest(signed, ceremony.challenge):",
        "    if signed is None:",
        ("crypto", "challenges/test_web_authn.py"),
    ),
    Mutant(
        "an assertion made for another origin is taken",
        "crypto/passkeys.py",
        '    if said.get("origin") not in ceremony.origins or said.get("crossOrigin") not in (None, False):',
        '    if said.get("crossOrigin") not in (None, False):',
        ("crypto/test_passkeys.py",),
    ),
    Mutant(
        "a passkey of any key is taken",
        "challenges/web_authn.py",
        "    if asserted is None or passkey is None:",
        "    if asserted is None:",
        ("challenges/test_web_authn.py", "engine/test_web_authn.py"),
    ),
    Mutant(
        "a passkey's signature is not verified",
        "challenges/web_authn.py",
        "    asserted = passkeys.verify_assertion(assertion, ceremony, key)\n",
        "    asserted = passkeys.Asserted(9, user_verified=False, backup_eligible=False)\n    del ceremony, key\n",
        ("challenges/test_web_authn.py", "engine/test_web_authn.py"),
    ),
    Mutant(
        "another user's handle is taken",
        "challenges/web_authn.py",
        "    if assertion.user_handle not in (None, handle):\n        return Wrong(NotAuthorizedError())\n",
        "",
        ("challenges/test_web_authn.py", "engine/test_web_authn.py"),
    ),
    Mutant(
        "a passkey's counter need not grow",
        "challenges/web_authn.py",
        "    if not passkeys.counter_grew(old, new):\n        return Wrong(NotAuthorizedError())\n",
        "",
        ("challenges/test_web_authn.py",),
    ),
    Mutant(
        "a seal of a clean file is not compared",
        "cli/known_good.py",
        "            return hmac.compare_digest(kept, self._seal(path, sha256(text).digest()))",
        "            return bool(kept) or self._seal(path, sha256(text).digest()) == kept",
        ("cli/test_known_good.py",),
    ),
    Mutant(
        "a clean file is known whatever build found it so",
        "cli/known_good.py",
        'b"clean" + place + digest + self._build',
        'b"clean" + place + digest',
        ("cli/test_known_good.py",),
    ),
    Mutant(
        "a cache that others may write is believed",
        "cli/private_files.py",
        "    if found.st_mode & _OTHERS_WRITE:",
        "    if found.st_mode & _OTHERS_WRITE == -1:",
        ("cli/test_known_good.py",),
    ),
    Mutant(
        "a cache of another user is believed",
        "cli/private_files.py",
        "    if found.st_uid != os.geteuid():",
        "    if found.st_uid == -1:",
        ("cli/test_known_good.py",),
    ),
    Mutant(
        "a file with findings is remembered as clean",
        "cli/workers.py",
        "        return self.alone and not self.found",
        "        return self.alone",
        ("cli/test_known_good.py",),
    ),
    Mutant(
        "a flow that uses others is remembered as clean",
        "cli/workers.py",
        "        return self.alone and not self.found",
        "        return not self.found",
        ("cli/test_known_good.py",),
    ),
    Mutant(
        "warnings never fail",
        "cli/checked.py",
        "        return _RANKS[finding.severity] >= _RANKS[Severity(self.fail_level.value)]",
        "        return finding.severity is Severity.ERROR",
        ("cli/test_formats.py",),
    ),
    Mutant(
        "what a file says is a command to GitHub's runner",
        "cli/escaping.py",
        "    for found in _COMMAND.finditer(text):",
        "    for found in _COMMAND.finditer(text[:0]):",
        ("cli/test_formats.py",),
    ),
)
