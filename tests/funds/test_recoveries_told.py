"""What whoever has to pay something back reads of it, and when it is late."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from portal.cases.models import Case
from portal.formats import date_cn
from portal.funds.asked_back import Due, asked_back, late
from portal.funds.course import Course, Stage, courses_of, in_stage, stage_of
from portal.funds.models import Payable, Recovery
from portal.regions.calendar import OfficeCalendar
from tests.funds.conftest import Office

pytestmark = pytest.mark.django_db


def test_the_course_says_what_is_due_and_what_came(office: Office, fallen: Any, recovering: Any) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.drawn_up(payable, recovering.asked(2000, 1200, 800))
    assert "书面通知后办理" in course_of(payable).fell, "a proposal is told to nobody"
    recovering.heard(recovery)
    recovering.decide(recovery)
    assert course_of(payable).stage == Stage.RECOVERABLE
    recovering.came(recovering.row(recovery, "500", "B1"))
    (asked,) = course_of(payable).asked_back
    first = recovery.instalments.get(position=1)
    assert f"应当退还2,000元（追回编号{recovery.number}），已退还500元，还应退还1,500元。" in asked.told
    assert f"{date_cn(OfficeCalendar().ends_on(first.due_on))}前应退还700元" in asked.told
    titles = {step.title for step in course_of(payable).steps}
    assert {"决定追回2,000元", "收到退还的500元"} <= titles
    cases = Case.objects.filter(pk=payable.case_id)
    assert list(in_stage(cases, Stage.PAID, "pk")) == [] and in_stage(cases, Stage.RECOVERABLE, "pk").exists()
    assert cases.annotate(stage=stage_of("pk")).get().stage == "recoverable"
    recovering.came(recovering.row(recovery, "1500", "B2"))
    assert course_of(payable).asked_back[0].told.endswith("已全部退还。")
    assert course_of(payable).stage is None
    assert list(in_stage(cases, Stage.PAID, "pk")) == list(in_stage(cases, Stage.RECOVERABLE, "pk")) == []
    assert cases.annotate(stage=stage_of("pk")).get().stage == ""


def course_of(payable: Payable) -> Course:
    return courses_of([payable.case_id])[payable.case_id]


def test_what_ends_on_a_day_off_is_due_until_the_next_working_day(fallen: Any, recovering: Any) -> None:
    """Given an instalment that is due on a Saturday, then it is late on the Tuesday, and not before."""
    (payable,) = fallen(2000)
    saturday = timezone.localdate() + timedelta(days=200)
    saturday += timedelta(days=(5 - saturday.weekday()) % 7)
    calendar = OfficeCalendar()
    while calendar.works(saturday) or not calendar.works(saturday + timedelta(days=2)):
        saturday += timedelta(days=7)
    recovery = recovering.decided(payable, recovering.asked(2000, plan=[(saturday, Decimal(2000))]))
    assert asked_back([payable.pk])[payable.pk][0].due == Due(saturday, saturday + timedelta(days=2), 200_000)
    for days, is_late in ((1, False), (2, False), (3, True)):
        found = late(Recovery.objects.all(), saturday + timedelta(days=days))
        assert list(found) == ([recovery] if is_late else [])
