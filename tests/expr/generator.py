"""Random expressions, typed, and now and then with a part of a wrong type."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded one makes test data
import re
from collections.abc import Mapping
from types import MappingProxyType

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "b": "bool",
        "i": "int",
        "j": "int",
        "u": "uint",
        "d": "double",
        "s": "string",
        "y": "bytes",
        "t": "timestamp",
        "p": "duration",
        "l": "list(int)",
        "q": "list(string)",
        "m": "map(string, int)",
        "k": "map(int, string)",
        "o": "list(double)",
    }
)
_LITERALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bool": ("true", "false"),
        "int": ("0", "1", "-1", "2", "7", "9223372036854775807", "-9223372036854775808"),
        "uint": ("0u", "1u", "3u", "18446744073709551615u"),
        "double": ("0.0", "-0.0", "1.5", "-2.5", "1e300", "0.1"),
        "string": ("''", "'a'", "'abc'", "'é'", "'😀b'", "'1'", "' x'", "'true'"),
        "bytes": ("b''", "b'a'", r"b'\xff'"),
        "timestamp": (
            *("timestamp('2024-02-29T12:00:00Z')", "timestamp(0)"),
            *("timestamp('1969-12-31T23:59:59.000000001Z')", "timestamp('9999-12-31T23:59:59Z')"),
            *("timestamp('0001-01-01T00:00:00Z')", "timestamp('2020-01-01T00:00:00.5+01:30')"),
        ),
        "duration": (
            *("duration('1h')", "duration('-1.5s')", "duration('0s')", "duration('1ns')"),
            *("duration('87600h')", "duration('-2562047h')"),
        ),
        "list(int)": ("[1, 2]", "[0]"),
        "list(string)": ("['a', 'b']", "['']"),
        "list(double)": ("[0.5, 1.0]",),
        "map(string, int)": ("{'a': 1}", "{'a': 0, 'b': 2}"),
        "map(int, string)": ("{1: 'a'}", "{0: 'x', 7: 'y'}"),
        "list(timestamp)": ("[timestamp(0), timestamp(1)]",),
        "optional_type(int)": ("optional.of(1)", "optional.none()"),
        "optional_type(string)": ("optional.of('a')", "optional.none()"),
        "optional_type(duration)": ("optional.of(duration('2m'))", "optional.none()"),
    }
)
_TEMPLATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bool": (
            *("!({bool})", "({bool}) && ({bool})", "({bool}) || ({bool})"),
            *("({bool}) && ({bool}) && ({bool})", "({bool}) ? ({bool}) : ({bool})"),
            *("({int}) == ({int})", "({int}) < ({int})", "({uint}) >= ({uint})"),
            *("({double}) <= ({double})", "({double}) == ({double})", "({string}) < ({string})"),
            *("({string}) != ({string})", "({bytes}) == ({bytes})", "({bytes}) < ({bytes})"),
            *(
                "({timestamp}) < ({timestamp})",
                "({duration}) > ({duration})",
                "({bool}) > ({bool})",
            ),
            *("({list(int)}) == ({list(int)})", "({list(double)}) == ({list(double)})"),
            *("({map(string, int)}) == ({map(string, int)})", "({int}) in ({list(int)})"),
            *("({string}) in ({list(string)})", "({string}) in ({map(string, int)})"),
            *("({int}) in ({map(int, string)})", "({double}) in ({list(double)})"),
            *("({string}).startsWith({string})", "({string}).contains({string})"),
            *("({string}).endsWith({string})", "({string}).matches('^[a-c]*$')"),
            *("bool({string})", "has(m.a)", "has(m.zz)", "({optional_type(int)}).hasValue()"),
            *("({list(int)}).all(x, x > ({int}))", "({list(int)}).exists(x, ({int}) / x > 0)"),
            *(
                "({list(string)}).exists_one(x, x == ({string}))",
                "({list(int)}).all(x, 10 % x == 0)",
            ),
            *("({map(string, int)}).exists(x, m[x] > ({int}))", "math.isNaN({double})"),
            *("cel.bind(g, ({int}), g == ({int}) || ({bool}))", "1 / ({int}) > 0 || ({bool})"),
            "({optional_type(int)}) == ({optional_type(int)})",
            *("({timestamp}) == ({timestamp})", "({duration}) <= ({duration})"),
            *("({optional_type(duration)}).hasValue()", "({optional_type(string)}).hasValue()"),
            *("({timestamp}) in ({list(timestamp)})", "({bytes}) == ({bytes}) && ({bool})"),
            *("math.isInf({double})", "math.isFinite({double})"),
            "({list(int)}).exists_one(x, ({int}) % x == 0)",
            "cel.bind(g, ({string}), cel.bind(h, g + g, h.contains({string})))",
        ),
        "int": (
            *("({int}) + ({int})", "({int}) - ({int})", "({int}) * ({int})", "({int}) / ({int})"),
            *(
                "({int}) % ({int})",
                "-({int})",
                "size({string})",
                "size({list(int)})",
                "size({bytes})",
            ),
            *("({map(string, int)}).size()", "int({uint})", "int({double})", "int({string})"),
            *("int({timestamp})", "({list(int)})[{int}]", "({map(string, int)})[{string}]", "m.a"),
            *("({bool}) ? ({int}) : ({int})", "({timestamp}).getFullYear()", "m.zz"),
            *("({timestamp}).getHours('America/St_Johns')", "({duration}).getMinutes()"),
            *("({optional_type(int)}).value()", "({optional_type(int)}).orValue({int})"),
            *("({string}).indexOf({string})", "math.abs({int})", "math.greatest({int}, {int})"),
            *(
                "math.bitAnd({int}, {int})",
                "cel.bind(g, ({int}), g + g)",
                "({duration}).getSeconds()",
            ),
            *("({string}).lastIndexOf({string})", "({string}).indexOf({string}, {int})"),
            *("math.bitShiftLeft({int}, {int})", "math.bitXor({int}, {int})", "math.sign({int})"),
            *("({timestamp}).getDayOfYear()", "({timestamp}).getMilliseconds()"),
            *("({duration}).getHours()", "({duration}).getMilliseconds()"),
            "({timestamp}).getDayOfWeek('-02:30')",
            "({optional_type(int)}).optMap(h, h / ({int})).orValue({int})",
        ),
        "uint": (
            *("({uint}) + ({uint})", "({uint}) - ({uint})", "({uint}) * ({uint})"),
            *("({uint}) / ({uint})", "({uint}) % ({uint})", "uint({int})", "uint({double})"),
            "({bool}) ? ({uint}) : ({uint})",
        ),
        "double": (
            *("({double}) + ({double})", "({double}) - ({double})", "({double}) * ({double})"),
            *("({double}) / ({double})", "-({double})", "double({int})", "double({uint})"),
            *("math.floor({double})", "({list(double)})[{int}]", "math.round({double})"),
        ),
        "string": (
            *("({string}) + ({string})", "string({int})", "string({bool})", "string({uint})"),
            *("string({bytes})", "string({timestamp})", "string({duration})", "k[{int}]"),
            *("({list(string)})[{int}]", "({bool}) ? ({string}) : ({string})"),
            *("({string}).lowerAscii()", "({string}).upperAscii()", "({string}).charAt({int})"),
            *("({list(string)}).join('-')", "({string}).replace('a', {string})"),
            "({string}).trim()",
            *("({string}).substring({int})", "({string}).reverse()", "strings.quote({string})"),
            *("base64.encode({bytes})", "({optional_type(string)}).orValue({string})"),
            *("({list(string)}).join({string})", "({string}).replace({string}, 'z', {int})"),
            "cel.bind(g, ({double}), math.isNaN(g) ? 'nan' : string(g))",
        ),
        "bytes": (
            "base64.decode(({string}).replace(' ', '').replace('.', ''))",
            "({bytes}) + ({bytes})",
            "bytes({string})",
            "({bool}) ? ({bytes}) : ({bytes})",
        ),
        "timestamp": (
            *("({timestamp}) + ({duration})", "({timestamp}) - ({duration})"),
            *("timestamp({int})", "({bool}) ? ({timestamp}) : ({timestamp})"),
            *("timestamp({string})", "({duration}) + ({timestamp})", "({list(timestamp)})[{int}]"),
        ),
        "duration": (
            *("({timestamp}) - ({timestamp})", "({duration}) + ({duration})"),
            *("({duration}) - ({duration})", "({bool}) ? ({duration}) : ({duration})"),
            *("duration({string})", "({optional_type(duration)}).orValue({duration})"),
        ),
        "list(int)": (
            *("[{int}, {int}]", "({list(int)}) + ({list(int)})", "[?{optional_type(int)}, {int}]"),
            *("({list(int)}).filter(x, x > ({int}))", "({list(int)}).map(x, x * 2)"),
            *("({list(int)}).map(x, x != 0, ({int}) / x)", "({list(string)}).map(x, size(x))"),
            "({bool}) ? ({list(int)}) : ({list(int)})",
        ),
        "list(string)": (
            *("[{string}, {string}]", "({list(string)}) + ({list(string)})"),
            *("({string}).split({string})", "({list(int)}).map(x, string(x))"),
            "({list(string)}).filter(x, x < ({string}))",
        ),
        "list(timestamp)": (
            *("[{timestamp}, {timestamp}]", "({list(int)}).map(x, timestamp(x))"),
            "({list(timestamp)}).filter(x, x > ({timestamp}))",
        ),
        "optional_type(string)": (
            *("k[?{int}]", "optional.of({string})", "({list(string)})[?{int}]"),
            "({optional_type(int)}).optMap(h, string(h))",
            "({optional_type(int)}).optFlatMap(h, k[?h])",
        ),
        "optional_type(duration)": (
            *("optional.of({duration})", "optional.ofNonZeroValue({duration})"),
            *("({optional_type(duration)}).or({optional_type(duration)})",),
            "({optional_type(int)}).optMap(h, ({duration}))",
        ),
        "list(double)": ("[{double}, {double}]", "({list(double)}) + ({list(double)})"),
        "map(string, int)": (
            "{{string}: {int}, {string}: {int}}",
            "{?'z': {optional_type(int)}}",
        ),
        "map(int, string)": ("{{int}: {string}}",),
        "optional_type(int)": (
            *("m.?a", "m.?zz", "({list(int)})[?{int}]", "({map(string, int)})[?{string}]"),
            *("optional.of({int})", "optional.ofNonZeroValue({int})"),
            *("({optional_type(int)}).or({optional_type(int)})",),
            "({optional_type(int)}).optMap(h, h + ({int}))",
        ),
    }
)
_HOLE = re.compile("{(" + "|".join(map(re.escape, _LITERALS)) + ")}")
RESULTS = (*("bool",) * 6, *_LITERALS)


class Generator:
    """Makes one expression.

    Attributes:
        mutants: The chance of a part being of another type than is wanted there.
    """

    def __init__(self, chance: random.Random, mutants: float) -> None:
        self._chance = chance
        self.mutants = mutants

    def make(self, kind: str, depth: int) -> str:
        """Make an expression of a type, not deeper than a depth."""
        if self._chance.random() < self.mutants:
            kind = self._chance.choice(tuple(_LITERALS))
        if depth <= 0 or self._chance.random() < 0.15:
            return self._leaf(kind)
        template = self._chance.choice(_TEMPLATES[kind])
        return _HOLE.sub(lambda hole: self.make(hole[1], depth - 1), template)

    def _leaf(self, kind: str) -> str:
        names = [name for name, of in VARIABLES.items() if of == kind]
        if names and self._chance.random() < 0.6:
            return self._chance.choice(names)
        return self._chance.choice(_LITERALS[kind])
