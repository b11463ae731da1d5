"""An offer's life: told once, agreed to or not, done; decided again from the records whenever something is
promised.
"""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.actions import NotNow
from portal.cases.models import Case, ClockRule
from portal.entitlements import case_openers, offers, rectifications
from portal.entitlements.matching import match
from portal.entitlements.models import Offer, RectificationRequest, ServiceRequest
from portal.entitlements.workflow import SERVICE
from portal.policy.models import Determination
from portal.policy.rederive import replay
from portal.regions.calendar import add_working_days
from tests.by_two import changed_by_two
from tests.cast import PEOPLE, make_account
from tests.entitlements.given import ON, welder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_programme_opens")]
UPGRADE = "training.skill-upgrade"


@pytest.fixture
def worker(db: None) -> Any:
    """王建国 of 鄂托克旗, who may claim the subsidy for his certificate, with an account."""
    found = welder()
    found.account = make_account("w20260001", found.name, "worker", found.work_region_id)
    found.save(update_fields=["account"])
    return found


@pytest.fixture
def offer(worker: Any) -> Offer:
    match(ON, cause="试")
    return Offer.objects.get(benefit=UPGRADE)


def test_reading_is_being_told_and_once_only(offer: Offer, worker: Any) -> None:
    assert offers.notify_on_own_page(worker.pk, by=worker.account, on=ON) == Offer.objects.count()
    offer.refresh_from_db()
    assert (offer.state, offer.notified_by) == ("notified", None)
    # What was told stands as evidence, with the records it rests on.
    determination = offer.determination
    assert determination is not None
    assert (determination.outcome, determination.amount) == ("eligible", 2000)
    assert "社保查询" in determination.fact_sources["unemployment_insured_months"]
    at = offer.notified_at
    assert offers.notify_on_own_page(worker.pk, by=worker.account, on=ON) == 0
    offer.refresh_from_db()
    assert offer.notified_at == at


def test_telling_at_the_window(offer: Offer, clerk: Any, baotou_clerk: Any) -> None:
    with pytest.raises(Refused):
        offers.notify(offer.pk, by=baotou_clerk, on=ON)
    offers.notify(offer.pk, by=clerk, on=ON)
    assert Offer.objects.get(pk=offer.pk).notified_by == clerk
    with pytest.raises(NotNow, match="已告知"):
        offers.notify(offer.pk, by=clerk, on=ON)


def test_agreeing_decides_again_and_opens_a_case(offer: Offer, worker: Any, clerk: Any) -> None:
    case = offers.consent(offer.pk, by=worker.account, on=ON)
    request = ServiceRequest.objects.get(case=case)
    assert (case.kind, case.state, case.region_id) == (
        "entitlements.service",
        "received",
        worker.work_region_id,
    )
    assert (request.offer.state, request.determination.outcome) == ("consented", "eligible")
    assert list(Case.objects.visible_to(clerk).waiting_for(clerk)) == [case]
    # A double click, or the clerk at the same time.
    with pytest.raises(NotNow, match="不能再次答复"):
        offers.consent(offer.pk, by=clerk, on=ON)
    # Done by the window, with what was done; everything is in the audit and derives again.
    offers.finish(case.pk, by=clerk, on=ON, reason="已代为提交申领，材料齐全。")
    case.refresh_from_db()
    assert case.closed_at and ServiceRequest.objects.get(case=case).result.startswith("已代为提交")
    assert {"offer.consent", "case.open", "case.finish"} <= set(
        Entry.objects.values_list("action", flat=True)
    )
    assert list(replay()) == []


@pytest.mark.parametrize(("by_rule", "due"), [(None, 10), (20, 10), (5, 5)])
def test_what_was_agreed_to_is_due_when_the_law_wants_it_done(
    offer: Offer, worker: Any, by_rule: int | None, due: int
) -> None:
    """The regulation leaves ten working days; the office may set itself fewer, and no more."""
    if by_rule:
        ClockRule.objects.create(kind=SERVICE, working_days=by_rule, basis="内部规定")
    case = offers.consent(offer.pk, by=worker.account, on=ON)
    assert (case.started_on, case.due_on) == (ON, add_working_days(ON, due).on)


def test_what_no_longer_holds_cannot_be_agreed_to_and_lapses(offer: Offer, worker: Any) -> None:
    changed_by_two(worker.insurance, months=2)
    with pytest.raises(NotNow, match="已不符合"):
        offers.consent(offer.pk, by=worker.account, on=ON)
    assert Offer.objects.get(pk=offer.pk).state == "expired"
    assert not Case.objects.exists()


def test_what_fell_away_after_the_consent_cannot_be_finished(offer: Offer, worker: Any, clerk: Any) -> None:
    case = offers.consent(offer.pk, by=worker.account, on=ON)
    changed_by_two(worker.insurance, months=2)
    with pytest.raises(NotNow, match="未能办理"):
        offers.finish(case.pk, by=clerk, on=ON, reason="办好了")
    offers.end(case.pk, by=clerk, on=ON, reason="参保月数不足，满12个月后再申请。")
    assert Case.objects.get(pk=case.pk).state == "ended"


