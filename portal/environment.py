"""Reads settings from the environment. A secret may also lie in a file, named by the same variable with
`_FILE` behind it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Words that people leave in example files; a secret made of one of them is no secret.
DEFAULT_SECRETS = ("change-me", "changeme", "secret", "insecure", "example", "default", "password")


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or of the file that `name`_FILE points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to {path}, which cannot be read: {error.strerror}"
            ) from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE to a file that holds it.")
    return value


def secret(name: str, *, least: int = 32) -> str:
    """A secret of at least `least` characters that is not an example value; anything else refuses
    to start.
    """
    value = text(name)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters, at least {least} are needed.")
    is_example = any(word in value.lower() for word in DEFAULT_SECRETS)
    has_few_characters = len(set(value)) < 8
    if is_example or has_few_characters:
        raise ImproperlyConfigured(f"{name} looks like an example value. Generate a random one.")
    return value


_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}


def flag(name: str, default: bool = False) -> bool:
    """Yes or no."""
    value = text(name, "1" if default else "0").lower()
    if value not in _YES | _NO:
        raise ImproperlyConfigured(f"{name}={value} is neither yes nor no: use 1 or 0.")
    return value in _YES


def whole(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name}={value} is not a whole number.")
    return int(value)


def choice(name: str, *others: str) -> str:
    """One of the words given, or none."""
    value = text(name, "")
    if value and value not in others:
        raise ImproperlyConfigured(f"{name}={value} is none of {', '.join(others)}.")
    return value


def needed(name: str, when: bool, *, containing: str = "") -> str:
    """Text that must be set, and contain this, where something else is chosen."""
    value = text(name, "")
    if when and not value:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE to a file that holds it.")
    if when and containing not in value:
        raise ImproperlyConfigured(f"{name} does not contain {containing}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str) -> dict[str, Any]:
    """A PostgreSQL URL as Django wants it.

    The host may be a socket folder, percent-encoded or as `?host=`.
    """
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql://, not with {url.scheme}://.")
    # A server that is gone must show within seconds, not when the network gives up.
    options = {"connect_timeout": "10", **dict(parse_qsl(url.query))}
    # Not url.hostname: it is lowered, and a socket folder is case-sensitive.
    host = url.netloc.rpartition("@")[2].partition(":")[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", None) or unquote(host),
        "PORT": str(url.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
