"""The look over the whole register as a job that somebody asked for, with its progress."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.accounts.access import WHOLE_REGION, require
from portal.cases.actions import NotNow
from portal.entitlements.matching import match
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start

MATCH = "entitlements.match"
_STEPS = 5


def start_matching(*, by: Any, on: date) -> Job:
    """Look over the whole register now. Raises `Refused`; `NotNow` while such a job is at work."""
    require(by, "offer.match", WHOLE_REGION)
    if Job.objects.unfinished().filter(kind=MATCH).exists():
        raise NotNow("全库匹配正在进行，请等待完成。")
    return start(MATCH, title="惠享事项全库匹配", by=by, params={"on": on.isoformat()}, total=_STEPS)


@job_kind(MATCH)
def _work(run: Run) -> dict[str, Any]:
    """Done twice it finds nothing new the second time."""
    made = match(
        date.fromisoformat(run.params["on"]),
        cause="人工发起",
        by=run.job.by,
        progress=lambda done, total, words: run.progress(done, total=total, step=words),
    )
    return {"run": made.pk, "changed": made.changed, "offered": made.offered, "expired": made.expired}
