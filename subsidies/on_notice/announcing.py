"""Putting claims on public notice, and the end of it: the actions, one claim or many.

A set of claims is announced as one list for each league, kind of claim and number of days. The list shows what the
registry's notices show of a person, and what is to be approved. Its last day is over at midnight; the night then moves
the claims on, or an officer does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from portal.accounts.access import NotNow
from portal.cases.models import Case, PublicNotice
from portal.cases.moving import Moving, Refusal, transition_many
from portal.cases.notices import publishing
from portal.formats import date_cn
from portal.policy.models import Determination
from portal.regions.models import Region
from portal.updating import update_each
from portal.workforce.models import SkillLevel
from subsidies.decisions import look_at, refusal_of
from subsidies.handling import claims_of, only
from subsidies.letters import cited
from subsidies.models import AnnouncedClaim, Claim, CompletedTraining
from subsidies.on_notice import standing
from subsidies.on_notice.objecting import KIND
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState

COLUMNS = (
    {"label": "序号", "kind": "number"},
    {"label": "姓名", "kind": "text"},
    {"label": "证件尾号", "kind": "text"},
    {"label": "工作单位", "kind": "text"},
    {"label": "旗县", "kind": "text"},
    {"label": "职业（工种）", "kind": "text"},
    {"label": "申请依据", "kind": "text"},
    {"label": "金额（元）", "kind": "number"},
)
_NOT_KNOWN = "未登记"
_TOGETHER = 500


# -- announcing ----------------------------------------------------------------------------------------------
def announce(case_id: int, *, by: Any, on: date) -> Claim:
    """Put one claim on notice. Raises Refused, NotNow."""
    with transaction.atomic():
        return only(announce_many([case_id], by=by, on=on), case_id)


@transaction.atomic
def announce_many(case_ids: Collection[int], *, by: Any, on: date) -> Moving:
    """Put claims of one kind on notice, from today for the working days of their course; `refused` says why others
    stay.
    """
    foreseen: dict[int, Determination] = {}

    def check(cases: list[Case]) -> Mapping[int, Refusal]:
        claims = claims_of(cases)
        foreseen.update(look_at(claims, verified=True))
        return against_announcing(claims, foreseen)

    with transition_many(case_ids, "announce", by=by, on=on, check=check) as moving:
        claims = claims_of(moving.cases)
        for together in _alike(claims):
            notice = _publish(together, foreseen, by=by, on=on)
            AnnouncedClaim.objects.bulk_create(AnnouncedClaim(claim=one, notice=notice) for one in together)
            for claim in together:
                moving.details[claim.pk].update(notice=notice.number, closes_on=notice.closes_on.isoformat())
        _let_clocks_stand(claims, on)
    return moving


def against_announcing(claims: Sequence[Claim], foreseen: Mapping[int, Determination]) -> dict[int, NotNow]:
    """Why claims are not announced: none is asked for, they were announced, or nothing would be approved yet."""
    announced = standing.announcements_of(claims)
    refused: dict[int, NotNow] = {}
    for claim in claims:
        determination = foreseen.get(claim.pk)
        if not standing.asks_for_notice(claim):
            refused[claim.pk] = NotNow("按提交当日的办理流程设置，本申请不需要公示。")
        elif claim.pk in announced:
            refused[claim.pk] = NotNow(f"已经公示过（{announced[claim.pk].notice.number}），不需要再公示。")
        elif refusal := refusal_of(determination, claim):
            refused[claim.pk] = refusal
        elif determination is not None and determination.amount is None:
            refused[claim.pk] = NotNow(
                "提交当日的补贴标准没有依据，暂不能公示拟补贴金额。该日期的标准录入并复核后再公示。"
            )
    return refused


def _alike(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Those that stand on one list."""
    lists: dict[tuple[str, str, int | None, str], list[Claim]] = {}
    for claim in claims:
        assert claim.course is not None  # noqa: S101  as the check asked
        case, course = claim.case, claim.course
        alike = case.league_code, case.kind, course.notice_days, course.basis
        lists.setdefault(alike, []).append(claim)
    return [lists[key] for key in sorted(lists, key=str)]


