"""Compiles calls of registered functions, and holds them against the declared signatures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flowengine.challenges.custom_settings import CustomCall, Term
from flowengine.expr import Environment, ListType, MapType, Program, RecordType, Type, parse
from flowengine.expr.types import assignable
from flowengine.flow.bounds import UNBOUNDED, Bounds, read_bounds
from flowengine.flow.definition import (
    CallDefinition,
    FunctionDefinition,
    Literal,
    Name,
    TypeDefinition,
)
from flowengine.flow.findings import Findings
from flowengine.flow.scope import fits, read_type
from flowengine.flow.untrusted import untrusted_reads
from flowengine.source import Excerpt


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes; ``role`` is ``recipient``, ``identity`` or None."""

    type: Type
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a registered function takes and returns.

    Attributes:
        parameters: None where nothing is declared about them.
        returns: None where its result is not read.
        acts: Whether it changes something.
        bounds: The most that it returns.
    """

    parameters: Mapping[str, Parameter] | None = None
    returns: Type | None = None
    acts: bool = False
    bounds: Bounds = UNBOUNDED


NO_SIGNATURE = Signature()


def read_signatures(
    written: Collection[FunctionDefinition], findings: Findings
) -> dict[str, Signature]:
    """Read the signatures that a flow declares."""
    return {each.name.text: _signature(each, findings) for each in written}


def _signature(written: FunctionDefinition, findings: Findings) -> Signature:
    name, parameters = written.name.text, None
    if written.parameters is not None:
        parameters = {
            key: Parameter(type_, each.role)
            for key, each in written.parameters.items()
            if (type_ := _type(each.type, f"{name}.{key}", findings)) is not None
        }
    returns = _type(written.returns, name, findings) if written.returns else None
    bounds = read_bounds(written.bounds, returns, f"the result of '{name}'", findings)
    return Signature(parameters, returns, written.acts, bounds)


def _type(written: TypeDefinition, name: str, findings: Findings) -> Type | None:
    type_ = read_type(written.written, name)
    if type_ is None:
        findings.error(
            "unknown-type",
            f"the type of '{name}' is not one",
            written.span,
            hint="string, int, bool, double, [string], {score: int}, map(string)",
        )
    return type_


@dataclass(frozen=True, slots=True)
class CallCompiler:
    """Compiles the calls of one flow.

    Attributes:
        signatures: Those that the flow declares, by the function's name.
    """

    signatures: Mapping[str, Signature]
    findings: Findings = field(repr=False)

    def signature(self, function: str) -> Signature:
        """Give what is declared of a function."""
        return self.signatures.get(function, NO_SIGNATURE)

    def compile(
        self, call: CallDefinition, environment: Environment, *, may_act: bool = False
    ) -> CustomCall:
        """Compile a call.

        Args:
            may_act: Whether a function that changes something can stand here. Where its result
                is needed before the step is settled, it cannot: it might be called twice.
        """
        if self.signature(call.function.text).acts and not may_act:
            self.findings.error(
                "acting-function",
                f"'{call.function.text}' acts, and here it could be called more than once",
                call.function.span,
                hint="call it in a node of its own: {call: …, next: …, failed: …}",
            )
        terms = self.terms(call.arguments, environment)
        self._check_arguments(call, terms, environment)
        return CustomCall(call.function.text, terms, call.timeout)

    def terms(
        self, written: Mapping[str, Excerpt | Literal], environment: Environment
    ) -> dict[str, Term]:
        """Compile expressions, and take literals as they are."""
        terms: dict[str, Term] = {}
        for key, term in written.items():
            if isinstance(term, Literal):
                terms[key] = term.value
                continue
            program, found = environment.check(term, None)
            self.findings.found.extend(found)
            if program is not None:
                terms[key] = program
        return terms

    def _check_arguments(
        self, call: CallDefinition, terms: Mapping[str, Term], environment: Environment
    ) -> None:
        parameters = self.signature(call.function.text).parameters
        if parameters is None:
            return
        for key, written in call.arguments.items():
            if key not in parameters:
                name = Name(key, call.places.get(key, call.function.span))
                self.findings.unknown("unknown-argument", "argument", name, parameters)
            elif key in terms:
                self._check_argument(call, key, terms[key], parameters[key])
                self._check_trusted(call, written, parameters[key], environment)
        for key in parameters.keys() - call.arguments.keys():
            self.findings.error(
                "missing-argument",
                f"'{call.function.text}' takes '{key}', which is not given",
                call.function.span,
            )

    def _check_argument(
        self, call: CallDefinition, key: str, term: Term, parameter: Parameter
    ) -> None:
        given = term.type if isinstance(term, Program) else None
        right = conforms(given, parameter.type) if given else fits(term, parameter.type)
        if not right:
            self.findings.error(
                "wrong-argument",
                f"'{call.function.text}' takes '{key}' as {parameter.type}, "
                f"and this is {given or 'another literal'}",
                call.function.span,
            )

    def _check_trusted(
        self,
        call: CallDefinition,
        written: Excerpt | Literal,
        parameter: Parameter,
        environment: Environment,
    ) -> None:
        """Refuse that what a client claims decides who is written to, or who somebody is."""
        if parameter.role is None or isinstance(written, Literal):
            return
        for fact in untrusted_reads(environment.expand(parse(written))):
            self.findings.error(
                "untrusted-argument",
                f"'{fact}' is what the client claims, and '{call.function.text}' takes it as "
                f"{'a' if parameter.role == 'recipient' else 'an'} {parameter.role}",
                written.span(0, len(written.text)),
                hint="take it from `user`, or from what a function returned",
            )


def conforms(found: Type, wanted: Type) -> bool:
    """Say whether values of one type may stand where another is declared, records by fields."""
    match found, wanted:
        case RecordType(), RecordType():
            return found.fields.keys() == wanted.fields.keys() and all(
                each.required and conforms(each.type, wanted.fields[key].type)
                for key, each in found.fields.items()
            )
        case ListType(), ListType():
            return conforms(found.element, wanted.element)
        case MapType(), MapType():
            return found.key == wanted.key and conforms(found.value, wanted.value)
        case _:
            return assignable(found, wanted)
