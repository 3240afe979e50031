"""Defects of the prover, each of which would make some verdict wrong."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutant import Mutant

_TESTS: Final = (
    "analysis/proof/test_proving.py",
    "analysis/proof/test_devices.py",
    "analysis/proof/test_bdd.py",
    "analysis/proof/test_beginnings.py",
    "analysis/proof/test_abstraction.py",
    "analysis/proof/test_writing.py",
    "analysis/proof/test_soundness.py",
)


def _mutant(name: str, file: str, before: str, after: str) -> Mutant:
    return Mutant(f"proof: {name}", f"analysis/proof/{file}", before, after, _TESTS)


PROVER_MUTANTS: Final = (
    _mutant(
        "no answer names a device",
        "answers.py",
        "        Gain(facts.variable_of(NAMED), TRUE, told=False),\n",
        "",
    ),
    _mutant(
        "a device that was named is never remembered",
        "answers.py",
        "        Gain(facts.variable_of(REMEMBERED), unnamed, told=False),\n",
        "",
    ),
    _mutant(
        "another device takes the place of the first",
        "answers.py",
        "    unnamed = facts.bdd.negated(facts.flag(NAMED))",
        "    unnamed = TRUE",
    ),
    _mutant(
        "a device is remembered that was never named",
        "answers.py",
        "    return facts.bdd.either(facts.flag(NAMED), facts.bdd.negated(facts.flag(REMEMBERED)))",
        "    return TRUE",
    ),
    _mutant(
        "a sign-in begins on a device without its key",
        "answers.py",
        "    return facts.bdd.all_of((given, sent, on_device(facts)))",
        "    return facts.bdd.both(given, on_device(facts))",
    ),
    _mutant(
        "what nobody sees into is never read of another device",
        "facts.py",
        '        answered = {*LEDGER, "device"}',
        "        answered = {*LEDGER}",
    ),
    _mutant(
        "an error is a false",
        "abstraction.py",
        "        return Rails(self._bdd.both(readable, true), self._bdd.both(readable, false))",
        "        true = self._bdd.both(readable, true)\n        return Rails(true, self._bdd.negated(true))",
    ),
    _mutant(
        "&& does not absorb errors",
        "abstraction.py",
        "            self._bdd.any_of(each.false for each in rails),",
        "            self._bdd.both(self._bdd.any_of(each.false for each in rails), self._bdd.all_of(self._bdd.either(each.true, each.false) for each in rails)),",
    ),
    _mutant(
        "|| does not absorb errors",
        "abstraction.py",
        "            self._bdd.any_of(each.true for each in rails),",
        "            self._bdd.both(self._bdd.any_of(each.true for each in rails), self._bdd.all_of(self._bdd.either(each.true, each.false) for each in rails)),",
    ),
    _mutant(
        "! is no negation of false",
        "abstraction.py",
        "                true, false = self._rails(node.operands[0], local)\n                return Rails(false, true)",
        "                true, false = self._rails(node.operands[0], local)\n                return Rails(false, self._bdd.negated(false))",
    ),
    _mutant(
        "a choice takes its other branch",
        "abstraction.py",
        "bdd.both(chosen.true, positive.true), bdd.both(chosen.false, negative.true)",
        "bdd.both(chosen.false, positive.true), bdd.both(chosen.true, negative.true)",
    ),
    _mutant(
        "a mirrored comparison is not turned",
        "expressions.py",
        "    Overload.LESS: Overload.GREATER,\n",
        "    Overload.LESS: Overload.LESS,\n",
    ),
    _mutant(
        "a list has nothing but what is named",
        "facts.py",
        "        return (*sorted(named), STRANGER)",
        "        return tuple(sorted(named))",
    ),
    _mutant(
        "there is no string beside the literals",
        "regions.py",
        "        return (*sorted(literals), _stranger(literals))",
        "        return tuple(sorted(literals))",
    ),
    _mutant(
        "there is no number between two literals",
        "regions.py",
        "        if high - low > 1:",
        "        if high - low > 1 and (low < least or high > greatest):",
    ),
    _mutant(
        "there is no number but the literals",
        "regions.py",
        "    edges = [least - 1, *literals, greatest + 1]",
        "    edges = literals",
    ),
    _mutant(
        "a request is the one before",
        "facts.py",
        "        return bool(roots & FRESH) or",
        "        return",
    ),
    _mutant(
        "what is written stays as it was",
        "facts.py",
        '            each == written or each.startswith(f"{written}.") or written.startswith(f"{each}.")',
        "            each == written",
    ),
    _mutant(
        "a new password leaves no status",
        "system.py",
        'if fact.form is Form.VALUE and ".".join(fact.path) in values',
        'if fact.form is Form.OPAQUE and ".".join(fact.path) in values',
    ),
    _mutant(
        "a wrong answer proves",
        "system.py",
        '        if outcome == "proved":\n            writes = facts.writes',
        '        if outcome in ("proved", "wrong"):\n            writes = facts.writes',
    ),
    _mutant(
        "a right answer proves nothing",
        "system.py",
        "for name in node.evidence]",
        "for name in ()]",
    ),
    _mutant(
        "a wrong answer enrols where nothing is operated",
        "system.py",
        'if outcome == "proved" or facts.operations else []',
        "if True else []",
    ),
    _mutant(
        "a factor of the sign-in's own making proves",
        "system.py",
        "for e in self._program.makers(name) & self._made)",
        "for e in ())",
    ),
    _mutant(
        "another name of a mailbox of the sign-in's own making proves",
        "system.py",
        "self._program.makers(name) & self._made)",
        "{name} & self._made)",
    ),
    _mutant(
        "a factor of the sign-in's own making has to prove",
        "system.py",
        "        return self._bdd.either(self._bdd.negated(gain.where), self._variable(gain.variable))",
        "        return self._variable(gain.variable)",
    ),
    _mutant(
        "branches have no order",
        "system.py",
        "            prefix = bdd.both(prefix, false)",
        "            prefix = bdd.both(prefix, TRUE)",
    ),
    _mutant(
        "what an error shadows is tried",
        "system.py",
        "            prefix = bdd.both(prefix, false)",
        "            prefix = bdd.both(prefix, bdd.negated(true))",
    ),
    _mutant(
        "needs lets everything in",
        "system.py",
        "            system.needs[name] = self._bdd.all_of(each.true for each in rails)",
        "            system.needs[name] = TRUE",
    ),
    _mutant(
        "what was only read to be unset is set",
        "system.py",
        "        given = there if outcome == RETURNED else self._bdd.negated(there)",
        "        given = there",
    ),
    _mutant(
        "a call changes nothing",
        "system.py",
        "        return _Effect(changed=self._written(writes), given=given, writes=writes)",
        "        return _Effect(given=given)",
    ),
    _mutant(
        "an offer is open to everybody",
        "system.py",
        "            yield from self._arrows(rows, before, answered, available[name], event=True)",
        "            yield from self._arrows(rows, before, answered, TRUE, event=True)",
    ),
    _mutant(
        "a menu is never skipped",
        "system.py",
        "        return bdd.both(available[name], bdd.either(chosen, alone))",
        "        return FALSE",
    ),
    _mutant(
        "a single option is asked for",
        "system.py",
        "        return bdd.both(available[name], bdd.either(chosen, alone))",
        "        return bdd.both(available[name], chosen)",
    ),
    _mutant(
        "what is enrolled may be there at first",
        "system.py",
        '        return fact.path[0] == "enrolled"',
        "        return False",
    ),
    _mutant(
        "evidence may be there at first",
        "system.py",
        "yield Door(name, door.start, self._bdd.both(given, self._proving(())))",
        "yield Door(name, door.start, given)",
    ),
    _mutant(
        "a start after a sign-up is no start",
        "system.py",
        "            if door.after_sign_up is not None:",
        "            if door.after_sign_up is None:",
    ),
    _mutant(
        "after a sign-up nothing is proved",
        "system.py",
        "self._proving((each,)) for each in _CONFIRMING)",
        "self._proving(()) for each in _CONFIRMING)",
    ),
    _mutant(
        "an age is there only for what is proved here",
        "abstraction.py",
        "            return self.facts.bdd.either(here, before)",
        "            return here if before else here",
    ),
    _mutant(
        "what was proved before is proved before every sign-in",
        "system.py",
        "(fact.path[:1] == (EARLIER,) and not continues)",
        "(fact.path[:1] == (EARLIER,) and continues)",
    ),
    _mutant(
        "an input is taken for what was proved before",
        "facts.py",
        'EARLIER: Final = "(earlier)"',
        'EARLIER: Final = "earlier"',
    ),
    _mutant(
        "nobody switches but to what the user has who is then named",
        "naming.py",
        "    return facts.bdd.negated(facts.flag(_NAMED))",
        "    return FALSE",
    ),
    _mutant(
        "nobody stays nobody after an answer that names its user",
        "naming.py",
        "    return frozenset({facts.variable_of(_NAMED)}), facts.flag(_NAMED)",
        "    return frozenset(), TRUE",
    ),
    _mutant(
        "an enrolment leaves the user as before",
        "system.py",
        "            writes, given = facts.writes, self._enrolled(names)",
        "            writes, given = (), self._enrolled(names)",
    ),
    _mutant(
        "an operation writes where it enrols nothing",
        "system.py",
        "            writes, given = facts.writes, self._enrolled(names)",
        "            writes, given = facts.writes, TRUE",
    ),
    _mutant(
        "nobody leaves a node without an operation",
        "system.py",
        "            yield _Effect(request=True, changed=self._fresh())\n",
        "            yield from ()\n",
    ),
    _mutant(
        "a node that enrols enrols nothing",
        "system.py",
        '            Gain(self._evidence("enrolled", name), self._enrolling(node, name)) for name in names',
        '            Gain(self._evidence("enrolled", name), FALSE) for name in names',
    ),
    _mutant(
        "a node that enrols may be answered without",
        "system.py",
        "        if not names or not self._facts.closed:",
        "        if names or not self._facts.closed:",
    ),
    _mutant(
        "only the door's own name counts",
        "system.py",
        "        if names is None:\n            # A backend may",
        "        if names is not None:\n            # A backend may",
    ),
    _mutant(
        "what is tracked is never more",
        "reaching.py",
        "            return Reached(_ordered(system, tracked), states, door, path, bad[node])\n        tracked",
        "            return Reached(_ordered(system, tracked), states, door, path, bad[node])\n        return Reached((), 0)\n        tracked",
    ),
    _mutant(
        "what lies a step further is not looked at",
        "reaching.py",
        "                if image != FALSE:\n                    waiting",
        "                if image != FALSE and edge.target not in reached:\n                    waiting",
    ),
    _mutant(
        "a gain is not where it was before",
        "reaching.py",
        "        return bdd.either(states, bdd.both(with_it, bdd.variable(gain.variable)))",
        "        return bdd.both(with_it, bdd.variable(gain.variable))",
    ),
    _mutant(
        "what can still matter is forgotten",
        "reaching.py",
        "        read = alive[-1] | support(edge.after)",
        "        read = alive[-1]",
    ),
    _mutant(
        "a path is believed without a replay",
        "proving.py",
        "        return Refuted(example) if real else Unproven(_why_not(example, unseen), example)",
        "        return Refuted(example)",
    ),
    _mutant(
        "conjunctions are disjunctions where one is a literal",
        "bdd.py",
        "        if FALSE in (one, other):\n            return FALSE",
        "        if FALSE in (one, other):\n            return one or other",
    ),
    _mutant(
        "what exists is what holds for all",
        "bdd.py",
        "            found = self.either(low, high) if top in gone",
        "            found = self.both(low, high) if top in gone",
    ),
)
