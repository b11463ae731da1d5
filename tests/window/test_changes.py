"""The pages on which what counts is changed by two: the clerk proposes, another person compares and confirms."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.workforce.actions import remove_record, version_of
from portal.workforce.models import BenefitClaim, RecordChange
from tests.window.given import ON, known_worker

pytestmark = pytest.mark.django_db
HOME = reverse("window:home")
MINE = f"{reverse('window:changes')}?mine=on"


@pytest.fixture
def claim(cast: Any) -> BenefitClaim:
    """One clerk wrote it down; another one of the banner works on it now."""
    return known_worker(cast("clerk")).claims.get()


def _address(name: str, claim: BenefitClaim) -> str:
    return reverse(f"window:{name}", args=[claim.worker_id, "claim", claim.pk])


def test_a_change_from_the_clerk_to_the_reviewer(claim: Any, cast: Any, as_user: Any) -> None:
    # given the form of a claim: it says that another person confirms, and asks why
    clerk, reviewer = as_user(cast("clerk")), as_user(cast("reviewer"))
    form = clerk.get(_address("record", claim))
    assert "须由另一人确认" in form.text and "变更理由" in form.text
    entered = {
        "kind": "skill_upgrade", "occupation": "焊工", "level": "50", "certificate_number": "",
        "claimed_on": "2025-03-01", "source": "经办系统查询", "version": version_of(claim),
    }  # fmt: skip
    assert "reason" in clerk.post(_address("record", claim), entered).context["form"].errors
    # when it is proposed
    sent = clerk.post(_address("record", claim), entered | {"reason": "原登记年份有误"}, follow=True)
    # then the clerk is told, here and on the person's page, and has no button
    assert "待他人确认" in sent.text and "由您提出" in sent.text
    change = RecordChange.objects.get()
    assert reverse("window:change_confirm", args=[change.pk]) not in sent.text
    assert "待他人确认" in clerk.get(reverse("window:worker", args=[claim.worker_id])).text
    waiting = clerk.get(_address("record", claim))
    assert "已有一项变更待他人确认" in waiting.text
    # and the reviewer finds it under what waits, both sides beside each other
    home = reviewer.get(HOME)
    assert {queue["label"]: queue["count"] for queue in home.context["queues"]}["待确认变更"] == 1
    assert [row["change"] for row in reviewer.get(MINE).context["rows"]] == [change]
    page = reviewer.get(reverse("window:change", args=[change.pk]))
    pair = {row["label"]: (row["was"], row["shall_be"]) for row in page.context["pair"] if row["differs"]}
    assert pair == {"申领日期": ("2018-03-01", "2025-03-01"), "来源": ("窗口登记", "经办系统查询")}
    # without naming what was seen nothing is confirmed
    confirm = reverse("window:change_confirm", args=[change.pk])
    assert reviewer.post(confirm, {"seen": ""}).status_code == 200
    reviewer.post(confirm, {"seen": "经办系统查询结果"})
    claim.refresh_from_db()
    assert claim.claimed_on.isoformat() == "2025-03-01"
    # whoever opens it again is sent back
    assert reviewer.get(confirm)["Location"] == reverse("window:change", args=[change.pk])
    history = reviewer.get(f"{reverse('window:worker', args=[claim.worker_id])}?tab=history").text
    assert "提出更改" in history and "确认更改" in history and "原登记年份有误" in history


def test_a_removal_that_is_refused_with_a_reason(claim: Any, cast: Any, as_user: Any) -> None:
    clerk, reviewer = as_user(cast("clerk")), as_user(cast("reviewer"))
    asked = clerk.get(_address("record_remove", claim)).text
    assert "须由另一人确认" in asked
    clerk.post(_address("record_remove", claim), {"reason": "误登", "version": version_of(claim)})
    change = RecordChange.objects.get()
    assert "不再作为判定依据" in reviewer.get(reverse("window:change", args=[change.pk])).text
    refuse = reverse("window:change_refuse", args=[change.pk])
    assert reviewer.post(refuse, {"reason": ""}).status_code == 200
    reviewer.post(refuse, {"reason": "经办系统确有发放记录"})
    assert BenefitClaim.objects.exists()
    done = clerk.get(f"{reverse('window:changes')}?list=done").text
    assert "未通过" in done
    assert "经办系统确有发放记录" in clerk.get(reverse("window:change", args=[change.pk])).text


def test_what_one_proposed_one_takes_back(claim: Any, cast: Any, as_user: Any) -> None:
    clerk = as_user(cast("clerk"))
    clerk.post(_address("record_remove", claim), {"reason": "误登", "version": version_of(claim)})
    change = RecordChange.objects.get()
    clerk.post(reverse("window:change_withdraw", args=[change.pk]))
    change.refresh_from_db()
    assert change.state == "withdrawn" and BenefitClaim.objects.exists()


def test_who_may_and_who_may_not(claim: Any, second_clerk: Any, cast: Any, as_user: Any) -> None:
    change = remove_record(
        "claim", claim.worker_id, claim.pk, reason="误登", version=version_of(claim), by=second_clerk, on=ON
    )
    assert change is not None
    confirm = reverse("window:change_confirm", args=[change.pk])
    # who proposed it, who wrote it, another banner's clerk, who only looks
    for who, status in (
        (second_clerk, 409),
        (cast("clerk"), 409),
        (cast("baotou_clerk"), 404),
        (cast("auditor"), 403),
    ):
        assert as_user(who).post(confirm, {"seen": "凭证"}).status_code == status
    assert as_user(cast("auditor")).get(reverse("window:change", args=[change.pk])).status_code == 200
    assert BenefitClaim.objects.exists()
    as_user(cast("regional_reviewer")).post(confirm, {"seen": "凭证"})
    assert not BenefitClaim.objects.exists()


def test_somebody_is_handed_over_on_the_pages(claim: Any, cast: Any, as_user: Any) -> None:
    person = claim.worker
    clerk, there = as_user(cast("clerk")), as_user(cast("baotou_clerk"))
    sent = {
        "name": person.name, "work_region": "150203", "source": "调动通知", "version": version_of(person),
    }  # fmt: skip
    page = clerk.post(reverse("window:worker_edit", args=[person.pk]), sent, follow=True)
    assert "工作地变更待接收地确认" in page.text and "变更待他人确认" in page.text
    assert "已更正" not in page.text
    change = RecordChange.objects.get()
    # whoever works there sees the change and not yet the person
    assert there.get(reverse("window:worker", args=[person.pk])).status_code == 404
    shown = there.get(reverse("window:change", args=[change.pk]))
    assert person.name in shown.text and person.masked_id_number in shown.text
    there.post(reverse("window:change_confirm", args=[change.pk]), {"seen": "调动通知"})
    assert there.get(reverse("window:worker", args=[person.pk])).status_code == 200
