"""What counts is changed by two people: proposed by one, confirmed by another who has written none of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.pages.waiting import changes_to_confirm
from portal.workforce.actions import (
    Stale,
    confirm_change,
    refuse_change,
    remove_record,
    version_of,
    withdraw_change,
)
from portal.workforce.history import history_of
from portal.workforce.models import BenefitClaim, RecordChange
from tests.cast import OTOG, make_account, make_worker
from tests.workforce.changing import (
    CLAIMED,
    ON,
    REASON,
    SEEN,
    changed,
    confirmed,
    facts_of,
    recorded,
    refused_by_database,
    the_change,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(worker: Any, clerk: Any) -> Any:
    return recorded("claim", worker, CLAIMED, clerk)


def taken_back(claim: Any, by: Any) -> Any:
    return remove_record(
        "claim", claim.worker_id, claim.pk, reason=REASON, version=version_of(claim), by=by, on=ON
    )


# -- an earlier claim -----------------------------------------------------------------------------------------


def test_a_claim_counts_at_once_and_goes_on_until_another_confirms_its_removal(
    worker: Any, clerk: Any, reviewer: Any, claim: Any
) -> None:
    # given a claim that one clerk wrote down: it counts
    assert facts_of(worker)["claims_this_year"] == 1
    # when the same clerk takes it back
    change = taken_back(claim, clerk)
    # then it is there and counts, until somebody else confirms
    assert change.state == "proposed" and BenefitClaim.objects.filter(pk=claim.pk).exists()
    assert facts_of(worker)["claims_this_year"] == 1
    confirmed(reviewer)
    assert not BenefitClaim.objects.exists()
    assert facts_of(worker)["claims_this_year"] == 0


def test_a_changed_claim_says_the_old_until_another_confirms_the_new(
    worker: Any, clerk: Any, second_clerk: Any, claim: Any
) -> None:
    last_year = CLAIMED | {"claimed_on": date(2025, 2, 1)}
    change = changed("claim", claim, last_year, clerk)
    assert isinstance(change, RecordChange)
    assert change.after == {"claimed_on": "2025-02-01"}
    claim.refresh_from_db()
    assert claim.claimed_on == date(2026, 2, 1) and facts_of(worker)["claims_this_year"] == 1
    # a second clerk of the banner, who wrote none of it, may
    confirmed(second_clerk)
    claim.refresh_from_db()
    assert (claim.claimed_on, claim.recorded_by) == (date(2025, 2, 1), clerk)
    assert facts_of(worker)["claims_this_year"] == 0


def test_both_people_the_reason_and_the_document_stay_in_history_and_audit(
    worker: Any, clerk: Any, reviewer: Any, claim: Any
) -> None:
    taken_back(claim, clerk)
    change = confirmed(reviewer)
    change.refresh_from_db()
    assert (change.proposed_by, change.reason) == (clerk, REASON)
    assert (change.decided_by, change.verdict, change.decided_on) == (reviewer, SEEN, ON)
    assert change.before["claimed_on"] == "2026-02-01"
    actions = (
        Entry.objects.filter(action__startswith="change.").order_by("id").values_list("action", "actor_id")
    )
    assert list(actions) == [("change.propose", clerk.pk), ("change.confirm", reviewer.pk)]
    steps = {(step.what, step.by): step.changes for step in history_of(worker)}
    assert steps["提出撤销", clerk.display_name] == [("理由", "", REASON)]
    assert steps["确认撤销", reviewer.display_name] == [("依据", "", SEEN)]


def test_it_says_why_and_from_what(worker: Any, clerk: Any, reviewer: Any, claim: Any) -> None:
    with pytest.raises(NotNow, match="理由"):
        changed("claim", claim, CLAIMED | {"level": 20}, clerk, reason=" ")
    taken_back(claim, clerk)
    with pytest.raises(NotNow, match="确认依据"):
        confirm_change(the_change().pk, seen=" ", by=reviewer, on=ON)
    with pytest.raises(NotNow, match="理由"):
        refuse_change(the_change().pk, reason="", by=reviewer, on=ON)


def test_saving_the_same_proposes_nothing(clerk: Any, claim: Any) -> None:
    changed("claim", claim, CLAIMED, clerk, reason="")
    assert not RecordChange.objects.exists()


def test_what_a_claim_cannot_say_is_not_even_proposed(clerk: Any, claim: Any) -> None:
    with pytest.raises(ValidationError):
        changed("claim", claim, CLAIMED | {"claimed_on": date(2027, 1, 1)}, clerk)
    assert not RecordChange.objects.exists()


def test_refused_it_stays_and_may_be_proposed_anew(clerk: Any, reviewer: Any, claim: Any) -> None:
    taken_back(claim, clerk)
    with pytest.raises(NotNow, match="待他人确认"):
        taken_back(claim, clerk)
    refuse_change(the_change().pk, reason="经办系统确有发放记录", by=reviewer, on=ON)
    assert BenefitClaim.objects.exists()
    with pytest.raises(NotNow, match="未通过"):
        confirm_change(the_change().pk, seen=SEEN, by=reviewer, on=ON)
    assert taken_back(claim, clerk).state == "proposed"


def test_only_who_proposed_it_takes_it_back(clerk: Any, second_clerk: Any, reviewer: Any, claim: Any) -> None:
    taken_back(claim, clerk)
    with pytest.raises(Refused, match="提出人"):
        withdraw_change(the_change().pk, by=second_clerk, on=ON)
    withdraw_change(the_change().pk, by=clerk, on=ON)
    with pytest.raises(NotNow, match="已撤回"):
        confirm_change(the_change().pk, seen=SEEN, by=reviewer, on=ON)


# -- who may not -----------------------------------------------------------------------------------------------


def test_the_same_person_does_not_do_both(clerk: Any, second_clerk: Any, claim: Any) -> None:
    taken_back(claim, second_clerk)
    for act in (
        lambda: confirm_change(the_change().pk, seen=SEEN, by=second_clerk, on=ON),
        lambda: refuse_change(the_change().pk, reason="不对", by=second_clerk, on=ON),
    ):
        with pytest.raises(Refused, match="由您提出"):
            act()
    assert the_change() not in changes_to_confirm(second_clerk)


def test_nor_does_the_author_of_any_part(clerk: Any, second_clerk: Any, reviewer: Any, claim: Any) -> None:
    # given a claim that the first clerk wrote and the second one changed
    changed("claim", claim, CLAIMED | {"certificate_number": "S2"}, second_clerk)
    confirmed(reviewer)
    claim.refresh_from_db()
    # when the reviewer proposes nothing, but a third one does
    third = make_account("otog.clerk3", "苏和", "window_clerk", OTOG)
    change = taken_back(claim, third)
    # then neither author confirms it, and the reviewer does
    for author in (clerk, second_clerk):
        with pytest.raises(Refused, match="登记、导入或更改过"):
            confirm_change(change.pk, seen=SEEN, by=author, on=ON)
        assert change not in changes_to_confirm(author)
    assert change in changes_to_confirm(reviewer)
    confirm_change(change.pk, seen=SEEN, by=reviewer, on=ON)


@pytest.mark.parametrize("who", ["baotou_clerk", "baotou_reviewer", "registry_officer", "auditor"])
def test_nor_another_banners_clerk_or_who_confirms_nothing(
    who: str, cast: Any, clerk: Any, claim: Any
) -> None:
    taken_back(claim, clerk)
    with pytest.raises(Refused):
        confirm_change(the_change().pk, seen=SEEN, by=cast(who), on=ON)
    assert not changes_to_confirm(cast(who)).exists()


def test_nor_whom_it_is_about(worker: Any, clerk: Any, reviewer: Any, claim: Any) -> None:
    worker.account = reviewer
    worker.save()
    taken_back(claim, clerk)
    with pytest.raises(Refused, match="本人"):
        confirm_change(the_change().pk, seen=SEEN, by=reviewer, on=ON)


def test_the_league_may_so_that_a_banner_with_one_clerk_is_not_stuck(
    cast: Any, clerk: Any, claim: Any
) -> None:
    taken_back(claim, clerk)
    assert the_change() in changes_to_confirm(cast("reviewer"))
    assert the_change() in changes_to_confirm(cast("regional_reviewer"))


def test_a_clerk_elsewhere_proposes_nothing(cast: Any, claim: Any) -> None:
    with pytest.raises(Refused):
        taken_back(claim, cast("baotou_clerk"))


# -- the database ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM workforce_benefitclaim WHERE id = %s",
        "UPDATE workforce_benefitclaim SET claimed_on = '2020-01-01' WHERE id = %s",
        "UPDATE workforce_benefitclaim SET level = 10 WHERE id = %s",
        "UPDATE workforce_benefitclaim SET occupation = '钳工' WHERE id = %s",
        "UPDATE workforce_benefitclaim SET kind = 'training_subsidy' WHERE id = %s",
        "UPDATE workforce_benefitclaim SET certificate_number = '' WHERE id = %s",
        "UPDATE workforce_benefitclaim SET recorded_by_id = NULL WHERE id = %s",
    ],
)
def test_nothing_reaches_a_claim_by_another_way(sql: str, claim: Any) -> None:
    assert "what counts is changed by two" in refused_by_database(sql, claim.pk)
    assert BenefitClaim.objects.get() == claim


def test_nor_is_it_given_to_somebody_else(claim: Any) -> None:
    other = make_worker("李静")
    said = refused_by_database(
        "UPDATE workforce_benefitclaim SET worker_id = %s WHERE id = %s", other.pk, claim.pk
    )
    assert "what counts is changed by two" in said


def test_a_confirmation_lets_through_just_what_was_proposed(clerk: Any, reviewer: Any, claim: Any) -> None:
    change = changed("claim", claim, CLAIMED | {"level": 20}, clerk)
    decide = (
        "UPDATE workforce_recordchange SET state = 'confirmed', decided_by_id = %s, decided_at = now(),"
        " decided_on = now(), verdict = 'x' WHERE id = %s"
    )
    for other in (
        f"level = 10, recorded_by_id = {clerk.pk}",
        f"level = 20, claimed_on = '2020-01-01', recorded_by_id = {clerk.pk}",
        f"level = 20, recorded_by_id = {reviewer.pk}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(decide, [reviewer.pk, change.pk])
            cursor.execute(f"UPDATE workforce_benefitclaim SET {other} WHERE id = %s", [claim.pk])
    with connection.cursor() as cursor:
        cursor.execute(decide, [reviewer.pk, change.pk])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workforce_benefitclaim WHERE id = %s", [claim.pk])


@pytest.mark.parametrize("who", ["proposer", "author", "worker"])
def test_the_database_knows_who_may_not_decide(
    who: str, worker: Any, clerk: Any, second_clerk: Any, claim: Any
) -> None:
    change = taken_back(claim, second_clerk)
    third = make_account("otog.clerk3", "苏和", "window_clerk", OTOG)
    worker.account = third
    worker.save()
    decider = {"proposer": second_clerk, "author": clerk, "worker": third}[who]
    said = refused_by_database(
        "UPDATE workforce_recordchange SET state = 'confirmed', decided_by_id = %s, decided_at = now(),"
        " decided_on = now(), verdict = 'x' WHERE id = %s",
        decider.pk,
        change.pk,
    )
    assert ("record_change_by_two" if who == "proposer" else "does not decide") in said


def test_a_change_is_proposed_first_decided_once_and_kept(clerk: Any, reviewer: Any, claim: Any) -> None:
    change = taken_back(claim, clerk)
    assert "stays" in refused_by_database("DELETE FROM workforce_recordchange WHERE id = %s", change.pk)
    assert "decided once" in refused_by_database(
        "UPDATE workforce_recordchange SET reason = 'y' WHERE id = %s", change.pk
    )
    refuse_change(change.pk, reason="不对", by=reviewer, on=ON)
    assert "decided once" in refused_by_database(
        "UPDATE workforce_recordchange SET state = 'confirmed' WHERE id = %s", change.pk
    )
    copied = (
        "INSERT INTO workforce_recordchange (worker_id, kind, record_id, what, before, reason, state, proposed_by_id,"
        " proposed_at, verdict{more}) SELECT {worker}, kind, record_id, what, {before}, reason, {state},"
        " proposed_by_id, now(), ''{values} FROM workforce_recordchange WHERE id = %s"
    )
    of_another = make_worker("李静").pk
    for worker, before, state, more, values in (
        (
            "worker_id",
            "before",
            "'confirmed'",
            ", decided_by_id, decided_at, decided_on",
            f", {reviewer.pk}, now(), now()",
        ),
        ("worker_id", "'{\"level\": 10}'", "'proposed'", "", ""),
        ("worker_id", "'{}'", "'proposed'", "", ""),
        (of_another, "before", "'proposed'", "", ""),
    ):
        refused_by_database(
            copied.format(worker=worker, before=before, state=state, more=more, values=values), change.pk
        )


def test_a_form_opened_before_does_not_propose(clerk: Any, claim: Any) -> None:
    with pytest.raises(Stale):
        remove_record("claim", claim.worker_id, claim.pk, reason=REASON, version="old", by=clerk, on=ON)
