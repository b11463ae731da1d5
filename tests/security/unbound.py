"""Values as the first releases wrote them: with the data key itself, bound to nothing."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings


def unbound(content: str | bytes, *, bound_to: bytes = b"") -> bytes:
    """`number of the key | nonce | ciphertext and tag`; only files had something they were bound to."""
    number, _, key = settings.DATA_KEYS.split(",")[0].partition(":")
    nonce = os.urandom(12)
    encryptor = Cipher(algorithms.SM4(bytes.fromhex(key)), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    data = content.encode() if isinstance(content, str) else content
    return bytes([int(number)]) + nonce + encryptor.update(data) + encryptor.finalize() + encryptor.tag
