"""What a worker reads of their claim on their own pages: whose turn it is, what comes next, and where the money is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.my.tracking import tracked
from portal.workforce.models.base import records_of_person
from subsidies import claiming
from tests.subsidies.conftest import MONDAY

pytestmark = pytest.mark.django_db


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.content.decode()))


def track_of(case: Any, user: Any) -> Any:
    case.refresh_from_db()
    (one,) = tracked([case], records=records_of_person(user), user=user, on=MONDAY)
    return one


def test_it_is_the_clerk_s_turn_then_one_s_own_then_the_reviewer_s(
    cast: Any, as_user: Any, own: Any, handed_in: Callable[..., Any], welding: Any
) -> None:
    # Given a claim that was handed in
    claim = handed_in(welding)
    case, client = claim.case, as_user(own)
    # Then the clerk is to accept it
    one = track_of(case, own)
    assert (one.turn, one.next_step, one.yours) == ("窗口经办员", "受理", False)
    # When it is sent back for a paper, it is the person's own turn, on every page
    claiming.return_for_correction(claim.pk, missing=["证书扫描件"], by=cast("clerk"), on=MONDAY)
    one = track_of(case, own)
    assert (one.turn, one.next_step, one.yours) == ("您本人", "补齐材料", True)
    for address in ("/my/", "/my/cases/", f"/my/cases/{case.number}/"):
        said = words(client, address)
        assert "您本人" in said and "补齐材料" in said and case.number in said and case.kind_label in said
    assert "等待本人补齐材料后继续办理" in words(client, "/my/cases/")
    # When it was completed and accepted, the reviewer is to review
    claiming.resubmit(claim.pk, by=cast("clerk"), on=MONDAY, reason="已经补齐扫描件。")
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    one = track_of(case, own)
    assert (one.turn, one.next_step) == ("盟市审核员", "审核")


def test_of_an_approved_claim_it_says_where_the_money_is(
    own: Any, as_user: Any, approved: Any, welding: Any
) -> None:
    claim = approved(welding)
    claim.case.refresh_from_db()
    one = track_of(claim.case, own)
    assert one.turn == "" and "元" in one.told
    assert re.sub(r"\s+", "", one.told) in words(as_user(own), f"/my/cases/{claim.case.number}/")


def test_the_public_inquiry_tells_no_money_and_no_turn(
    own: Any, handed_in: Callable[..., Any], welding: Any, client: Client, welder: Any
) -> None:
    claim = handed_in(welding)
    answer = client.post(
        "/case-status/", {"number": claim.case.number, "id_tail": welder.id_number[-4:]}, follow=True
    )
    page = answer.content.decode()
    assert "轮到谁" not in page and "现在的情况" not in page
