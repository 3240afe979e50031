"""What conditions may depend on, each as finitely many values that conditions can tell apart.

A fact's values stand for all it may have: every literal that it is compared with, one between
each two and beyond them, one string that is none of the literals. Each is encoded in as few
variables of a diagram as it takes; codes without a value stand for the last one, so that every
assignment means something and no side condition is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd
from flowengine.analysis.proof.regions import STRANGER, alike, regions
from flowengine.expr import BOOL, Type

Path = tuple[str, ...]

FRESH: Final = frozenset({"request", "responses", "session", "age", "private"})
"""Read once a request; all else is constant, or changes where a node says that it writes it."""
_USUAL: Final[Mapping[Path, int]] = {("session", "attempts"): 1}
"""What is a number that the engine counts to, where it says nothing else."""
LEDGER: Final = frozenset({"proved", "enrolled"})
EARLIER: Final = "(earlier)"  # no name that an input can have
"""The root of what was proved before a sign-in began: no condition can read it, but for its age."""


class Form(StrEnum):
    """What is known of a path."""

    VALUE = "value"
    PRESENCE = "presence"
    MEMBER = "member"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    Attributes:
        text: As it is printed: ``risk.score``, ``"staff" in user.groups``.
        path: The root and the fields or keys from it; of an opaque one empty.
        reads: The dotted paths that it depends on.
        values: The values that are told apart; those that are more telling first.
        member: Of a list, what is asked to be in it.
        variables: The variables of its code, the highest bit first.
        type: Of a ``VALUE`` its type.
        literals: What it is compared with.
    """

    form: Form
    text: str
    path: Path
    reads: frozenset[str]
    values: tuple[Any, ...]
    member: Any = None
    variables: tuple[int, ...] = ()
    type: Type = field(default=BOOL, compare=False)
    literals: frozenset[Any] = field(default=frozenset(), compare=False)

    @property
    def fresh(self) -> bool:
        """Whether each request may find it changed."""
        roots = {path.partition(".")[0] for path in self.reads}
        answered = {*LEDGER, "device"}  # each answer may add to it
        return bool(roots & FRESH) or (self.form is Form.OPAQUE and bool(roots & answered))

    def changed_by(self, written: str) -> bool:
        """Say whether it may change where this path is written."""
        return any(
            each == written or each.startswith(f"{written}.") or written.startswith(f"{each}.")
            for each in self.reads
        )


Key = tuple[Form, Any, Any]


@dataclass(slots=True)
class _Gathered:
    """A fact whose literals are still being collected."""

    text: str
    path: Path
    reads: frozenset[str]
    type: Type = BOOL
    literals: set[Any] = field(default_factory=set)
    values: tuple[Any, ...] | None = None


