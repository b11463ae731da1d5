"""Sessions kept under the digest of their key, in the database and before it in the cache.

A session lives for settings.SESSION_HOURS after the sign-in, however busy it is, and for settings.SESSION_COOKIE_AGE
after its last use, which is written down once a minute: every page would wait for it otherwise. What is ended stays
ended: the cache remembers it, and a request that is still on its way finds no row to write to.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import get_random_string

from portal import crypto
from portal.accounts.models import StoredSession
from portal.throttle import server

KEY_LENGTH = 32

# What a session says of itself: since when somebody is signed in, from where, with which browser.
SINCE, ADDRESS, BROWSER = "signed_in_since", "signed_in_from", "signed_in_with"
_STORED_AT = "stored_at"
# Seconds after which a request stores it again without a change.
STORED_AGAIN = 60


def digest_of(session_key: str | None) -> str:
    """As a session is stored under; empty for none."""
    return crypto.digest(session_key, purpose="session").hex() if session_key else ""


def forget(digest: str) -> None:
    """The cache says of an ended session that it is over, for as long as anything of it could come back."""
    over, kept = cache.make_key(f"session-over:{digest}"), cache.make_key(f"session:{digest}")
    with server().pipeline() as pipeline:
        pipeline.set(over, 1, ex=settings.SESSION_HOURS * 3600)
        pipeline.delete(kept)
        pipeline.execute()


class SessionStore(DatabaseStore):
    """What settings.SESSION_ENGINE names."""

    # Under a new key that nothing is stored under yet.
    _is_new = False

    @classmethod
    def get_model_class(cls) -> Any:
        return StoredSession

    @property
    def digest(self) -> str:
        return digest_of(self.session_key)

    def load(self) -> dict[str, Any]:
        digest = self.digest
        found = cache.get_many([f"session:{digest}", f"session-over:{digest}"]) if digest else {}
        content: dict[str, Any] | None = found.get(f"session:{digest}")
        if not digest or f"session-over:{digest}" in found:
            self._session_key = None
            return {}
        if content is None:
            content = self._load_from_database(digest)
        if content is None or self._is_over(content):
            self._session_key = None
            return {}
        return content

    def _load_from_database(self, digest: str) -> dict[str, Any] | None:
        rows = StoredSession.objects.filter(session_key=digest, expire_date__gt=timezone.now())
        row = rows.first()
        if row is None:
            return None
        content: dict[str, Any] = self.decode(row.session_data)
        cache.set(f"session:{digest}", content, self.get_expiry_age(expiry=row.expire_date))
        return content

    @staticmethod
    def _is_over(content: dict[str, Any]) -> bool:
        return SINCE in content and time.time() - content[SINCE] > settings.SESSION_HOURS * 3600

    def exists(self, session_key: str) -> bool:
        return StoredSession.objects.filter(session_key=digest_of(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> StoredSession:
        if SESSION_KEY in data:
            data.setdefault(SINCE, int(time.time()))
        since = data.get(SINCE)
        return StoredSession(
            session_key=digest_of(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get(SESSION_KEY),
            since=datetime.fromtimestamp(since, timezone.get_current_timezone()) if since else None,
            last_used=timezone.now(),
            address=data.get(ADDRESS, ""),
            browser=data.get(BROWSER, ""),
        )

    def cycle_key(self) -> None:
        """Go on under a new key, which the end of the request stores: once, with all there is by then. Drawn at
        random, it is nobody else's.
        """
        content, before = self._session, self.session_key  # type: ignore[attr-defined]
        self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        self._session_cache = content
        self._is_new = self.modified = True
        if before:
            self.delete(before)

    @property
    def is_due(self) -> bool:
        """Whether its last use is written down once more."""
        return abs(time.time() - self.get(_STORED_AT, 0)) >= STORED_AGAIN

    def save(self, must_create: bool = False) -> None:
        must_create = must_create or self._is_new
        content = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        content[_STORED_AT] = int(time.time())
        super().save(must_create)
        self._is_new = False
        cache.set(f"session:{self.digest}", self._session, self.get_expiry_age())  # type: ignore[attr-defined]

    def delete(self, session_key: str | None = None) -> None:
        digest = digest_of(session_key or self.session_key)
        if digest:
            StoredSession.objects.filter(session_key=digest).delete()
            forget(digest)
