"""The plan of a recovery is changed after its decision: by one, decided by another; the earlier plan stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.funds import asked_back, recovery_steps, replanning
from portal.funds.models import ChangedInstalment, PlanChange, Recovery
from portal.regions.calendar import OfficeCalendar
from tests.funds.conftest import Office
from tests.funds.test_ledger import held_by
from tests.funds.test_recovery_pages import step_of

pytestmark = pytest.mark.django_db

WHY = {"reason": "当事人住院，无力按期退还", "clause": "合成条款"}


@pytest.fixture
def recovery(fallen: Any, recovering: Any) -> Recovery:
    """2,000 in two parts of 1,000, of which 500 came."""
    (payable,) = fallen(2000)
    decided = recovering.decided(payable, recovering.asked(2000, 1000, 1000))
    recovering.came(recovering.row(decided, "500", "B1"))
    return decided


def later(*sums: int) -> list[tuple[Any, Decimal]]:
    """So much after 90 days, after 120 days, and so on."""
    today = timezone.localdate()
    return [(today + timedelta(days=60 + 30 * place), Decimal(sum_)) for place, sum_ in enumerate(sums, 1)]


def decided(change: PlanChange, office: Office) -> PlanChange:
    return replanning.decide(
        change.pk, by=office.approver, on=timezone.localdate(), letter_number="合成变更〔2026〕1号"
    )


def due(recovery: Recovery) -> Any:
    again = Recovery.objects.prefetch_related(*asked_back.PARTS).get(pk=recovery.pk)
    return asked_back.told_of(again, OfficeCalendar()).due


def test_the_rest_comes_by_other_days(office: Office, recovery: Recovery, recovering: Any) -> None:
    """Given that 500 of 2,000 came, when the rest is planned anew, then the new days count from the decision on, what was due
    by the old ones is late no more, and the old plan stays on record.
    """
    first = due(recovery)
    assert first.amount == 50_000
    in_forty_days = timezone.localdate() + timedelta(days=45)
    assert list(asked_back.late(Recovery.objects.all(), in_forty_days)) == [recovery]
    change = replanning.propose(recovery.pk, later(600, 900), by=office.finance, **WHY)
    assert due(recovery) == first, "only a decision changes it"
    decided(change, office)
    plan = later(600, 900)
    assert (due(recovery).on, due(recovery).amount) == (plan[0][0], 60_000)
    assert not asked_back.late(Recovery.objects.all(), in_forty_days)
    recovering.came(recovering.row(recovery, "700", "B2"))
    assert (due(recovery).on, due(recovery).amount) == (plan[1][0], 80_000)
    between = plan[0][0] + timedelta(days=15)
    assert not asked_back.late(Recovery.objects.all(), between)
    assert list(asked_back.late(Recovery.objects.all(), plan[1][0] + timedelta(days=15))) == [recovery]
    assert [one.amount for one in recovery.instalments.all()] == [100_000, 100_000]
    recovering.came(recovering.row(recovery, "800", "B3"))
    recovery.refresh_from_db()
    assert recovery.state == "done"


def test_the_last_change_counts(office: Office, recovery: Recovery) -> None:
    decided(replanning.propose(recovery.pk, later(1500), by=office.finance, **WHY), office)
    decided(replanning.propose(recovery.pk, later(100, 1400), by=office.finance, **WHY), office)
    assert due(recovery).amount == 10_000
    replanning.drop(
        replanning.propose(recovery.pk, later(1500), by=office.finance, **WHY).pk, by=office.finance
    )
    assert due(recovery).amount == 10_000


def test_by_another_and_of_what_is_still_to_come(office: Office, recovery: Recovery, recovering: Any) -> None:
    with pytest.raises(Refused):
        replanning.propose(recovery.pk, later(1500), by=office.approver, **WHY)
    with pytest.raises(NotNow, match="尚未追回的1,500元"):
        replanning.propose(recovery.pk, later(2000), by=office.finance, **WHY)
    with pytest.raises(NotNow, match="今天以后"):
        replanning.propose(recovery.pk, [(timezone.localdate(), Decimal(1500))], by=office.finance, **WHY)
    change = replanning.propose(recovery.pk, later(1500), by=office.finance, **WHY)
    with pytest.raises(NotNow, match="已有待决定的变更"):
        replanning.propose(recovery.pk, later(1500), by=office.finance, **WHY)
    with pytest.raises(Refused):
        replanning.decide(change.pk, by=office.finance, on=timezone.localdate(), letter_number="1")
    with pytest.raises(NotNow, match="文号"):
        replanning.decide(change.pk, by=office.approver, on=timezone.localdate())
    recovering.came(recovering.row(recovery, "100", "B2"))
    with pytest.raises(NotNow, match="拟办以后又有到账"):
        decided(change, office)
    replanning.drop(change.pk, by=office.finance)
    with pytest.raises(NotNow, match="已决定或者已放弃"):
        decided(change, office)
    assert PlanChange.objects.get().decided_at is None


def test_what_the_database_holds(office: Office, recovery: Recovery) -> None:
    change = replanning.propose(recovery.pk, later(1500), by=office.finance, **WHY)
    now = {"decided_on": timezone.localdate(), "decided_at": timezone.now(), "letter_number": "1"}
    with held_by("a_plan_is_changed_by_another"):
        PlanChange.objects.filter(pk=change.pk).update(decided_by=office.finance, **now)
    with held_by("a_change_of_a_plan_stays_as_written"):
        PlanChange.objects.filter(pk=change.pk).update(reason="别的理由")
    day = timezone.localdate() + timedelta(days=200)
    ChangedInstalment.objects.create(change=change, position=2, due_on=day, amount=1)
    with held_by("a_changed_plan_comes_to_the_rest"):
        PlanChange.objects.filter(pk=change.pk).update(decided_by=office.approver, **now)
    replanning.drop(change.pk, by=office.finance)
    right = replanning.propose(recovery.pk, later(1500), by=office.finance, **WHY)
    decided(right, office)
    with held_by("a_change_of_a_plan_stays_as_written"):
        ChangedInstalment.objects.create(change=right, position=2, due_on=day, amount=1)
    with held_by("a_change_of_a_plan_stays_as_written"):
        PlanChange.objects.filter(pk=right.pk).update(dropped_at=timezone.now())
    recovery_steps.draw_up_write_off(
        recovery.pk, grounds="没有遗产", clause="合成条款", document="核1", by=office.finance
    )


def test_on_its_pages(office: Office, as_user: Any, recovery: Recovery) -> None:
    finance, approver = as_user(office.finance), as_user(office.approver)
    shown = reverse("window:fund_recovery", args=[recovery.pk])
    assert step_of(recovery, "plan") in finance.get(shown).content.decode()
    assert step_of(recovery, "plan") not in approver.get(shown).content.decode()
    day = timezone.localdate() + timedelta(days=90)
    given = {"plan": f"{day} 1500", **WHY}
    for missing, words in (("plan", "逐行填写"), ("reason", "变更理由"), ("clause", "依据")):
        assert words in finance.post(step_of(recovery, "plan"), given | {missing: ""}).content.decode()
    wrong = finance.post(step_of(recovery, "plan"), given | {"plan": f"{day} 15"}).content.decode()
    assert "尚未追回的1,500元" in wrong and not PlanChange.objects.exists()
    assert "已拟办" in finance.post(step_of(recovery, "plan"), given, follow=True).content.decode()
    change = PlanChange.objects.get()
    decide = reverse("window:fund_plan_decide", args=[change.pk])
    again = finance.get(step_of(recovery, "plan"), follow=True)
    assert again.redirect_chain, "one at a time"
    assert finance.get(decide).status_code == 403
    assert decide in approver.get(shown).content.decode()
    done = approver.post(decide, {"letter_number": "合成变更〔2026〕1号"}, follow=True).content.decode()
    assert "已变更，请送达决定书" in done and "合成变更〔2026〕1号" in done and "决定时的期限" in done
    drop = reverse("window:fund_plan_drop", args=[change.pk])
    assert "已决定或者已放弃" in finance.get(drop, follow=True).content.decode()
