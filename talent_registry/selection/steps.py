"""The steps of a round, one after the other, by the same code for the page, the command, the job and beat.

Each step is one transition of the round's case. What it does is done inside that transition, or, where it
takes long (assess, publish), before it in parts that find what is done already: killed at any moment, a step
is simply taken again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count

from portal.accounts.access import WHOLE_REGION, Refused, require
from portal.cases.actions import NotNow, transition
from portal.cases.notices import publishing as notices
from portal.cases.workflow import Transition
from portal.formats import date_cn
from portal.reasons import reason_in
from portal.regions.models import Region
from talent_registry.models import (
    AssessmentRun,
    Nomination,
    PanelAssignment,
    QuotaKind,
    SelectionList,
    SelectionRound,
)
from talent_registry.selection import announcing, assessment, listing, panel, publishing, verifying
from talent_registry.selection.workflow import ROUND_WORKFLOW, NominationState, RoundState

STEPS = ("open", "assess", "recommend", "rank", "freeze", "notice", "confirm", "publish", "close")
# Long ones run as a job when a page asks for them.
LONG = frozenset({"assess", "publish"})
# What needs no judgement may be done by the clock or by an operator; for everything else a person answers.
BY_THE_SYSTEM = frozenset({"open", "assess", "recommend", "close"})
FIRST_LIST = "推荐结束，首次排序。"
_NOT_HANDED_IN = "申报截止时尚未提交，自动撤回。"
_LOCK_SPACE = 5_201_907
Progress = Callable[..., None]


def row_of(step: str) -> Transition:
    """The step's line in the table of the round's workflow."""
    return ROUND_WORKFLOW.transition(step)


def next_step(round_: SelectionRound) -> str | None:
    """The step that is due; None once the round is closed."""
    for step in STEPS:
        if row_of(step).sources[0] == round_.state:
            return step
    return None


def is_taken(round_: SelectionRound, step: str) -> bool:
    """Whether the round has this step behind it."""
    states = RoundState.values
    return states.index(round_.state) >= states.index(row_of(step).target)


def find(year: int) -> SelectionRound:
    """The round of a year as it stands now. NotNow when there is none."""
    rounds = SelectionRound.objects.select_related("case", "notice", "standing_list")
    round_ = rounds.filter(year=year).first()
    if round_ is None:
        raise NotNow(f"{year}年度遴选还没有建立。")
    return round_


def blockers(round_: SelectionRound, step: str, *, on: date, thorough: bool = True) -> list[str]:
    """Everything that is in the way of a step on a day, in words; empty when it may be taken.

    Not `thorough` leaves out what is computed over all nominees (before the freeze): for a page that is
    opened often.
    """
    if step != next_step(round_):
        return [_not_due(round_, step)]
    if step not in _IN_THE_WAY or (step == "freeze" and not thorough):
        return []
    return _IN_THE_WAY[step](round_, on)


def _not_due(round_: SelectionRound, step: str) -> str:
    """Why a step is not the one to be taken, and which one is."""
    label = row_of(step).label
    due = next_step(round_)
    if due is None:
        return f"{round_.year}年度遴选已归档，不再办理“{label}”。"
    done = "已经办理" if is_taken(round_, step) else "还不能办理"
    return (
        f"{round_.year}年度遴选当前为“{RoundState(round_.state).label}”，“{label}”{done}；"
        f"应办理的下一步是“{row_of(due).label}”。"
    )


def take_step(year: int, step: str, *, by: Any, on: date, progress: Progress | None = None) -> SelectionRound:
    """Take the step that is due. Raises Refused (who), NotNow with everything that is in the way.

    `by` is None for the system, which takes only what needs no judgement. A long step reports how far it is
    to `progress(done, total=…, step=…)`.
    """
    if step not in STEPS:
        raise ValueError(f"no such step: {step}")
    _check_person(step, by)
    with _alone(year):
        round_ = find(year)
        _require_nothing_in_the_way(round_, step, on)
        if step == "assess":
            _assess(round_, trial=False, by=by, on=on, progress=progress)
        elif step == "publish":
            publishing.publish(round_, by=by, on=on, progress=progress)
        elif step in {"recommend", "close"}:
            _end_drafts(round_, on)
        with transition(round_.pk, step, by=by, on=on):
            if step in _EFFECTS:
                # What may have changed while somebody else held the case.
                problems = _IN_THE_WAY[step](round_, on)
                if problems:
                    raise NotNow("".join(problems))
                _EFFECTS[step](round_, by, on)
        if step == "assess":
            _end_drafts(round_, on)
    return find(year)


def take_trial(year: int, *, by: Any, on: date, progress: Progress | None = None) -> AssessmentRun:
    """Assess everybody while nominations are taken: shows whom nobody nominated, decides nothing."""
    if by is not None:
        require(by, "selection.manage", WHOLE_REGION)
    with _alone(year):
        round_ = find(year)
        check_trial(round_)
        return _assess(round_, trial=True, by=by, on=on, progress=progress)


def _assess(
    round_: SelectionRound, *, trial: bool, by: Any, on: date, progress: Progress | None
) -> AssessmentRun:
    """Assess everybody, with a word before and after: within the one transaction nobody would see any."""
    if progress:
        progress(0, total=1, step="正在评价全区登记的技术工人")
    run = assessment.assess(round_, trial=trial, by=by, on=on)
    if progress:
        progress(1, total=1, step=f"已评价{run.assessed:,}人，符合条件{run.eligible:,}人")
    return run


def check_trial(round_: SelectionRound) -> None:
    """NotNow unless nominations are taken: before there are none, later only the assessment counts."""
    if round_.state != RoundState.OPEN:
        current = RoundState(round_.state).label
        raise NotNow(f"试评只在“{RoundState.OPEN.label}”阶段进行，当前为“{current}”。")


def rank_again(year: int, *, reason: str, by: Any, on: date) -> SelectionList:
    """Rank once more before the list is frozen, by the facts as verified now: a further version, with why."""
    _check_person("rank", by)
    if not reason_in(reason):
        raise NotNow("重新排序须写明原因。")
    round_ = find(year)
    with transition(round_.pk, "rank_again", by=by, on=on, reason=reason):
        return listing.draw_up(round_, by=by, on=on, reason=reason.strip()[:500])


def _check_person(step: str, by: Any) -> None:
    if by is None:
        if step not in BY_THE_SYSTEM:
            raise Refused(f"“{row_of(step).label}”须由有权限的人员办理，请指明由谁办理。")
        return
    require(by, row_of(step).permission, WHOLE_REGION)


def _require_nothing_in_the_way(round_: SelectionRound, step: str, on: date) -> None:
    problems = blockers(round_, step, on=on)
    if problems:
        raise NotNow("".join(problems))


@contextmanager
def _alone(year: int) -> Iterator[None]:
    """One step of a year at a time, over all processes; a killed one lets go with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK_SPACE, year])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, year])


