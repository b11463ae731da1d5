"""Tokens of the API. One is issued on a page, to whoever is signed in there with everything that takes; it is shown
once and kept as its digest.

It ends with its time, one by one on the page, with the session that made it, with the password, the account, the last
role.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit, crypto
from portal.accounts.access import NotNow
from portal.accounts.models import AccessToken, User

PREFIX = "jht_"
# So many live tokens an account may have.
MOST = 10
# How long one that is over stays on the list.
_KEPT = timedelta(days=180)
# How often it is noted that a token is used.
_NOTED_EVERY = timedelta(minutes=1)


def _digest(text: str) -> bytes:
    return crypto.digest(text, purpose="token")


@transaction.atomic
def issue(user: User, name: str, session: str) -> tuple[AccessToken, str]:
    """A new token, and its text, this one time. `session` is the digest of the session that asks. NotNow when
    there are too many.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if user.tokens.live().count() >= MOST:
        raise NotNow(f"同时有效的令牌最多{MOST}个，请先停用不再使用的。")
    text = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        user=user,
        name=name,
        digest=_digest(text),
        session=session,
        expires_at=timezone.now() + timedelta(hours=settings.API_TOKEN_HOURS),
    )
    audit.record("account.token", by=user, obj=user, detail={"token": token.pk})
    return token, text


def owner_of(text: str) -> User | None:
    """Whose token this is, while it opens anything: the account is in use, its password is not due, and it holds
    a role.
    """
    found = AccessToken.objects.live().select_related("user").filter(digest=_digest(text)).first()
    if found is None:
        return None
    user: User = found.user
    oldest = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
    if not user.is_active or user.must_change_password or user.password_changed_at < oldest:
        return None
    if found.created_at < user.password_changed_at or not user.assignments.in_force().exists():
        return None
    if found.last_used_at is None or found.last_used_at < timezone.now() - _NOTED_EVERY:
        AccessToken.objects.filter(pk=found.pk).update(last_used_at=timezone.now())
    return user


@transaction.atomic
def end(token_id: int, user: User) -> AccessToken:
    """End one of one's own. NotNow when it is over."""
    token = user.tokens.live().select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotNow("没有这个令牌，或令牌已经失效。")
    token.ended_at = timezone.now()
    token.save(update_fields=["ended_at"])
    audit.record("account.token_end", by=user, obj=user, detail={"token": token.pk})
    return token


def end_all(user: User) -> int:
    """None of the account's tokens opens anything any more. Returns how many there were."""
    return _end(AccessToken.objects.filter(user=user))


def end_of_sessions(sessions: list[str]) -> int:
    """The same of the tokens that were issued in these sessions, by their digests."""
    return _end(AccessToken.objects.filter(session__in=[digest for digest in sessions if digest]))


def _end(tokens: Any) -> int:
    return int(tokens.live().update(ended_at=timezone.now()))


def clear() -> int:
    """Remove tokens that are long over."""
    removed, _ = AccessToken.objects.filter(expires_at__lt=timezone.now() - _KEPT).delete()
    return removed
