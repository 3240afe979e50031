"""Defects of what the engine takes for proved: the ledger, the step, issuance, steps and offers."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutant import Mutant

_JUDGED: Final = ("engine",)
_ISSUED: Final = ("engine/test_recomputing.py",)
_RUNTIME: Final = ("runtime",)
_STEPS: Final = ("flow/test_steps.py", "engine/test_steps.py", "analysis/proof/test_soundness.py")
_OFFERS: Final = ("engine/test_offers.py", "analysis/proof/test_soundness.py")


def evidence(name: str, file: str, before: str, after: str, tests: tuple[str, ...]) -> Mutant:
    """Name a defect after what this module is about."""
    return Mutant(f"evidence: {name}", file, before, after, tests)


EVIDENCE_MUTANTS: Final = (
    # The ledger.
    evidence(
        "a gain takes the place of all before it",
        "runtime/ledger.py",
        "MappingProxyType({**self.proved, **dict.fromkeys(names, now)})",
        "MappingProxyType(dict.fromkeys(names, now))",
        _RUNTIME,
    ),
    evidence(
        "evidence that is proved again keeps its first time",
        "runtime/ledger.py",
        "{**self.proved, **dict.fromkeys(names, now)}",
        "{**dict.fromkeys(names, now), **self.proved}",
        _RUNTIME,
    ),
    evidence(
        "a decoy enrols",
        "runtime/ledger.py",
        "        if self.decoy and names:\n"
        "            return None\n"
        "        return replace(self, enrolled",
        "        return replace(self, enrolled",
        ("runtime", "engine/test_mfa_setup.py"),
    ),
    evidence(
        "a factor that was enrolled in this sign-in proves in it",
        "runtime/ledger.py",
        "name for name in names if name not in self.enrolled)",
        "name for name in names)",
        ("runtime", "engine/test_mfa_setup.py"),
    ),
    evidence(
        "a mailbox that was enrolled in this sign-in proves in it under another name",
        "engine/conversation.py",
        "if not opened.program.makers(n) & before.enrolled)",
        "if True)",
        ("engine/test_mfa_setup_by_email.py",),
    ),
    evidence(
        "a password that was chosen in this sign-in is not enrolled",
        "challenges/new_password_required.py",
        "made = (*_FACTS.enrols, *map(written, names)) if answering.user.exists else ()",
        "made = tuple(map(written, names)) if answering.user.exists else ()",
        ("engine/test_mfa_setup.py",),
    ),
    evidence(
        "a decoy that chooses a password is told apart",
        "challenges/new_password_required.py",
        "made = (*_FACTS.enrols, *map(written, names)) if answering.user.exists else ()",
        "made = (*_FACTS.enrols, *map(written, names))",
        ("engine/test_mfa_setup.py",),
    ),
    evidence(
        "what is enrolled counts as proved",
        "runtime/ledger.py",
        '            "proved": {name: name in self.proved for',
        '            "proved": {name: name in self.proved or name in self.enrolled for',
        _RUNTIME,
    ),
    evidence(
        "what is proved counts as enrolled",
        "runtime/ledger.py",
        "{name: name in self.enrolled for",
        "{name: name in self.enrolled or name in self.proved for",
        _RUNTIME,
    ),
    evidence(
        "an enrolment takes the place of the one before",
        "runtime/ledger.py",
        "enrolled=self.enrolled | set(names))",
        "enrolled=frozenset(names))",
        _RUNTIME,
    ),
    evidence(
        "what was never proved has an age",
        "runtime/ledger.py",
        "                for name, at in {**self.earlier, **self.proved}.items()\n",
        "                for name, at in "
        "{**dict.fromkeys(names, now), **self.earlier, **self.proved}.items()\n",
        _RUNTIME,
    ),
    evidence(
        "evidence grows younger",
        "runtime/ledger.py",
        "name: nanoseconds(now - at)",
        "name: nanoseconds(at - now)",
        _RUNTIME,
    ),
    # The record.
    evidence(
        "what was enrolled is forgotten between requests",
        "runtime/record.py",
        'frozenset(plain["enrolled"])',
        "frozenset()",
        ("runtime", "engine/test_mfa_setup.py"),
    ),
    evidence(
        "a decoy is a user from its second request on",
        "runtime/record.py",
        'Ledger(bool(plain["decoy"]), ',
        "Ledger(False, ",
        ("runtime", "engine"),
    ),
    # The step.
    evidence(
        "branches are read before evidence is gained",
        "runtime/step.py",
        "    if isinstance(event, Happened):\n"
        "        record = _after(program, record, event)\n"
        "    facts = snapshot.bindings(program, record)\n",
        "    facts = snapshot.bindings(program, record)\n"
        "    if isinstance(event, Happened):\n"
        "        record = _after(program, record, event)\n",
        _RUNTIME,
    ),
    evidence(
        "what was gained is not kept",
        "runtime/step.py",
        "        ledger=event.ledger,\n",
        "",
        _RUNTIME,
    ),
    evidence(
        "what an answer changed of the user is not kept",
        "runtime/step.py",
        "        user=event.user,\n",
        "",
        _RUNTIME,
    ),
    evidence(
        "a call that is retried keeps what it saved",
        "runtime/step.py",
        "for name, value in record.vars.items() if name != node.save}",
        "for name, value in record.vars.items()}",
        _RUNTIME,
    ),
    evidence(
        "a step beyond its budget goes on",
        "runtime/step.py",
        "    if facts.exhausted:\n        arrival = Ended(None)\n",
        "",
        _RUNTIME,
    ),
    evidence(
        "a condition without a value holds",
        "runtime/step.py",
        "        return condition.program.counted(facts) is True\n"
        "    except EvaluationError:\n"
        "        return False",
        "        return condition.program.counted(facts) is True\n"
        "    except EvaluationError:\n"
        "        return True",
        _RUNTIME,
    ),
    evidence(
        "only the first of several needs is held",
        "runtime/step.py",
        "    for condition in needs:",
        "    for condition in needs[:1]:",
        _STEPS,
    ),
    evidence(
        "a guard without a value is passed over",
        "flow/machine.py",
        "guard.text, failed=True))\n                    return False",
        "guard.text, failed=True))\n                    continue",
        ("flow/test_machine.py", "runtime"),
    ),
    evidence(
        "the last arrow is tried first",
        "flow/machine.py",
        "        for arrow in arrows:\n            if not isinstance(arrow, FlowTransition):",
        "        for arrow in reversed(arrows):\n"
        "            if not isinstance(arrow, FlowTransition):",
        ("flow/test_machine.py", "runtime"),
    ),
    # Steps.
    evidence(
        "a step that is refused is passed",
        "flow/inlining.py",
        "            return self.name(FAILED_EXIT)",
        "            return self.name(NEXT)",
        _STEPS,
    ),
    evidence(
        "a step that fails is passed",
        "flow/inlining.py",
        'Row("decide", self.name(node.name), self.name(FAILED_EXIT)) if',
        'Row("decide", self.name(node.name), self.name(NEXT)) if',
        _STEPS,
    ),
    evidence(
        "a step's own needs are not held",
        "flow/parts.py",
        "ChooseNode(name, outer.needs(node.needs))",
        "ChooseNode(name, ())",
        _STEPS,
    ),
    # Offers.
    evidence(
        "an offer has what the user has not",
        "challenges/offers.py",
        "tuple(name for name in self.options if has_challenge(self.menu, name, facts))",
        "tuple(self.options)",
        _OFFERS,
    ),
    evidence(
        "a factor that the pool does not take is offered",
        "challenges/offers.py",
        "return has and (not wants.within_methods or challenge in",
        "return has and (True or challenge in",
        _OFFERS,
    ),
    # Answers.
    evidence(
        "a kind proves what its node does not declare",
        "engine/judging.py",
        " or not evidence <= may:",
        ":",
        _JUDGED,
    ),
    evidence(
        "a right answer enrols nothing of what its kind says",
        "engine/judging.py",
        "(enrolled and evidence >= set(node.evidence))",
        "(evidence >= set(node.evidence))",
        ("engine/test_meddling_kind.py",),
    ),
    evidence(
        "a right answer leaves its user otherwise than its kind says",
        "challenges/kind.py",
        " and all(left[n] == value for n, value in self.sets)",
        " and left is not None",
        ("engine/test_meddling_kind.py",),
    ),
    evidence(
        "a kind proves less than its node declares",
        "engine/judging.py",
        "(enrolled and evidence >= set(node.evidence))",
        "enrolled",
        ("engine/test_humble_kind.py",),
    ),
    evidence(
        "an operation enrols what its kind does not",
        "engine/advancing.py",
        "    if not set(done.enrols) <= set(told) or ledger",
        "    if told is None or ledger",
        _JUDGED,
    ),
    evidence(
        "a code is good past its time",
        "engine/conversation.py",
        "    return life is not None and opened.snapshot.request.time >=",
        "    return life is None and opened.snapshot.request.time >=",
        _JUDGED,
    ),
    evidence(
        "the last wrong answer is one of many",
        "engine/conversation.py",
        "    if claimed.used >= node.attempts and not node.ends_when_wrong:",
        "    if claimed.used > node.attempts and not node.ends_when_wrong:",
        _JUDGED,
    ),
    evidence(
        "a temporary password is good for ever",
        "engine/conversation.py",
        "    if until is not None and opened.snapshot.request.time >= until:",
        "    if until is None and opened.snapshot.request.time >= until:",
        ("engine", "operations/test_admin_create_user.py"),
    ),
    # What a sign-in made itself.
    evidence(
        "a factor that the token made steps the token up",
        "engine/making.py",
        "    if made & {*makers, proved.credential}:",
        "    if made & {proved.credential}:",
        ("engine/test_own_making.py",),
    ),
    evidence(
        "a passkey that the token made steps the token up",
        "engine/making.py",
        "    if made & {*makers, proved.credential}:",
        "    if made & {*makers}:",
        ("engine/test_own_making.py",),
    ),
    evidence(
        "a device that the token confirmed steps the token up",
        "engine/making.py",
        "    return line in (device.origin_jti,",
        "    return line not in (device.origin_jti,",
        ("engine/test_own_making.py",),
    ),
    evidence(
        "the token of a password alone replaces the second factor",
        "operations/factor_changes.py",
        "    if others and (record is None or not has_shown(parts, record, has)):",
        "    if others and record is None:",
        ("operations/test_factor_changes.py",),
    ),
    evidence(
        "a device that was forgotten meanwhile proves",
        "engine/issuance.py",
        '    if "device" in record.ledger.proved and user.remembered is None:',
        '    if "device" in record.ledger.enrolled and user.remembered is None:',
        ("engine/test_forgotten_device.py",),
    ),
    evidence(
        "an address that was typed in the sign-in proves",
        "challenges/new_password_required.py",
        "made = (*_FACTS.enrols, *map(written, names)) if answering.user.exists else ()",
        "made = _FACTS.enrols if answering.user.exists else ()",
        ("engine/test_written_address.py",),
    ),
    # Issuance.
    evidence(
        "the flow's require is not recomputed, only the client's",
        "engine/issuance.py",
        "        *program.require,\n",
        "",
        _ISSUED,
    ),
    evidence(
        "the client's require is not recomputed, only the flow's",
        "engine/issuance.py",
        "        *parts.client_require.get((client.name, program.name), ()),\n",
        "",
        _ISSUED,
    ),
    evidence(
        "a level is not recomputed",
        "engine/issuance.py",
        "        *levels,\n",
        "",
        _ISSUED,
    ),
    evidence(
        "a function says what really happened",
        "tokens/changes.py",
        "    return name not in PROTOCOLS_OWN and not name.startswith((_COGNITO, _DEVELOPER))",
        "    return True",
        ("engine/test_token_events.py",),
    ),
    evidence(
        "an access token is for whom a function says",
        "engine/triggers/pre_token_generation.py",
        "    if added.get(_AUDIENCE, current().client.id) != current().client.id:",
        "    if False:",
        ("engine/test_token_events.py",),
    ),
)
