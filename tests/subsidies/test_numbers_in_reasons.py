"""Somebody types an ID number in full into a reason: it is refused where it is typed, before a letter repeats it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.cases import notes
from portal.letters.actions import BadLetter, TooMuchSaid
from portal.letters.models import Letter
from portal.reasons import ReasonField, names_id_number
from subsidies import claiming, handling, signing
from subsidies.models import AdverseDecision, Claim
from tests.cast import make_worker
from tests.subsidies.conftest import CLAUSE, MONDAY, certificate, in_work

pytestmark = pytest.mark.django_db
NUMBER = "15262419900101123X"
TYPED = f"证件号码{NUMBER}的证书未查到。"
FULL_WIDTH = "证件号码１５２６２４１９９００１０１１２３Ｘ的证书未查到。"


@pytest.fixture
def claim(cast: Any) -> Claim:
    """王建国's claim, handed in at the window."""
    worker = in_work(make_worker("王建国"), cast("reviewer"))
    record = certificate(worker, cast("reviewer"), number="S000015000001")
    return claiming.claim_at_once(
        record.pk, "subsidies.skill-upgrade", channel="window", by=cast("clerk"), on=MONDAY
    )


@pytest.mark.parametrize("text", [TYPED, FULL_WIDTH, NUMBER.lower(), f"（{NUMBER}）"])
def test_a_number_in_full_is_found(text: str) -> None:
    assert names_id_number(text)
    with pytest.raises(ValidationError, match="完整的证件号码"):
        ReasonField().clean(text)


@pytest.mark.parametrize(
    "text", ["尾号123X", "证书S000015000001", "1526241990010", "6228480000012345678", ""]
)
def test_other_numbers_are_no_id_number(text: str) -> None:
    assert not names_id_number(text)


def test_no_decision_is_written_down_with_one(cast: Any, claim: Claim) -> None:
    """A second signature would find a letter that cannot be issued."""
    with pytest.raises(NotNow, match="完整的证件号码"):
        claiming.refuse(claim.pk, reason=TYPED, by=cast("clerk"), on=MONDAY)
    assert not AdverseDecision.objects.exists()
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow, match="完整的证件号码"):
        handling.review(claim.pk, by=cast("reviewer"), on=MONDAY, note=FULL_WIDTH)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)
    with pytest.raises(NotNow, match="完整的证件号码"):
        signing.annul(
            claim.pk, reason="未查到。", clause=f"{CLAUSE}{NUMBER}", by=cast("supervisor"), on=MONDAY
        )
    assert not AdverseDecision.objects.exists()


def test_what_is_missing_and_a_note_name_none(cast: Any, claim: Claim) -> None:
    with pytest.raises(NotNow, match="完整的证件号码"):
        claiming.return_for_correction(claim.pk, missing=["证书原件", TYPED], by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow, match="完整的证件号码"):
        notes.note(claim.pk, text=TYPED, by=cast("clerk"))
    assert not Letter.objects.exists() and not claim.case.notes.exists()


def test_the_page_and_the_api_say_so(cast: Any, claim: Claim, as_user: Any) -> None:
    desk = as_user(cast("clerk"))
    step = reverse("subsidies:step", args=[claim.case.number, "refuse"])
    shown = desk.post(step, {"reason": TYPED})
    assert "请只写后四位" in shown.content.decode() and TYPED in shown.content.decode(), (
        "what was typed stays"
    )
    here = f"/api/subsidies/claims/{claim.case.number}/refuse/"
    answer = desk.post(here, {"reason": TYPED}, content_type="application/json")
    assert answer.status_code == 409 and "完整的证件号码" in str(answer.json())


def test_a_letter_that_would_say_it_is_refused_in_words(cast: Any, claim: Claim) -> None:
    """What was written down before is told to whoever signs it, who gives it back."""
    claiming.refuse(claim.pk, reason="证书未查到。", by=cast("clerk"), on=MONDAY)
    from subsidies import adverse_letters

    decision = AdverseDecision.objects.select_related("claim__case__region", "claim__worker").get()
    decision.grounds, decision.signed_by = TYPED, cast("reviewer")
    with pytest.raises(TooMuchSaid, match="文书不能写明完整的证件号码") as refusal:
        adverse_letters.issue(decision, on=timezone.localdate())
    assert isinstance(refusal.value, NotNow) and isinstance(refusal.value, BadLetter)
