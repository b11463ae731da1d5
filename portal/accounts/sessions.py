"""Where an account is signed in: its own list, and the ending of sessions, with the tokens issued in them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal import audit
from portal.accounts import tokens
from portal.accounts.access import NotNow
from portal.accounts.models import StoredSession, User
from portal.accounts.session_store import forget

__all__ = ["end", "end_all", "end_others", "open_sessions"]


def open_sessions(user: User) -> QuerySet[StoredSession]:
    """Those that still open something, the latest used first."""
    return StoredSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_used")


def _end(found: QuerySet[StoredSession]) -> int:
    digests = list(found.values_list("session_key", flat=True))
    StoredSession.objects.filter(session_key__in=digests).delete()
    for digest in digests:
        forget(digest)
    tokens.end_of_sessions(digests)
    return len(digests)


@transaction.atomic
def end(user: User, digest: str) -> None:
    """End one of one's own sessions. NotNow when it is over."""
    if not _end(open_sessions(user).filter(session_key=digest)):
        raise NotNow("该登录已经结束。")
    audit.record("account.session_end", by=user, obj=user, detail={"count": 1})


@transaction.atomic
def end_others(user: User, own: str) -> int:
    """End all of one's sessions but this one. Returns how many there were."""
    count = _end(open_sessions(user).exclude(session_key=own))
    if count:
        audit.record("account.session_end", by=user, obj=user, detail={"count": count})
    return count


def end_all(user: User) -> int:
    """Every session and every token of the account ends: with its password, its use or its last role."""
    tokens.end_all(user)
    return _end(StoredSession.objects.filter(user=user))
