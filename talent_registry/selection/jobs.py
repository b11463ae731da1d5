"""Long work of a round as jobs: a step that takes long, and one decision about many nominees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from portal.accounts.access import WHOLE_REGION, Refused, require
from portal.cases.actions import NotNow
from portal.cases.job_items import case_names
from portal.cases.models import Case
from portal.jobs.each import do_each
from portal.jobs.items import name_items
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from portal.reasons import reason_in
from talent_registry.models import Nomination
from talent_registry.selection import recommending, steps
from talent_registry.selection.workflow import ROUND_WORKFLOW

STEP, TRIAL, LEAGUE = "registry.selection-step", "registry.selection-trial", "registry.selection-league"
MOST_AT_ONCE = 500


def start_step(year: int, step: str, *, by: Any, on: date) -> Job:
    """A job that takes a long step in the name of `by`. What is in the way is said at once. Raises Refused,
    NotNow.
    """
    transition = ROUND_WORKFLOW.transition(step)
    require(by, transition.permission, WHOLE_REGION)
    blockers = steps.blockers(steps.find(year), step, on=on)
    if blockers:
        raise NotNow("".join(blockers))
    _refuse_second(year)
    return start(
        STEP,
        title=f"{year}年度遴选：{transition.label}",
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
    job = running(year)
    if job is not None:
        raise NotNow(f"“{job.title}”正在办理，请等待完成。")


@job_kind(STEP)
def work_step(run: Run) -> dict[str, Any]:
    """Repeated after a kill it goes on where it was; when the step turns out to be taken, it is done."""
    year, step = run.params["year"], run.params["step"]
    on = date.fromisoformat(run.params["on"])
    if not steps.is_taken(steps.find(year), step):
        try:
            steps.take_step(year, step, by=run.job.by, on=on, progress=run.progress)
        except (NotNow, Refused) as refusal:
            # Another delivery of the same message may have finished it while this one waited.
            if not steps.is_taken(steps.find(year), step):
                raise JobRefused(str(refusal)) from refusal
    return {"year": year, "step": step}


@job_kind(TRIAL)
def work_trial(run: Run) -> dict[str, Any]:
    """Assesses anew each time; the last one counts."""
    year = run.params["year"]
    on = date.fromisoformat(run.params["on"])
    try:
        trial = steps.take_trial(year, by=run.job.by, on=on, progress=run.progress)
    except (NotNow, Refused) as refusal:
        raise JobRefused(str(refusal)) from refusal
    return {"year": year, "assessed": trial.assessed, "eligible": trial.eligible}


# -- many nominees of a league -------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Decision:
    """What a league may decide about many nominees, and the action that decides it about one."""

    label: str
    act: Callable[..., Case]
    needs_reason: bool = False


_DECISIONS = {
    "recommend": _Decision("推荐", recommending.recommend),
    "pass_over": _Decision("不推荐", recommending.pass_over, needs_reason=True),
}


def decide_many(case_ids: Sequence[int], action: str, *, by: Any, on: date, reason: str = "") -> Job:
    """A job that recommends these nominees, in this order, or passes all of them over for the same reason.

    What may be done is decided one by one. Raises Refused, NotNow.
    """
    require(by, "selection.recommend")
    decision = _DECISIONS[action]
    ids = list(dict.fromkeys(case_ids))
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise NotNow(f"一次可办理1至{MOST_AT_ONCE}人。")
    if decision.needs_reason and not reason_in(reason):
        raise NotNow(f"“{decision.label}”须写明理由。")
    return start(
        LEAGUE,
        title=f"批量{decision.label}（{len(ids)}人）",
        by=by,
        total=len(ids),
        params={"cases": ids, "action": action, "on": on.isoformat(), "reason": reason.strip()[:500]},
    )


def _league_of(job: Job) -> tuple[str, str]:
    """The page of the league and year whose nominees the job decides about."""
    nominations = Nomination.objects.filter(pk__in=job.params["cases"])
    year, code = nominations.values_list("round__year", "case__league_code")[0]
    return "本盟市推荐", reverse("registry:league", args=[year, code])


name_items(LEAGUE, case_names, _league_of)


@job_kind(LEAGUE)
def decide_each(run: Run) -> dict[str, Any]:
    """Recommend or pass over each nominee in the name of whoever started the job."""
    decision = _DECISIONS[run.params["action"]]
    given: dict[str, Any] = {"by": run.job.by, "on": date.fromisoformat(run.params["on"])}
    if decision.needs_reason:
        given["reason"] = run.params["reason"]

    def decide_one(case_id: int) -> str:
        case = decision.act(case_id, **given)
        return f"{case.number}已办理“{decision.label}”"

    counts = do_each(run, run.params["cases"], decide_one)
    return {"done": counts.done, "refused": counts.refused}
