"""What somebody tries with money that is to come back, what two do at once, and whatever is tried in whatever order."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.access import NotNow, Refused
from portal.funds import ledger, recovery_steps
from portal.funds import recovering as asking
from portal.funds.models import (
    BankRow,
    Instalment,
    Payable,
    Recovery,
    RecoveryHearing,
    RecoveryShare,
    Revocation,
    Transfer,
    WriteOff,
)
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from tests.funds.conftest import Office
from tests.funds.test_ledger import balances, held_by
from tests.funds.test_recoveries import unclean
from tests.roles import undone


@pytest.fixture
def asked_back(paid: Any, recovering: Any) -> Any:
    """A payment of 2,000 whose approval fell, and the recovery of it, decided."""
    (payable,) = recovering.fallen(paid(2000))
    return recovering.decided(payable)


def share_of(recovery: Recovery, office: Office, **said: Any) -> RecoveryShare:
    given = {
        "recovery": recovery,
        "payable_id": recovery.payable_id,
        "kind": "received",
        "amount": 100,
        "by": office.finance,
    }
    return RecoveryShare.objects.create(**given | said)


@pytest.mark.django_db
def test_nothing_comes_back_without_the_bank(office: Office, asked_back: Recovery, recovering: Any) -> None:
    recovering.came(recovering.row(asked_back, "500", "B1"), recovering.row(asked_back, "9000", "B2"))
    row, unknown = BankRow.objects.filter(recovery=asked_back).order_by("line")
    with held_by("what_comes_back_rests_on_its_row"):
        share_of(asked_back, office)
    with held_by("what_comes_back_rests_on_its_row"):
        share_of(asked_back, office, bank_row=unknown)
    with held_by("what_comes_back_rests_on_its_row"):
        share_of(asked_back, office, bank_row=row)
    with held_by("funds_recoveryshare_bank_row_id_key"):
        share_of(asked_back, office, bank_row=row, amount=50_000)
    with held_by("no_more_comes_back_than_is_open"):
        share_of(asked_back, office, bank_row=row, amount=150_001)
    with held_by("it_is_written_off_by_decision"):
        share_of(
            asked_back, office, kind="written_off", write_off=recovering.write_off(asked_back), amount=150_000
        )
    with held_by("it_is_set_off_from_what_is_due"):
        share_of(asked_back, office, kind="set_off", settled_id=asked_back.payable_id)
    assert asking.come_of(asked_back) == 50_000


@pytest.mark.django_db
def test_a_share_is_posted_with_itself_alone(office: Office, asked_back: Recovery, recovering: Any) -> None:
    recovering.came(recovering.row(asked_back, "500", "B1"))
    posted = Transfer.objects.get(move=MoveCode.RECOUP)
    given = {
        name: getattr(posted, name)
        for name in ("move", "from_line_id", "from_bucket", "to_line_id", "to_bucket", "amount", "by_id")
    }
    with held_by("a_transfer_is_of_a_payable_or_an_order", "a_transfer_rests_on_something"):
        Transfer.objects.create(**given)
    with held_by("a_recovered_share_is_posted_once"):
        Transfer.objects.create(**given, recovery_share_id=posted.recovery_share_id)
    other = given | {"move": MoveCode.WRITE_OFF_REST, "to_bucket": "written_off"}
    with held_by("what_came_back_is_posted_as_it_came"):
        Transfer.objects.create(**other, recovery_share_id=posted.recovery_share_id)
    with held_by("a_transfer_rests_on_something"):
        Transfer.objects.create(**given, payable_id=asked_back.payable_id)
    with pytest.raises(ValueError, match="no move of lines"):
        ledger.order(
            MoveCode.WRITE_OFF_REST,
            posted.from_line,
            amount=asked_back.sum,
            reason="核销",
            by=office.finance,
        )


@pytest.mark.django_db
def test_what_is_recovered_stays_paid(office: Office, asked_back: Recovery, recovering: Any) -> None:
    for approver in (office.approver, office.second_approver):
        ledger.approve([asked_back.payable_id], MoveCode.CLAIM_BACK, by=approver)
    with held_by("what_is_recovered_stays_paid"):
        ledger.move([asked_back.payable_id], MoveCode.CLAIM_BACK, by=office.second_finance)
    with held_by("what_is_recovered_does_not_stand_again"):
        Revocation.objects.update(lifted_at=timezone.now(), lifted_by=office.approver)


@pytest.mark.django_db
def test_what_was_written_stays(office: Office, asked_back: Recovery, recovering: Any) -> None:
    for change in ({"amount": 1}, {"state": "drawn"}, {"letter_number": "2"}, {"grounds": "另写"}):
        with pytest.raises(IntegrityError), undone():
            Recovery.objects.update(**change)
    with held_by("a_recovery_is_done_when_all_has_come"):
        Recovery.objects.update(state="done", done_at=timezone.now())
    with held_by("a_recovery_goes_its_way"):
        Instalment.objects.create(
            recovery=asked_back, position=2, due_on=timezone.localdate() + timedelta(days=90), amount=1
        )
    with held_by("a_recovery_goes_its_way"):
        RecoveryHearing.objects.create(
            recovery=asked_back,
            told_on=timezone.localdate(),
            heard="silent",
            heard_on=timezone.localdate(),
            by=office.finance,
        )
    made = recovering.write_off(asked_back)
    with held_by("a_write_off_stays_as_written"):
        WriteOff.objects.filter(pk=made.pk).update(amount=1)
    with held_by("a_write_off_is_decided_by_another"):
        WriteOff.objects.filter(pk=made.pk).update(decided_by=office.finance, decided_at=timezone.now())


@pytest.mark.django_db
def test_decided_without_what_has_to_come_before(office: Office, paid: Any, recovering: Any) -> None:
    """Given a recovery that was drawn up, then no statement makes a decision of it that the actions would not take."""
    (payable,) = recovering.fallen(paid(2000))
    recovery = recovering.drawn_up(payable)
    decided = {
        "state": "decided",
        "decided_by": office.approver,
        "decided_on": timezone.localdate(),
        "decided_at": timezone.now(),
        "letter_number": "1",
    }
    with held_by("somebody_is_heard_before_it_is_decided"):
        Recovery.objects.update(**decided)
    recovering.heard(recovery)
    with held_by("a_recovery_is_decided_by_another"):
        Recovery.objects.update(**decided | {"decided_by": office.finance})
    Instalment.objects.create(
        recovery=recovery, position=2, due_on=timezone.localdate() + timedelta(days=90), amount=1
    )
    with held_by("instalments_come_to_the_sum"):
        Recovery.objects.update(**decided)
    with held_by("recoveries_take_no_more_than_was_paid"):
        Recovery.objects.create(
            payable=payable,
            region_id=recovery.region_id,
            amount=1,
            cause="fallen",
            grounds="1",
            clause="1",
            way="at_once",
            pay_to="1",
            made_by=office.finance,
        )


@pytest.mark.django_db
def test_nobody_recovers_from_themselves(office: Office, paid: Any, recovering: Any) -> None:
    (payable,) = recovering.fallen(paid(2000))
    worker = payable.case.worker
    worker.account = office.finance
    worker.save(update_fields=["account"])
    with pytest.raises(NotNow, match="与您本人"):
        recovering.drawn_up(payable)
    worker.account = office.approver
    worker.save(update_fields=["account"])
    recovery = recovering.drawn_up(payable)
    recovering.heard(recovery)
    with pytest.raises(NotNow, match="与您本人"):
        recovering.decide(recovery)


@pytest.mark.parametrize(
    "table", ["instalment", "recoveryhearing", "recoveryshare", "reminder", "courthandover"]
)
def test_not_even_the_owner_rewrites(committed: str, owner_sql: Any, table: str) -> None:
    for statement in (f"UPDATE funds_{table} SET id = id", f"DELETE FROM funds_{table}"):
        with pytest.raises(psycopg2.Error, match="written once"):
            owner_sql(statement)


def test_a_forged_share_is_found(
    committed: str, office: Office, asked_back: Recovery, recovering: Any, owner_sql: Any
) -> None:
    recovering.came(recovering.row(asked_back, "500", "B1"))
    assert unclean() == []
    owner_sql("ALTER TABLE funds_recoveryshare DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_recoveryshare SET amount = 60000")
    owner_sql("ALTER TABLE funds_recoveryshare ENABLE TRIGGER USER")
    assert any(found.startswith("share ") for found in unclean())
    assert any(", paid:" in found for found in unclean())


def test_two_who_ask_back_at_once(committed: str, office: Office, paid: Any, recovering: Any) -> None:
    """Given 2,000 that were paid, when eight ask 1,000 of it back in the same moment, two do."""
    (payable,) = recovering.fallen(paid(2000))
    told = at_once(8, lambda place: recovering.drawn_up(payable, recovering.asked(1000)))
    assert sorted(told) == ["NotNow"] * 6 + ["done"] * 2
    assert asking.not_asked_back(payable) == 0
    assert differences() == []


def test_two_files_about_the_same_sum_at_once(
    committed: str, office: Office, asked_back: Recovery, recovering: Any
) -> None:
    """Given 2,000 that are open, when four files bring 900 each in the same moment, two of them are taken."""
    told = at_once(4, lambda place: recovering.came(recovering.row(asked_back, "900", f"B{place}")))
    assert told == ["done"] * 4
    taken = BankRow.objects.filter(recovery=asked_back).order_by("outcome").values_list("outcome", flat=True)
    assert list(taken) == ["recovered", "recovered", "unknown", "unknown"]
    assert asking.come_of(asked_back) == 180_000
    assert unclean() == []


def at_once(count: int, act: Any) -> list[str]:
    begin = threading.Barrier(count)
    told: list[str] = []

    def run(place: int) -> None:
        begin.wait(60)
        try:
            act(place)
            told.append("done")
        except Exception as refused:  # noqa: BLE001 - what it was is looked at by whoever asks
            told.append(type(refused).__name__)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


# -- in any order --------------------------------------------------------------------------------------------
STEPS = st.tuples(
    st.sampled_from(
        ["draw_up", "hear", "decide", "came", "drop", "propose", "write_off", "forget", "returned", "remind"]
    ),
    st.integers(0, 1),
    st.sampled_from([100, 700, 1300, 2000]),
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=20))
def test_every_yuan_is_found_again(
    office: Office, line: Any, asked_twice: list[Payable], recovering: Any, steps: list[Any]
) -> None:
    """Whatever is done: what was given is on the line, still paid, or written off; nothing came twice."""
    with undone():
        came = 0
        for place, (step, one, sum_) in enumerate(steps):
            came += _try(recovering, office, step, asked_twice[one], sum_, place)
            assert differences() == []
        assert unclean() == []
        kept = balances(line)
        off = sum(WriteOff.objects.filter(decided_at__isnull=False).values_list("amount", flat=True)) // 100
        assert kept.get("written_off", 0) == off
        out = sum(p.amount for p in Payable.objects.all() if p.bucket == "paid") // 100
        assert kept.get("paid", 0) == out - came - off
        assert sum(kept.values()) == 0


@pytest.fixture
def asked_twice(paid: Any, recovering: Any) -> list[Payable]:
    return list(recovering.fallen(paid(2000, 1500)))


def _try(recovering: Any, office: Office, step: str, payable: Payable, sum_: int, place: int) -> int:
    """Do it; how much came by it, in yuan."""
    recovery = Recovery.objects.filter(payable=payable).order_by("-pk").first()
    today = timezone.localdate()
    if step == "draw_up":
        act = lambda: recovering.drawn_up(payable, recovering.asked(sum_))  # noqa: E731
    elif step == "returned":
        item = payable.items.select_related("payee").get()
        recovering.batching.taken_in([recovering.batching.row(item, "退票", number=f"R{place}")])
        return 0
    elif recovery is None:
        return 0
    elif step == "came":
        answer = recovering.came(recovering.row(recovery, str(sum_), f"B{place}"))
        return sum_ if BankRow.objects.get(answer=answer).outcome == "recovered" else 0
    else:
        proposed = WriteOff.objects.filter(recovery=recovery).order_by("-pk").first()
        act = {
            "hear": lambda: recovering.heard(recovery),
            "decide": lambda: recovering.decide(recovery),
            "drop": lambda: asking.drop(recovery.pk, reason="有误", by=office.approver),
            "propose": lambda: recovering.write_off(recovery),
            "write_off": lambda: (
                proposed and recovery_steps.decide_write_off(proposed.pk, by=office.approver)
            ),
            "forget": lambda: proposed and recovery_steps.drop_write_off(proposed.pk, by=office.finance),
            "remind": lambda: recovery_steps.remind(
                recovery.pk,
                pay_by=today + timedelta(days=10),
                by=office.finance,
                on=today,
                letter_number="1",
            ),
        }[step]
    try:
        act()
    except (NotNow, Refused):
        return 0
    except IntegrityError as error:
        raise AssertionError(f"{step} is refused without words") from error
    return 0
