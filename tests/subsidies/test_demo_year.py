"""The demonstration of money: a year of two funds in three leagues that adds up, and what is left to whoever plays it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from portal.accounts.models import User
from portal.funds import batches, causes, committing, forecast, locking
from portal.funds.asked_back import told_of_each
from portal.funds.models import Batch, CauseText, Item, Payable, Recovery, Transfer
from portal.funds.moment import moment, telling_of
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from portal.funds.reconciling import reconcile
from portal.letters.models import Letter
from portal.window.funds.recoveries import offered_steps
from portal.workforce.models import PayeeAccount
from subsidies import claiming
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN


@pytest.fixture
def demo(db: Any, settings: Any, tmp_path: Path) -> dict[str, User]:
    """The accounts of the demonstration by user name."""
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    call_command("load_demo")
    accounts = json.loads((tmp_path / "demo_accounts.json").read_text())
    return {one["username"]: User.objects.get(username=one["username"]) for one in accounts}


def test_the_demonstration_of_money(demo: dict[str, User]) -> None:
    """Given the demonstration as it is loaded, then its ledger adds up with what was decided and what the bank said; batches
    of two funds in three leagues stand at each stage; and whoever plays finds what is to be done next.
    """
    assert (differences(), reconcile().differences) == ([], [])
    standing = Counter(Batch.objects.values_list("state", flat=True))
    assert standing == {"closed": 5, "draft": 1, "locked": 1, "sent": 1, "answered": 1}
    assert set(Payable.objects.filter(moves__gt=0).values_list("line__fund", "line__region")) == {
        (fund, region)
        for fund in ("unemployment_insurance_fund", "employment_subsidy_fund")
        for region in ("150600", "150200", "150100")
    }
    _it_took_a_year()
    _what_came_back_is_paid_or_waits(demo)
    _somebody_else_signs(demo)
    _claims_of_today_are_as_they_were(demo)
    _two_are_asked_back(demo)


def _it_took_a_year() -> None:
    """Nothing happened in the future, and what a claim went through came one after the other."""
    now = timezone.now()
    moved = Transfer.objects.filter(move=MoveCode.SETTLE).values_list("at", flat=True)
    assert len({at.astimezone().strftime("%Y-%m") for at in moved}) >= 5
    assert (
        min(moved) < now - timedelta(days=200) and max(Transfer.objects.values_list("at", flat=True)) <= now
    )
    for payable in Payable.objects.filter(bucket="paid").prefetch_related("transfers"):
        steps = sorted(payable.transfers.all(), key=lambda one: one.pk)
        assert [one.at for one in steps] == sorted(one.at for one in steps)
        assert steps[0].move == MoveCode.RESERVE and steps[-1].move == MoveCode.SETTLE
        assert steps[0].at.date() >= payable.case.claim.handed_in_on
    shown = forecast.paces(User.objects.get(username="caiwu"), timezone.localdate())
    assert any(pace.drawn for pace in shown)


def _what_came_back_is_paid_or_waits(demo: dict[str, User]) -> None:
    """One was mended and paid by a payment that names the first; of 王建国 the account is closed, as his page says."""
    again = Item.objects.get(retry_of__isnull=False, state="paid")
    assert again.retry_of.state == "returned" and "账号" in again.payee.changed
    waits = Item.objects.get(state="returned", retried_by=None)
    assert waits.payable.case.worker.account == demo["gongren"]
    assert CauseText.objects.get().confirmed_by == demo["caiwu2"] and causes.unexplained().count() == 1


def _somebody_else_signs(demo: dict[str, User]) -> None:
    """The locked batch is signed by the colleague, and there is a third finance officer for larger ones; on a page an
    account still waits to be confirmed.
    """
    batch = Batch.objects.get(state="locked")
    batches.sign(batch.pk, seen=batches.standing(batch), by=demo["caiwu2"])
    batch.refresh_from_db()
    assert batch.state == "signed" and demo["caiwu3"].assignments.get().role == "finance_officer"
    draft = Batch.objects.get(state="draft")
    assert [one.item.retry_of.state for one in locking.look_at(draft).ready] == ["returned"]
    here = PayeeAccount.objects.filter(worker__work_region="150624")
    assert here.filter(state="proposed").count() == 1 and here.filter(state="confirmed").count() == 2
    reserved = Payable.objects.filter(bucket="reserved")
    posted = committing.post_many(
        list(reserved.values_list("pk", flat=True)), MoveCode.COMMIT, by=demo["caiwu"]
    )
    assert posted.done


def _claims_of_today_are_as_they_were(demo: dict[str, User]) -> None:
    """The sample figure is over: who claims for a technician now waits for a figure; whoever signs in as the worker finds a
    claim that is filled in.
    """
    assert set(
        Claim.objects.filter(case__kind=TECHNICIAN, case__state="no_figure").values_list("amount", flat=True)
    ) == {None}
    assert Claim.objects.get(case__state="on_notice").case.kind == TECHNICIAN
    own = claiming.claimable(demo["gongren"].worker, on=timezone.localdate())
    ready = [one for one in own if one.is_ready]
    assert SKILL_UPGRADE in {one.scheme.kind for one in ready}


def _two_are_asked_back(demo: dict[str, User]) -> None:
    """One was decided by another, with a letter; of its instalments the first was paid and the last falls after the end of
    the year. The other waits until the person was heard.
    """
    today = timezone.localdate()
    decided, heard = Recovery.objects.order_by("pk")
    assert (decided.state, decided.decided_by, decided.made_by) == ("decided", demo["shenpi"], demo["caiwu"])
    assert Letter.objects.get(number_text=decided.letter_number).kind == "subsidies.recovery"
    first, *later = decided.instalments.order_by("position")
    assert decided.shares.get().amount == first.amount and first.due_on < today
    assert [one.due_on > today for one in later] == [True, True] and later[-1].due_on.year > today.year
    assert told_of_each([decided])[0].due.on == later[0].due_on
    assert heard.state == "drawn" and not hasattr(heard, "hearing")
    assert "登记听取意见" in [label for _, label, _ in offered_steps(demo["caiwu"], heard)]


def test_only_a_demonstration_tells_of_what_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.funds.moment.is_demonstration", lambda: False)
    with pytest.raises(RuntimeError), telling_of(timezone.now() - timedelta(days=1)):
        pass
    monkeypatch.setattr("portal.funds.moment.is_demonstration", lambda: True)
    yesterday = timezone.now() - timedelta(days=1)
    with telling_of(yesterday):
        assert moment() == yesterday
    assert moment() > yesterday
    with pytest.raises(ValueError, match="still to come"), telling_of(timezone.now() + timedelta(days=1)):
        pass
