"""王建国 takes his claim back while what one officer decided against him waits for its second signature."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case, CaseEvent
from portal.letters.models import Letter
from subsidies import adverse_letters, case_file, claiming, handling, signing
from subsidies.models import AdverseDecision, Claim
from tests.subsidies.conftest import CLAUSE, GROUNDS, MONDAY, certificate
from tests.subsidies.test_pages import text

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 17)
WAITS = ["refusal", "rejection"]
SCHEMES = {"subsidies.skill-upgrade": 30, "subsidies.technician": 50}


@pytest.fixture
def waiting(cast: Any, handed_in: Any, accepted: Any) -> Any:
    """A claim of this kind in which such a decision waits for its second signature."""

    def wait(what: str, credential: Any, kind: str = "subsidies.skill-upgrade") -> Claim:
        if what == "refusal":
            claim: Claim = handed_in(credential, kind)
            claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=MONDAY)
            return claim
        claim = accepted(credential, kind)
        handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
        if Case.objects.get(pk=claim.pk).state == "first_reviewed":
            handling.review_again(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
        handling.reject(claim.pk, reason=GROUNDS, by=cast("approver"), on=MONDAY)
        return claim

    return wait


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


# -- what it does --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", SCHEMES)
@pytest.mark.parametrize("what", WAITS)
def test_the_case_ends_and_the_decision_was_never_issued(
    cast: Any, welder: Any, waiting: Any, own: Any, what: str, kind: str
) -> None:
    """Given a decision of one, when the worker withdraws, then all it held is free, and the file keeps what was decided."""
    credential = certificate(welder, cast("reviewer"), level=SCHEMES[kind], number="S000015000009")
    claim = waiting(what, credential, kind)
    claiming.withdraw(claim.pk, by=own, on=TUESDAY)
    case = Case.objects.get(pk=claim.pk)
    assert (case.state, case.closed_at is not None) == ("withdrawn", True)
    assert claim.keys.held().count() == 0
    decision = AdverseDecision.objects.get(claim=claim)
    assert (decision.what, decision.state, decision.grounds) == (what, "lapsed", GROUNDS)
    assert (decision.signed_by, decision.signed_on, decision.letter) == (None, None, None)
    assert adverse_letters.issue_waiting(on=TUESDAY) == 0
    assert not Letter.objects.filter(case=claim.pk, adverse=True).exists()
    last = CaseEvent.objects.filter(case=claim.pk).latest("position")
    assert (last.action, last.by) == ("withdraw", own)
    told = dict(case_file.tell(case).decided)
    assert "申请撤回，未作出" in told[f"拟{decision.get_what_display()}"]


@pytest.mark.parametrize("what", WAITS)
def test_nobody_signs_it_any_more_and_the_certificate_is_claimed_by_again(
    cast: Any, waiting: Any, welding: Any, handed_in: Any, own: Any, what: str
) -> None:
    claim = waiting(what, welding)
    claiming.withdraw(claim.pk, by=own, on=TUESDAY)
    with pytest.raises(NotNow, match="当前状态为“已撤回”"):
        signing.countersign(claim.pk, by=cast("supervisor"), on=TUESDAY)
    with pytest.raises(NotNow, match="当前状态为“已撤回”"):
        signing.give_back(claim.pk, reason="请再次查询证书。", by=cast("supervisor"), on=TUESDAY)
    with pytest.raises(NotNow, match="当前状态为“已撤回”"):
        claiming.withdraw(claim.pk, by=own, on=TUESDAY)
    assert handed_in(welding, on=TUESDAY).keys.held().count() == 3


def test_an_approval_that_is_being_annulled_is_not_taken_back(
    cast: Any, approved: Any, welding: Any, own: Any
) -> None:
    """What was approved was decided: there is nothing to take back, whatever is proposed against it."""
    claim = approved(welding)
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=TUESDAY)
    with pytest.raises(NotNow, match="当前状态为“撤销决定待会签”"):
        claiming.withdraw(claim.pk, by=own, on=TUESDAY)
    assert AdverseDecision.objects.get(claim=claim).state == "proposed"


# -- who -----------------------------------------------------------------------------------------------------
def test_the_window_says_on_whose_request_and_others_do_not(
    cast: Any, waiting: Any, welding: Any, worker_user: Any
) -> None:
    claim = waiting("rejection", welding)
    with pytest.raises(NotNow, match="是谁提出"):
        claiming.withdraw(claim.pk, by=cast("second_clerk"), on=TUESDAY)
    for stranger in (worker_user, cast("approver"), cast("supervisor")):
        with pytest.raises(Refused):
            claiming.withdraw(claim.pk, reason="本人要求。", by=stranger, on=TUESDAY)
    assert state_of(claim) == "rejecting"
    claiming.withdraw(claim.pk, reason="本人到窗口要求撤回。", by=cast("second_clerk"), on=TUESDAY)
    assert state_of(claim) == "withdrawn"


# -- pages and API -------------------------------------------------------------------------------------------
def test_from_the_workers_page_and_what_the_office_reads_then(
    cast: Any, as_user: Any, waiting: Any, welding: Any, own: Any
) -> None:
    claim = waiting("rejection", welding)
    page = reverse("subsidies:claim", args=[claim.case.number])
    step = reverse("subsidies:step", args=[claim.case.number, "withdraw"])
    phone, desk = as_user(own), as_user(cast("regional_reviewer"))
    assert step in text(phone.get(page))
    shown = text(phone.post(step, {"reason": ""}, follow=True))
    assert "已撤回。证书在期限内可以重新申请" in shown and GROUNDS not in shown
    assert "当前状态为“已撤回”" in text(phone.post(step, {"reason": ""}), 409), "taken back twice"
    read = text(desk.get(page))
    assert "申请撤回，未作出" in read and GROUNDS in read, "the office keeps what was decided"
    assert "countersign_rejection" not in read


def test_over_the_api(as_user: Any, waiting: Any, welding: Any, own: Any) -> None:
    claim = waiting("refusal", welding)
    address = f"/api/subsidies/claims/{claim.case.number}/withdraw/"
    answer = as_user(own).post(address, {}, content_type="application/json")
    assert (answer.status_code, answer.json()["claim"]["state"]) == (200, "withdrawn")


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


def test_the_database_holds_that_it_lapses_with_its_claim_alone(waiting: Any, welding: Any, own: Any) -> None:
    claim = waiting("refusal", welding)
    table = "UPDATE subsidies_adversedecision SET "
    assert refused_by_sql(table + "state = 'lapsed'") in {
        "a_decision_lapses_with_its_claim",
        "a_decision_waits_with_its_claim",
    }
    assert refused_by_sql(table + "state = 'signed'") == "a_decision_says_who_signed_it"
    claiming.withdraw(claim.pk, by=own, on=TUESDAY)
    assert refused_by_sql(table + "state = 'proposed'") == "a_decision_is_kept"
    signed = "state = 'signed', signed_by_id = decided_by_id, signed_on = decided_on"
    assert refused_by_sql(table + signed) in {"a_decision_is_kept", "a_decision_is_signed_by_two"}
