"""Long work of a round as jobs: a step that takes long, and many nominees recommended or passed over in one
go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from portal.accounts.access import WHOLE_REGION, Refused, require
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from talent_registry.selection import recommending, steps
from talent_registry.selection.workflow import ROUND_WORKFLOW

STEP, TRIAL, LEAGUE = "registry.selection-step", "registry.selection-trial", "registry.selection-league"
MOST_AT_ONCE = 500


def start_step(year: int, step: str, *, by: Any, on: date) -> Job:
    """A job that takes a long step in the name of `by`. What is in the way is said at once. Raises Refused,
    NotNow.
    """
    row = ROUND_WORKFLOW.transition(step)
    require(by, row.permission, WHOLE_REGION)
    if found := steps.blockers(steps.find(year), step, on=on):
        raise NotNow("".join(found))
    _refuse_second(year)
    return start(
        STEP,
        title=f"{year}年度遴选：{row.label}",
        by=by,
        params={"year": year, "step": step, "on": on.isoformat()},
    )


def start_trial(year: int, *, by: Any, on: date) -> Job:
    """A job that assesses everybody for a look, while nominations are still taken. Raises Refused, NotNow."""
    require(by, "selection.manage", WHOLE_REGION)
    steps.check_trial(steps.find(year))
    _refuse_second(year)
    return start(TRIAL, title=f"{year}年度遴选：试评", by=by, params={"year": year, "on": on.isoformat()})


def running(year: int) -> Job | None:
    """The job that is at work on this round, if any."""
    return Job.objects.unfinished().filter(kind__in=[STEP, TRIAL], params__year=year).order_by("-pk").first()


def _refuse_second(year: int) -> None:
    if job := running(year):
        raise NotNow(f"“{job.title}”正在办理，请等待完成。")


@job_kind(STEP)
def work_step(run: Run) -> dict[str, Any]:
    """Repeated after a kill it goes on where it was; when the step turns out to be taken, it is done."""
    year, step = run.params["year"], run.params["step"]
    if not steps.is_taken(steps.find(year), step):
        try:
            steps.take_step(
                year, step, by=run.job.by, on=date.fromisoformat(run.params["on"]), progress=run.progress
            )
        except (NotNow, Refused) as refusal:
            # Another delivery of the same message may have finished it while this one waited.
            if not steps.is_taken(steps.find(year), step):
                raise JobRefused(str(refusal)) from refusal
    return {"year": year, "step": step}


@job_kind(TRIAL)
def work_trial(run: Run) -> dict[str, Any]:
    """Assesses anew each time; the last one counts."""
    try:
        found = steps.take_trial(
            run.params["year"], by=run.job.by, on=date.fromisoformat(run.params["on"]), progress=run.progress
        )
    except (NotNow, Refused) as refusal:
        raise JobRefused(str(refusal)) from refusal
    return {"year": run.params["year"], "assessed": found.assessed, "eligible": found.eligible}


# -- many nominees of a league -------------------------------------------------------------------------------
_ACTIONS: dict[str, tuple[str, Callable[..., Case], bool]] = {
    # action: (words, what does it, whether it needs a reason)
    "recommend": ("推荐", recommending.recommend, False),
    "pass_over": ("不推荐", recommending.pass_over, True),
}


def decide_many(case_ids: Sequence[int], action: str, *, by: Any, on: date, reason: str = "") -> Job:
    """A job that recommends these nominees, in this order, or passes all of them over for the same reason.

    What may be done is decided one by one. Raises Refused, NotNow.
    """
    require(by, "selection.recommend")
    words, _, needs_reason = _ACTIONS[action]
    ids = list(dict.fromkeys(case_ids))
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise NotNow(f"一次可办理1至{MOST_AT_ONCE}人。")
    if needs_reason and not reason.strip():
        raise NotNow(f"“{words}”须写明理由。")
    params = {"cases": ids, "action": action, "on": on.isoformat(), "reason": reason.strip()[:500]}
    return start(LEAGUE, title=f"批量{words}（{len(ids)}人）", by=by, total=len(ids), params=params)


@job_kind(LEAGUE)
def decide_each(run: Run) -> dict[str, Any]:
    """One transaction a nominee, the result written with it: repeated after a kill, nothing is done twice."""
    results = dict(run.job.items.values_list("key", "ok"))
    words, act, needs_reason = _ACTIONS[run.params["action"]]
    given = {"reason": run.params["reason"]} if needs_reason else {}
    done = sum(results.values())
    refused = len(results) - done
    for case_id in run.params["cases"]:
        if str(case_id) in results:
            continue
        try:
            with transaction.atomic():
                case = act(case_id, by=run.job.by, on=date.fromisoformat(run.params["on"]), **given)
                run.item(case_id, True, f"{case.number}已{words}")
            done += 1
        except (NotNow, Refused) as reason:
            run.item(case_id, False, str(reason))
            refused += 1
        run.progress(done + refused, refused=refused)
    return {"done": done, "refused": refused}
