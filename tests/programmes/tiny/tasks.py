"""What runs by itself: nothing of importance."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from tests.programmes.tiny.models import Allowance


@shared_task(name="tiny.count", ignore_result=True)
def count() -> int:
    """How many allowances were granted."""
    return Allowance.objects.public().count()


SCHEDULE = {"tiny.count": {"task": "tiny.count", "schedule": crontab(hour=5, minute=5)}}