# -- what is in the way --------------------------------------------------------------------------------------
def _nominations(round_: SelectionRound, *states: NominationState) -> Any:
    return Nomination.objects.filter(round=round_, case__state__in=states)


def _by_league(nominations: Any) -> str:
    """鄂尔多斯市2件、包头市1件."""
    names = dict(Region.objects.leagues().values_list("code", "name"))
    counts = nominations.order_by().values_list("case__league_code").annotate(n=Count("pk"))
    in_order = counts.order_by("case__league_code")
    return "、".join(f"{names.get(code, code)}{count}件" for code, count in in_order)


def _before_open(round_: SelectionRound, on: date) -> list[str]:
    problems = []
    if on < round_.opens_on:
        problems.append(f"开始申报日为{date_cn(round_.opens_on)}，尚未到期。需要提前的，请先修改日期。")
    if on > round_.nominations_until:
        problems.append(f"申报截止日{date_cn(round_.nominations_until)}已过，请先修改日期。")
    if not round_.quotas.filter(kind=QuotaKind.RECOMMENDATION).exists():
        problems.append("还没有确定各盟市的推荐名额。")
    return problems


def _before_assess(round_: SelectionRound, on: date) -> list[str]:
    # The last day is a day of nominations until its end, as every page says.
    if on <= round_.nominations_until:
        return [f"申报至{date_cn(round_.nominations_until)}（含当日）截止，期满后方可截止申报。"]
    return []


def _before_recommend(round_: SelectionRound, on: date) -> list[str]:
    problems = []
    waiting = _nominations(round_, NominationState.SUBMITTED, NominationState.RETURNED)
    count = waiting.count()
    if count:
        problems.append(
            f"还有{count}件申报未办结（待受理或补正中）：{_by_league(waiting)}。"
            "请在申报名单中办理受理、不予受理或撤回。"
        )
    if panel.criteria(round_):
        problems += _unscored(round_)
    return problems


