"""The RSA key that signs access tokens: drawn once, or found from the seed."""

from __future__ import annotations

import functools
import hashlib
from math import gcd

from cryptography.hazmat.primitives.asymmetric import rsa

_EXPONENT = 65537
_PRIME_BITS = 1024
_SPAN = 8192
_ROUNDS = 5


def drawn_key() -> rsa.RSAPrivateKey:
    """A fresh key of 2048 bits."""
    return rsa.generate_private_key(_EXPONENT, 2 * _PRIME_BITS)


@functools.lru_cache(maxsize=8)
def derived_key(root: bytes) -> rsa.RSAPrivateKey:
    """The key of 2048 bits that belongs to a root value; as secret as that value."""
    p, q = _prime(root + b"p"), _prime(root + b"q")
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)  # OpenSSL would test both primes once more


def _prime(root: bytes) -> int:
    # The two highest bits are set, so that the product of two primes has twice as many bits.
    start = int.from_bytes(hashlib.shake_256(root).digest(_PRIME_BITS // 8)) | 3 << (_PRIME_BITS - 2) | 1
    while True:
        for candidate in _without_small_factors(start):
            if gcd(candidate - 1, _EXPONENT) == 1 and _is_prime(candidate):
                return candidate
        start += 2 * _SPAN


def _without_small_factors(start: int) -> list[int]:
    """The odd numbers from `start` on that no small prime divides: of 8192 about 450."""
    sieve = bytearray(b"\1") * _SPAN
    for prime in _small_primes():
        first = -start * (prime + 1) // 2 % prime
        sieve[first::prime] = bytes(len(range(first, _SPAN, prime)))
    return [start + 2 * offset for offset in range(_SPAN) if sieve[offset]]


@functools.cache
def _small_primes() -> list[int]:
    sieve = bytearray(b"\1") * 20_000
    for number in range(2, 142):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, 20_000, number)))
    return [number for number in range(3, 20_000) if sieve[number]]


def _is_prime(candidate: int) -> bool:
    """Miller and Rabin's test; for numbers that nobody chose, five rounds are more than FIPS 186-5 asks for."""
    odd, twos = candidate - 1, 0
    while not odd & 1:
        odd, twos = odd >> 1, twos + 1
    return all(_passes(candidate, base, odd, twos) for base in [2, *_small_primes()[: _ROUNDS - 1]])


def _passes(candidate: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, candidate)
    if power in (1, candidate - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % candidate
        if power == candidate - 1:
            return True
    return False
