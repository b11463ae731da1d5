"""Many honours verified in one go: a job that takes each through the same action as a single one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from portal.accounts.access import NotNow
from portal.jobs.each import do_each
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from portal.workforce.actions.honours import verify_honour

VERIFY_HONOURS = "workforce.verify-honours"
# A confirmation repeats what will be done; nobody reads more than this.
MOST_AT_ONCE = 2_000


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
