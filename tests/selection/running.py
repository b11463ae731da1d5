"""A whole round, played through the portal's own actions as far as a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG
from tests.selection.nominees import make_skilled, nominated, today

# By then every notice that begins today is over.
AFTERWARDS = 60
REASON = "业绩材料与申报岗位关联不足。"
LEVELS = (60, 50, 40, 40, 40)


def afterwards() -> date:
    return today() + timedelta(days=AFTERWARDS)


def day_of(step: str) -> date:
    """When a step is taken in a play: the nominations end when their last day is over, the notice long after."""
    if step in LATE:
        return afterwards()
    return today() + timedelta(days=step == "assess")


def draft_round(
    officer: Any, year: int = 2026, *, places: int = 3, recommended: dict[str, int] | None = None
) -> Any:
    """A draft whose days all lie on or after today, with few places and no cap of an industry."""
    from talent_registry.selection import rounds

    round_ = rounds.prepare(year, by=officer, on=today())
    day = today()
    rounds.set_days(
        round_,
        opens_on=day,
        nominations_until=day,
        panel_until=day,
        recommend_until=day,
        as_of=day,
        notice_working_days=5,
        by=officer,
        on=day,
    )
    quota = dict.fromkeys(rounds.quota_keys()["recommendation"], 0) | (recommended or {ORDOS: 4, BAOTOU: 2})
    rounds.set_places(round_, total=places, quotas={"recommendation": quota}, by=officer, on=day)
    return fresh(year)


def fresh(year: int = 2026) -> Any:
    from talent_registry.selection import steps

    return steps.find(year)


def play(
    cast: Callable[[str], Any], until: str, *, year: int = 2026, ordos: int = 4, baotou: int = 1, **given: Any
) -> Any:
    """The round in the state `until` (a state of RoundState), from where it stands if it was begun;
    鄂尔多斯 recommends all but its last nominee.
    """
    from talent_registry.models import Nomination, SelectionRound
    from talent_registry.selection import steps

    officer = cast("registry_officer")
    if not SelectionRound.objects.filter(year=year).exists():
        draft_round(officer, year, **given)
    nominees = list(Nomination.objects.filter(round__year=year).select_related("case").order_by("pk"))
    for step in steps.STEPS:
        if fresh(year).state == until:
            break
        if steps.is_taken(fresh(year), step):
            continue
        if step == "recommend":
            score_all(cast, nominees)
        if step == "rank":
            recommend_all(cast, nominees)
        by = cast("approver") if step == "confirm" else officer
        steps.take_step(year, step, by=by, on=day_of(step))
        if step == "open":
            nominees = nominate(cast, fresh(year), ordos, baotou)
    return fresh(year)


LATE = ("confirm", "publish", "close")


def nominate(cast: Callable[[str], Any], round_: Any, ordos: int, baotou: int) -> list[Any]:
    """Accepted nominations, the higher levels first."""
    found = []
    for count, region, clerk in ((ordos, OTOG, "clerk"), (baotou, KUNDULUN, "baotou_clerk")):
        for n in range(count):
            worker = make_skilled(f"王建国{region}{n}", region=region, level=LEVELS[n % len(LEVELS)])
            found.append(nominated(worker, round_, cast(clerk), state="accepted"))
    return found


def score_all(cast: Callable[[str], Any], nominees: list[Any]) -> None:
    from talent_registry.selection import panel

    if not nominees:
        return
    expert = cast("panel_expert")
    assigned = panel.assign(
        [one.pk for one in nominees], [expert.pk], by=cast("registry_officer"), on=today()
    )
    for sheet in assigned.made:
        scores = {criterion.code: criterion.most // 2 for criterion in panel.criteria(sheet.nomination.round)}
        panel.score(sheet.pk, scores, "材料充分。", by=expert, on=today())


def recommend_all(cast: Callable[[str], Any], nominees: list[Any]) -> None:
    from talent_registry.selection import recommending

    of_ordos = [one for one in nominees if one.case.league_code == ORDOS]
    for one in nominees:
        by = cast("reviewer" if one.case.league_code == ORDOS else "baotou_reviewer")
        if len(of_ordos) > 1 and one.pk == of_ordos[-1].pk:
            recommending.pass_over(one.pk, reason=REASON, by=by, on=today())
        else:
            recommending.recommend(one.pk, by=by, on=today())
