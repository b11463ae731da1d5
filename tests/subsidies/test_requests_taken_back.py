"""王建国 asks the office to look again, gets a receipt, and takes the request back before it is answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.letters import building
from portal.letters.models import Letter
from subsidies import case_file, claiming, signing
from subsidies.models import AdverseDecision, Claim, Reconsideration
from tests.subsidies.conftest import GROUNDS, MONDAY, certificate
from tests.subsidies.test_pages import lately, text

pytestmark = pytest.mark.django_db
TUESDAY, FRIDAY = date(2026, 11, 17), date(2026, 11, 20)
ASKS = "证书编号登记有误，现提交正确的编号。"
FOUND = "证书编号更正后在全国联网查询中查到，原决定的事实有误。"
WAYS = {"refusal": "refused", "rejection": "rejected", "annulment": "annulled"}


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


@pytest.fixture
def refused(cast: Any, handed_in: Any) -> Any:
    def refuse(credential: Any, on: date = MONDAY) -> Claim:
        claim = handed_in(credential, on=on)
        claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=on)
        return signing.countersign(claim.pk, by=cast("second_reviewer"), on=on)

    return refuse


@pytest.fixture
def against(refused: Any, rejected: Any, annulled: Any) -> Any:
    """A claim that was decided against, in one of the three ways."""
    ways = {"refusal": refused, "rejection": rejected, "annulment": annulled}
    return lambda what, credential: ways[what](credential)


# -- the receipt ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", WAYS)
def test_whoever_asks_gets_a_receipt_in_the_same_step(
    against: Any, welding: Any, own: Any, what: str
) -> None:
    """Given a decision against him, when he asks, then the receipt names it, the days, and that this is no 行政复议."""
    claim = against(what, welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    asked = Reconsideration.objects.select_related("receipt", "decision__letter").get()
    receipt = asked.receipt
    assert (receipt.kind, receipt.worker_id, receipt.issued_on) == (
        "subsidies.request",
        claim.worker_id,
        TUESDAY,
    )
    assert receipt.issued_by is None, "no officer signed it: he asked by himself"
    assert asked.decision.letter.number_text in receipt.context["original"]
    assert receipt.context["due"] == "2026年12月15日" and "不是行政复议" in receipt.context["apart"]
    assert not receipt.adverse and receipt.remedy == ""


def test_the_window_signs_the_receipt_of_what_it_noted(cast: Any, rejected: Any, welding: Any) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=cast("second_clerk"), on=TUESDAY)
    assert Reconsideration.objects.get().receipt.issued_by == cast("second_clerk")


def test_the_receipt_is_a_file_for_the_printer(rejected: Any, welding: Any, own: Any, as_user: Any) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    receipt = Reconsideration.objects.get().receipt
    building.build([receipt.pk])
    answer = as_user(own).get(reverse("letters:pdf", args=[receipt.code]))
    assert answer.status_code == 200 and b"".join(answer).startswith(b"%PDF")


def test_the_receipt_repeats_nothing_of_what_he_wrote(rejected: Any, welding: Any, own: Any) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds="我的证书是真的，请再查一次。", by=own, on=TUESDAY)
    assert "请再查一次" not in str(Reconsideration.objects.get().receipt.context)


# -- taking it back ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", WAYS)
def test_taken_back_the_decision_stands_as_before(
    cast: Any, against: Any, welding: Any, own: Any, what: str
) -> None:
    claim = against(what, welding)
    before = AdverseDecision.objects.get(claim=claim)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.withdraw_request(claim.pk, by=own, on=FRIDAY)
    case = Case.objects.get(pk=claim.pk)
    assert (case.state, case.closed_at is not None) == (WAYS[what], True)
    taken_back = Reconsideration.objects.get()
    assert (taken_back.finding, taken_back.withdrawn_by, taken_back.withdrawn_on) == ("", own, FRIDAY)
    after = AdverseDecision.objects.get(claim=claim)
    assert (after.state, after.letter_id) == (before.state, before.letter_id)
    assert claim.keys.held().count() == 0
    entry = Entry.objects.filter(action=f"case.withdraw_request_{what}").get()
    assert entry.detail["to"] == WAYS[what]
    told = dict(case_file.tell(case).decided)
    assert told["决定人"] == str(before.signed_by), "who decided is told, not who took a request back"
    with pytest.raises(NotNow, match="当前状态为"):
        signing.uphold(claim.pk, reason=FOUND, by=cast("supervisor"), on=FRIDAY)
    with pytest.raises(NotNow, match="当前状态为"):
        signing.withdraw_request(claim.pk, by=own, on=FRIDAY)


def test_within_the_days_it_is_asked_anew_and_answered(
    rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    """What was taken back stands in nobody's way; each request has a receipt of its own."""
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.withdraw_request(claim.pk, by=own, on=TUESDAY)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=FRIDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    assert state_of(claim) == "reviewed"
    first, second = Reconsideration.objects.order_by("pk")
    assert (first.withdrawn_on, first.finding) == (TUESDAY, "")
    assert (second.withdrawn_on, second.finding) == (None, "turned")
    assert first.receipt_id != second.receipt_id


def test_taking_it_back_adds_no_days(rejected: Any, welding: Any, own: Any) -> None:
    claim = rejected(welding)
    letter = AdverseDecision.objects.get(claim=claim).letter
    Letter.objects.filter(pk=letter.pk).update(served_on=MONDAY, served_how="in_person")
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.withdraw_request(claim.pk, by=own, on=TUESDAY)
    with pytest.raises(NotNow, match="申请复核的期限已于2026-12-01届满"):
        signing.ask(claim.pk, grounds=ASKS, by=own, on=MONDAY + timedelta(days=16))


