"""Commercial cryptography for personal data: SM4-GCM at rest, keyed SM3 to find a number without reading it.

Nothing is encrypted with a key of settings.DATA_KEYS itself: of each one a subkey is derived for every purpose (HKDF with
SM3), so that what was written for one purpose opens for no other. And everything is bound to its place (`bound_to`): it
opens there and nowhere else.

A stored value is `0 | key (1 byte) | nonce (12) | ciphertext and tag`. The first key encrypts, every listed key decrypts,
so keys are rotated by putting a new one in front and running `./jht manage reencrypt`. Values of earlier releases begin
with the key's number, were encrypted with the key itself and are bound to nothing: portal.unbound_values.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE, TAG = 12, 16
# What a bound value begins with: no key has this number.
_BOUND = 0
# Before the ciphertext: the mark, the number of the key, the nonce.
HEAD = 2 + _NONCE


class Purpose(StrEnum):
    """What a subkey is for."""

    COLUMNS = "columns"
    FILES = "files"
    # The state of somebody's check, in the address of its page.
    WALKS = "walks"
    # What is kept for a while in the session or the cache.
    SESSIONS = "sessions"
    QUERIES = "queries"
    ANSWERS = "answers"


class Undecipherable(Exception):
    """A stored value does not open with any configured key, was changed, or stands where it was not written."""


@lru_cache(maxsize=4)
def _keys(text: str) -> dict[int, bytes]:
    """The keys of JHT_DATA_KEYS by their number, in the order given."""
    keys: dict[int, bytes] = {}
    for part in text.split(","):
        number_text, _, key_text = part.strip().partition(":")
        try:
            key = bytes.fromhex(key_text)
            number = int(number_text)
        except ValueError as error:
            raise ImproperlyConfigured(
                "JHT_DATA_KEYS must look like 2:<32 hex digits>,1:<32 hex digits>"
            ) from error
        if len(key) != 16 or not 0 < number < 256 or number in keys:
            raise ImproperlyConfigured(
                "JHT_DATA_KEYS: each key has its own number from 1 to 255 and 32 hex digits"
            )
        keys[number] = key
    return keys


@lru_cache(maxsize=32)
def _subkeys(text: str, purpose: Purpose) -> dict[int, algorithms.SM4]:
    """The subkeys of one purpose by the number of the key they are derived of, in the order given."""
    return {
        number: algorithms.SM4(
            HKDF(hashes.SM3(), length=16, salt=None, info=f"jht/{purpose}".encode()).derive(key)
        )
        for number, key in _keys(text).items()
    }


def _first_subkey(purpose: Purpose, keys: str | None = None) -> tuple[int, algorithms.SM4]:
    """(number, subkey) that encrypts."""
    return next(iter(_subkeys(settings.DATA_KEYS if keys is None else keys, purpose).items()))


def encrypt(text: str, *, purpose: Purpose, bound_to: bytes = b"") -> bytes:
    return encrypt_bytes(text.encode(), purpose=purpose, bound_to=bound_to)


def encrypter(purpose: Purpose, keys: str | None = None) -> Callable[[str, bytes], bytes]:
    """`encrypt` for many texts, each with what it is bound to: the key is taken in once. `keys` instead of
    settings.DATA_KEYS, for a process without settings.
    """
    number, subkey = _first_subkey(purpose, keys)
    prefix = bytes([_BOUND, number])
    random_bytes = os.urandom

    def encrypt_text(text: str, bound_to: bytes) -> bytes:
        nonce = random_bytes(_NONCE)
        encryptor = Cipher(subkey, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        ciphertext = encryptor.update(text.encode()) + encryptor.finalize()
        return prefix + nonce + ciphertext + encryptor.tag

    return encrypt_text


def decrypt(value: bytes, *, purpose: Purpose, bound_to: bytes = b"") -> str:
    return decrypt_bytes(value, purpose=purpose, bound_to=bound_to).decode()


def encrypt_bytes(content: bytes, *, purpose: Purpose, bound_to: bytes = b"") -> bytes:
    """`encrypt` for content that is no text."""
    head, encryptor = sealing(purpose, bound_to)
    return b"".join([head, encryptor.update(content), encryptor.finalize(), encryptor.tag])


def decrypt_bytes(value: bytes, *, purpose: Purpose, bound_to: bytes = b"") -> bytes:
    """The content again. Raises Undecipherable."""
    value = bytes(value)
    if len(value) < HEAD + TAG:
        raise Undecipherable("the stored value is too short")
    decryptor = opening(value[:HEAD], purpose, bound_to)
    try:
        return bytes(decryptor.update(value[HEAD:-TAG]) + decryptor.finalize_with_tag(value[-TAG:]))
    except InvalidTag as error:
        raise Undecipherable("the stored value was changed, or belongs elsewhere") from error


# -- piece by piece, for files -------------------------------------------------------------------------------
def sealing(purpose: Purpose, bound_to: bytes) -> tuple[bytes, Any]:
    """What stands before the ciphertext, and the encryptor; behind it stands its `tag`."""
    number, subkey = _first_subkey(purpose)
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(subkey, modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    return bytes([_BOUND, number]) + nonce, encryptor


def opening(head: bytes, purpose: Purpose, bound_to: bytes) -> Any:
    """The decryptor for what stands behind `head`; it ends with `finalize_with_tag`. Raises Undecipherable."""
    subkey = None
    if is_bound(head):
        subkey = _subkeys(settings.DATA_KEYS, purpose).get(head[1])
    if subkey is None:
        raise Undecipherable("no configured key opens this value")
    decryptor = Cipher(subkey, modes.GCM(head[2:HEAD])).decryptor()
    decryptor.authenticate_additional_data(bound_to)
    return decryptor


def is_bound(value: bytes) -> bool:
    """Whether a value, or the beginning of it, is of the form of now."""
    return len(value) >= HEAD and value[0] == _BOUND


def current_head() -> bytes:
    """What every value begins with that the first key wrote."""
    return bytes([_BOUND, current_key_version()])


def decrypt_unbound(value: bytes, *, bound_to: bytes = b"") -> bytes:
    """The content of a value of an earlier release; only of files it had `bound_to`. Raises Undecipherable.

    Nobody but portal.unbound_values asks for it, which knows whether such values are still read.
    """
    value = bytes(value)
    key = _keys(settings.DATA_KEYS).get(value[0]) if value else None
    if key is None or len(value) < 1 + _NONCE + TAG:
        raise Undecipherable("no configured key opens this value")
    nonce = value[1 : 1 + _NONCE]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, value[-TAG:])).decryptor()
    decryptor.authenticate_additional_data(bound_to)
    try:
        return decryptor.update(value[1 + _NONCE : -TAG]) + decryptor.finalize()
    except InvalidTag as error:
        raise Undecipherable("the stored value was changed or the key is another one") from error


def current_key_version() -> int:
    return next(iter(_keys(settings.DATA_KEYS)))


def digest(text: str, *, purpose: str) -> bytes:
    """Keyed SM3 of `text`; the purpose keeps an ID number's digest apart from a phone's."""
    mac = hmac.HMAC(settings.INDEX_KEY.encode(), hashes.SM3())
    mac.update(purpose.encode() + b"\0" + text.encode())
    return mac.finalize()


def digester(purpose: str) -> Callable[[str], bytes]:
    """`digest` for many texts of one purpose: the key is taken in once."""
    begun = hmac.HMAC(settings.INDEX_KEY.encode(), hashes.SM3())
    begun.update(purpose.encode() + b"\0")

    def digest_text(text: str) -> bytes:
        mac = begun.copy()
        mac.update(text.encode())
        return mac.finalize()

    return digest_text