def _unscored(round_: SelectionRound) -> list[str]:
    """Nominees taken in for whom no expert is asked, or not every expert has handed in."""
    problems = []
    unscored = _nominations(round_, NominationState.ACCEPTED).filter(panel_score__isnull=True)
    # An expert who declared a conflict scores nothing: another one is to be assigned.
    assigned = PanelAssignment.objects.filter(conflict_at__isnull=True).values("nomination")
    unassigned = unscored.exclude(pk__in=assigned).count()
    if unassigned:
        problems.append(
            f"还有{unassigned}件已受理的申报没有安排评审专家（或专家均已回避），请在专家评审中安排。"
        )
    unfinished = unscored.filter(pk__in=assigned).count()
    if unfinished:
        problems.append(f"还有{unfinished}件申报的专家评分没有提交，请在专家评审中查看进度并督促。")
    return problems


def _before_rank(round_: SelectionRound, on: date) -> list[str]:
    undecided = _nominations(round_, NominationState.ACCEPTED)
    count = undecided.count()
    if count:
        leagues = _by_league(undecided)
        return [f"还有{count}件申报既未推荐也未作出不推荐：{leagues}。请各盟市办理完毕。"]
    if not _nominations(round_, NominationState.RECOMMENDED).exists():
        return ["没有被推荐的人选，不能排序。各盟市可以取消“不推荐”后重新推荐。"]
    return []


def _before_freeze(round_: SelectionRound, on: date) -> list[str]:
    if listing.latest(round_) is None:
        return ["还没有名单，请先排序。"]
    problems = [f"排序后核定的信息有变化：{change}" for change in verifying.stale(round_)]
    if problems:
        problems.append("请重新排序，或更正信息后再定稿。")
    for difference in verifying.verify(round_):
        problems.append(f"从已固定的事实重新计算，结果不一致：{difference}")
    return problems


def _before_notice(round_: SelectionRound, on: date) -> list[str]:
    list_in_force = round_.standing_list
    if list_in_force is None or not list_in_force.nominees.filter(selected=True).exists():
        return ["名单中没有入选人员，不能公示。"]
    return []


def _before_confirm(round_: SelectionRound, on: date) -> list[str]:
    if round_.notice is None:
        return ["名单还没有公示。"]
    return notices.blockers(round_.notice, on)


def _before_close(round_: SelectionRound, on: date) -> list[str]:
    # Drafts nobody handed in are ended by the step itself.
    open_nominations = Nomination.objects.filter(round=round_, case__closed_at__isnull=True)
    open_nominations = open_nominations.exclude(case__state=NominationState.DRAFT)
    count = open_nominations.count()
    if not count:
        return []
    return [f"还有{count}件申报未办结：{_by_league(open_nominations)}。"]


_IN_THE_WAY: dict[str, Callable[[SelectionRound, date], list[str]]] = {
    "open": _before_open,
    "assess": _before_assess,
    "recommend": _before_recommend,
    "rank": _before_rank,
    "freeze": _before_freeze,
    "notice": _before_notice,
    "confirm": _before_confirm,
    "close": _before_close,
}


# -- what a step does ----------------------------------------------------------------------------------------
def _rank(round_: SelectionRound, by: Any, on: date) -> None:
    listing.draw_up(round_, by=by, on=on, reason=FIRST_LIST)


def _freeze(round_: SelectionRound, by: Any, on: date) -> None:
    round_.standing_list = listing.latest(round_)
    round_.save(update_fields=["standing_list"])


def _announce(round_: SelectionRound, by: Any, on: date) -> None:
    announcing.announce(round_, by=by, on=on)


def _nothing(round_: SelectionRound, by: Any, on: date) -> None:
    """The move itself is the step."""


_EFFECTS: dict[str, Callable[[SelectionRound, Any, date], None]] = {
    "open": _nothing,
    "recommend": _nothing,
    "rank": _rank,
    "freeze": _freeze,
    "notice": _announce,
    "confirm": _nothing,
    "close": _nothing,
}


def _end_drafts(round_: SelectionRound, on: date) -> None:
    """Withdraw the drafts that nobody handed in, so that the person sees it and nothing stays open."""
    drafts = _nominations(round_, NominationState.DRAFT).order_by("pk")
    for case_id in list(drafts.values_list("pk", flat=True)):
        with transition(case_id, "withdraw", by=None, on=on, reason=_NOT_HANDED_IN) as case:
            Nomination.objects.filter(pk=case_id).update(outcome=case.state)
