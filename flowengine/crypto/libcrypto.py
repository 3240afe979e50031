"""Modular powers by OpenSSL's libcrypto, called through ctypes.

``BN_mod_exp_mont_consttime`` takes as long for one exponent as for any other of as many machine
words. Source: openssl/bn.h, BN_mod_exp(3), BN_set_flags(3).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Iterator
from ctypes import c_char_p, c_int, c_ulong, c_void_p
from typing import Any, Final

from flowengine.errors import WorldError

_OLDEST: Final = 0x10100000
"""1.1.0: the first with ``BN_bn2binpad`` and with ``OpenSSL_version_num``."""
_CONSTANT_TIME: Final = 0x04
"""``BN_FLG_CONSTTIME``."""
_VERSION_TEXT: Final = 0
"""``OPENSSL_VERSION``."""

_USUAL_NAMES: Final = ("libcrypto.so.3", "libcrypto.so.1.1")
"""Tried first: ``find_library`` starts other programs, which small images lack."""

_SIGNATURES: Final[tuple[tuple[str, Any, tuple[Any, ...]], ...]] = (
    ("OpenSSL_version_num", c_ulong, ()),
    ("OpenSSL_version", c_char_p, (c_int,)),
    ("ERR_clear_error", None, ()),
    ("BN_CTX_new", c_void_p, ()),
    ("BN_CTX_free", None, (c_void_p,)),
    ("BN_new", c_void_p, ()),
    ("BN_clear_free", None, (c_void_p,)),
    ("BN_set_flags", None, (c_void_p, c_int)),
    ("BN_bin2bn", c_void_p, (c_char_p, c_int, c_void_p)),
    ("BN_bn2binpad", c_int, (c_void_p, c_char_p, c_int)),
    (
        "BN_mod_exp_mont_consttime",
        c_int,
        (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    ),
)


class Libcrypto:
    """A loaded libcrypto. Calls release the interpreter's lock and may run in parallel."""

    __slots__ = ("_library",)

    def __init__(self, library: ctypes.CDLL) -> None:
        """Declare the functions; AttributeError when the library lacks one."""
        for name, result, arguments in _SIGNATURES:
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
        self._library = library

    @property
    def version(self) -> str:
        """What the library calls itself: ``OpenSSL 3.0.19 27 Jan 2026``."""
        text: bytes | None = self._library.OpenSSL_version(_VERSION_TEXT)
        return (text or b"").decode("ascii", "replace")

    @property
    def acceptable(self) -> bool:
        """Whether it is OpenSSL itself, not a fork, and new enough."""
        number: int = self._library.OpenSSL_version_num()
        return number >= _OLDEST and self.version.startswith("OpenSSL ")

    def power(self, base: int, exponent: int, modulus: int) -> int:
        """Raise ``base`` to ``exponent`` modulo an odd ``modulus``; 0 <= base < modulus.

        Raises:
            WorldError: The library ran out of memory.
        """
        numbers: list[int | None] = []
        context: int | None = self._library.BN_CTX_new()
        try:
            numbers += [self._number(value) for value in (base, exponent, modulus)]
            numbers.append(self._library.BN_new())
            if context is None or None in numbers:
                raise self._failure()
            return self._compute(numbers, context, (modulus.bit_length() + 7) // 8)
        finally:
            for number in numbers:
                self._library.BN_clear_free(number)
            self._library.BN_CTX_free(context)

    def _number(self, value: int) -> int | None:
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        number: int | None = self._library.BN_bin2bn(raw, len(raw), None)
        return number

    def _compute(self, numbers: list[int | None], context: int, width: int) -> int:
        base, exponent, modulus, result = numbers
        self._library.BN_set_flags(exponent, _CONSTANT_TIME)
        done = self._library.BN_mod_exp_mont_consttime(
            result, base, exponent, modulus, context, None
        )
        written = ctypes.create_string_buffer(width)
        if done != 1 or self._library.BN_bn2binpad(result, written, width) != width:
            raise self._failure()
        return int.from_bytes(written.raw, "big")

    def _failure(self) -> WorldError:
        # The queue of errors is the thread's, and the interpreter's own ssl module reads it too.
        self._library.ERR_clear_error()
        return WorldError("libcrypto could not compute a modular power")


def load() -> Libcrypto | None:
    """Find the system's libcrypto; None when there is none, or none that can be trusted."""
    found = (_load(name) for name in _names())
    return next((library for library in found if library is not None), None)


def _names() -> Iterator[str]:
    """Name it as the system's loader does, where loading it by name is safe.

    Windows searches PATH, where anyone may have put one, and macOS ends a process that loads
    its unversioned libcrypto.
    """
    if sys.platform in {"win32", "darwin"}:
        return
    yield from _USUAL_NAMES
    other = ctypes.util.find_library("crypto")
    if other is not None:
        yield other


def _load(name: str) -> Libcrypto | None:
    try:
        found = Libcrypto(ctypes.CDLL(name))
    except (OSError, AttributeError):
        return None
    return found if found.acceptable and _counts_right(found) else None


def _counts_right(library: Libcrypto) -> bool:
    """Try one power whose result is known, so that a wrong binary interface is found at once."""
    base, exponent, modulus = 3**70, 2**130 + 5, 2**127 - 1
    return library.power(base % modulus, exponent, modulus) == pow(base, exponent, modulus)
