"""Reviewing on one screen: what each condition rests on, the evidence beside it, what looks the same, the next claim."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry
from portal.cases.evidence import files
from portal.pages.next_case import next_waiting
from portal.workforce.models import BenefitClaim
from subsidies import claiming, handling
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.cases.conftest import picture, upload
from tests.cast import make_worker
from tests.subsidies.conftest import certificate, in_work

pytestmark = pytest.mark.django_db


def lately() -> date:
    """A day within the term of every certificate."""
    return timezone.localdate().replace(day=1)


def accepted_of(worker: Any, cast: Any, *, number: str, **more: Any) -> Claim:
    """A claim by a certificate of the worker, with a picture handed in, taken in today."""
    today, clerk = timezone.localdate(), cast("clerk")
    one = certificate(worker, cast("reviewer"), number=number, issued_on=lately(), **more)
    claim = claiming.draft(one.pk, SKILL_UPGRADE, channel="window", by=clerk, on=today)
    files.attach(claim.pk, upload(picture(), "证书.png"), label="技能证书", by=clerk, on=today)
    claiming.hand_in(claim.pk, by=clerk, on=today)
    return claiming.accept(claim.pk, by=clerk, on=today)


@pytest.fixture
def claim(cast: Any, welder: Any) -> Claim:
    return accepted_of(welder, cast, number="S000015000001")


def page_of(client: Client, claim: Claim) -> str:
    answer = client.get(reverse("subsidies:claim", args=[claim.case.number]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_condition_says_what_was_observed_and_from_where(claim: Claim, cast: Any, as_user: Any) -> None:
    page = page_of(as_user(cast("reviewer")), claim)
    months = page.partition("失业保险累计缴费达到规定月数")[2].partition("</li>")[0]
    assert "现有40个月" in months and "来源：" in months and "失业保险" in months.partition("来源：")[2]


def test_evidence_stands_beside_the_conditions(claim: Claim, cast: Any, as_user: Any) -> None:
    """Given a picture that was handed in, when the reviewer reviews, then it is shown on the claim's page and on that of the
    decision, as a plain picture with keys beside it; no script stands in the page.
    """
    reviewer, evidence = as_user(cast("reviewer")), claim.case.evidence.get()
    address = reverse("window:evidence", args=[evidence.pk])
    step = reviewer.get(reverse("subsidies:step", args=[claim.case.number, "review"])).content.decode()
    for page in (page_of(reviewer, claim), step):
        assert f'<img src="{address}" alt="技能证书"' in page and "viewer.js" in page
        assert 'data-viewer-do="turn"' in page and "data-first" in (step if page is step else "data-first")
    answer = reviewer.get(address)
    assert answer["Content-Type"] == "image/png"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert Entry.objects.about_worker(claim.worker_id).filter(action="evidence.open").exists()


def test_the_viewer_is_for_who_may_see_the_evidence(
    claim: Claim, cast: Any, as_user: Any, worker: Any, worker_user: Any
) -> None:
    """The worker has the list of files, not the screen of the office; others have neither page nor file."""
    in_work(worker, cast("reviewer"))
    own = accepted_of(worker, cast, number="S2")
    page = page_of(as_user(worker_user), own)
    assert "viewer.js" not in page and "data-viewer" not in page and "证书.png" in page
    stranger, evidence = as_user(cast("baotou_reviewer")), claim.case.evidence.get()
    assert stranger.get(reverse("subsidies:claim", args=[claim.case.number])).status_code == 404
    assert stranger.get(reverse("window:evidence", args=[evidence.pk])).status_code == 404
    assert as_user(worker_user).get(reverse("window:evidence", args=[evidence.pk])).status_code == 404


def test_a_file_that_was_taken_away_is_not_shown(claim: Claim, cast: Any, as_user: Any) -> None:
    today, clerk = timezone.localdate(), cast("clerk")
    other = accepted_of(claim.worker, cast, number="S3", occupation="钳工")
    assert "data-viewer-file" in page_of(as_user(cast("reviewer")), other)
    draft = certificate(claim.worker, cast("reviewer"), number="S4", occupation="车工", issued_on=lately())
    begun = claiming.draft(draft.pk, SKILL_UPGRADE, channel="window", by=clerk, on=today)
    file = files.attach(begun.pk, upload(picture(), "证书.png"), label="技能证书", by=clerk, on=today)
    files.remove(file.pk, by=clerk, on=today)
    assert "没有提交佐证材料" in page_of(as_user(clerk), begun)


def test_the_full_number_is_shown_for_a_purpose_and_noted(claim: Claim, cast: Any, as_user: Any) -> None:
    reviewer, approver = as_user(cast("reviewer")), as_user(cast("approver"))
    unmask = reverse("window:worker_unmask", args=[claim.worker_id])
    page = page_of(reviewer, claim)
    assert unmask in page and claim.worker.masked_id_number in page and claim.worker.id_number not in page
    page = page_of(approver, claim)
    assert unmask not in page and claim.worker.masked_id_number in page
    sent = {"what": "id_number", "purpose": "check", "note": f"核对办件{claim.case.number}"}
    from portal.workforce.models import UnmaskedFor

    sent["purpose"] = UnmaskedFor.values[0]
    shown = reviewer.post(unmask, sent, headers={"HX-Request": "true"}).content.decode()
    assert claim.worker.id_number in shown
    assert Entry.objects.about_worker(claim.worker_id).filter(action="worker.unmask").exists()


# -- what looks the same -------------------------------------------------------------------------------------
def test_the_same_level_out_of_any_fund_is_named(claim: Claim, cast: Any, as_user: Any) -> None:
    """Given a payment and another claim of the same occupation and level, when the claim is reviewed, then both are named;
    what came to nothing, and another level, are not.
    """
    worker = claim.worker
    given = {"worker": worker, "claimed_on": date(2024, 5, 6), "source": "合成", "occupation": "焊工"}
    BenefitClaim.objects.create(**given, kind="training_subsidy", level=30)
    BenefitClaim.objects.create(**given, kind="skill_upgrade", level=20)
    today, clerk = timezone.localdate(), cast("clerk")
    twin = certificate(worker, cast("reviewer"), number="S5", issued_on=lately())
    again = claiming.draft(twin.pk, SKILL_UPGRADE, channel="window", by=clerk, on=today)
    page = page_of(as_user(cast("reviewer")), claim)
    assert "同一职业（工种）同一等级登记有1笔以往补贴" in page
    assert f"同一职业（工种）同一等级还有申请：{again.case.number}" in page
    assert "就业补助资金" in page and "失业保险基金" in page
    claiming.withdraw(again.pk, reason="本人到窗口申请撤回。", by=clerk, on=today)
    assert "还有申请" not in page_of(as_user(cast("reviewer")), claim)


def test_certificate_and_account_of_others_are_named(claim: Claim, cast: Any, as_user: Any) -> None:
    other = make_worker("李芳")
    certificate(other, cast("reviewer"), number="S000015000001", issued_on=lately())
    page = page_of(as_user(cast("reviewer")), claim)
    assert "证书编号还登记在另外1人名下" in page and "李芳" not in page


# -- the next one --------------------------------------------------------------------------------------------
def test_the_next_claim_is_the_next_of_the_worklist(claim: Claim, cast: Any, as_user: Any) -> None:
    """Given three claims that wait for a reviewer, when one is open, then the one behind it by deadline is offered, from the
    last one the first, and when no other waits nothing; of another kind none is.
    """
    second = accepted_of(in_work(make_worker("李芳"), cast("reviewer")), cast, number="S6")
    third = accepted_of(in_work(make_worker("张强"), cast("reviewer")), cast, number="S7")
    reviewer = cast("reviewer")
    following = {one.pk: next_waiting(one.case, reviewer) for one in (claim, second, third)}
    assert [one.pk for one in following.values() if one] == [second.pk, third.pk, claim.pk]
    page = page_of(as_user(reviewer), claim)
    assert reverse("subsidies:claim", args=[second.case.number]) in page and 'data-key="n"' in page
    handling.review(claim.pk, by=reviewer, on=timezone.localdate())
    handling.review(second.pk, by=reviewer, on=timezone.localdate())
    claim.case.refresh_from_db()
    assert next_waiting(claim.case, reviewer) == third.case
    assert next_waiting(third.case, reviewer) is None
    assert next_waiting(claim.case, cast("auditor")) is None
    technician = certificate(third.worker, reviewer, number="S8", level=50, issued_on=lately())
    claiming.draft(technician.pk, TECHNICIAN, channel="window", by=cast("clerk"), on=timezone.localdate())
    assert next_waiting(third.case, reviewer) is None


def test_actions_have_keys(claim: Claim, cast: Any, as_user: Any) -> None:
    page = page_of(as_user(cast("reviewer")), claim)
    assert 'data-key="1"' in page and "<kbd" in page
