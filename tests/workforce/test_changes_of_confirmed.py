"""What is confirmed is changed, ended and removed by two people; what one wrote oneself is taken back at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.workforce.actions import (
    confirm_payee,
    end_record,
    propose_payee,
    refuse_change,
    refute_honour,
    remove_record,
    version_of,
    withdraw_honour,
)
from portal.workforce.models import Employment, Honour, RecordChange, SkillCredential
from tests.cast import make_honour
from tests.workforce.changing import (
    CERTIFICATE,
    EMPLOYED,
    ON,
    SEEN,
    changed,
    confirmed,
    facts_of,
    recorded,
    refused_by_database,
    the_change,
)

pytestmark = pytest.mark.django_db


def test_a_confirmed_record_is_changed_by_two_and_stays_confirmed(
    worker: Any, clerk: Any, second_clerk: Any, reviewer: Any
) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk, confirmed_by=reviewer)
    changed("credential", record, CERTIFICATE | {"level": 40}, second_clerk)
    assert facts_of(worker)["certificate_level"] == 30
    with pytest.raises(Refused, match="登记、导入或更改过"):
        confirmed(clerk)
    # who confirmed it before has written none of it
    confirmed(reviewer)
    record.refresh_from_db()
    assert (record.level, record.verification, record.verified_by) == (40, "confirmed", reviewer)
    assert (record.recorded_by, record.verified_from) == (second_clerk, SEEN)
    assert facts_of(worker)["certificate_level"] == 40


def test_a_confirmed_employment_ends_by_two(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = recorded("employment", worker, EMPLOYED, clerk, confirmed_by=reviewer)
    given = {"ended_on": ON, "version": version_of(record), "by": clerk, "on": ON}
    with pytest.raises(NotNow, match="理由"):
        end_record("employment", worker.pk, record.pk, **given)
    end_record("employment", worker.pk, record.pk, reason="已离职", **given)
    assert facts_of(worker)["on_front_line"] is True
    confirmed(reviewer)
    record.refresh_from_db()
    assert (record.ended_on, record.verification) == (ON, "confirmed")
    assert facts_of(worker)["on_front_line"] is None


@pytest.mark.parametrize("ended_on", ["'2026-01-01'", "NULL"])
def test_the_database_lets_nobody_end_or_reopen_it_alone(
    ended_on: str, worker: Any, clerk: Any, reviewer: Any
) -> None:
    begun = EMPLOYED | ({"ended_on": date(2025, 1, 1)} if ended_on == "NULL" else {})
    record = recorded("employment", worker, begun, clerk, confirmed_by=reviewer)
    said = refused_by_database(
        f"UPDATE workforce_employment SET ended_on = {ended_on} WHERE id = %s", record.pk
    )
    assert "what counts is changed by two" in said


def test_the_database_lets_nobody_unconfirm_a_record_to_change_it_then(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk, confirmed_by=reviewer)
    said = refused_by_database(
        "UPDATE workforce_skillcredential SET verification = 'stated', verified_by_id = NULL, verified_at = NULL,"
        " verified_from = '' WHERE id = %s",
        record.pk,
    )
    assert "what counts is changed by two" in said


def test_what_one_wrote_oneself_and_nobody_confirmed_is_taken_back_at_once(worker: Any, clerk: Any) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk)
    given = {"version": version_of(record), "by": clerk, "on": ON}
    assert remove_record("credential", worker.pk, record.pk, reason="重复登记", **given) is None
    assert not SkillCredential.objects.exists() and not RecordChange.objects.exists()


def test_what_somebody_else_wrote_is_taken_back_by_two(
    worker: Any, clerk: Any, second_clerk: Any, reviewer: Any
) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk)
    given = {"version": version_of(record), "by": second_clerk, "on": ON}
    change = remove_record("credential", worker.pk, record.pk, reason="重复登记", **given)
    assert change is not None and SkillCredential.objects.exists()
    with pytest.raises(Refused):
        confirmed(clerk)
    confirmed(reviewer)
    assert not SkillCredential.objects.exists()


def test_a_record_found_wrong_meanwhile_makes_the_change_stale(
    worker: Any, clerk: Any, second_clerk: Any, reviewer: Any
) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk)
    given = {"version": version_of(record), "by": second_clerk, "on": ON}
    remove_record("credential", worker.pk, record.pk, reason="重复登记", **given)
    # its author changes it before anybody decides
    changed("credential", record, CERTIFICATE | {"level": 40}, clerk)
    with pytest.raises(NotNow, match="又有变化"):
        confirmed(reviewer)
    refuse_change(the_change().pk, reason="已更正", by=reviewer, on=ON)


def test_one_cannot_begin_the_next_employment_while_the_end_waits(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = recorded("employment", worker, EMPLOYED, clerk, confirmed_by=reviewer)
    given = {"ended_on": ON, "version": version_of(record), "by": clerk, "on": ON}
    end_record("employment", worker.pk, record.pk, reason="已离职", **given)
    with pytest.raises(ValidationError, match="尚未终止"):
        recorded("employment", worker, EMPLOYED | {"started_on": ON}, clerk)
    confirmed(reviewer)
    recorded("employment", worker, EMPLOYED | {"started_on": ON}, clerk)
    assert Employment.objects.count() == 2


def test_whoever_wrote_any_of_a_record_does_not_judge_it(
    worker: Any, clerk: Any, second_clerk: Any, reviewer: Any
) -> None:
    """Not even by switching the triggers of the models off, which the application cannot; behind them stand others
    (tests/security/test_database_functions.py).
    """
    record = recorded("credential", worker, CERTIFICATE, clerk)
    changed("credential", record, CERTIFICATE | {"number": "S2"}, second_clerk)
    ignored = "SELECT set_config('pgtrigger.ignore', '{pgtrigger_change_is_unconfirmed_8803e," + ",".join(
        trigger.get_pgid(SkillCredential) for trigger in SkillCredential._meta.triggers
    ) + "}', true);"  # fmt: skip
    judged = "verification = 'confirmed', verified_by_id = %s, verified_at = now(), verified_from = '原件'"
    for change, by, why in (
        (judged, clerk, "who wrote any of a record does not judge it"),
        (f"{judged}, level = 60", reviewer, "a record is not changed and confirmed in one step"),
    ):
        with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"{ignored} UPDATE workforce_skillcredential SET {change} WHERE id = %s", [by.pk, record.pk]
            )


# -- honours, and accounts for money -------------------------------------------------------------------------


def test_an_honour_that_somebody_else_wrote_down_is_taken_back_by_two(
    worker: Any, clerk: Any, second_clerk: Any, reviewer: Any
) -> None:
    honour = make_honour(worker, recorded_by=reviewer)
    given = {"reason": "登记到了他人名下", "version": version_of(honour), "on": ON}
    # the clerk, who did not write it, proposes only
    assert withdraw_honour(worker.pk, honour.pk, by=clerk, **given) is not None
    assert Honour.objects.exists()
    with pytest.raises(Refused):
        confirmed(reviewer)
    confirmed(second_clerk)
    assert not Honour.objects.exists()


@pytest.mark.parametrize(
    "change", ["year = 2024", "document = ''", "state = 'unverified', verified_by_id = NULL"]
)
def test_a_verified_honour_stays_as_it_is(change: str, worker: Any, clerk: Any, reviewer: Any) -> None:
    honour = make_honour(worker, recorded_by=clerk, verified_by=reviewer)
    for sql in (
        f"UPDATE workforce_honour SET {change} WHERE id = %s",
        "DELETE FROM workforce_honour WHERE id = %s",
    ):
        assert "what counts is changed by two" in refused_by_database(sql, honour.pk)
    # found wrong by one, it counts for nothing at once: that gives nobody anything
    refute_honour(honour.pk, reason="文号查询不到", by=reviewer, on=ON)


def test_a_decided_account_for_money_stays_what_it_is(worker: Any, clerk: Any, reviewer: Any) -> None:
    given = {"bank": "农业银行", "source": "银行卡复印件", "by": clerk, "on": ON}
    account = propose_payee(worker.pk, account_number="6222021234567890", **given)
    confirm_payee(account.pk, by=reviewer, on=ON)
    for sql in (
        "UPDATE workforce_payeeaccount SET account_number = '\\x00' WHERE id = %s",
        "UPDATE workforce_payeeaccount SET bank = '另一银行' WHERE id = %s",
        "UPDATE workforce_payeeaccount SET state = 'proposed' WHERE id = %s",
        "DELETE FROM workforce_payeeaccount WHERE id = %s",
    ):
        assert "stays what it is" in refused_by_database(sql, account.pk)
    # another one takes its place
    other = propose_payee(worker.pk, account_number="6222021234567891", **given)
    confirm_payee(other.pk, by=reviewer, on=ON)
    account.refresh_from_db()
    assert account.state == "replaced"