def test_declining_ends_it(offer: Offer, worker: Any) -> None:
    offers.decline(offer.pk, by=worker.account, on=ON, reason="已自行申领")
    match(ON, cause="试")
    offer.refresh_from_db()
    assert (offer.state, offer.reason) == ("declined", "已自行申领")
    with pytest.raises(NotNow):
        offers.consent(offer.pk, by=worker.account, on=ON)


def test_a_programme_takes_its_own_cases(offer: Offer, worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Offer] = []

    def taker(found: Offer, by: Any, on: Any) -> Case:
        taken.append(found)
        from portal.cases.actions import NewCase, open_cases

        new = NewCase(region_id=found.region_id, worker_id=found.worker_id, subject="由项目受理")
        return open_cases("entitlements.service", [new], by=by, on=on)[0]

    monkeypatch.setitem(case_openers._CASE_OPENERS, UPGRADE, taker)
    case = offers.consent(offer.pk, by=worker.account, on=ON)
    assert taken == [offer] and case.subject == "由项目受理" and not ServiceRequest.objects.exists()


def test_who_may_answer_for_whom(offer: Offer, worker: Any, cast: Any) -> None:
    """Of the whole cast the clerks of the banner alone, beside the worker."""
    allowed = set()
    for fixture, *_ in PEOPLE:
        person = cast(fixture)
        for act in (offers.consent, offers.decline, offers.notify):
            from django.db import transaction

            try:
                with transaction.atomic():
                    act(offer.pk, by=person, on=ON)
                    allowed.add((fixture, act.__name__))
                    transaction.set_rollback(True)
            except Refused:
                continue
    clerks, acts = ("clerk", "second_clerk"), ("consent", "decline", "notify")
    assert allowed == {(clerk, act) for clerk in clerks for act in acts}


def test_the_worker_withdraws(offer: Offer, worker: Any, clerk: Any) -> None:
    case = offers.consent(offer.pk, by=worker.account, on=ON)
    with pytest.raises(Refused):
        offers.withdraw(case.pk, by=make_account("w2", "李静", "worker", "150624"), on=ON)
    offers.withdraw(case.pk, by=worker.account, on=ON)
    assert Case.objects.get(pk=case.pk).state == "withdrawn"


# -- requests to correct -------------------------------------------------------------------------------------


def test_a_correction_is_one_when_the_register_says_something_else(worker: Any, clerk: Any) -> None:
    case = rectifications.request_rectification(
        worker.pk, ["unemployment_insured_months"], "我已缴费60个月", by=worker.account, on=ON
    )
    request = RectificationRequest.objects.get(case=case)
    assert request.shown == {"unemployment_insured_months": 36}
    assert list(Case.objects.visible_to(clerk).waiting_for(clerk)) == [case]
    with pytest.raises(NotNow, match="还没有变化"):
        rectifications.rectify(case.pk, by=clerk, on=ON, reason="已核对")
    changed_by_two(worker.insurance, months=60)
    rectifications.rectify(case.pk, by=clerk, on=ON, reason="已按社保查询结果更正为60个月。")
    case.refresh_from_db()
    assert (case.state, RectificationRequest.objects.get(case=case).answer[:3]) == ("rectified", "已按社")


def test_requests_are_taken_once_and_not_without_end(worker: Any, clerk: Any, baotou_clerk: Any) -> None:
    def ask(facts: list[str], by: Any = None, statement: str = "不对") -> Case:
        return rectifications.request_rectification(
            worker.pk, facts, statement, by=by or worker.account, on=ON
        )

    for facts, statement in (([], "不对"), (["no_such_fact"], "不对"), (["employment"], "  ")):
        with pytest.raises(NotNow):
            ask(facts, statement=statement)
    with pytest.raises(Refused):
        ask(["employment"], by=baotou_clerk)
    ask(["employment"], by=clerk)
    with pytest.raises(NotNow, match="不必重复"):
        ask(["employment", "skill_level"])
    for fact in ("skill_level", "worked_years", "continuous_months", "front_line_years"):
        case = ask([fact])
    with pytest.raises(NotNow, match="5件"):
        ask(["in_skilled_post"])
    # One answered makes room again.
    rectifications.keep(case.pk, by=clerk, on=ON, reason="与单位核对，原记录无误。")
    ask(["in_skilled_post"])


def test_determinations_of_offers_are_evidence(offer: Offer, worker: Any) -> None:
    offers.notify_on_own_page(worker.pk, by=worker.account, on=ON)
    offers.consent(offer.pk, by=worker.account, on=ON)
    about = Determination.objects.about("certificate", offer.subject_id).filter(benefit=UPGRADE)
    assert about.count() == 2 and about.standing().count() == 1
