"""What is done by the clock around accounts."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal.accounts import failures, tokens
from portal.accounts.session_store import SessionStore

SCHEDULE = {
    "accounts.write_refused": {"task": "accounts.write_refused", "schedule": 60.0},
    "accounts.clear": {"task": "accounts.clear", "schedule": crontab(hour=3, minute=20)},
}


@shared_task(name="accounts.write_refused")
def write_refused() -> int:
    """How many tries to sign in were refused unseen, minute by minute, into the audit."""
    return failures.write_counts()


@shared_task(name="accounts.clear")
def clear() -> None:
    """Remove sessions that are over, and tokens that nobody asks about any more."""
    SessionStore.clear_expired()
    tokens.clear()
