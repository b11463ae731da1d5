"""An approved claim becomes money that waits to be paid, or waits for money; nothing else is approved without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.funds import ledger, waiting
from portal.funds.models import Approval, AwaitingMoney, Balance, Payable, Transfer
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from subsidies import handling
from subsidies.models import Claim
from subsidies.schemes import TECHNICIAN
from tests.cast import KUNDULUN, ORDOS, OTOG, make_worker
from tests.subsidies.announced import course_for_technicians
from tests.subsidies.conftest import (
    INSURANCE,
    MONDAY,
    SUBSIDIES,
    certificate,
    give,
    in_work,
    line_of,
    technician_figure,
)

TUESDAY = date(2026, 11, 17)


@pytest.fixture
def waiting_to_be_decided(cast: Any, accepted: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Claims of so many welders, handed in a day after the other from 2026-11-16 on, which 孙立新 may decide."""

    def review(count: int, kind: str = "subsidies.skill-upgrade", level: int = 30) -> list[Any]:
        claims = []
        for number in range(count):
            worker = in_work(make_worker(), cast("reviewer"))
            credential = certificate(worker, cast("reviewer"), level=level, number=f"S00001{worker.pk:08d}")
            claim = accepted(credential, kind, MONDAY + timedelta(days=number))
            claims.append(handling.review(claim.pk, by=cast("reviewer"), on=MONDAY))
            if kind == TECHNICIAN:
                handling.review_again(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
        return claims

    return review


def left(line: Any) -> int:
    return int(ledger.available(line))


def held(*claims: Any) -> list[str]:
    """Where the money of each claim is: a bucket of the ledger, or `waits`."""
    buckets = dict(Payable.objects.values_list("case_id", "bucket"))
    waits = set(AwaitingMoney.objects.waiting().values_list("case_id", flat=True))
    return [buckets.get(claim.pk, "waits" if claim.pk in waits else "nothing") for claim in claims]


# -- what is drawn -------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_approval_sets_money_aside(cast: Any, waiting_to_be_decided: Any) -> None:
    """Given a line of 10,000, when a claim of 1,500 is approved, then the reviewer has made its payable, the approver has
    approved that it is committed, and a finance officer commits it.
    """
    line = line_of(cast, INSURANCE)
    give(cast, line, 10_000)
    (claim,) = waiting_to_be_decided(1)
    done = handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    payable = Payable.objects.get()
    assert (payable.case_id, payable.line, payable.bucket, payable.sum) == (claim.pk, line, "reserved", 1500)
    assert (payable.made_by, payable.use, payable.payee_kind) == (cast("reviewer"), "skill_upgrade", "person")
    assert payable.calculation_digest == done.decision.digest
    assert list(Approval.objects.values_list("move", "by", "at_moves")) == [
        ("commit", cast("approver").pk, 1)
    ]
    assert left(line) == 8_500
    assert ledger.move([payable.pk], MoveCode.COMMIT, by=cast("finance_officer")) == 1
    assert differences() == []
    assert Entry.objects.filter(action="funds.set_aside").count() == 1


@pytest.mark.django_db
def test_the_nearest_line_is_drawn_on_first(cast: Any, waiting_to_be_decided: Any) -> None:
    """A banner's own money goes before its league's, and that before the region's; other places' is for others."""
    of_region, of_league = line_of(cast, INSURANCE), line_of(cast, INSURANCE, ORDOS)
    of_banner, elsewhere = line_of(cast, INSURANCE, OTOG), line_of(cast, INSURANCE, KUNDULUN)
    for line in (of_region, of_league, of_banner, elsewhere):
        give(cast, line, 1500)
    claims = waiting_to_be_decided(4)
    handling.approve_many([one.pk for one in claims], by=cast("approver"), on=TUESDAY)
    drawn = Payable.objects.order_by("case__claim__handed_in_on").values_list("line", flat=True)
    assert list(drawn) == [of_banner.pk, of_league.pk, of_region.pk]
    assert held(*claims) == ["reserved", "reserved", "reserved", "waits"]
    assert left(elsewhere) == 1500


@pytest.mark.django_db
def test_a_line_is_drawn_on_only_on_its_days(cast: Any, waiting_to_be_decided: Any) -> None:
    over = line_of(cast, INSURANCE, usable=(date(2025, 1, 1), date(2025, 12, 31)))
    give(cast, over, 10_000)
    (claim,) = waiting_to_be_decided(1)
    handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    assert held(claim) == ["waits"]


# -- a right is never refused for want of money --------------------------------------------------------------
@pytest.mark.django_db
def test_a_right_without_a_line_is_decided_and_waits(cast: Any, waiting_to_be_decided: Any) -> None:
    (claim,) = waiting_to_be_decided(1)
    done = handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    assert (done.case.state, done.amount, held(claim)) == ("approved", 1500, ["waits"])
    assert Entry.objects.filter(action="funds.wait").count() == 1


@pytest.mark.django_db
def test_what_waits_draws_in_order_of_first_hand_in(cast: Any, waiting_to_be_decided: Any) -> None:
    """Given three that wait, decided last to first, when money for two comes, the two that were handed in first draw."""
    claims = waiting_to_be_decided(3)
    for claim in reversed(claims):
        handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    line = line_of(cast, INSURANCE, ORDOS)
    give(cast, line, 4_000)
    assert waiting.draw_waiting(line.pk) == 2
    assert held(*claims) == ["reserved", "reserved", "waits"]
    assert waiting.draw_waiting(line.pk) == 0
    assert set(Transfer.objects.filter(move="reserve").values_list("by", flat=True)) == {cast("approver").pk}
    assert AwaitingMoney.objects.filter(payable__isnull=False).count() == 2
    assert (left(line), differences()) == (1_000, [])


@pytest.mark.django_db
def test_nobody_goes_before_who_waits_already(cast: Any, waiting_to_be_decided: Any) -> None:
    """Given one that waits and money that came since, when one that was handed in later is approved, it waits behind."""
    first, second = waiting_to_be_decided(2)
    handling.approve(first.pk, by=cast("approver"), on=TUESDAY)
    line = line_of(cast, INSURANCE)
    give(cast, line, 1_500)
    handling.approve(second.pk, by=cast("approver"), on=TUESDAY)
    assert held(first, second) == ["waits", "waits"]
    assert waiting.draw_waiting(line.pk) == 1
    assert held(first, second) == ["reserved", "waits"]


@pytest.mark.django_db
def test_who_keeps_the_money_lets_draw_and_nobody_else(cast: Any, waiting_to_be_decided: Any) -> None:
    (claim,) = waiting_to_be_decided(1)
    handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    line = line_of(cast, INSURANCE)
    give(cast, line, 1_500)
    with pytest.raises(Refused):
        waiting.draw_in_order(line.pk, by=cast("approver"))
    assert waiting.draw_in_order(line.pk, by=cast("finance_officer")) == 1


@pytest.mark.django_db
def test_money_of_an_order_is_given_out_by_a_task(
    cast: Any, waiting_to_be_decided: Any, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    """An order that gives a line money has what waits drawn after its commit."""
    from portal.funds import tasks

    (claim,) = waiting_to_be_decided(1)
    handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    line = line_of(cast, INSURANCE)
    monkeypatch.setattr(tasks.draw_waiting_on, "delay", tasks.draw_waiting_on)
    with django_capture_on_commit_callbacks(execute=True):
        give(cast, line, 1_500)
    assert held(claim) == ["reserved"]
    assert tasks.draw_all_waiting() == 0


@pytest.mark.django_db
def test_what_waits_is_not_rewritten(cast: Any, waiting_to_be_decided: Any) -> None:
    from tests.funds.test_ledger import held_by

    (claim,) = waiting_to_be_decided(1)
    handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    with held_by("what_waits_stays_as_written"):
        AwaitingMoney.objects.update(amount=1)
    with held_by("what_waits_stays_as_written"):
        AwaitingMoney.objects.update(handed_in_on=date(2020, 1, 1))


# -- nothing else is approved without money ------------------------------------------------------------------
@pytest.fixture
def technicians(cast: Any, waiting_to_be_decided: Any) -> Callable[[int], list[Any]]:
    """So many claims of 3,000 out of the employment subsidies, on a line that has nothing left but what a test says."""

    def reviewed(count: int) -> list[Any]:
        technician_figure(cast)
        course_for_technicians(cast)
        return waiting_to_be_decided(count, TECHNICIAN, 50)

    return reviewed


def spare(cast: Any, line: Any, amount: int) -> None:
    """The line keeps so many yuan; the rest goes back."""
    from decimal import Decimal

    taken = left(line) - amount
    made = ledger.order(
        "withdraw",
        line,
        amount=Decimal(taken),
        reason="收回",
        document=line.document,
        by=cast("finance_officer"),
    )
    ledger.approve_order(made.pk, by=cast("approver"))
    ledger.carry_out(made.pk, by=cast("finance_officer"))


@pytest.mark.django_db
def test_what_the_line_cannot_carry_is_not_approved(cast: Any, technicians: Any) -> None:
    """Given 2,000 on the line, when 3,000 are asked for, the approver reads what there is and what is missing."""
    from portal.funds.models import Line

    (claim,) = technicians(1)
    line = Line.objects.get()
    spare(cast, line, 2_000)
    with pytest.raises(NotNow, match=r"本件3,000元，就业补助资金·培训补贴可用余额2,000元，还差1,000元"):
        handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    claim.case.refresh_from_db()
    assert (claim.case.state, held(claim), Claim.objects.get(pk=claim.pk).record) == (
        "reviewed",
        ["nothing"],
        None,
    )


@pytest.mark.django_db
def test_of_many_those_that_fit_go_through_in_order(cast: Any, technicians: Any) -> None:
    """Given money for two, when four are approved at once, the two handed in first are, and each other one is told."""
    from portal.funds.models import Line

    claims = technicians(4)
    spare(cast, Line.objects.get(), 7_000)
    moving = handling.approve_many([one.pk for one in claims], by=cast("approver"), on=TUESDAY)
    assert [case.pk for case in moving.cases] == [one.pk for one in claims[:2]]
    assert set(moving.refused) == {one.pk for one in claims[2:]}
    for refusal in moving.refused.values():
        assert "先提交的2件预留后" in str(refusal)
        assert "可用余额1,000元，还差2,000元" in str(refusal)
    assert held(*claims) == ["reserved", "reserved", "nothing", "nothing"]
    assert differences() == []


@pytest.mark.django_db
def test_without_a_line_of_the_place_nothing_is_approved(cast: Any, waiting_to_be_decided: Any) -> None:
    technician_figure(cast)
    course_for_technicians(cast)
    from portal.funds.models import Line

    spare(cast, Line.objects.get(), 0)
    (claim,) = waiting_to_be_decided(1, TECHNICIAN, 50)
    elsewhere = line_of(cast, SUBSIDIES, KUNDULUN)
    give(cast, elsewhere, 50_000)
    with pytest.raises(NotNow, match="可用余额0元，还差3,000元"):
        handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)


# -- many at once --------------------------------------------------------------------------------------------
def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each is told who acts at the same moment from a connection of its own."""
    told: list[Any] = []
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        begin.wait(60)
        try:
            told.append(act())
        except NotNow as refusal:
            told.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return told


def test_eight_approvers_never_overspend(committed: str, cast: Any, technicians: Any) -> None:
    """Given money for four, when eight approve one claim each in the same moment, four are approved."""
    from portal.funds.models import Line

    claims = technicians(8)
    line = Line.objects.get()
    spare(cast, line, 14_000)
    approver = cast("approver")
    told = at_once(*(lambda pk=one.pk: handling.approve(pk, by=approver, on=TUESDAY) for one in claims))
    assert sum(isinstance(one, NotNow) for one in told) == 4, told
    assert Payable.objects.filter(bucket="reserved").count() == 4
    assert (left(line), differences()) == (2_000, [])


def test_eight_who_draw_and_decide_draw_once(committed: str, cast: Any, waiting_to_be_decided: Any) -> None:
    """Given four that wait and money for six, when four tasks draw and four others are decided, six have drawn, each once,
    the four that waited among them.
    """
    claims = waiting_to_be_decided(8)
    approver = cast("approver")
    for one in claims[:4]:
        handling.approve(one.pk, by=approver, on=TUESDAY)
    line = line_of(cast, INSURANCE)
    give(cast, line, 9_000)
    at_once(
        *[lambda: waiting.draw_waiting(line.pk)] * 4,
        *(lambda pk=one.pk: handling.approve(pk, by=approver, on=TUESDAY) for one in claims[4:]),
    )
    waiting.draw_waiting(line.pk)
    assert held(*claims[:4]) == ["reserved"] * 4
    assert held(*claims).count("reserved") == 6
    assert Payable.objects.count() == 6
    assert (left(line), differences()) == (0, [])


def test_a_killed_task_loses_and_doubles_nothing(
    committed: str, cast: Any, waiting_to_be_decided: Any, monkeypatch: Any
) -> None:
    """Given three that wait, when the task dies after a part, or in the middle of one, the next one does the rest."""
    claims = waiting_to_be_decided(3)
    for one in claims:
        handling.approve(one.pk, by=cast("approver"), on=TUESDAY)
    line = line_of(cast, INSURANCE)
    give(cast, line, 9_000)
    monkeypatch.setattr(waiting, "_AT_ONCE", 1)
    write = waiting.update_each
    parts: list[int] = []

    def dies_in_the_second(rows: Any, names: Any) -> None:
        parts.append(len(rows))
        if len(parts) == 2:
            raise SystemExit
        write(rows, names)

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(waiting, "update_each", dies_in_the_second)
        waiting.draw_waiting(line.pk)
    assert held(*claims) == ["reserved", "waits", "waits"]
    assert (left(line), Payable.objects.count()) == (7_500, 1)
    assert waiting.draw_waiting(line.pk) == 2
    assert (left(line), Payable.objects.count(), differences()) == (4_500, 3, [])


@pytest.mark.django_db
def test_a_set_costs_as_many_statements_as_one(cast: Any, waiting_to_be_decided: Any) -> None:
    line = line_of(cast, INSURANCE)
    give(cast, line, 90_000)
    claims = waiting_to_be_decided(9)
    with CaptureQueriesContext(connection) as of_one:
        handling.approve_many([claims[0].pk], by=cast("approver"), on=claims[0].handed_in_on)
    same_day = [one.pk for one in claims[1:]]
    with CaptureQueriesContext(connection) as of_many:
        handling.approve_many(same_day, by=cast("approver"), on=TUESDAY)
    money = [
        sum("funds_" in query["sql"] for query in captured.captured_queries) for captured in (of_one, of_many)
    ]
    assert money[0] == money[1]
    assert Balance.objects.get(line=line, bucket="reserved").amount == 9 * 150_000
