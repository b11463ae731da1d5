"""Commercial cryptography for personal data: SM4-GCM at rest, keyed SM3 to find a number without reading it.

A stored value is `version (1 byte) | nonce (12) | ciphertext and tag`. The first key of settings.DATA_KEYS
encrypts, every listed key decrypts, so keys are rotated by putting a new one in front and running `./jht
manage reencrypt`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE, _TAG = 12, 16


class Undecipherable(Exception):
    """A stored value does not open with any configured key, or was changed."""


@lru_cache(maxsize=1)
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


def _first_key(keys: str) -> tuple[int, bytes]:
    """(number, key) of the key that encrypts."""
    return next(iter(_keys(keys).items()))


def encrypt(text: str) -> bytes:
    return encrypter()(text)


def encrypter(keys: str | None = None) -> Callable[[str], bytes]:
    """`encrypt` for many texts: the key is taken in once. `keys` instead of settings.DATA_KEYS, for a process
    without settings.
    """
    version, key = _first_key(settings.DATA_KEYS if keys is None else keys)
    algorithm = algorithms.SM4(key)
    prefix = bytes([version])
    random_bytes = os.urandom

    def encrypt_text(text: str) -> bytes:
        nonce = random_bytes(_NONCE)
        encryptor = Cipher(algorithm, modes.GCM(nonce)).encryptor()
        ciphertext = encryptor.update(text.encode()) + encryptor.finalize()
        return prefix + nonce + ciphertext + encryptor.tag

    return encrypt_text


def decrypt(value: bytes) -> str:
    return decrypt_bytes(value).decode()


def encrypt_bytes(content: bytes, *, bound_to: bytes = b"") -> bytes:
    """`encrypt` for the content of a file. It opens only with the same `bound_to`: one file cannot be put in
    another's place.
    """
    version, key = _first_key(settings.DATA_KEYS)
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    return b"".join([bytes([version]), nonce, encryptor.update(content), encryptor.finalize(), encryptor.tag])


def decrypt_bytes(value: bytes, *, bound_to: bytes = b"") -> bytes:
    """The content again. Raises Undecipherable."""
    value = bytes(value)
    key = _keys(settings.DATA_KEYS).get(value[0]) if value else None
    if key is None or len(value) < 1 + _NONCE + _TAG:
        raise Undecipherable("no configured key opens this value")
    nonce = value[1 : 1 + _NONCE]
    ciphertext = value[1 + _NONCE : -_TAG]
    tag = value[-_TAG:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(bound_to)
    try:
        return decryptor.update(ciphertext) + decryptor.finalize()
    except InvalidTag as error:
        raise Undecipherable("the stored value was changed or the key is another one") from error


def current_key_version() -> int:
    version, _ = _first_key(settings.DATA_KEYS)
    return version


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
