"""What Celery does with money: what waits for it draws. Every task may be delivered twice or be killed in the middle."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal import scanner
from portal.funds import court_documents, sealing, waiting

SCHEDULE = {
    # Also what lies behind a first day of use, or a broker that was away.
    "funds.draw_all_waiting": {"task": "funds.draw_all_waiting", "schedule": crontab(minute=25)},
    # After midnight; what failed once is done an hour later.
    "funds.seal_days": {"task": "funds.seal_days", "schedule": crontab(minute=20, hour="0-5")},
    "funds.sweep_court_documents": {
        "task": "funds.sweep_court_documents",
        "schedule": crontab(hour=3, minute=55),
    },
    "funds.copy_court_documents": {
        "task": "funds.copy_court_documents",
        "schedule": crontab(minute="10,40"),
    },
    "funds.scan_court_documents": {
        "task": "funds.scan_court_documents",
        "schedule": crontab(minute="*/5"),
    },
}


@shared_task(name="funds.draw_waiting_on", ignore_result=True)
def draw_waiting_on(line_ids: list[int]) -> int:
    """Money came to these lines. Returns how many drew."""
    return sum(waiting.draw_waiting(line_id) for line_id in line_ids)


@shared_task(name="funds.draw_all_waiting", ignore_result=True)
def draw_all_waiting() -> int:
    """On every line with money for which somebody waits. Returns how many drew."""
    return draw_waiting_on(waiting.lines_with_money())


@shared_task(name="funds.seal_days", ignore_result=True)
def seal_days() -> int:
    """Seal the transfers of every day that has ended. Returns how many days were sealed."""
    return sealing.seal_days()


@shared_task(name="funds.sweep_court_documents", ignore_result=True)
def sweep_court_documents() -> int:
    """Scans of documents whose upload was never completed, or that were removed. Returns how many were deleted."""
    return court_documents.STORE.sweep()


@shared_task(name="funds.copy_court_documents", ignore_result=True)
def copy_court_documents() -> int:
    """Make what is shown of scans where that was not done. Returns how many."""
    return court_documents.make_copies()


@shared_task(name="funds.scan_court_documents", ignore_result=True)
def scan_court_documents() -> int:
    """What came while no scanner answered. Returns in how many something was found."""
    return court_documents.scan_waiting() if scanner.is_on() else 0
