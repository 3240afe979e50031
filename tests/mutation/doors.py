"""Defects of who a sign-in is for, and of whom a lock holds."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutant import Mutant

DOORS: Final = (
    Mutant(
        "doors: nobody's ledger takes evidence",
        "engine/beginners.py",
        'NOBODY, "", Ledger(decoy=True)',
        'NOBODY, "", Ledger(decoy=False)',
        ("engine/test_naming.py",),
    ),
    Mutant(
        "doors: a wrong answer names its user",
        "engine/conversation.py",
        "_wrong(parts, opened.unproved, verdict.error)",
        "_wrong(parts, opened, verdict.error)",
        ("engine/test_naming.py",),
    ),
    Mutant(
        "doors: a passkey need not say whose it is",
        "challenges/web_authn.py",
        "        if not answering.named and assertion.user_handle is None:",
        "        if False and assertion.user_handle is None:",
        ("engine/test_naming.py",),
    ),
    Mutant(
        "doors: the name beside a passkey is not compared",
        "engine/users.py",
        " or claimed is None or claimed.sub != account.sub:",
        ":",
        ("engine/test_naming.py",),
    ),
    Mutant(
        "doors: a user is read before one is named",
        "flow/unnamed.py",
        "            _check(row.program, row.source, place(row.source), findings)\n",
        "            pass\n",
        ("flow/test_unnamed.py",),
    ),
    Mutant(
        "doors: anything asks before a user is named",
        "flow/unnamed.py",
        "isinstance(node, ChallengeNode) and node.names is None:",
        "False:",
        ("flow/test_unnamed.py",),
    ),
    Mutant(
        "doors: a token of another client continues",
        "engine/beginners.py",
        "    if holder.client_id != client.id or holder.pool.id != pool.id:\n        raise NotAuthorizedError(INVALID)\n    if grant is None or (grant.client_id, grant.sub) != (client.id, account.sub):",
        "    if grant is None:",
        ("engine/test_continuing.py",),
    ),
    Mutant(
        "doors: what was proved before is proved",
        "runtime/ledger.py",
        "return Ledger(self.decoy, earlier=earlier).of(names)",
        "return Ledger(self.decoy, earlier, earlier=earlier).of(names)",
        ("engine/test_continuing.py",),
    ),
    Mutant(
        "doors: a sign-in goes on from one that was revoked",
        "engine/issuance.py",
        "        await _check_continued(parts, record)\n",
        "",
        ("engine/test_continuing.py",),
    ),
    Mutant(
        "doors: a level that was asked for need not be reached",
        "engine/issuance.py",
        "        check_target(record, level)\n",
        "",
        ("engine/test_step_up.py",),
    ),
    Mutant(
        "doors: a level is claimed that is not true",
        "engine/step_up.py",
        "(name for name in record.target_levels if holds(program.levels[name], facts))",
        "iter(record.target_levels)",
        ("engine/test_step_up.py",),
    ),
    Mutant(
        "doors: a sign-in of long ago counts",
        "engine/step_up.py",
        "self.max_age is None or now - grant.auth_time <= self.max_age",
        "self.max_age is None or True",
        ("engine/test_step_up.py",),
    ),
    Mutant(
        "doors: tokens are renewed by stepping up",
        "engine/step_up.py",
        "        if level not in self.levels:\n",
        "        if True:\n",
        ("engine/test_step_up.py",),
    ),
    Mutant(
        "doors: a sign-up is any user's",
        "engine/sign_ups.py",
        "record.client, record.user.sub, record.node)\n    return found == (_NO_FLOW, client.pool_id, client.name, sub, node)",
        "record.client, record.node)\n    return found == (_NO_FLOW, client.pool_id, client.name, node)",
        ("operations/test_first_sign_in.py",),
    ),
    Mutant(
        "doors: a user who was changed goes on from the sign-up",
        "engine/sign_ups.py",
        "    if user.decoy or user.stamp != record.stamp:",
        "    if user.decoy:",
        ("operations/test_first_sign_in.py",),
    ),
    Mutant(
        "doors: a try while locked leaves a step behind",
        "engine/inline.py",
        "    return await reserve(parts, pool, sub, node.kind.facts.factor, ip)",
        "    return None",
        ("engine/test_inline_lock.py",),
    ),
    Mutant(
        "doors: a step that is not kept keeps its try",
        "engine/turn.py",
        "            await give_back(parts, held)\n",
        "            pass\n",
        ("engine/test_inline_lock.py",),
    ),
    Mutant(
        "doors: an address has no bound",
        "engine/locking.py",
        "        _Count(at, lockout.address, own=False, clears=False),\n",
        "",
        ("engine/test_address_lockout.py",),
    ),
    Mutant(
        "doors: one's own count is excused where one is known",
        "engine/locking.py",
        "        elif count.own or not await _is_known(parts, known, now):",
        "        elif not await _is_known(parts, known, now):",
        ("engine/test_address_lockout.py",),
    ),
)
