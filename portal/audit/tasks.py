"""What Celery does for the audit. Every task may be delivered twice or be killed in the middle."""

from __future__ import annotations

from celery import shared_task

from portal.audit import heads, refused


@shared_task(name="audit.heads", ignore_result=True, expires=240)
def keep_heads() -> None:
    """Note the head of the chain once an hour, and deliver it wherever it is not yet."""
    heads.keep_up()


@shared_task(name="audit.refused", ignore_result=True, expires=50)
def write_refused() -> int:
    """Write what was counted of refused access since the last time."""
    return refused.flush()


SCHEDULE = {
    "audit.heads": {"task": "audit.heads", "schedule": 300.0},
    "audit.refused": {"task": "audit.refused", "schedule": 60.0},
}
