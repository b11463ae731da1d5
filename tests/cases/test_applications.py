"""What all applications share, told with nominations: the day of the hand-in, taking in over a set, options of a kind."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases import applicants, application_kinds, applications
from portal.cases.application_guards import keep_hand_in
from portal.cases.application_kinds import application_kind
from portal.cases.models import Case, CaseDuty, CaseEvent, ClockRule
from portal.policy.models import Determination
from talent_registry.models import Nomination
from talent_registry.selection import nominating
from talent_registry.selection.workflow import NOMINATION
from tests.by_two import all_changed_by_two
from tests.cases.test_life_of_a_case import opened
from tests.cast import KUNDULUN, make_worker
from tests.roles import undone
from tests.selection.nominees import (
    make_employer,
    make_round,
    make_skilled,
    move_round,
    nominated,
    today,
    with_account,
)

LATER = timedelta(days=3)


@pytest.fixture
def round_(cast: Any) -> Any:
    return make_round(cast("registry_officer"))


# -- the first hand-in ---------------------------------------------------------------------------------------
def test_the_first_hand_in_is_kept_whatever_is_corrected_later(round_: Any, clerk: Any) -> None:
    one = nominated(make_skilled(), round_, clerk, state="draft")
    assert (one.handed_in_on, one.handed_in_at) == (None, None)
    handed_in = nominating.submit(one.pk, by=clerk, on=today())
    nominating.return_for_correction(one.pk, missing=["岗位证明"], by=clerk, on=today())
    nominating.resubmit(one.pk, by=clerk, on=today() + LATER, reason="已补交。")
    one.refresh_from_db()
    assert one.handed_in_on == today() and one.handed_in_at == handed_in.handed_in_at
    for change in ({"handed_in_on": today() + LATER}, {"handed_in_on": None, "handed_in_at": None}):
        with pytest.raises(DatabaseError, match="it was handed in on"), transaction.atomic():
            Nomination.objects.filter(pk=one.pk).update(**change)


def test_a_day_has_its_moment(round_: Any, clerk: Any) -> None:
    one = nominated(make_skilled(), round_, clerk, state="draft")
    with pytest.raises(IntegrityError, match="nomination_is_handed_in_at_a_moment"), transaction.atomic():
        Nomination.objects.filter(pk=one.pk).update(handed_in_on=today())


def test_earlier_nominations_get_theirs_from_their_events(committed: str, cast: Any, owner_sql: Any) -> None:
    round_, clerk = make_round(cast("registry_officer")), cast("clerk")
    handed_in = nominated(make_skilled(), round_, clerk)
    nominating.return_for_correction(handed_in.pk, missing=["岗位证明"], by=clerk, on=today())
    nominating.resubmit(handed_in.pk, by=clerk, on=today() + LATER, reason="已补交。")
    drafted = nominated(make_skilled("李海燕"), round_, clerk, state="draft")
    create, drop = keep_hand_in("talent_registry_nomination")
    owner_sql(drop)
    owner_sql("UPDATE talent_registry_nomination SET handed_in_on = NULL, handed_in_at = NULL")
    owner_sql(importlib.import_module("talent_registry.migrations.0012_handed_in").FROM_EVENTS)
    owner_sql(create)
    again, draft = (Nomination.objects.get(pk=one.pk) for one in (handed_in, drafted))
    assert again.handed_in_on == today()
    assert again.handed_in_at == again.case.events.get(action="submit").at
    assert (draft.handed_in_on, draft.handed_in_at) == (None, None)


# -- taking in over a set ------------------------------------------------------------------------------------
def waiting_nominations(round_: Any, cast: Any) -> list[int]:
    """Nominations of all sorts: some can be taken in, others stay for different reasons."""
    clerk, league = cast("clerk"), cast("reviewer")
    unit = make_employer(agents=(cast("employer_agent"),))
    own = make_skilled("巴特尔")
    own.account = league
    own.save(update_fields=["account"])
    changed = make_skilled("赵春明")
    made = [
        nominated(make_skilled(), round_, clerk),
        nominated(make_skilled("李海燕", level=None), round_, clerk),
        nominated(changed, round_, clerk),
        nominated(own, round_, clerk),
        nominated(make_skilled("包头人", region=KUNDULUN), round_, cast("baotou_clerk")),
        nominated(make_skilled("草稿"), round_, clerk, state="draft"),
        nominated(make_skilled("已受理"), round_, clerk, state="accepted"),
        nominated(make_skilled("单位", unit=unit), round_, cast("employer_agent"), channel="employer",
                  employer_id=unit.pk),
    ]  # fmt: skip
    all_changed_by_two(changed.employments.all(), on_front_line=False)
    return [one.pk for one in made]


def written(since: int) -> list[Any]:
    cases = Case.objects.order_by("pk").values_list("pk", "state", "version", "assigned_to", "due_on")
    events = CaseEvent.objects.order_by("case_id", "position")
    nominations = Nomination.objects.order_by("pk").values_list(
        "pk", "determination__digest", "determination__outcome", "determination__on"
    )
    entries = Entry.objects.filter(pk__gt=since)
    return [
        list(cases),
        list(events.values_list("case_id", "action", "by_id", "role", "on", "detail")),
        sorted(CaseDuty.objects.values_list("case_id", "duty", "person_id")),
        list(nominations),
        Determination.objects.count(),
        sorted(entries.values_list("object_ref", "action", "detail__from", "detail__to")),
    ]


@pytest.mark.parametrize("who", ["reviewer", "clerk", "baotou_clerk"])
def test_taken_in_as_a_set_or_one_by_one_is_the_same(round_: Any, cast: Any, who: str) -> None:
    ClockRule.objects.update_or_create(kind=NOMINATION, defaults={"working_days": 5, "basis": "示例"})
    ids, by = waiting_nominations(round_, cast), cast(who)
    since = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with undone():
        moving = applications.accept_many(ids, by=by, on=today())
        as_a_set = written(since)
        refused = {pk: (type(refusal), str(refusal)) for pk, refusal in moving.refused.items()}
    alone: dict[int, tuple[type, str]] = {}
    with undone():
        for pk in ids:
            try:
                nominating.accept(pk, by=by, on=today())
            except (NotNow, Refused) as refusal:
                alone[pk] = type(refusal), str(refusal)
        assert written(since) == as_a_set
    assert refused == alone and 0 < len(refused) < len(ids)
    if who == "reviewer":
        said = [text for _, text in refused.values()]
        for words in ("条件尚不能认定", "不符合申报条件", "与您本人", "不属于您负责", "请刷新页面"):
            assert any(words in text for text in said), words


def test_when_nothing_is_taken_in_any_more_every_one_stays(round_: Any, cast: Any) -> None:
    clerk = cast("clerk")
    ids = [nominated(make_skilled(), round_, clerk).pk, nominated(make_skilled("李海燕"), round_, clerk).pk]
    move_round(round_.pk, cast("registry_officer"), "recommendation")
    moving = applications.accept_many(ids, by=clerk, on=today())
    assert moving.cases == [] and {str(refusal) for refusal in moving.refused.values()} == {
        f"{round_.title}现为“盟市推荐”，受理已结束。"
    }


def test_a_set_is_of_one_kind_and_of_applications(round_: Any, cast: Any) -> None:
    clerk = cast("clerk")
    one, other = nominated(make_skilled(), round_, clerk), opened(make_worker())
    with pytest.raises(ValueError, match="of one kind"):
        applications.accept_many([one.pk, other.pk], by=clerk, on=today())
    with pytest.raises(KeyError):
        applications.accept(other.pk, by=clerk, on=today())
    with pytest.raises(Case.DoesNotExist):
        applications.accept(987654321, by=clerk, on=today())


# -- what a kind says of itself ------------------------------------------------------------------------------
@pytest.fixture
def said_otherwise(monkeypatch: pytest.MonkeyPatch) -> Any:
    def change(**given: Any) -> None:
        kind = replace(application_kind(NOMINATION), **given)
        monkeypatch.setitem(application_kinds._KINDS, NOMINATION, kind)

    return change


def test_the_worker_may_always_where_the_kind_says_so(
    round_: Any, cast: Any, said_otherwise: Any, employer_agent: Any
) -> None:
    unit = make_employer(agents=(employer_agent,))
    worker = make_skilled(unit=unit)
    own = with_account(worker)
    one = nominated(worker, round_, employer_agent, channel="employer", employer_id=unit.pk, state="draft")
    assert not applicants.is_applicant(one, own) and not applicants.may_write(one, own)
    with pytest.raises(Refused, match=f"这件申报由{unit}的经办人办理"):
        applicants.require_applicant(one, own)
    said_otherwise(worker_may_always=True, called="申请")
    assert applicants.is_applicant(one, own) and applicants.may_write(one, own)
    with pytest.raises(Refused, match=f"这件申请由{unit}的经办人办理"):
        applicants.require_applicant(one, cast("clerk"))


def test_a_unit_files_for_who_has_left_where_the_kind_says_so(
    round_: Any, said_otherwise: Any, employer_agent: Any
) -> None:
    unit = make_employer(agents=(employer_agent,))
    left, elsewhere = make_skilled("离职", unit=unit), make_employer("包头铝业", region=KUNDULUN)
    all_changed_by_two(left.employments.all(), ended_on=today() - LATER)

    def may_file(unit_id: int | None) -> None:
        kind = application_kind(NOMINATION)
        applicants.require_may_file(kind, left, "employer", unit_id, employer_agent)

    with pytest.raises(Refused, match="目前在职的职工申报"):
        may_file(unit.pk)
    said_otherwise(only_for_staff=False)
    may_file(unit.pk)
    for other in (elsewhere.pk, None):
        with pytest.raises(Refused, match="只能为本单位的职工申报"):
            may_file(other)
