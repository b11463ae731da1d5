"""What Celery does for messages. Every task may be delivered twice or be killed in the middle."""

from __future__ import annotations

from celery import shared_task

from portal.outgoing import sending


@shared_task(name="outgoing.send", ignore_result=True)
def send_messages(message_ids: list[int]) -> None:
    """Send these messages as far as they are due."""
    sending.send(message_ids)


@shared_task(name="outgoing.sweep", ignore_result=True, expires=50)
def sweep_messages() -> int:
    """Take up what was left unsent."""
    return sending.sweep()


SCHEDULE = {"outgoing.sweep": {"task": "outgoing.sweep", "schedule": 60.0}}
