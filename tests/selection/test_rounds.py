"""Preparing a round: who may, what can stand, and that nothing of it moves once the round is open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.access import Refused
from portal.audit.models import Entry as AuditEntry
from portal.cases.actions import NotNow
from talent_registry.models import Industry, Quota, QuotaKind, SelectionRound
from talent_registry.selection import rounds
from talent_registry.selection.rounds import RoundRefused
from talent_registry.selection.scheme import SAMPLE, SchemeRefused
from tests.cast import BAOTOU, ORDOS, PEOPLE
from tests.selection.nominees import move_round

DAY = date(2026, 3, 2)


@pytest.fixture
def draft(registry_officer: Any) -> SelectionRound:
    return rounds.prepare(2026, by=registry_officer, on=DAY)


def days(**changed: Any) -> dict[str, Any]:
    return {
        "opens_on": DAY,
        "nominations_until": DAY + timedelta(30),
        "panel_until": DAY + timedelta(40),
        "recommend_until": DAY + timedelta(50),
        "as_of": DAY + timedelta(30),
        "notice_working_days": 5,
    } | changed


def places(**changed: Any) -> dict[str, dict[str, int]]:
    """Places of everything that can have them, with some changed: `ORDOS=3` and the like are not needed,
    whole kinds are.
    """
    return {kind: dict.fromkeys(keys, 5) for kind, keys in rounds.quota_keys().items()} | changed


# -- a draft -------------------------------------------------------------------------------------------------
def test_a_draft_begins_as_a_complete_sample(draft, registry_officer) -> None:
    assert draft.case.number.startswith("LX-2026-") and draft.state == "draft" and draft.is_sample
    assert draft.scheme == SAMPLE.data() and draft.places == rounds.SAMPLE_PLACES
    kinds = {kind: Quota.objects.filter(round=draft, kind=kind).count() for kind in QuotaKind.values}
    assert kinds == {"recommendation": 12, "league": 12, "industry": len(Industry)}
    assert draft.opens_on <= draft.nominations_until <= draft.panel_until <= draft.recommend_until
    assert AuditEntry.objects.filter(
        action="case.open", object_ref=str(draft.pk), actor_id=registry_officer.pk
    ).exists()


def test_a_year_has_one_round(draft, registry_officer) -> None:
    with pytest.raises(NotNow, match="2026年度遴选已经建立"):
        rounds.prepare(2026, by=registry_officer, on=DAY)
    assert rounds.prepare(2027, by=None, on=DAY).opens_on == date(2027, 3, 1), (
        "the operator at the command line may too"
    )


@pytest.mark.parametrize(
    "who", ["clerk", "reviewer", "approver", "supervisor", "panel_expert", "policy_officer"]
)
def test_only_a_registry_officer_prepares(draft, cast, who) -> None:
    for act in (
        lambda: rounds.prepare(2027, by=cast(who), on=DAY),
        lambda: rounds.set_days(draft, **days(), by=cast(who), on=DAY),
        lambda: rounds.set_scheme(draft, SAMPLE, by=cast(who), on=DAY),
        lambda: rounds.set_places(draft, total=10, quotas=places(), by=cast(who), on=DAY),
    ):
        with pytest.raises(Refused):
            act()


# -- days ----------------------------------------------------------------------------------------------------
def test_days_are_set_and_audited(draft, registry_officer) -> None:
    changed = rounds.set_days(draft, **days(notice_working_days=7), by=registry_officer, on=DAY)
    changed.refresh_from_db()
    assert (changed.nominations_until, changed.notice_working_days) == (DAY + timedelta(30), 7)
    entry = AuditEntry.objects.get(action="registry.round-edit")
    assert entry.detail["what"] == "days" and entry.detail["notice_working_days"] == 7


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"nominations_until": DAY - timedelta(1)}, "nominations_until"),
        ({"panel_until": DAY + timedelta(29)}, "panel_until"),
        ({"recommend_until": DAY + timedelta(39)}, "recommend_until"),
        ({"as_of": DAY + timedelta(51)}, "as_of"),
        ({"notice_working_days": 0}, "notice_working_days"),
        ({"notice_working_days": 61}, "notice_working_days"),
        ({"opens_on": date(2024, 12, 31)}, "opens_on"),
    ],
)
def test_a_day_that_cannot_stand_is_named(draft, registry_officer, changed, field) -> None:
    with pytest.raises(RoundRefused) as refused:
        rounds.set_days(draft, **days(**changed), by=registry_officer, on=DAY)
    assert field in [name for name, _ in refused.value.problems]
    draft.refresh_from_db()
    assert draft.notice_working_days == 5


# -- scheme --------------------------------------------------------------------------------------------------
def test_a_scheme_is_a_sample_until_it_has_a_document(draft, registry_officer) -> None:
    data = SAMPLE.data() | {"front_line_year": 75}
    changed = rounds.set_scheme(draft, data, by=registry_officer, on=DAY)
    assert changed.scheme["front_line_year"] == 75 and changed.is_sample
    changed = rounds.set_scheme(draft, data, document="  内人社发〔2026〕 9号 ", by=registry_officer, on=DAY)
    assert (changed.scheme_document, changed.is_sample) == ("内人社发〔2026〕 9号", False)


def test_a_scheme_that_cannot_stand_changes_nothing(draft, registry_officer) -> None:
    with pytest.raises(SchemeRefused) as refused:
        rounds.set_scheme(draft, SAMPLE.data() | {"front_line_year": -1}, by=registry_officer, on=DAY)
    assert refused.value.problems[0][0] == "front_line_year"
    draft.refresh_from_db()
    assert draft.scheme == SAMPLE.data()


# -- places --------------------------------------------------------------------------------------------------
def test_places_are_set_for_each_kind_or_left_without_limit(draft, registry_officer) -> None:
    wanted = places(league={}, industry={})
    wanted["recommendation"][ORDOS] = 0
    rounds.set_places(draft, total=37, quotas=wanted, by=registry_officer, on=DAY)
    draft.refresh_from_db()
    assert draft.places == 37
    assert dict(draft.quotas.filter(kind="recommendation").values_list("key", "places"))[ORDOS] == 0
    assert not draft.quotas.exclude(kind="recommendation").exists()


def test_places_that_cannot_stand_are_named(draft, registry_officer) -> None:
    wanted = places()
    del wanted["league"][BAOTOU]
    wanted["industry"] |= {"C": -1, "Z": 3}
    wanted["recommendation"] = {}
    with pytest.raises(RoundRefused) as refused:
        rounds.set_places(draft, total=0, quotas=wanted, by=registry_officer, on=DAY)
    assert {name for name, _ in refused.value.problems} == {
        "total",
        f"league-{BAOTOU}",
        "industry-C",
        "industry-Z",
        "recommendation-150100",
    }
    assert draft.quotas.filter(kind="league").count() == 12


# -- afterwards ----------------------------------------------------------------------------------------------
def test_nothing_changes_once_the_round_is_open(draft, registry_officer) -> None:
    move_round(draft.pk, registry_officer, "open")
    for act in (
        lambda: rounds.set_days(draft, **days(), by=registry_officer, on=DAY),
        lambda: rounds.set_scheme(draft, SAMPLE, by=registry_officer, on=DAY),
        lambda: rounds.set_places(draft, total=10, quotas=places(), by=registry_officer, on=DAY),
    ):
        with pytest.raises(NotNow, match="自开始申报起不再修改"):
            act()


# -- more time for the panel ---------------------------------------------------------------------------------
EXTENDED = {
    "panel_until": DAY + timedelta(60),
    "recommend_until": DAY + timedelta(60),
    "reason": "专家出差。",
}


def test_the_panel_is_given_more_time_by_the_registry_officer_while_it_works(
    draft, cast, registry_officer
) -> None:
    """For every role and every state: who may when, with its record; everybody else is refused and nothing
    has changed.
    """
    rounds.set_days(draft, **days(), by=registry_officer, on=DAY)
    wrong, given = [], dict(EXTENDED)
    for state in ("draft", "open", "assessed", "recommendation"):
        move_round(draft.pk, registry_officer, state)
        for person in (fixture for fixture, *_ in PEOPLE):
            may = person in {"registry_officer", "second_registry_officer"}
            expected = Refused if not may else None if state in ("open", "assessed") else NotNow
            try:
                rounds.extend_panel(draft, **given, by=cast(person), on=DAY)
                came = None
            except (Refused, NotNow) as refusal:
                came = type(refusal)
            draft.refresh_from_db()
            if came is not expected or (draft.panel_until == given["panel_until"]) != (came is None):
                wrong.append((person, state, came))
            if came is None:  # once more later, for the next one
                given |= {name: given[name] + timedelta(1) for name in ("panel_until", "recommend_until")}
    assert not wrong
    entry = AuditEntry.objects.filter(action="registry.panel-extend").earliest("pk")
    assert entry.detail["reason"] == "专家出差。" and entry.detail["before"] == [
        "%s" % (DAY + timedelta(n)) for n in (40, 50)
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"panel_until": DAY + timedelta(40)}, "panel_until"),
        ({"panel_until": DAY + timedelta(45), "on": DAY + timedelta(46)}, "panel_until"),
        ({"panel_until": date(2028, 1, 1), "recommend_until": date(2028, 1, 1)}, "panel_until"),
        ({"panel_until": DAY + timedelta(45), "recommend_until": DAY + timedelta(49)}, "recommend_until"),
        ({"recommend_until": DAY + timedelta(59)}, "recommend_until"),
        ({"reason": " "}, "reason"),
    ],
)
def test_time_that_cannot_be_given_is_named(draft, registry_officer, changed, field) -> None:
    rounds.set_days(draft, **days(), by=registry_officer, on=DAY)
    move_round(draft.pk, registry_officer, "open")
    with pytest.raises(RoundRefused) as refused:
        rounds.extend_panel(draft, **({"on": DAY} | EXTENDED | changed), by=registry_officer)
    assert field in [name for name, _ in refused.value.problems]
    draft.refresh_from_db()
    assert draft.panel_until == DAY + timedelta(40)


def test_the_database_lets_the_panel_have_more_time_never_less_and_nothing_else(
    draft, registry_officer
) -> None:
    rounds.set_days(draft, **days(), by=registry_officer, on=DAY)
    one = SelectionRound.objects.filter(pk=draft.pk)
    move_round(draft.pk, registry_officer, "open")
    one.update(panel_until=DAY + timedelta(41))
    for change in (
        {"panel_until": DAY + timedelta(40)},
        {"recommend_until": DAY + timedelta(49)},
        {"panel_until": DAY + timedelta(42), "nominations_until": DAY + timedelta(31)},
        {"places": 1},
    ):
        with pytest.raises(IntegrityError, match="fixed when it opened"), transaction.atomic():
            one.update(**change)
    move_round(draft.pk, registry_officer, "recommendation")
    with pytest.raises(IntegrityError), transaction.atomic():
        one.update(panel_until=DAY + timedelta(43))
