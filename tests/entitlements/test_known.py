"""The gathered facts: whatever is written and however the days pass, gathering what changed gives what
gathering everybody would.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.policy.facts import FACTS
from portal.workforce.fact_table import refresh
from portal.workforce.facts import relation
from portal.workforce.models import (
    AttestedFact,
    BenefitClaim,
    Employer,
    Employment,
    Honour,
    KnownFacts,
    Refresh,
    VerifiedFacts,
    Worker,
)
from tests.by_two import all_changed_by_two, changed_by_two, removed_by_two
from tests.cast import confirm, make_honour, make_worker
from tests.entitlements.given import ON, attested, certified, employed, graduated, welder
from tests.listed import listed
from tests.workforce.gathered import verified_rows

pytestmark = pytest.mark.django_db


def gathered() -> dict[int, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in KnownFacts.objects.order_by("pk").values_list("worker_id", *FACTS)}


def drawn(on: date) -> dict[int, tuple[Any, ...]]:
    """The same from the records, of everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT worker_id, {', '.join(FACTS)} FROM ({relation(on)}) AS facts ORDER BY worker_id"
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def test_everybody_is_gathered_the_first_time(db: None) -> None:
    welder()
    make_worker("李静")
    assert refresh(ON).changed == 2
    assert gathered() == drawn(ON)
    assert Refresh.objects.get().whole


def test_what_was_written_since_is_gathered_and_nothing_else(db: None, reviewer: Any) -> None:
    # given: people as they were long before the last look
    somebody, other, third = welder(), make_worker("李静"), make_worker("张伟")
    unit = Employer.objects.create(name="草原机械厂", kind="private", region_id="150624", source="窗口登记")
    job = employed(other, employer=unit)
    long_ago = timezone.now() - timedelta(days=3)
    all_changed_by_two(Employment.objects.all(), at=long_ago, source="花名册")
    Worker.objects.update(created_at=long_ago, updated_at=long_ago)
    refresh(ON)
    Refresh.objects.update(seen_until=timezone.now() - timedelta(hours=1))

    # when: one more record, one changed, one removed, a unit of another kind, an honour verified
    graduated(third)
    changed_by_two(Employment.objects.get(pk=job.pk), on_front_line=True, at=long_ago)
    removed_by_two(somebody.insurance)
    changed_by_two(unit, kind="state_owned")
    make_honour(other, recorded_by=reviewer, verified_by=None)
    Honour.objects.update(
        state="verified", verified_by=reviewer, verified_at=timezone.now(), recorded_by=None
    )
    refresh(ON)

    # then
    assert gathered() == drawn(ON)
    assert KnownFacts.objects.get(worker=other).employer_kind == "state_owned"
    assert KnownFacts.objects.get(worker=somebody).unemployment_insured_months is None
    assert not Refresh.objects.order_by("-id")[0].whole


DAYS = [
    date(2026, 11, 20),
    date(2026, 11, 21),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 6, 1),
    date(2028, 1, 5),
]


def test_days_that_pass_bring_and_take_away_facts(db: None, reviewer: Any) -> None:
    """Certificates dated ahead, facts attested for a time, honours of a year to come, claims of a year that
    ends.
    """
    worker, long_ago = welder(), timezone.now() - timedelta(days=9)
    certified(worker, level=50, issued_on=date(2026, 11, 21), occupation="电工")
    attested(worker, "superb_skill", since=date(2026, 11, 21), until=date(2026, 12, 31))
    listed(worker, since=date(2027, 1, 1))
    make_honour(
        worker,
        recorded_by=reviewer,
        verified_by=reviewer.__class__.objects.create_user("zweite", display_name="二"),
        year=2027,
        recorded_at=long_ago,
    )
    BenefitClaim.objects.create(
        worker=worker,
        kind="skill_upgrade",
        occupation="焊工",
        level=30,
        claimed_on=date(2026, 11, 1),
        source="窗口登记",
    )
    AttestedFact.objects.filter(verification="stated").update(recorded_at=long_ago)
    confirmed = AttestedFact.objects.filter(verification="confirmed")
    for records in (worker.employments.all(), worker.credentials.all(), confirmed, worker.claims.all()):
        all_changed_by_two(records, at=long_ago, source="花名册")
    changed_by_two(worker.insurance, at=long_ago, source="花名册")
    Worker.objects.update(updated_at=long_ago, created_at=long_ago)
    for day in DAYS:
        refresh(day)
        # Only the days may bring it up to date: what was written lies far back, changes of this test's
        # setting up included.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE workforce_refresh SET seen_until = now() + interval '1 hour'")
        assert gathered() == drawn(day), day
    assert Refresh.objects.filter(whole=True).count() == 1


def test_an_earlier_day_begins_anew(db: None) -> None:
    worker = welder()
    certified(worker, level=50, issued_on=date(2026, 11, 20), occupation="电工")
    refresh(ON)
    refresh(ON - timedelta(days=1))
    assert gathered() == drawn(ON - timedelta(days=1))


def test_facts_are_kept_twice_only_of_whom_some_are_verified(db: None) -> None:
    def kept(gathering: Refresh) -> tuple[list[Any], list[Any], bool]:
        """Rows of their own, all that is verified, and whether whoever reads the table again hears of it."""
        rows = VerifiedFacts.objects.values_list("worker_id", "technical_school_class")
        known = KnownFacts.objects.get(worker=worker)
        return list(rows), verified_rows("technical_school_class"), known.changed_in == gathering.pk

    worker = welder()
    assert kept(refresh(ON)) == ([], [(worker.pk, None)], True)
    school = graduated(worker)
    assert kept(refresh(ON)) == ([(worker.pk, None)], [(worker.pk, None)], True)
    confirm(school)
    assert kept(refresh(ON)) == ([], [(worker.pk, "senior")], True)
    assert kept(refresh(ON)) == ([], [(worker.pk, "senior")], False)
    everything = verified_rows()
    refresh(ON, whole=True)
    assert verified_rows() == everything
