"""What the worker is told of a claim by message: at acceptance, correction and decision, with the decision or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from portal.cases.actions import NotNow
from portal.cases.reviews import AsRead
from portal.outgoing.models import Message
from subsidies import claiming, handling, signing
from tests.subsidies.conftest import MONDAY

pytestmark = pytest.mark.django_db


def told(claim: Any) -> list[tuple[str, str]]:
    return list(Message.objects.filter(case=claim.pk).order_by("pk").values_list("kind", "stage"))


def test_from_acceptance_to_the_decision(cast: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    assert told(claim) == [("receipt", "待审核")], "nothing is said of what goes on inside"
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)
    assert told(claim) == [("receipt", "待审核"), ("decision", "已批准")]
    message = Message.objects.filter(case=claim.pk).latest("pk")
    assert (message.worker_id, message.by, message.on) == (claim.worker_id, cast("approver"), MONDAY)


def test_what_is_missing_is_not_said(cast: Any, welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    claiming.return_for_correction(claim.pk, missing=["证书扫描件"], by=cast("clerk"), on=MONDAY)
    (message,) = Message.objects.filter(case=claim.pk)
    assert (message.kind, message.stage) == ("correction", "补正中")
    assert "证书" not in message.text and claim.case.number in message.text


def test_refusals_are_decisions(cast: Any, welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    claiming.refuse(claim.pk, reason="证书不在补贴目录内。", by=cast("clerk"), on=MONDAY)
    assert told(claim) == [], "one signature decides nothing"
    signing.countersign(claim.pk, by=cast("reviewer"), on=MONDAY)
    assert told(claim) == [("decision", "不予受理")]


def test_a_rejection_says_no_grounds(cast: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.reject(claim.pk, reason="经查证书系他人所有。", by=cast("approver"), on=MONDAY)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
    message = Message.objects.filter(case=claim.pk).latest("pk")
    assert (message.kind, message.stage) == ("decision", "不予批准") and "证书" not in message.text


def test_what_is_refused_says_nothing(cast: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    with pytest.raises(NotNow):
        handling.approve(claim.pk, by=cast("approver"), on=MONDAY, as_read=AsRead(1, ""))
    assert told(claim) == [("receipt", "待审核")]
