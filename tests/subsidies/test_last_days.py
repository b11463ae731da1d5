"""Entitlements that end: until when they can be claimed, who is warned of it, and what ended unclaimed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.entitlements.models import Offer
from portal.letters.models import Letter
from portal.policy.growth import months_after
from portal.policy.law import law_on
from portal.workforce.models import SkillCredential
from subsidies import claiming, last_days, shares
from subsidies.last_day_letters import LAST_DAY
from subsidies.models import Claim, LastDay
from subsidies.schemes import SCHEMES, SKILL_UPGRADE
from subsidies.tasks import look_ahead
from tests.cast import KUNDULUN, OTOG, make_worker
from tests.subsidies.conftest import in_work

pytestmark = pytest.mark.django_db
NIGHT = date(2026, 11, 30)
MONTHS = 12


@pytest.fixture
def entitled(cast: Any) -> Callable[..., Offer]:
    """An open offer that can be claimed for so many days more, with the certificate it rests on."""

    def make(left: int, *, region: str = OTOG, name: str = "王建国", **offer: Any) -> Offer:
        worker = make_worker(name, region=region)
        last = NIGHT + timedelta(days=left)
        issued = date(last.year - 1, last.month, last.day)
        credential = SkillCredential.objects.create(
            worker=worker,
            occupation="焊工",
            level=40,
            number=f"S{worker.pk}",
            issued_on=issued,
            source="合成",
        )
        given = {
            "worker": worker,
            "region_id": region,
            "benefit": "training.skill-upgrade",
            "distinction": f"焊工 senior {issued}",
            "subject_type": "certificate",
            "subject_id": credential.pk,
            "matched_on": NIGHT,
        }
        return Offer.objects.create(**given | offer)

    return make


def warned(offer: Offer) -> tuple[date | None, date | None]:
    row = LastDay.objects.get(offer=offer)
    return row.warned_60_on, row.warned_14_on


def letters_to(offer: Offer) -> list[Letter]:
    return list(Letter.objects.filter(kind=LAST_DAY, worker=offer.worker_id).order_by("pk"))


# -- until when ----------------------------------------------------------------------------------------------
def test_the_last_day_is_that_of_the_rules_own_period(entitled: Any) -> None:
    offer = entitled(30)
    assert law_on(NIGHT).value(SCHEMES[SKILL_UPGRADE].window) == MONTHS
    assert last_days.find(NIGHT) == 1
    row = LastDay.objects.get(offer=offer)
    assert row.day == months_after(row.credential.issued_on, MONTHS) == NIGHT + timedelta(days=30)


@pytest.mark.parametrize(
    ("issued", "last"),
    [(date(2024, 2, 29), date(2025, 2, 28)), (date(2025, 1, 31), date(2026, 1, 31))],
)
def test_the_database_counts_months_as_the_rule_does(entitled: Any, issued: date, last: date) -> None:
    offer = entitled(5)
    SkillCredential.objects.filter(pk=offer.subject_id).update(issued_on=issued)
    assert last_days.find(last) == 1
    assert LastDay.objects.get(offer=offer).day == months_after(issued, MONTHS) == last


@pytest.mark.parametrize(("left", "found"), [(-1, 0), (0, 1), (60, 1), (61, 0)])
def test_what_ends_within_two_months_is_found(entitled: Any, left: int, found: int) -> None:
    entitled(left)
    assert last_days.find(NIGHT) == found


@pytest.mark.parametrize(
    "offer",
    [
        {"state": "expired"},
        {"benefit": "training.technician"},
        {"subject_type": "training"},
        {"subject_type": "", "subject_id": None},
    ],
)
def test_what_has_no_last_day_is_not_found(entitled: Any, offer: dict[str, Any]) -> None:
    entitled(30, **offer)
    assert last_days.find(NIGHT) == 0


def test_without_a_figure_there_is_no_last_day(entitled: Any) -> None:
    from portal.policy.models import ParameterValue

    entitled(30)
    before_the_law = date(2016, 1, 1)
    assert last_days.find(before_the_law) == 0
    assert ParameterValue.objects.exists()


# -- who is warned -------------------------------------------------------------------------------------------
def test_who_has_not_claimed_is_warned_60_days_before_and_14(entitled: Any) -> None:
    offer = entitled(60)
    assert last_days.look_ahead(NIGHT).warned == 1
    assert warned(offer) == (NIGHT, None)
    (letter,) = letters_to(offer)
    assert letter.context["last_day"] == "2027年1月29日" and letter.issuer.code == "150600"
    for later in range(1, 46):
        assert last_days.look_ahead(NIGHT + timedelta(days=later)).warned == 0, later
    near = NIGHT + timedelta(days=46)
    assert last_days.look_ahead(near).warned == 1
    assert warned(offer) == (NIGHT, near) and len(letters_to(offer)) == 2


def test_who_is_found_late_is_warned_then_and_once(entitled: Any) -> None:
    late, later = entitled(59), entitled(13, name="李秀英")
    assert last_days.look_ahead(NIGHT).warned == 2
    assert warned(late) == (NIGHT, None) and warned(later) == (None, NIGHT)
    assert last_days.look_ahead(NIGHT).warned == 0, "the same night twice"
    assert len(letters_to(late)) == len(letters_to(later)) == 1


@pytest.mark.parametrize("state", ["expired", "matched"])
def test_who_claimed_or_is_entitled_no_more_is_not_warned(cast: Any, entitled: Any, state: str) -> None:
    offer = entitled(60)
    if state == "matched":
        in_work(offer.worker, cast("reviewer"))
        claiming.draft(offer.subject_id, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=NIGHT)
    Offer.objects.filter(pk=offer.pk).update(state=state)
    assert last_days.look_ahead(NIGHT).warned == 0 and not letters_to(offer)


def test_a_claim_that_came_to_nothing_is_none(cast: Any, entitled: Any) -> None:
    offer = entitled(60)
    claim = claiming.draft(offer.subject_id, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=NIGHT)
    claiming.withdraw(claim.pk, reason="本人到窗口撤回。", by=cast("clerk"), on=NIGHT)
    assert last_days.look_ahead(NIGHT).warned == 1


def test_killed_between_chunks_nobody_is_warned_twice(entitled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = [entitled(60), entitled(60, name="李秀英")]
    monkeypatch.setattr(last_days, "_CHUNK", 1)
    usual, done = last_days.issue_warnings, []

    def dies(*args: Any, **more: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        usual(*args, **more)

    monkeypatch.setattr(last_days, "issue_warnings", dies)
    with pytest.raises(KeyboardInterrupt):
        last_days.look_ahead(NIGHT)
    monkeypatch.setattr(last_days, "issue_warnings", usual)
    assert last_days.look_ahead(NIGHT).warned == 1
    assert [len(letters_to(offer)) for offer in offers] == [1, 1]


# -- what ended unclaimed ------------------------------------------------------------------------------------
def test_what_ended_unclaimed_is_noted_the_night_after(entitled: Any) -> None:
    offer = entitled(0)
    assert last_days.look_ahead(NIGHT).missed == 0
    after = NIGHT + timedelta(days=1)
    Offer.objects.filter(pk=offer.pk).update(state="expired")
    assert [last_days.look_ahead(after).missed for _ in range(2)] == [1, 0]
    assert LastDay.objects.get(offer=offer).missed_on == after


@pytest.mark.parametrize("how", ["claimed", "declined", "consented", "not entitled for long"])
def test_what_was_claimed_or_answered_or_not_due_is_not_missed(cast: Any, entitled: Any, how: str) -> None:
    offer = entitled(20 if how == "not entitled for long" else 1)
    last_days.find(NIGHT)
    last = LastDay.objects.get(offer=offer).day
    if how == "claimed":
        claiming.draft(offer.subject_id, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=NIGHT)
    elif how == "declined":
        Offer.objects.filter(pk=offer.pk).update(state="declined", answered_on=NIGHT)
    elif how == "consented":
        from tests.subsidies.test_shares import some_determination

        Offer.objects.filter(pk=offer.pk).update(
            state="consented", answered_on=NIGHT, determination=some_determination(offer.worker)
        )
    else:
        Offer.objects.filter(pk=offer.pk).update(state="expired")
    assert last_days.note_missed(last + timedelta(days=1)) == 0


def test_what_is_missed_has_ended(entitled: Any) -> None:
    offer = entitled(10)
    last_days.find(NIGHT)
    with pytest.raises(IntegrityError, match="what_is_missed_has_ended"), transaction.atomic():
        LastDay.objects.filter(offer=offer).update(missed_on=NIGHT)


def test_the_night_does_it_by_itself(monkeypatch: pytest.MonkeyPatch, entitled: Any) -> None:
    from django.utils import timezone

    entitled(60)
    monkeypatch.setattr(timezone, "localdate", lambda *given: NIGHT)
    assert [tuple(look_ahead()) for _ in range(2)] == [(0, 1), (0, 0)]


def test_a_hundred_are_found_and_warned_in_as_many_statements_as_one(entitled: Any) -> None:
    entitled(60)
    with CaptureQueriesContext(connection) as one:
        last_days.look_ahead(NIGHT)
    for number in range(30):
        entitled(60, name=f"合成{'甲乙丙丁戊己庚辛壬癸'[number % 10]}")
    with CaptureQueriesContext(connection) as many:
        assert last_days.look_ahead(NIGHT).warned == 30
    assert len(many) <= len(one) + 5


def test_who_sees_whose(cast: Any, entitled: Any) -> None:
    entitled(10), entitled(10, region=KUNDULUN, name="赵刚")
    last_days.find(NIGHT)
    seen = {
        who: LastDay.objects.visible_to(cast(who)).count()
        for who in ("reviewer", "baotou_reviewer", "supervisor", "clerk", "employer_agent")
    }
    assert seen == {"reviewer": 1, "baotou_reviewer": 1, "supervisor": 2, "clerk": 0, "employer_agent": 0}
    assert not Claim.objects.exists() and shares.PERMISSION and reverse("subsidies:shares")
