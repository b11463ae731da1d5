"""Addresses outside the office carry a code instead of the number of a record: it cannot be guessed or counted on.

    register_converter(codes_of("offer"), "offer")
    path("offers/<offer:pk>/", …)

The view gets the number, `reverse` and `{% url %}` take it. A code is the number, encrypted together with what it
is a number of; it stays the same for as long as the index key does. Who may see the record is asked as ever.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from portal import crypto

_LENGTH = 26
_SHOWN = 8


class UnknownCode(ValueError):
    """The code names nothing of this kind."""


def code_of(kind: str, number: int) -> str:
    block = _tag(kind) + number.to_bytes(8, "big")
    encryptor = _cipher().encryptor()
    return base64.b32encode(encryptor.update(block) + encryptor.finalize()).decode().rstrip("=").lower()


def number_of(kind: str, code: str) -> int:
    """The number behind a code. Raises UnknownCode."""
    try:
        block = base64.b32decode(code.upper() + "======")
    except ValueError as error:
        raise UnknownCode(code) from error
    if len(block) != 16:
        raise UnknownCode(code)
    decryptor = _cipher().decryptor()
    plain = decryptor.update(block) + decryptor.finalize()
    if plain[:8] != _tag(kind):
        raise UnknownCode(code)
    return int.from_bytes(plain[8:], "big")


def short_code(kind: str, number: int) -> str:
    """By which a reader tells one from another, without learning which: K3F9-Q2M7."""
    code = code_of(kind, number)[:_SHOWN].upper()
    return f"{code[:4]}-{code[4:]}"


def codes_of(kind: str) -> type:
    """The converter of a path for the numbers of a kind of record."""

    class Code:
        regex = f"[a-z2-7]{{{_LENGTH}}}"

        def to_python(self, value: str) -> int:
            return number_of(kind, value)

        def to_url(self, value: int | str) -> str:
            return code_of(kind, int(value))

    return Code


def _tag(kind: str) -> bytes:
    return crypto.digest(kind, purpose="address-kind")[:8]


@lru_cache(maxsize=1)
def _cipher() -> Cipher[modes.ECB]:
    # One block, a kind and a number that occur once: nothing repeats that could be compared.
    return Cipher(algorithms.SM4(crypto.digest("key", purpose="address")[:16]), modes.ECB())  # noqa: S305
