"""Many proposals confirmed in one go: a job that takes each case through the same action as a single one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from portal.accounts.access import require
from portal.cases.actions import NotNow
from portal.cases.job_items import case_names
from portal.jobs.each import do_each
from portal.jobs.items import name_items
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from talent_registry.actions import confirm

CONFIRM_MANY = "registry.confirm-many"
# A confirmation page repeats whom it is about; nobody reads more names than this.
MOST_AT_ONCE = 500


def confirm_many(case_ids: Sequence[int], *, by: Any, on: date, how: str) -> Job:
    """A job that confirms these cases in the name of `by`, with the same finding for each. What may be
    confirmed is decided item by item. Raises Refused, NotNow.
    """
    require(by, "registry.confirm")
    ids = list(dict.fromkeys(case_ids))
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise NotNow(f"一次可确认1至{MOST_AT_ONCE}人。")
    if not how.strip():
        raise NotNow("请写明如何核实所选人员属于技术工人。")
    return start(
        CONFIRM_MANY,
        title=f"批量确认纳入名录（{len(ids)}人）",
        by=by,
        total=len(ids),
        params={"cases": ids, "on": on.isoformat(), "how": how.strip()},
    )


name_items(CONFIRM_MANY, case_names, lambda job: ("纳入建议", reverse("registry:proposals")))


@job_kind(CONFIRM_MANY)
def confirm_each(run: Run) -> dict[str, Any]:
    """Confirm each case in the name of whoever started the job."""
    on = date.fromisoformat(run.params["on"])

    def confirm_one(case_id: int) -> str:
        entry = confirm(case_id, by=run.job.by, on=on, how=run.params["how"])
        return f"已纳入，名录编号{entry.number}"

    counts = do_each(run, run.params["cases"], confirm_one)
    return {"confirmed": counts.done, "refused": counts.refused}