def test_answered_it_is_not_taken_back(rejected: Any, welding: Any, own: Any, second_approver: Any) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.uphold(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    with pytest.raises(NotNow, match="当前状态为“复核维持原决定”"):
        signing.withdraw_request(claim.pk, by=own, on=FRIDAY)


# -- who -----------------------------------------------------------------------------------------------------
def test_what_he_asked_by_himself_the_office_does_not_take_back(
    cast: Any, rejected: Any, welding: Any, own: Any, worker_user: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(Refused, match="只能由本人撤回"):
        signing.withdraw_request(claim.pk, reason="本人电话要求。", by=cast("clerk"), on=FRIDAY)
    for stranger in (worker_user, cast("approver"), cast("supervisor"), cast("employer_agent")):
        with pytest.raises(Refused):
            signing.withdraw_request(claim.pk, reason="本人要求。", by=stranger, on=FRIDAY)
    assert state_of(claim) == "reconsidering"


def test_what_the_window_noted_it_takes_back_on_request(
    cast: Any, rejected: Any, welding: Any, own: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=cast("clerk"), on=TUESDAY)
    with pytest.raises(NotNow, match="是谁提出"):
        signing.withdraw_request(claim.pk, by=cast("second_clerk"), on=FRIDAY)
    signing.withdraw_request(claim.pk, reason="本人到窗口要求撤回。", by=cast("second_clerk"), on=FRIDAY)
    assert state_of(claim) == "rejected"


def test_he_takes_back_what_the_window_noted_for_him(
    cast: Any, rejected: Any, welding: Any, own: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=cast("clerk"), on=TUESDAY)
    signing.withdraw_request(claim.pk, by=own, on=FRIDAY)
    assert Reconsideration.objects.get().withdrawn_by == own


# -- pages and API -------------------------------------------------------------------------------------------
@pytest.fixture
def recent(welder: Any, cast: Any, rejected: Any) -> Claim:
    credential = certificate(welder, cast("reviewer"), number="S000015000008", issued_on=lately())
    claim: Claim = rejected(credential, on=timezone.localdate())
    return claim


def step(claim: Claim, action: str) -> str:
    return reverse("subsidies:step", args=[claim.case.number, action])


def test_from_the_workers_page(cast: Any, as_user: Any, recent: Claim, own: Any) -> None:
    phone, clerk = as_user(own), as_user(cast("clerk"))
    page = reverse("subsidies:claim", args=[recent.case.number])
    shown = text(phone.post(step(recent, "ask_reconsideration"), {"reason": ASKS}, follow=True))
    assert "收件回执正在生成" in shown and "复核申请收件回执" in shown
    assert step(recent, "withdraw_request_rejection") in shown
    assert step(recent, "withdraw_request_refusal") not in shown, "one of the three fits"
    assert "只能由本人撤回" in text(clerk.get(page)), "the window reads why it may not"
    asked = text(phone.get(step(recent, "withdraw_request_rejection")))
    assert "行政复议、行政诉讼的期限照常计算，不因此延长" in asked
    shown = text(phone.post(step(recent, "withdraw_request_rejection"), {"reason": ""}, follow=True))
    assert "已撤回复核申请，原决定不变" in shown and "撤回" in shown
    assert step(recent, "ask_reconsideration") in shown, "within the days it may be asked anew"
    again = phone.post(step(recent, "withdraw_request_rejection"), {"reason": ""})
    assert "当前状态为“不予批准”" in text(again, 409)
    assert "subsidies.request" in {one.kind for one in Letter.objects.filter(case=recent.pk)}
    assert "复核申请收件回执" in text(phone.get(reverse("my:letters")))


def test_another_ones_request(as_user: Any, recent: Claim, own: Any, worker_user: Any) -> None:
    as_user(own).post(step(recent, "ask_reconsideration"), {"reason": ASKS})
    stranger = as_user(worker_user)
    assert stranger.post(step(recent, "withdraw_request_rejection"), {"reason": ""}).status_code == 404
    assert state_of(recent) == "reconsidering"


def test_over_the_api(as_user: Any, recent: Claim, own: Any, cast: Any) -> None:
    here = f"/api/subsidies/claims/{recent.case.number}/"
    phone, clerk = as_user(own), as_user(cast("clerk"))
    assert phone.post(f"{here}ask-reconsideration/", {"reason": ASKS}, "application/json").status_code == 200
    refusal = clerk.post(f"{here}withdraw-request/", {"reason": "本人要求。"}, "application/json")
    assert refusal.status_code == 403 and "只能由本人撤回" in str(refusal.json())
    answer = phone.post(f"{here}withdraw-request/", {}, "application/json")
    assert (answer.status_code, answer.json()["claim"]["state"]) == (200, "rejected")
    assert phone.post(f"{here}withdraw-request/", {}, "application/json").status_code == 409


# -- the database --------------------------------------------------------------------------------------------
def refused_by_sql(sql: str) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        return str(error.__cause__.diag.constraint_name)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return ""


def test_the_database_holds_that_it_is_taken_back_once_and_with_its_claim(
    rejected: Any, welding: Any, own: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    table = "UPDATE subsidies_reconsideration SET "
    back = table + "withdrawn_on = asked_on, withdrawn_by_id = asked_by_id"
    assert refused_by_sql(back) == "a_second_look_goes_with_its_claim", "the claim still waits for the answer"
    assert refused_by_sql(table + "withdrawn_on = asked_on") == "what_was_taken_back_was_not_answered"
    signing.withdraw_request(claim.pk, by=own, on=FRIDAY)
    for change in ("withdrawn_on = NULL, withdrawn_by_id = NULL", "finding = 'upheld'", "grounds = '另外'"):
        assert refused_by_sql(table + change) == "a_second_look_is_kept", change
