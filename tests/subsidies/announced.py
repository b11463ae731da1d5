"""What tests of public notices begin with: claims of technicians, on notice under the sample course or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from portal.cases.models import Case, PublicNotice
from portal.cases.notices import objections
from subsidies import courses, handling
from subsidies.models import Claim, Course
from subsidies.on_notice import announcing
from subsidies.schemes import TECHNICIAN
from tests.subsidies.conftest import MONDAY

# Five working days after MONDAY; the first day on which what was announced then may be approved.
LAST, AFTER = date(2026, 11, 23), date(2026, 11, 24)
_BEFORE = date(2026, 11, 2)
# What is said to whoever objected.
SAID = {"reason": "经核查，本人未在该岗位工作。", "reply": "经核查，您反映的情况属实。"}


def course_for_technicians(cast: Callable[[str], Any], **values: Any) -> Course:
    """Settings for technicians that one officer entered and another confirmed before MONDAY: without a notice, unless it
    is given.
    """
    given = {
        "kind": TECHNICIAN,
        "league": None,
        "since": MONDAY,
        "working_days": 20,
        "second_review_from": 0,
        "region_decides_from": None,
        "ask_again_days": 15,
        "answer_again_days": 20,
        "basis": "合成文号〔2026〕4号",
    }
    entered = courses.enter(given | values, by=cast("supervisor"), on=_BEFORE)
    return courses.confirm(entered.pk, by=cast("policy_officer"), on=_BEFORE)


def reviewed_twice(claim: Claim, cast: Callable[[str], Any]) -> Claim:
    """巴特尔 has reviewed an accepted claim, and 陈静 again."""
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    return handling.review_again(claim.pk, by=cast("regional_reviewer"), on=MONDAY)


def noticed(claim: Claim, cast: Callable[[str], Any]) -> Claim:
    """A claim that was reviewed, announced on MONDAY, with nothing said against it until the end."""
    announcing.announce(claim.pk, by=cast("reviewer"), on=MONDAY)
    return announcing.end(claim.pk, by=cast("reviewer"), on=AFTER)


def state_of(claim: Claim) -> str:
    return Case.objects.get(pk=claim.pk).state


def notice_of(claim: Claim) -> PublicNotice:
    return claim.announcements.order_by("-pk")[0].notice


def object_to(notice: PublicNotice, about: Claim | None = None, *, on: date = MONDAY) -> Any:
    """Somebody objects to one on the list, or to all of it."""
    return objections.receive(
        notice.pk,
        about=about.case.number if about else "",
        objector="钱某",
        contact="13900001111",
        text="该人员并未在申报的岗位工作，情况不实。",
        uploads=[],
        on=on,
    )
