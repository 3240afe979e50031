"""Modular powers of big numbers, by the fastest library at hand that hides its exponent.

The order: OpenSSL's libcrypto, then gmpy2 where it is installed, then Python's own ``pow()``,
which is ten times slower, holds the interpreter's lock and is **not** constant in time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

_SMALLEST_MODULUS = 3


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to compute powers.

    Attributes:
        name: The library and its version.
        constant_time: Whether the time taken tells nothing about the exponent but its size.
        releases_lock: Whether other threads run meanwhile.
        compute: Takes base, exponent and modulus with ``0 <= base < modulus``, the modulus
            odd and above 1, the exponent not negative.
    """

    name: str
    constant_time: bool
    releases_lock: bool
    compute: Callable[[int, int, int], int] = field(repr=False)

    def describe(self) -> str:
        """Say in one line what computes, for a start-up message."""
        time = "constant time" if self.constant_time else "NOT constant time"
        lock = "in parallel" if self.releases_lock else "one at a time"
        return f"{self.name} ({time}, {lock})"


def libcrypto_backend() -> Backend | None:
    """Give OpenSSL's, or None where it cannot be loaded."""
    from flowengine.crypto import libcrypto  # noqa: PLC0415 - ctypes is slow to import

    library = libcrypto.load()
    if library is None:
        return None
    return Backend(
        f"libcrypto, {library.version}",
        constant_time=True,
        releases_lock=True,
        compute=library.power,
    )


def gmpy2_backend() -> Backend | None:
    """Give gmpy2's ``powmod_sec``, or None where gmpy2 is not installed."""
    try:
        import gmpy2  # noqa: PLC0415 - optional, and slow to import where libcrypto is there
    except ImportError:
        return None

    def compute(base: int, exponent: int, modulus: int) -> int:
        if exponent == 0:  # powmod_sec takes positive exponents only
            return 1
        with gmpy2.context(gmpy2.get_context(), allow_release_gil=True):
            return int(gmpy2.powmod_sec(base, exponent, modulus))

    return Backend(
        f"gmpy2 {gmpy2.version()}", constant_time=True, releases_lock=True, compute=compute
    )


def python_backend() -> Backend:
    """Give Python's own ``pow()``: always there, and not constant in time."""
    return Backend("Python's pow()", constant_time=False, releases_lock=False, compute=pow)


def available() -> tuple[Backend, ...]:
    """Give all that work here, the preferred first; never empty."""
    found = (libcrypto_backend(), gmpy2_backend(), python_backend())
    return tuple(backend for backend in found if backend is not None)


@cache
def chosen() -> Backend:
    """Give the one that :func:`power` uses, found at first use and then kept."""
    return libcrypto_backend() or gmpy2_backend() or python_backend()


def constant_time() -> bool:
    """Say whether :func:`power` hides its exponent from someone who measures time."""
    return chosen().constant_time


def describe() -> str:
    """Say in one line what :func:`power` uses."""
    return chosen().describe()


def power(base: int, exponent: int, modulus: int) -> int:
    """Raise ``base``, of either sign, to ``exponent`` modulo an odd ``modulus``.

    Raises:
        ValueError: The modulus is even or below 3, or the exponent negative.
        WorldError: The library ran out of memory.
    """
    return power_by(chosen(), base, exponent, modulus)


def power_by(backend: Backend, base: int, exponent: int, modulus: int) -> int:
    """Do as :func:`power` does, by a back end of one's choice."""
    if modulus < _SMALLEST_MODULUS or modulus % 2 == 0 or exponent < 0:
        raise ValueError("a power needs an odd modulus above 1 and an exponent from 0 up")
    return backend.compute(base % modulus, exponent, modulus)
