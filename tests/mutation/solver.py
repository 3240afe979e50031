"""Defects of what is decided by a solver, each of which would make some verdict wrong."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutant import Mutant

_TESTS: Final = (
    "analysis/proof/test_mixed.py",
    "analysis/proof/test_solving.py",
    "analysis/proof/test_devices.py",
    "analysis/proof/test_soundness.py",
)


def _mutant(name: str, file: str, before: str, after: str) -> Mutant:
    return Mutant(f"solver: {name}", f"analysis/proof/{file}", before, after, _TESTS)


SOLVER_MUTANTS: Final = (
    _mutant(
        "values outlast what changes them",
        "solving.py",
        "at.later(edge.changed, self._changed(edge))",
        "at.later(edge.changed)",
    ),
    _mutant(
        "what is read anew is as before",
        "solving.py",
        "            if (edge.request and fact.fresh) or any(map(fact.changed_by, edge.writes)):",
        "            if any(map(fact.changed_by, edge.writes)):",
    ),
    _mutant(
        "what is written is as before",
        "system.py",
        "gains, after, effect.writes,\n",
        "gains, after, (),\n",
    ),
    _mutant(
        "everything is read anew",
        "solving.py",
        "            if (edge.request and fact.fresh) or any(map(fact.changed_by, edge.writes)):",
        "            if edge.request:",
    ),
    _mutant(
        "a comparison is true or false for the whole sign-in",
        "solving.py",
        "at.later(edge.changed, self._changed(edge))",
        "at.later((), self._changed(edge))",
    ),
    _mutant(
        "nothing is gained",
        "solving.py",
        "z3.Implies(after, z3.Or(before, where))",
        "z3.Implies(after, before)",
    ),
    _mutant(
        "beyond its bounds a sum is a value",
        "solving.py",
        "                fits = z3.And(result >= term.least, result <= term.greatest)",
        "                fits = self._true(is_so=True)",
    ),
    _mutant(
        "an error is compared",
        "solving.py",
        "        there = z3.And(*(each.there for each in operands))\n        first",
        "        there = self._true(is_so=True)\n        first",
    ),
    _mutant(
        "a number has no bounds",
        "solving.py",
        "                yield z3.And(value >= least, value <= greatest)",
        "                yield value == value",
    ),
    _mutant(
        "a choice is the other term",
        "solving.py",
        "z3.If(true, positive.value, negative.value)",
        "z3.If(true, negative.value, positive.value)",
    ),
    _mutant(
        "all strings are one",
        "solving.py",
        "self._texts.setdefault(value, len(self._texts))",
        "self._texts.setdefault(value, 0)",
    ),
    _mutant(
        "what is above a literal may be below it",
        "solving.py",
        "            self._true(is_so=True) if low is None else here > low,",
        "            self._true(is_so=True),",
    ),
    _mutant(
        "in a list only the first is looked for",
        "solving.py",
        "            passes = self._or(first == each for each in others)",
        "            passes = first == others[0]",
    ),
    _mutant(
        "a path without values is none, whatever the reason",
        "theory.py",
        "        raise UndecidedError(_GAP.format(_listed(each for each in self._every if each in clash)))",
        "        self.system.learn(0)",
    ),
    _mutant(
        "what was learnt is forgotten",
        "theory.py",
        "                self.system.learn(make(self.system.facts, chosen, budget).lemma(classes))",
        "                make(self.system.facts, chosen, budget).lemma(classes)",
    ),
    _mutant(
        "nothing is learnt but of what rules the path out",
        "theory.py",
        "        for facts in (clash, self._around(clash)):",
        "        for facts in (clash,):",
    ),
    _mutant(
        "what is learnt holds at the beginning only",
        "system.py",
        "                replace(each, after=bdd.both(each.after, always)) if about & each.touched else each",
        "                each if about & each.touched else each",
    ),
    _mutant(
        "comparisons that others choose by are not looked into",
        "theory.py",
        "                waiting += self._beside(found[fact])\n",
        "                waiting += ()\n",
    ),
    _mutant(
        "a path has other values than were found",
        "theory.py",
        "            replace(edge, after=both(edge.after, having))\n",
        "            edge if having else edge\n",
    ),
    _mutant(
        "values that were found are not told",
        "witness.py",
        "            self.solved[fact.path] if is_solved else self.system.facts.decode(fact, self.values),",
        "            self.system.facts.decode(fact, self.values) if is_solved else self.system.facts.decode(fact, self.values),",
    ),
    _mutant(
        "products of facts are reckoned with",
        "mixed.py",
        "        if node.overload in _PRODUCTS and not is_linear:",
        "        if node.overload in _PRODUCTS and not operands:",
    ),
    _mutant(
        "beyond its bounds a settled sum is a value",
        "mixed.py",
        "                if term.least <= result <= term.greatest:",
        "                if term.least <= term.greatest:",
    ),
    _mutant(
        "strings have an order",
        "mixed.py",
        "        if others or (sort == STRING and is_ordered):",
        "        if others:",
    ),
    _mutant(
        "what outlasts a request is not compared",
        "mixed.py",
        "    if len(kept) > _MOST or",
        "    if len(kept) >= 0 or",
    ),
    _mutant(
        "comparisons are read as they were while they were gathered",
        "abstraction.py",
        "        several, self._several = self._several, {}",
        "        several = dict(self._several)",
    ),
    _mutant(
        "values that a path tells apart are of one class",
        "theory.py",
        "            key = (number,) if len(fact.values) <= _FEW else tuple(seen)",
        "            key = (number,) if len(fact.values) <= _FEW else ()",
    ),
    _mutant(
        "a reason is left out although nothing holds without it",
        "solving.py",
        "            if not self._can_be(solver, *(flags[each] for each in fewer)):",
        "            if fewer:",
    ),
    _mutant(
        "a meaning holds at the first place only",
        "solving.py",
        "                if key not in seen:",
        "                if fact not in {each for each, *_ in seen}:",
    ),
    _mutant(
        "facts are not held against the literals of sums",
        "mixed.py",
        "            self.reader.facts.compare(each.path, each.type, literals, lambda _: False)",
        "            self.reader.facts.compare(each.path, each.type, (), lambda _: False)",
    ),
    _mutant(
        "nobody is told what to install",
        "proving.py",
        "being {said}{'' if seen else _EXTRA}\"",
        'being {said}"',
    ),
)
