from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.crypto import libcrypto, powers
from flowengine.crypto.powers import Backend
from flowengine.crypto.srp import PRIME
from flowengine.errors import WorldError

BACKENDS = powers.available()
every_backend = pytest.mark.parametrize("backend", BACKENDS, ids=lambda found: found.name)

numbers = st.integers(min_value=0, max_value=2**400) | st.integers(min_value=0, max_value=300)
odd_moduli = numbers.map(lambda number: 2 * number + 3)

STATM = Path("/proc/self/statm")

EDGES = [
    (0, 0, 3),
    (0, 1, 3),
    (1, 0, 3),
    (2, 1, 3),
    (-1, 3, 7),
    (-(2**4000), 2**300, PRIME),
    (PRIME - 1, PRIME - 1, PRIME),
    (PRIME, 5, PRIME),
    (PRIME + 1, 5, PRIME),
    (5, PRIME, PRIME),
    (3 * 256, 256, 255),
    (2, 2**64, 2**64 + 1),
    (2, 2**64 - 1, 2**64 - 1),
    (7, 2**3071, PRIME),
    (2, 1, 2**521 - 1),
]


@every_backend
def test_a_back_end_agrees_with_pow_at_the_edges(backend: Backend) -> None:
    for base, exponent, modulus in EDGES:
        assert powers.power_by(backend, base, exponent, modulus) == pow(base, exponent, modulus)


@every_backend
@given(base=numbers | numbers.map(lambda number: -number), exponent=numbers, modulus=odd_moduli)
@settings(max_examples=100, deadline=None)
def test_a_back_end_agrees_with_pow_anywhere(
    backend: Backend, base: int, exponent: int, modulus: int
) -> None:
    assert powers.power_by(backend, base, exponent, modulus) == pow(base, exponent, modulus)


@every_backend
@pytest.mark.parametrize(
    ("exponent", "modulus"), [(2, 4), (2, 0), (2, 1), (2, -3), (-1, 7)], ids=str
)
def test_a_modulus_or_exponent_outside_the_contract_is_refused(
    backend: Backend, exponent: int, modulus: int
) -> None:
    with pytest.raises(ValueError, match="odd modulus"):
        powers.power_by(backend, 2, exponent, modulus)


def test_the_preferred_back_end_is_chosen_once() -> None:
    assert powers.chosen() is powers.chosen()
    assert powers.chosen().name == BACKENDS[0].name
    assert powers.constant_time() == BACKENDS[0].constant_time
    assert powers.power(3, 5, 7) == 5


def test_pow_is_the_last_resort_and_says_that_it_is_not_constant_in_time() -> None:
    last = BACKENDS[-1]
    assert last.name == "Python's pow()"
    assert "NOT constant time" in last.describe()


def test_a_back_end_that_hides_the_exponent_is_preferred() -> None:
    ranks = [backend.constant_time for backend in BACKENDS]
    assert ranks == sorted(ranks, reverse=True)


def test_threads_do_not_disturb_each_other() -> None:
    exponents = [2**256 - number for number in range(1, 9)]
    results: dict[int, int] = {}

    def work(exponent: int) -> None:
        results[exponent] = powers.power(3, exponent, PRIME)

    threads = [threading.Thread(target=work, args=(exponent,)) for exponent in exponents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {exponent: pow(3, exponent, PRIME) for exponent in exponents}


needs_libcrypto = pytest.mark.skipif(libcrypto.load() is None, reason="no libcrypto here")


@needs_libcrypto
def test_a_failing_call_raises_and_leaves_no_error_behind_for_others() -> None:
    library = libcrypto.load()
    assert library is not None
    # An even modulus, which power() never lets through, is what the library itself refuses.
    with pytest.raises(WorldError):
        library.power(3, 5, 8)
    peek = library._library.ERR_peek_error
    peek.restype = ctypes.c_ulong
    assert peek() == 0


@needs_libcrypto
@pytest.mark.skipif(not STATM.exists(), reason="no /proc to read a process's memory from")
def test_all_that_a_power_takes_is_given_back() -> None:
    # In a process of its own, where no other test moves the memory.
    program = (
        "from flowengine.crypto import libcrypto; from flowengine.crypto.srp import PRIME;"
        "library = libcrypto.load();"
        "run = lambda n: [library.power(PRIME - 2, 5, PRIME) == 0 for _ in range(n)];"
        f"pages = lambda: int(open({str(STATM)!r}).read().split()[1]);"
        "run(500); before = pages(); run(10_000); print(pages() - before)"
    )
    grown_pages = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    # Keeping the smallest of the four numbers alone would come to some 150 pages.
    assert int(grown_pages) < 100


def test_a_library_that_lacks_a_function_is_not_taken() -> None:
    with pytest.raises(AttributeError):
        libcrypto.Libcrypto(ctypes.CDLL(None))
