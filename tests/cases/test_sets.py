"""An action on a set of cases writes what it writes one by one: every row, every refusal, whatever is in the set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases.actions import (
    NewCase,
    open_cases,
    open_correction,
    resolve_correction,
    transition,
    transition_many,
)
from portal.cases.models import Case, CaseDuty, CaseEvent, ClockRule, Correction
from portal.cases.workflow import Duty, workflow_of
from talent_registry.selection.workflow import NOMINATION
from tests.cases.test_life_of_a_case import MONDAY, opened, settled
from tests.cast import KUNDULUN, OTOG, company, make_account, make_worker
from tests.roles import undone
from tests.selection.nominees import make_employer
from tests.states import state

TODAY = MONDAY + timedelta(days=9)
REASON = "材料不属实，经核对原件。"


class Outcome(NamedTuple):
    """What an action left behind, without moments and numbers of rows."""

    refused: dict[int, tuple[type, str]]
    cases: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    duties: list[tuple[Any, ...]]
    audit: list[tuple[Any, ...]]


def outcome(refused: dict[int, tuple[type, str]], since: int) -> Outcome:
    settled()
    fields = [
        field.attname
        for field in Case._meta.concrete_fields
        if field.name not in ("state_since", "closed_at")
    ]
    cases = [
        (*row, closed is not None)
        for *row, closed in Case.objects.order_by("pk").values_list(*fields, "closed_at")
    ]
    events = CaseEvent.objects.order_by("case_id", "position")
    entries = Entry.objects.filter(pk__gt=since).order_by("pk")
    return Outcome(
        refused,
        cases,
        list(
            events.values_list("case_id", "position", "action", "label", "from_state", "to_state", "by_id",
                               "role", "on", "reason", "detail")
        ),
        sorted(CaseDuty.objects.values_list("case_id", "duty", "person_id")),
        list(
            entries.values_list("action", "actor_id", "actor_name", "object_type", "object_ref", "worker_ref",
                                "region_code", "address", "detail")
        ),
    )  # fmt: skip


def last_entry() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def as_a_set(ids: Iterable[int], action: str, by: Any, reason: str, effect: Callable[[Case], Any]) -> Outcome:
    since = last_entry()
    details = {case_id: {"page": case_id} for case_id in ids}
    with undone():
        with transition_many(ids, action, by=by, on=TODAY, reason=reason, details=details) as moving:
            for case in moving.cases:
                effect(case)
        refused = {pk: (type(refusal), str(refusal)) for pk, refusal in moving.refused.items()}
        return outcome(refused, since)


def one_by_one(
    ids: Iterable[int], action: str, by: Any, reason: str, effect: Callable[[Case], Any]
) -> Outcome:
    since = last_entry()
    refused: dict[int, tuple[type, str]] = {}
    with undone():
        for case_id in sorted(ids):
            try:
                with transition(
                    case_id, action, by=by, on=TODAY, reason=reason, detail={"page": case_id}
                ) as case:
                    effect(case)
            except (NotNow, Refused) as refusal:
                refused[case_id] = (type(refusal), str(refusal))
        return outcome(refused, since)


# -- a mixed set ---------------------------------------------------------------------------------------------
class Place:
    """Cases of one kind in every state, of several places and people."""

    def __init__(self, cast: Any) -> None:
        ClockRule.objects.update_or_create(
            kind=NOMINATION, defaults={"working_days": 8, "basis": "示例", "is_sample": True}
        )
        self.league = cast("reviewer")
        self.clerk = cast("clerk")
        self.colleague = cast("second_reviewer")
        self.cases: list[Case] = []

    def add(self, *moves: str, by: Any = None, worker: Any = None, region: str = OTOG, **more: Any) -> Case:
        worker = worker or make_worker("王建国", region=region)
        new = NewCase(region, worker.pk, "申报", **more)
        [case] = open_cases(NOMINATION, [new], by=None, on=MONDAY)
        for days, action in enumerate(moves):
            self.move(case, action, by, MONDAY + timedelta(days=days))
        self.cases.append(case)
        return case

    def move(self, case: Case, action: str, by: Any, on: date) -> None:
        with transition(case.pk, action, by=by, on=on, reason="先行办理") as moved:
            if action == "return_for_correction":
                open_correction(moved, ["岗位证明"], by=self.clerk, on=on)
            if action == "resubmit":
                resolve_correction(moved, by=self.clerk, on=on)

    def fill(self) -> None:
        back = ("submit", "return_for_correction")
        own = make_worker("巴特尔", account=self.league)
        unit = make_employer(agents=(self.league,))
        self.add()
        self.add(worker=own)
        self.add("submit")
        self.add("submit", "withdraw")
        self.add("submit", region=KUNDULUN)
        self.add("submit", worker=own)
        self.add("submit", employer_id=unit.pk)
        self.add("submit", duties={Duty.PREPARE: self.league.pk})
        self.add("submit", duties={Duty.REVIEW: self.league.pk})
        self.add("submit", duties={Duty.ACCEPT: self.league.pk})
        self.add("submit", duties={Duty.ACCEPT: self.colleague.pk})
        given = self.add("submit")
        Case.objects.filter(pk=given.pk).update(assigned_to=self.colleague)
        doubtful = self.add("submit")
        Correction.objects.create(case=doubtful, missing=["核对"], opened_on=MONDAY, opened_by=self.clerk)
        self.add(*back)
        self.add("submit", *back[1:], "resubmit", "return_for_correction")
        self.add(*back, worker=own)
        self.add("submit", "accept", by=self.clerk)
        self.add("submit", "accept", by=self.league)
        self.add("submit", "accept", by=None)
        self.add("submit", "accept", "recommend", by=None)
        self.add("submit", "accept", "pass_over", by=None)
        self.add("submit", "refuse", by=self.clerk)


def _filled() -> Place:
    """As it was filled before the test began."""
    found = Place(company())
    found.cases = list(Case.objects.order_by("pk"))
    return found


place = state("place", lambda cast: Place(cast).fill(), _filled)


ACTIONS = [row.action for row in workflow_of(NOMINATION).transitions]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("reason", ["", REASON])
def test_a_set_is_what_its_cases_are_one_by_one(place: Place, cast: Any, action: str, reason: str) -> None:
    def effect(case: Case) -> None:
        if action == "resubmit":
            resolve_correction(case, by=by, on=TODAY)

    ids = [case.pk for case in place.cases]
    people = [cast("reviewer"), cast("clerk"), cast("registry_officer"), None]
    moved = 0
    for by in people:
        set_way = as_a_set(ids, action, by, reason, effect)
        single_way = one_by_one(ids, action, by, reason, effect)
        assert set_way == single_way, by
        moved += len(ids) - len(set_way.refused)
    needs_reason = workflow_of(NOMINATION).transition(action).needs_reason
    assert (moved > 0) == (bool(reason) or not needs_reason)


def test_the_mixed_set_meets_every_refusal(place: Place, cast: Any) -> None:
    """What is compared above is not always the same one."""
    met = set()
    for action, reason in ((action, reason) for action in ACTIONS for reason in ("", REASON)):
        said = as_a_set(
            [case.pk for case in place.cases], action, cast("reviewer"), reason, lambda case: None
        )
        met.update(text for _, text in said.refused.values())
    for words in (
        "不属于您负责的地区",
        "您没有“",
        "请刷新页面查看最新情况",
        "须写明理由",
        "正在补正",
        "与您本人或您代表的单位有关",
        "您已在本办件中承担“审核（核实）”，不能再承担“受理”",
        "您已在本办件中承担“受理”，不能再承担“审核（核实）”",
    ):
        assert any(words in text for text in met), words


def test_kinds_of_cases_stand_in_one_set(place: Place, cast: Any, worker: Any) -> None:
    ids = [case.pk for case in place.cases] + [opened(worker).pk, opened(worker).pk]
    for by in (cast("reviewer"), cast("clerk"), None):
        set_way = as_a_set(ids, "withdraw", by, REASON, lambda case: None)
        assert set_way == one_by_one(ids, "withdraw", by, REASON, lambda case: None)
        kinds = {row[4] for row in set_way.events if row[2] == "withdraw"}
        assert len(kinds) >= 2


def test_a_larger_set_takes_no_more_statements(cast: Any) -> None:
    officer, worker = cast("registry_officer"), make_worker()

    def statements(number: int) -> int:
        ids = [opened(worker).pk for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            with transition_many(ids, "decline", by=officer, on=TODAY, reason=REASON) as moving:
                assert len(moving.cases) == number
        return len(queries)

    statements(1)
    assert statements(2) == statements(30)


# -- what the programme adds ---------------------------------------------------------------------------------
def test_the_programme_leaves_cases_where_they_are(worker: Any, registry_officer: Any) -> None:
    first, second, third = (opened(worker) for _ in range(3))
    asked: list[list[tuple[int, str]]] = []

    def check(cases: list[Case]) -> dict[int, NotNow]:
        asked.append([(case.pk, case.state) for case in cases])
        return {second.pk: NotNow("该人员正在核查。")}

    with transition(third.pk, "decline", by=None, on=TODAY, reason=REASON):
        pass
    ids = [third.pk, second.pk, first.pk]
    with transition_many(ids, "decline", by=registry_officer, on=TODAY, reason=REASON, check=check) as moving:
        assert [case.pk for case in moving.cases] == [first.pk]
        assert moving.cases[0].state == "declined"
        moving.details[first.pk]["letter"] = 7
    settled()
    assert asked == [[(first.pk, "proposed"), (second.pk, "proposed")]]
    assert str(moving.refused[second.pk]) == "该人员正在核查。" and "已撤回" not in str(
        moving.refused[third.pk]
    )
    assert first.events.last().detail == {"letter": 7}
    second.refresh_from_db()
    assert (second.state, second.version, second.events.count(), second.duties.count()) == (
        "proposed",
        1,
        1,
        0,
    )


def test_an_effect_that_fails_leaves_nothing_of_the_set(worker: Any, registry_officer: Any) -> None:
    cases = [opened(worker) for _ in range(3)]
    with pytest.raises(RuntimeError):
        with transition_many([case.pk for case in cases], "confirm", by=registry_officer, on=TODAY) as moving:
            assert len(moving.cases) == 3
            raise RuntimeError("the letters have no numbers")
    assert set(Case.objects.values_list("state", "version")) == {("proposed", 1)}
    assert not CaseDuty.objects.exists() and not Entry.objects.filter(action="case.confirm").exists()


def test_what_is_no_case_is_said_so_and_nothing_is_nothing(worker: Any, registry_officer: Any) -> None:
    case = opened(worker)
    with pytest.raises(Case.DoesNotExist):
        with transition_many([case.pk, 987654321], "withdraw", by=None, on=TODAY, reason=REASON):
            pytest.fail("the effect must not run")
    with transition_many([], "withdraw", by=registry_officer, on=TODAY, reason=REASON) as moving:
        assert moving.cases == [] and moving.refused == {}
    with transition_many([case.pk, case.pk], "withdraw", by=None, on=TODAY, reason=REASON) as moving:
        assert [one.pk for one in moving.cases] == [case.pk]
    assert case.events.count() == 2


# -- at once -------------------------------------------------------------------------------------------------
def test_two_who_move_the_same_set_move_every_case_once(committed: str, cast: Any) -> None:
    worker = make_worker()
    cases = [opened(worker) for _ in range(20)]
    officers = [cast("registry_officer"), make_account("second", "乌兰", "registry_officer", "150000")]
    results: list[Any] = [None, None]
    both = threading.Barrier(2)

    def decline(place: int) -> None:
        ids = [case.pk for case in cases]
        try:
            both.wait(30)
            with transition_many(
                ids[::-1] if place else ids, "decline", by=officers[place], on=TODAY, reason=REASON
            ) as moving:
                pass
            results[place] = (len(moving.cases), len(moving.refused))
        except BaseException as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decline, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [(0, 20), (20, 0)]
    assert CaseEvent.objects.filter(action="decline").count() == 20
