"""What runs by itself; each task may be delivered twice, and finds in the database what is left to do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.db import transaction
from django.utils import timezone

from talent_registry.actions import propose, withdraw_unfounded
from talent_registry.selection import by_date

# Ids of one message.
_PER_MESSAGE = 2000


@shared_task(name="registry.propose", ignore_result=True)
def propose_for(worker_ids: list[int]) -> None:
    """Propose those of these workers who are to be included."""
    propose(worker_ids, by=None, on=timezone.localdate())


@shared_task(name="registry.withdraw", ignore_result=True)
def withdraw_for(worker_ids: list[int]) -> None:
    """Take back the proposals of these workers that rest on nothing any more."""
    withdraw_unfounded(worker_ids, on=timezone.localdate())


@shared_task(name="registry.propose_missed", ignore_result=True)
def propose_missed() -> None:
    """Look over the whole register for what a lost message or a law that began today has left out."""
    today = timezone.localdate()
    withdraw_unfounded(on=today)
    propose(by=None, on=today)


def recognition_verified(worker_ids: Collection[int]) -> None:
    """Propose once the verification is committed. If the broker is away the daily job finds them."""
    ids = sorted(worker_ids)
    transaction.on_commit(lambda: _send(propose_for, ids), robust=True)


def recognition_fallen(worker_ids: Collection[int]) -> None:
    """Take proposals back once the refutation is committed."""
    ids = sorted(worker_ids)
    transaction.on_commit(lambda: _send(withdraw_for, ids), robust=True)


def _send(task: Any, ids: list[int]) -> None:
    for start in range(0, len(ids), _PER_MESSAGE):
        task.delay(ids[start : start + _PER_MESSAGE])


@shared_task(name="registry.selection_by_date", ignore_result=True)
def selection_by_date() -> None:
    """Take the steps of the annual selection that its own days ask for and that need no judgement."""
    by_date.advance(timezone.localdate())


@shared_task(name="registry.selection_trial", ignore_result=True)
def selection_trial() -> None:
    """Look over the whole register who meets the conditions of nomination and was nominated by nobody."""
    by_date.look_who_is_missing(timezone.localdate())


SCHEDULE = {
    "registry.propose_missed": {"task": "registry.propose_missed", "schedule": crontab(hour=6, minute=10)},
    # A little after midnight, so that a round opens with its day; again in the day, for what was in the way
    # at night.
    "registry.selection_by_date": {
        "task": "registry.selection_by_date",
        "schedule": crontab(hour="0,7,12", minute=5),
    },
    "registry.selection_trial": {"task": "registry.selection_trial", "schedule": crontab(hour=2, minute=20)},
}