class Facts:
    """The facts of one proof: first gathered, then, once closed, encoded.

    Until ``close`` every question is noted and answered by false.
    """

    def __init__(self, bdd: Bdd) -> None:
        """Begin without any."""
        self.bdd = bdd
        self.closed = False
        self._gathered: dict[Key, _Gathered] = {}
        self._members: dict[Path, set[Any]] = {}
        self._facts: dict[Key, Fact] = {}
        self._cases: dict[Key, tuple[int, ...]] = {}

    @property
    def all(self) -> tuple[Fact, ...]:
        """Give every fact, in the order in which they were met."""
        return tuple(self._facts.values())

    def close(self) -> None:
        """Encode what was gathered."""
        first = 0
        for key, each in self._gathered.items():
            values = each.values or regions(each.type, each.literals, _USUAL.get(each.path, 0))
            count = (len(values) - 1).bit_length()
            numbers = tuple(range(first, first + count))
            first += count
            fact = Fact(
                key[0], each.text, each.path, each.reads, values, key[2], numbers,
                each.type, frozenset(each.literals),
            )  # fmt: skip
            self._facts[key] = fact
            self._cases[key] = self._encode(fact)
        self.closed = True

    def compare(
        self, path: Path, type_: Type, literals: Iterable[Any], test: Callable[[Any], bool]
    ) -> int:
        """Say when a value passes a test that tells no other values apart than the literals."""
        key = (Form.VALUE, path, None)
        if not self.closed:
            made = self._note(key, _Gathered(dotted(path), path, frozenset({dotted(path)}), type_))
            made.literals.update(literals)
            return FALSE
        cases = zip(self._facts[key].values, self._cases[key], strict=True)
        return self.bdd.any_of(case for value, case in cases if test(value))

    def flag(self, path: Path) -> int:
        """Say when a boolean is true."""
        return self.compare(path, BOOL, (), lambda value: value is True)

    def presence(self, path: Path) -> int:
        """Say when an optional field, or a map's key, is there."""
        text = f"has({dotted(path)})"
        return self._bit((Form.PRESENCE, path, None), text, path, frozenset({dotted(path)}))

    def member(self, path: Path, item: Any) -> int:  # noqa: ANN401 - a literal
        """Say when a list of strings has this one, or one that no condition names."""
        self._members.setdefault(path, set()).add(item)
        text = f'"{item}" in {dotted(path)}' if item is not STRANGER else f"more in {dotted(path)}"
        return self._bit((Form.MEMBER, path, item), text, path, frozenset({dotted(path)}))

    def members(self, path: Path) -> tuple[Any, ...]:
        """Give the strings that conditions look for in a list, the stranger last."""
        named = self._members.get(path, set()) - {STRANGER}
        return (*sorted(named), STRANGER)

    def opaque(self, key: str, text: str, reads: frozenset[str], *, fails: bool) -> tuple[int, int]:
        """Say when something nobody looks into is true, and when it is false."""
        number: Key = (Form.OPAQUE, key, None)
        if not self.closed:
            made = self._note(number, _Gathered(text, (), reads))
            made.values = (
                (False, True, None)
                if fails or made.values == (False, True, None)
                else (
                    False,
                    True,
                )
            )
            return FALSE, FALSE
        cases = self._cases[number]
        return cases[1], cases[0]

    def opaque_of(self, key: str) -> Fact:
        """Give something nobody looks into, by its key."""
        return self._facts[Form.OPAQUE, key, None]

    def value_of(self, path: Path) -> Fact:
        """Give the fact of the value at a path."""
        return self._facts[Form.VALUE, path, None]

    def like(self, path: Path, value: Any) -> int:  # noqa: ANN401 - of the fact's type
        """Say when conditions cannot tell what is at a path from this value."""
        fact = self.value_of(path)
        cases = zip(fact.values, self._cases[Form.VALUE, path, None], strict=True)
        return next(case for each, case in cases if alike(fact.type, fact.literals, each, value))

    def variable_of(self, path: Path) -> int:
        """Give the variable of a boolean."""
        return self._facts[Form.VALUE, path, None].variables[0]

    def case(self, fact: Fact, value: Any) -> int:  # noqa: ANN401 - one of its values
        """Say when a fact has this one of its values."""
        key = (fact.form, fact.path or self._name(fact), fact.member)
        return self._cases[key][fact.values.index(value)]

    def decode(self, fact: Fact, bits: Mapping[int, bool]) -> Any:  # noqa: ANN401 - of its values
        """Give the value that variables stand for."""
        code = 0
        for variable in fact.variables:
            code = code << 1 | bits[variable]
        return fact.values[min(code, len(fact.values) - 1)]

    def _name(self, fact: Fact) -> Any:  # noqa: ANN401 - a part of a key
        return next(key[1] for key, each in self._facts.items() if each is fact)

    def _bit(self, key: Key, text: str, path: Path, reads: frozenset[str]) -> int:
        if not self.closed:
            self._note(key, _Gathered(text, path, reads))
            return FALSE
        return self._cases[key][1]

    def _note(self, key: Key, made: _Gathered) -> _Gathered:
        return self._gathered.setdefault(key, made)

    def _encode(self, fact: Fact) -> tuple[int, ...]:
        bdd, cases = self.bdd, list[int]()
        width = len(fact.variables)
        for code in range(len(fact.values) - 1):
            bits = [code >> (width - 1 - place) & 1 for place in range(width)]
            literals = [
                bdd.variable(v) if bit else bdd.negated(bdd.variable(v))
                for v, bit in zip(fact.variables, bits, strict=True)
            ]
            cases.append(bdd.all_of(literals))
        taken = bdd.any_of(cases)
        return (*cases, bdd.negated(taken) if cases else TRUE)


def dotted(path: Path) -> str:
    """Spell a path as conditions do."""
    return ".".join(path)


def is_saved(fact: Fact) -> bool:
    """Say whether a fact is that some call saved something."""
    if fact.form is not Form.PRESENCE or len(fact.path) != len(("vars", "name")):
        return False
    return fact.path[0] == "vars" or fact.path[0].endswith("/vars")


def saved_path(save: str) -> Path:
    """Give the path under which expressions read what a call saves."""
    site, _, name = save.rpartition("/")
    return (f"{site}/vars" if site else "vars", name)
