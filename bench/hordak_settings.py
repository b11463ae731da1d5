"""Settings under which django-hordak runs in a schema of its own of the benchmark's database."""

import os
import secrets
from urllib.parse import parse_qs, unquote, urlsplit

_AT = urlsplit(os.environ["DATABASE_OWNER_URL"])
SCHEMA = "hordak"
SECRET_KEY = secrets.token_hex(32)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "mptt",
    "djmoney",
    "hordak",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _AT.path.lstrip("/"),
        "USER": unquote(_AT.username or ""),
        "PASSWORD": unquote(_AT.password or ""),
        "HOST": parse_qs(_AT.query).get("host", [_AT.hostname or ""])[0],
        "PORT": _AT.port or "",
        "OPTIONS": {"options": f"-c search_path={SCHEMA}"},
    }
}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEFAULT_CURRENCY = "CNY"
HORDAK_CURRENCIES = ["CNY"]
