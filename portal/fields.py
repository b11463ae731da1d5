"""Model fields whose values are encrypted in the database."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from portal import crypto


class EncryptedTextField(models.BinaryField):
    """Text, stored as SM4-GCM. It cannot be searched: keep a digest beside it (portal.crypto.digest)."""

    # What the attribute holds, for the type checker.
    _pyi_private_get_type: Any
    _pyi_private_set_type: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        return super().get_db_prep_value(crypto.encrypt(self.dump(value)), connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.load(crypto.decrypt(value))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is encrypted and is not serialised")

    def get_lookup(self, lookup_name: str) -> Any:
        # Column against column is what history triggers compare; a value would be encrypted anew and never be
        # equal.
        if lookup_name not in {"isnull", "df", "ndf"}:
            raise TypeError(f"{self.name} is encrypted: look it up by its digest")
        return super().get_lookup(lookup_name)

    def dump(self, value: Any) -> str:
        return str(value)

    def load(self, text: str) -> Any:
        return text


class EncryptedJSONField(EncryptedTextField):
    """JSON data, stored as SM4-GCM."""

    def dump(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def load(self, text: str) -> Any:
        return json.loads(text)
