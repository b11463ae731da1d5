"""Two who decide on one change at the same moment, and a confirmation whose moment is over."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import NotNow
from portal.accounts.models import User
from portal.workforce.actions import confirm_change, refuse_change, remove_record, version_of
from portal.workforce.models import BenefitClaim, RecordChange
from tests.cast import make_worker
from tests.workforce.changing import CLAIMED, ON, REASON, SEEN, recorded
from tests.workforce.test_two_at_once import at_once, refusals


def _proposed(cast: Any) -> RecordChange:
    claim = recorded("claim", make_worker(), CLAIMED, cast("clerk"))
    change = remove_record(
        "claim", claim.worker_id, claim.pk, reason=REASON, version=version_of(claim), by=cast("clerk"), on=ON
    )
    assert change is not None
    return change


def test_two_confirmations_at_once_are_one(committed: str, cast: Any) -> None:
    change = _proposed(cast)
    results = at_once(
        *(
            lambda by=by: confirm_change(change.pk, seen=SEEN, by=User.objects.get(pk=by.pk), on=ON)
            for by in (cast("reviewer"), cast("second_reviewer"), cast("regional_reviewer"))
        )
    )
    assert len(refusals(results, NotNow)) == 2
    assert not BenefitClaim.objects.exists() and RecordChange.objects.get().state == "confirmed"


def test_confirmed_and_refused_at_once_is_one_of_both(committed: str, cast: Any) -> None:
    change = _proposed(cast)
    one, other = cast("reviewer"), cast("second_reviewer")
    results = at_once(
        lambda: confirm_change(change.pk, seen=SEEN, by=User.objects.get(pk=one.pk), on=ON),
        lambda: refuse_change(change.pk, reason="不对", by=User.objects.get(pk=other.pk), on=ON),
    )
    assert len(refusals(results, NotNow)) == 1
    assert BenefitClaim.objects.exists() == (RecordChange.objects.get().state == "refused")


def test_proposed_twice_at_once_it_is_proposed_once(committed: str, cast: Any) -> None:
    claim = recorded("claim", make_worker(), CLAIMED, cast("clerk"))
    version, clerk = version_of(claim), cast("clerk")

    def propose() -> Any:
        by = User.objects.get(pk=clerk.pk)
        return remove_record("claim", claim.worker_id, claim.pk, reason=REASON, version=version, by=by, on=ON)

    assert len(refusals(at_once(propose, propose), NotNow)) == 1
    assert RecordChange.objects.count() == 1


def test_a_confirmation_opens_nothing_once_its_transaction_is_over(committed: str, cast: Any) -> None:
    """Given a change that was confirmed without being carried out, by a way around the action."""
    change = _proposed(cast)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workforce_recordchange SET state = 'confirmed', decided_by_id = %s, decided_at = now(),"
            " decided_on = now(), verdict = 'x' WHERE id = %s",
            [cast("reviewer").pk, change.pk],
        )
    with pytest.raises(IntegrityError, match="changed by two"), transaction.atomic():
        BenefitClaim.objects.all().delete()
    assert BenefitClaim.objects.exists()
