"""What tests of announcing and publishing begin with: a round whose list was ranked by the real steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.cast import BAOTOU, KUNDULUN, ORDOS
from tests.selection.nominees import make_employer, make_round, make_skilled, move_round, nominated, today

YEAR = 2026
# (name, region, level, whether the league recommends): by score 首席 > 特级 > 高级技师 > 技师 > 高级工.
PEOPLE = (
    ("首席王", "", 80, True),
    ("特级李", "", 70, True),
    ("高技赵", "", 60, True),
    ("包技孙", KUNDULUN, 50, True),
    ("包高周", KUNDULUN, 40, True),
    ("未推吴", "", 40, False),
)
PASSED_OVER = "业绩材料与申报岗位关联不足。"
STEPS = ("rank", "freeze", "notice", "confirm", "publish")


def make_announced(
    cast: Callable[[str], Any],
    *,
    until: str = "notice",
    places: int = 3,
    ordos: int = 2,
    people: Any = PEOPLE,
    **given: Any,
) -> Any:
    """A round taken by its steps as far as `until`: of six nominees one is passed over, 2 of 鄂尔多斯 and 3
    in all have a place.
    """
    from talent_registry.models import Quota, QuotaKind
    from talent_registry.selection import recommending

    officer = cast("registry_officer")
    round_ = make_round(
        officer,
        state="draft",
        year=YEAR,
        recommend_until=today(),
        panel_until=today(),
        nominations_until=today(),
        **given,
    )
    type(round_).objects.filter(pk=round_.pk).update(places=places)
    Quota.objects.bulk_create(
        [Quota(round=round_, kind=QuotaKind.RECOMMENDATION, key=key, places=50) for key in (ORDOS, BAOTOU)]
        + [Quota(round=round_, kind=QuotaKind.LEAGUE, key=ORDOS, places=ordos)]
    )
    move_round(round_.pk, officer, "open")
    unit = make_employer()
    made = []
    for name, region, level, wanted in people:
        worker = (
            make_skilled(name, region=region, level=level, unit=unit)
            if region
            else make_skilled(name, level=level, unit=unit)
        )
        made.append(
            (
                nominated(worker, round_, cast("baotou_clerk" if region else "clerk"), state="accepted"),
                region,
                wanted,
            )
        )
    move_round(round_.pk, officer, "recommendation")
    for nomination, region, wanted in made:
        reviewer = cast("baotou_reviewer" if region else "reviewer")
        if wanted:
            recommending.recommend(nomination.pk, by=reviewer, on=today())
        else:
            recommending.pass_over(nomination.pk, reason=PASSED_OVER, by=reviewer, on=today())
    take(cast, until)
    return current()


def take(cast: Callable[[str], Any], until: str) -> Any:
    """The steps from where the round stands to `until`, each by who may; confirmed and published on the day
    after the notice.
    """
    from talent_registry.selection import steps

    for step in STEPS:
        if not steps.is_taken(steps.find(YEAR), step):
            by = cast("approver" if step == "confirm" else "registry_officer")
            steps.take_step(
                YEAR, step, by=by, on=after_notice() if step in ("confirm", "publish") else today()
            )
        if step == until:
            break
    return current()


def current() -> Any:
    from talent_registry.models import SelectionRound

    return SelectionRound.objects.select_related("case", "notice", "standing_list").get(year=YEAR)


def after_notice() -> date:
    from datetime import timedelta

    round_ = current()
    return round_.notice.closes_on + timedelta(days=1) if round_.notice else today()


def names(made: Any, *, selected: bool = True) -> list[str]:
    """Of a list, by place."""
    found = made.nominees.filter(selected=selected).order_by("position")
    return list(found.values_list("nomination__worker__name", flat=True))


def nomination_of(name: str) -> Any:
    from talent_registry.models import Nomination

    return Nomination.objects.select_related("case", "worker", "round").get(worker__name=name)


def object_to(
    name: str = "", *, on: date | None = None, text: str = "该人选不在生产服务一线岗位，系管理人员。"
) -> Any:
    """An objection about one of the announced, or the notice as a whole."""
    from portal.cases.notices import objections

    about = nomination_of(name).case.number if name else ""
    return objections.receive(
        current().notice_id,
        about=about,
        objector="钱某",
        contact="13900001111",
        text=text,
        uploads=[],
        on=on or today(),
    )
