"""Many honours, records or changes of what counts, seen to in one go: a job that takes each through the same action
as a single one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from portal.accounts.access import NotNow
from portal.jobs.each import do_each
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from portal.workforce.actions.changing import confirm_change
from portal.workforce.actions.honours import verify_honour
from portal.workforce.actions.verifying import confirm_record
from portal.workforce.record_kinds import KINDS

VERIFY_HONOURS = "workforce.verify-honours"
# A confirmation repeats what will be done; nobody reads more than this.
MOST_AT_ONCE = 2_000
CONFIRM_RECORDS = "workforce.confirm-records"
MOST_RECORDS_AT_ONCE = 500
CONFIRM_CHANGES = "workforce.confirm-changes"
MOST_CHANGES_AT_ONCE = 500


def start_verification(honour_ids: Sequence[int], *, by: Any) -> Job:
    """A job that verifies these honours in the name of `by`. What it may verify is decided item by item."""
    if not 0 < len(honour_ids) <= MOST_AT_ONCE:
        raise NotNow(f"一次可核实1至{MOST_AT_ONCE:,}项荣誉。")
    return start(
        VERIFY_HONOURS,
        title=f"批量核实荣誉（{len(honour_ids):,}项）",
        by=by,
        params={"honours": list(honour_ids)},
        total=len(honour_ids),
    )


@job_kind(VERIFY_HONOURS)
def verify_honours(run: Run) -> dict[str, Any]:
    """Verify each honour in the name of whoever started the job."""

    def verify_one(honour_id: int) -> str:
        verify_honour(honour_id, by=run.job.by, on=timezone.localdate())
        return "已核实"

    counts = do_each(run, run.params["honours"], verify_one)
    return {"verified": counts.done, "refused": counts.refused}


def start_confirmation(kind: str, record_ids: Sequence[int], *, seen: str, by: Any, on: date) -> Job:
    """A job that confirms these records in the name of `by`, who saw the same kind of document of each. What
    may be confirmed is decided item by item.
    """
    if not 0 < len(record_ids) <= MOST_RECORDS_AT_ONCE:
        raise NotNow(f"一次可核验1至{MOST_RECORDS_AT_ONCE}条信息。")
    if not seen.strip():
        raise NotNow("请写明核验依据。")
    return start(
        CONFIRM_RECORDS,
        title=f"批量核验{KINDS[kind].title}（{len(record_ids):,}条）",
        by=by,
        params={"kind": kind, "records": list(record_ids), "seen": seen.strip(), "on": on.isoformat()},
        total=len(record_ids),
    )


@job_kind(CONFIRM_RECORDS)
def confirm_records(run: Run) -> dict[str, Any]:
    """Confirm each record in the name of whoever started the job."""
    on = date.fromisoformat(run.params["on"])

    def confirm_one(record_id: int) -> str:
        confirm_record(run.params["kind"], record_id, seen=run.params["seen"], by=run.job.by, on=on)
        return "已核验"

    counts = do_each(run, run.params["records"], confirm_one)
    return {"confirmed": counts.done, "refused": counts.refused}


def start_confirmation_of_changes(change_ids: Sequence[int], *, seen: str, by: Any, on: date) -> Job:
    """A job that confirms these changes in the name of `by`, who saw the same kind of document of each. What
    may be confirmed is decided item by item.
    """
    if not 0 < len(change_ids) <= MOST_CHANGES_AT_ONCE:
        raise NotNow(f"一次可确认1至{MOST_CHANGES_AT_ONCE}项变更。")
    if not seen.strip():
        raise NotNow("请写明确认依据。")
    return start(
        CONFIRM_CHANGES,
        title=f"批量确认变更（{len(change_ids):,}项）",
        by=by,
        params={"changes": list(change_ids), "seen": seen.strip(), "on": on.isoformat()},
        total=len(change_ids),
    )


@job_kind(CONFIRM_CHANGES)
def confirm_changes(run: Run) -> dict[str, Any]:
    """Confirm each change in the name of whoever started the job."""
    on = date.fromisoformat(run.params["on"])

    def confirm_one(change_id: int) -> str:
        confirm_change(change_id, seen=run.params["seen"], by=run.job.by, on=on)
        return "已确认"

    counts = do_each(run, run.params["changes"], confirm_one)
    return {"confirmed": counts.done, "refused": counts.refused}
