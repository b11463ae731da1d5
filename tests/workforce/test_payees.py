"""Accounts money may be paid to: proposed by one person, confirmed by another, one in use."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.pages.waiting import payees_to_confirm
from portal.workforce.actions import confirm_payee, propose_payee, refuse_payee, withdraw_payee
from portal.workforce.models import PayeeAccount
from tests.cast import make_account

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


def propose(worker, by, number="6228 4800 1234 5678"):
    return propose_payee(
        worker.pk, bank="中国农业银行", account_number=number, source="本人填报", by=by, on=ON
    )


def test_an_account_is_proposed_encrypted(cast, worker):
    payee = propose(worker, cast("clerk"))
    assert (payee.state, payee.masked_number) == ("proposed", "************5678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_number FROM workforce_payeeaccount")
        assert b"5678" not in bytes(cursor.fetchone()[0])
    assert "5678" not in str(Entry.objects.get(action="payee.propose").detail)


@pytest.mark.parametrize("number", ["", "1234567", "6228x80012345678", "1" * 33])
def test_what_is_no_account_number_is_refused(cast, worker, number):
    with pytest.raises(ValidationError) as refused:
        propose(worker, cast("clerk"), number)
    assert "account_number" in refused.value.message_dict


@pytest.mark.parametrize("who", ["reviewer", "finance_officer", "registry_officer", "baotou_clerk"])
def test_others_propose_nothing(cast, worker, who):
    with pytest.raises(Refused):
        propose(worker, cast(who))


@pytest.mark.parametrize("who", ["reviewer", "finance_officer"])
def test_another_person_confirms(cast, worker, who):
    payee = confirm_payee(propose(worker, cast("clerk")).pk, by=cast(who), on=ON)
    assert (payee.state, payee.confirmed_by) == ("confirmed", cast(who))


def test_nobody_confirms_an_account_of_their_own(cast, worker):
    payee = propose(worker, cast("clerk"))
    worker.account = cast("reviewer")
    worker.save()
    with pytest.raises(Refused, match="您本人的"):
        confirm_payee(payee.pk, by=cast("reviewer"), on=ON)
    assert not payees_to_confirm(cast("reviewer")).exists()


def test_the_same_person_in_another_role_does_not_confirm(cast, worker):
    both = make_account("both.roles", "双角", "window_clerk", worker.work_region_id)
    both.assignments.create(role="league_reviewer", region_id="150600", user=both)
    payee = propose(worker, both)
    for decide in (
        lambda: confirm_payee(payee.pk, by=both, on=ON),
        lambda: refuse_payee(payee.pk, reason="核实", by=both, on=ON),
    ):
        with pytest.raises(Refused, match="另一人"):
            decide()
    with pytest.raises(IntegrityError, match="payee_confirmed_by_another"), transaction.atomic():
        PayeeAccount.objects.filter(pk=payee.pk).update(
            state="confirmed", confirmed_by=both, confirmed_at=timezone.now()
        )


@pytest.mark.parametrize("who", ["clerk", "registry_officer", "baotou_reviewer", "approver"])
def test_others_confirm_nothing(cast, worker, who):
    payee = propose(worker, cast("clerk"))
    with pytest.raises(Refused):
        confirm_payee(payee.pk, by=cast(who), on=ON)


def test_a_confirmed_account_takes_the_place_of_the_one_in_use(cast, worker):
    first = confirm_payee(propose(worker, cast("clerk")).pk, by=cast("reviewer"), on=ON)
    second = propose(worker, cast("clerk"), "622848001234567899")
    first.refresh_from_db()
    assert first.state == "confirmed"
    confirm_payee(second.pk, by=cast("finance_officer"), on=ON)
    first.refresh_from_db()
    assert first.state == "replaced"
    assert Entry.objects.filter(action="payee.confirm").latest("id").detail["replaces"] == [first.pk]


def test_one_proposal_at_a_time_and_never_the_account_in_use(cast, worker):
    payee = propose(worker, cast("clerk"))
    with pytest.raises(NotNow, match="待复核"):
        propose(worker, cast("clerk"), "622848001234567899")
    confirm_payee(payee.pk, by=cast("reviewer"), on=ON)
    with pytest.raises(NotNow, match="无须变更"):
        propose(worker, cast("clerk"))


def test_a_refusal_says_why_and_leaves_the_account_in_use(cast, worker):
    first = confirm_payee(propose(worker, cast("clerk")).pk, by=cast("reviewer"), on=ON)
    second = propose(worker, cast("clerk"), "622848001234567899")
    with pytest.raises(NotNow, match="理由"):
        refuse_payee(second.pk, reason="", by=cast("reviewer"), on=ON)
    refused = refuse_payee(second.pk, reason="户名与本人不符", by=cast("reviewer"), on=ON)
    first.refresh_from_db()
    assert (refused.state, refused.verdict, first.state) == ("refused", "户名与本人不符", "confirmed")


def test_a_decision_is_taken_once(cast, worker):
    payee = propose(worker, cast("clerk"))
    confirm_payee(payee.pk, by=cast("reviewer"), on=ON)
    for again in (
        lambda: confirm_payee(payee.pk, by=cast("finance_officer"), on=ON),
        lambda: refuse_payee(payee.pk, reason="核实", by=cast("finance_officer"), on=ON),
        lambda: withdraw_payee(payee.pk, by=cast("clerk"), on=ON),
    ):
        with pytest.raises(NotNow, match="已处理"):
            again()


def test_a_proposal_can_be_withdrawn(cast, worker):
    payee = propose(worker, cast("clerk"))
    with pytest.raises(Refused):
        withdraw_payee(payee.pk, by=cast("reviewer"), on=ON)
    withdraw_payee(payee.pk, by=cast("clerk"), on=ON)
    assert not PayeeAccount.objects.exists()
    assert PayeeAccount.events.rel.related_model.objects.get().pgh_label == "delete"
