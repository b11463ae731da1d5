"""How claims are handled: the settings in force on a day, and how they change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal import audit
from portal.accounts.access import WHOLE_REGION, NotNow, require
from subsidies.by_unit.workflow import PROPOSAL
from subsidies.models import Course
from subsidies.schemes import SCHEMES, SKILL_UPGRADE, TECHNICIAN

SET, CONFIRM = "course.set", "course.confirm"
# What has a course: the kinds of claims, and how many working days a person has to answer what a unit put forward.
TITLES = {kind: scheme.title for kind, scheme in SCHEMES.items()} | {PROPOSAL: "单位代为提出（本人确认期限）"}
_SAMPLE = "示例设置，须由自治区业务主管按本地办法核定"


def course_of(kind: str, league: str, on: date) -> Course:
    """The settings for claims of a kind that are handed in on a day in a league: its own before those for all.
    NotNow when none is in force.
    """
    in_force = Course.objects.in_use().filter(Q(league=league) | Q(league=None), kind=kind, since__lte=on)
    # A confirmed setting comes before the sample of the same day, a later one before an earlier one.
    found = in_force.order_by(F("league").asc(nulls_last=True), "-since", "is_sample", "-id").first()
    if found is None:
        raise NotNow(f"“{TITLES[kind]}”在{on:%Y-%m-%d}没有办理流程设置，请联系自治区业务主管。")
    return found


def load_samples() -> None:
    """The shipped settings, which say that they are samples; they hold from the days on which the benefits begin."""
    for kind, since, twice, days, notice in (
        (SKILL_UPGRADE, date(2017, 1, 1), None, 10, None),
        (TECHNICIAN, date(2019, 2, 20), Decimal(0), 20, 5),
        (PROPOSAL, date(2017, 1, 1), None, 15, None),
    ):
        Course.objects.get_or_create(
            kind=kind,
            league=None,
            since=since,
            defaults={
                "second_review_from": twice,
                "working_days": days,
                "notice_days": notice,
                "notice_stops_clock": notice is not None,
                "ask_again_days": 15,
                "answer_again_days": 20,
                "basis": _SAMPLE,
                "is_sample": True,
            },
        )


@transaction.atomic
def enter(values: dict[str, Any], *, by: Any, on: date) -> Course:
    """Enter settings that hold from a day on; they count once another officer has confirmed them.

    Raises Refused; NotNow when they would change what was handed in already, or do not agree with themselves.
    """
    require(by, SET, WHOLE_REGION)
    if values["since"] <= on:
        raise NotNow("开始执行日期应晚于今天：已提交的申请按提交当日的设置办理。")
    amounts = (values.get("second_review_from"), values.get("region_decides_from"))
    if values["kind"] == PROPOSAL and amounts != (None, None):
        raise NotNow("单位代为提出的，只设本人确认期限，不填写复核和审批的起点金额。")
    if values.get("notice_days") and values["kind"] != TECHNICIAN:
        raise NotNow(f"只有“{TITLES[TECHNICIAN]}”设公示，其他事项不填写公示期。")
    course = Course(**values, entered_by=by)
    try:
        course.clean_fields(exclude=["league", "confirmed_by", "confirmed_at"])
        course.validate_constraints()
    except ValidationError as error:
        raise NotNow("；".join(error.messages)) from error
    course.save()
    audit.record(SET, by=by, obj=course, detail={"kind": course.kind, "since": course.since.isoformat()})
    return course


def require_may_confirm(course: Course, *, by: Any, on: date) -> None:
    """Raise Refused, NotNow unless this officer may confirm them on the day."""
    require(by, CONFIRM, WHOLE_REGION)
    if course.confirmed_at or course.is_sample:
        raise NotNow("该设置已经生效，不需要再复核。")
    if course.entered_by_id == by.pk:
        raise NotNow("流程设置须由录入人以外的另一人复核。")
    if course.since <= on:
        raise NotNow("该设置的开始执行日期已过，不能再复核。请另行录入。")


@transaction.atomic
def confirm(course_id: int, *, by: Any, on: date) -> Course:
    """Another officer confirms settings that were entered, before they begin. Raises Refused, NotNow."""
    course = Course.objects.select_for_update().get(pk=course_id)
    require_may_confirm(course, by=by, on=on)
    course.confirmed_by, course.confirmed_at = by, timezone.now()
    course.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record(CONFIRM, by=by, obj=course, detail={"kind": course.kind, "since": course.since.isoformat()})
    return course