def _publish(
    claims: Sequence[Claim], foreseen: Mapping[int, Determination], *, by: Any, on: date
) -> PublicNotice:
    first = claims[0]
    assert first.course is not None and first.course.notice_days is not None  # noqa: S101  as the check asked
    scheme, days = SCHEMES[first.case.kind], first.course.notice_days
    league = Region.objects.get(code=first.case.league_code)
    rows = rows_of(claims, foreseen)
    return publishing.publish_notice(
        kind=KIND,
        region=league,
        title=f"{league.name}{scheme.title}拟发放人员公示（{date_cn(on)}）",
        legal_basis=f"{cited(first)}；{publishing.PERSONAL_DATA}",
        body=_body(scheme.title, len(rows), days, first.course.basis),
        columns=list(COLUMNS),
        rows=rows,
        digest=publishing.digest_of_rows(rows),
        working_days=days,
        by=by,
        on=on,
    )


def _body(title: str, count: int, days: int, basis: str) -> str:
    return "\n".join(
        (
            f"经受理、审核和复核，拟向以下{count}人发放{title}，现予公示。证件号码只公布后四位。",
            f"公示期{days}个工作日（{basis}）。期满没有异议，或者异议经核查不成立的，按程序审批。",
            publishing.HOW_TO_OBJECT,
        )
    )


def rows_of(claims: Sequence[Claim], foreseen: Mapping[int, Determination]) -> list[dict[str, Any]]:
    """The claims as the notice shows them, by place and number of the case, which is the key. Of the ID number only the
    ending is shown, of the account nothing.
    """
    beside = Claim.objects.select_related("worker__employer", "credential", "training", "case__region")
    found = beside.in_bulk([claim.pk for claim in claims])
    ordered = sorted(found.values(), key=lambda one: (one.case.region_id, one.case.number))
    return [
        {"key": claim.case.number, "cells": _cells(position, claim, foreseen[claim.pk])}
        for position, claim in enumerate(ordered, start=1)
    ]


def _cells(position: int, claim: Claim, foreseen: Determination) -> list[str]:
    worker, about = claim.worker, claim.subject
    rests_on = f"{SkillLevel(about.level).label}证书"
    if isinstance(about, CompletedTraining):
        rests_on = about.get_project_display()
    return [
        str(position),
        worker.name,
        worker.id_number[-4:],
        worker.employer.name if worker.employer else _NOT_KNOWN,
        claim.case.region.name,
        about.occupation or _NOT_KNOWN,
        rests_on,
        f"{foreseen.amount:.2f}",
    ]


def _let_clocks_stand(claims: Sequence[Claim], on: date) -> None:
    """Where the course says that the days of the notice do not count. Their clocks run: the transition saw to it."""
    still = [claim.case for claim in claims if claim.course is not None and claim.course.notice_stops_clock]
    for case in still:
        case.stopped_on = on
    update_each(still, ["stopped_on"])


# -- the end of it -------------------------------------------------------------------------------------------
def end(case_id: int, *, by: Any, on: date) -> Claim:
    """The notice of one claim is over, and nothing said against it is open: it can be approved. Raises Refused, NotNow."""
    with transaction.atomic():
        return only(end_many([case_id], by=by, on=on), case_id)


@transaction.atomic
def end_many(case_ids: Collection[int], *, by: Any, on: date) -> Moving:
    """The same of many claims; None: the calendar itself."""

    def check(cases: list[Case]) -> Mapping[int, Refusal]:
        return standing.against_deciding(claims_of(cases), "end_notice", on=on)

    with transition_many(case_ids, "end_notice", by=by, on=on, check=check) as moving:
        return moving


def end_due(on: date) -> int:
    """All claims whose notice was over before today. Returns how many can be approved now; again it finds none."""
    due = AnnouncedClaim.objects.standing().filter(
        claim__case__state=ClaimState.ON_NOTICE, notice__closes_on__lt=on
    )
    waiting = list(due.order_by("claim").values_list("claim", flat=True))
    ended = 0
    for start in range(0, len(waiting), _TOGETHER):
        ended += len(end_many(waiting[start : start + _TOGETHER], by=None, on=on).cases)
    return ended
