"""Many claims in one go: the same as each by itself, with a result for every one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.models import Case, CaseDuty, CaseEvent
from portal.jobs.runner import run_job
from portal.letters.models import Letter
from portal.policy.models import Determination
from subsidies import claiming, handling, jobs
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE
from tests.by_two import changed_by_two
from tests.cast import make_worker
from tests.subsidies.conftest import MONDAY, certificate, in_work

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 20)


def claims_of(cast: Any, count: int, *, of: str = "a") -> list[Claim]:
    """Claims of so many people, handed in at the window."""
    made = []
    for number in range(count):
        worker = in_work(make_worker(f"工人{'甲乙丙丁戊己'[number]}"), cast("reviewer"))
        credential = certificate(worker, cast("reviewer"), number=f"{of}{number}")
        made.append(
            claiming.claim_at_once(
                credential.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=MONDAY
            )
        )
    return made


def versions(claims: list[Claim]) -> dict[int, int]:
    return dict(Case.objects.filter(pk__in=[one.pk for one in claims]).values_list("pk", "version"))


def moved(
    action: str, claims: list[Claim], by: Any, on: date = MONDAY, **more: Any
) -> dict[int, tuple[bool, str]]:
    """What became of each claim."""
    job = jobs.start_moving(action, versions(claims), by=by, on=on, **more)
    run_job(job.pk)
    return {int(key): (ok, text) for key, ok, text in job.items.values_list("key", "ok", "message")}


def written(claims: list[Claim]) -> list[list[Any]]:
    """All that stands of each claim but for its numbers and moments."""
    told = []
    for claim in claims:
        case = Case.objects.get(pk=claim.pk)
        events = CaseEvent.objects.filter(case=case).values_list(
            "position", "action", "from_state", "to_state", "by", "role", "on", "reason"
        )
        duties = CaseDuty.objects.filter(case=case).order_by("duty").values_list("duty", "person")
        letters = (
            Letter.objects.filter(case=case).order_by("pk").values_list("kind", "issued_by", "issued_on")
        )
        audited = Entry.objects.filter(object_ref=str(case.pk), action__startswith="case.").order_by("pk")
        assert audited.exists()
        row = Claim.objects.get(pk=claim.pk)
        told.append(
            [
                (
                    case.state,
                    case.version,
                    case.due_on,
                    case.assigned_to_id,
                    row.amount,
                    row.record is not None,
                ),
                list(events),
                list(duties),
                list(letters),
                list(audited.values_list("action", "actor_id", "region_code")),
            ]
        )
    return told


def test_in_bulk_as_one_by_one(cast: Any) -> None:
    together, singly = claims_of(cast, 3, of="a"), claims_of(cast, 3, of="b")
    clerk, reviewer, approver = cast("clerk"), cast("reviewer"), cast("approver")
    assert set(moved("accept", together, clerk).values()) == {(True, "已受理")}
    assert set(moved("review", together, reviewer, note="核对无误。").values()) == {(True, "已审核")}
    assert set(moved("approve", together, approver, FRIDAY).values()) == {(True, "已批准")}
    for claim in singly:
        claiming.accept(claim.pk, by=clerk, on=MONDAY)
        handling.review(claim.pk, by=reviewer, on=MONDAY, note="核对无误。")
        handling.approve(claim.pk, by=approver, on=FRIDAY)
    assert written(together) == written(singly)


def test_one_that_cannot_leaves_the_others(cast: Any) -> None:
    good, bad, other = claims_of(cast, 3)
    moved("accept", [good, bad, other], cast("clerk"))
    changed_by_two(bad.worker.insurance, months=3)
    results = moved("review", [good, bad, other], cast("reviewer"))
    assert results[good.pk] == results[other.pk] == (True, "已审核")
    assert results[bad.pk][0] is False and "失业保险累计缴费达到规定月数" in results[bad.pk][1]
    assert [Case.objects.get(pk=one.pk).state for one in (good, bad, other)] == [
        "reviewed",
        "accepted",
        "reviewed",
    ]
    # What was decided of the one that stays is not kept: nothing rests on it, as when it goes alone.
    kept = [
        Determination.objects.about("certificate", one.credential_id).count() for one in (good, bad, other)
    ]
    assert kept == [2, 1, 2]


def test_what_moved_since_it_was_seen_is_left(cast: Any) -> None:
    one, other = claims_of(cast, 2)
    moved("accept", [one, other], cast("clerk"))
    moved("review", [one, other], cast("reviewer"))
    job = jobs.start_moving("approve", versions([one, other]), by=cast("approver"), on=FRIDAY)
    handling.send_back(one.pk, reason="请再核对。", by=cast("regional_reviewer"), on=FRIDAY)
    handling.review(one.pk, by=cast("reviewer"), on=FRIDAY)
    run_job(job.pk)
    results = {int(key): (ok, text) for key, ok, text in job.items.values_list("key", "ok", "message")}
    assert results[other.pk] == (True, "已批准") and "有新的办理" in results[one.pk][1]


def test_done_again_it_changes_nothing(cast: Any) -> None:
    claims = claims_of(cast, 2)
    job = jobs.start_moving("accept", versions(claims), by=cast("clerk"), on=MONDAY)
    run_job(job.pk)
    before = written(claims)
    run_job(job.pk)
    assert written(claims) == before and Letter.objects.count() == 2


def test_whoever_may_not_starts_nothing(cast: Any) -> None:
    claims = claims_of(cast, 1)
    with pytest.raises(Refused):
        jobs.start_moving("approve", versions(claims), by=cast("clerk"), on=MONDAY)
    results = moved("accept", claims, cast("baotou_clerk"))
    assert results[claims[0].pk][0] is False


def test_from_the_list(cast: Any, as_user: Any) -> None:
    claims = claims_of(cast, 2)
    clerk = as_user(cast("clerk"))
    page = clerk.get(reverse("subsidies:claims"), {"state": "submitted"}).content.decode()
    assert "批量受理" in page and page.count('name="chosen"') == 2
    chosen = {"chosen": [claim.pk for claim in claims], "action": "accept"}
    asked = clerk.post(reverse("subsidies:move_chosen"), chosen).content.decode()
    assert claims[0].case.number in asked and "工人甲" in asked
    answer = clerk.post(reverse("subsidies:move_chosen"), chosen | {"sure": "1"})
    assert answer.status_code == 302 and "/window/jobs/" in answer["Location"]
    nobody = as_user(cast("auditor")).post(reverse("subsidies:move_chosen"), chosen)
    assert nobody.status_code == 403
