"""Reviews and decisions: opinions, two reviewers, back to an earlier stage, and nothing on what has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from portal.accounts.access import NotNow, Refused
from portal.accounts.models import RoleAssignment, User
from portal.cases import reviews
from portal.cases.actions import NewCase, Refusal, open_cases, transition
from portal.cases.models import Case, CaseEvent
from portal.cases.reviews import AsRead, Decided, Recommendation, ReviewedKind, register_reviewed
from subsidies.schemes import SKILL_UPGRADE
from tests.cases.test_life_of_a_case import MONDAY, settled
from tests.cast import OTOG, REGION, make_worker
from tests.roles import undone

TODAY = MONDAY + timedelta(days=4)
APPROVE, REJECT = Recommendation.APPROVE, Recommendation.REJECT


class Sum(NamedTuple):
    """What a decision rests on here: an amount."""

    amount: int

    @property
    def digest(self) -> str:
        return f"{self.amount:064d}"


class Programme:
    """Says what the amount of a case is, and remembers what was done."""

    def __init__(self) -> None:
        self.amounts: dict[int, int] = {}
        self.without: set[int] = set()
        self.done: list[tuple[str, str, list[int]]] = []
        self.asked: list[int] = []

    def grounds(self, cases: Sequence[Case], *, action: str, by: Any, on: Any) -> dict[int, Sum | Refusal]:
        self.asked.append(len(cases))
        return {
            case.pk: NotNow("条件尚不能认定。")
            if case.pk in self.without
            else Sum(self.amounts.get(case.pk, 2000))
            for case in cases
        }

    def changes(self, case: Case, digest: str, now: Sum) -> list[str]:
        return [f"金额由{int(digest):,}元变为{now.amount:,}元"]

    def effect(self, which: str) -> Any:
        def note(decided: Sequence[Decided], *, action: str, reason: str, by: Any, on: Any) -> None:
            self.done.append((which, action, [ground.amount for _, ground in decided]))

        return note


@pytest.fixture
def programme(monkeypatch: pytest.MonkeyPatch) -> Programme:
    made = Programme()
    monkeypatch.setattr(reviews, "_KINDS", {})
    register_reviewed(
        ReviewedKind(
            SKILL_UPGRADE,
            grounds=made.grounds,
            changes=made.changes,
            at_review=made.effect("reviewed"),
            at_decision=made.effect("decided"),
        )
    )
    return made


def accepted(number: int = 1, *, region: str = OTOG) -> list[Case]:
    worker = make_worker(region=region)
    new = [NewCase(region, worker.pk, "补贴") for _ in range(number)]
    cases = open_cases(SKILL_UPGRADE, new, by=None, on=MONDAY)
    for case in cases:
        for action in ("submit", "accept"):
            with transition(case.pk, action, by=None, on=MONDAY):
                pass
    return [Case.objects.get(pk=case.pk) for case in cases]


def as_read(case: Case, amount: int = 2000) -> AsRead:
    return AsRead(Case.objects.get(pk=case.pk).version, Sum(amount).digest)


def reviewed(by: Any, *cases: Case, action: str = "review", recommendation: Recommendation = APPROVE) -> None:
    for case in cases:
        reviews.review(
            case.pk, action, recommendation=recommendation, by=by, on=TODAY, opinion="材料与登记一致。"
        )


# -- the way through -----------------------------------------------------------------------------------------
def test_reviewed_twice_and_approved(programme: Programme, cast: Any) -> None:
    [case] = accepted()
    reviewed(cast("reviewer"), case, action="review_first")
    reviewed(cast("regional_reviewer"), case, action="review_again", recommendation=REJECT)
    decided = reviews.decide(case.pk, "approve", by=cast("approver"), on=TODAY, as_read=as_read(case))
    settled()
    assert decided.state == "approved"
    assert [(one.event.by.username, one.recommendation, one.text) for one in reviews.opinions_of(case)] == [
        ("ordos.reviewer", APPROVE, "材料与登记一致。"),
        ("region.reviewer", REJECT, "材料与登记一致。"),
    ]
    assert programme.done == [
        ("reviewed", "review_first", [2000]),
        ("reviewed", "review_again", [2000]),
        ("decided", "approve", [2000]),
    ]
    assert set(case.duties.values_list("duty", "person__username")) == {
        ("review", "ordos.reviewer"),
        ("second_review", "region.reviewer"),
        ("approve", "region.approver"),
    }
    events = case.events.filter(action__in=["review_first", "approve"]).order_by("position")
    assert [event.detail for event in events] == [
        {"recommendation": "approve", "digest": Sum(2000).digest},
        {"digest": Sum(2000).digest},
    ]


def test_who_recommends_against_it_says_why(programme: Programme, cast: Any) -> None:
    [case] = accepted()
    with pytest.raises(NotNow, match="须写明审核意见"):
        reviews.review(case.pk, "review", recommendation=REJECT, by=cast("reviewer"), on=TODAY, opinion=" ")
    with pytest.raises(NotNow, match="须写明理由"):
        reviewed(cast("reviewer"), case)
        reviews.decide(case.pk, "reject", by=cast("approver"), on=TODAY, as_read=as_read(case))


def test_nobody_does_two_of_the_stages(programme: Programme, cast: Any) -> None:
    [case] = accepted()
    person = cast("reviewer")
    for role in ("regional_reviewer", "approver"):
        RoleAssignment.objects.create(user=person, role=role, region_id=REGION)
    person = User.objects.get(pk=person.pk)
    reviewed(person, case, action="review_first")
    with pytest.raises(Refused, match="您已在本办件中承担“审核（核实）”，不能再承担“复核”"):
        reviewed(person, case, action="review_again")
    reviewed(cast("regional_reviewer"), case, action="review_again")
    with pytest.raises(Refused, match="不能再承担“审批（确认）”"):
        reviews.decide(case.pk, "approve", by=person, on=TODAY, as_read=as_read(case))


def test_it_goes_back_and_is_reviewed_again(programme: Programme, cast: Any) -> None:
    [case] = accepted()
    first, second = cast("reviewer"), cast("regional_reviewer")
    reviewed(first, case, action="review_first")
    for reason in ("", " "):
        with pytest.raises(NotNow, match="须写明需要再核对的内容"):
            reviews.send_back(case.pk, "send_back", reason=reason, by=second, on=TODAY)
    back = reviews.send_back(case.pk, "send_back", reason="请核对证书日期。", by=second, on=TODAY)
    assert back.state == "accepted"
    reviewed(first, case, action="review_first")
    reviewed(second, case, action="review_again")
    assert len(reviews.opinions_of(case)) == 3
    assert case.duties.count() == 2, "the same duty once more is no second one"


# -- what changed since --------------------------------------------------------------------------------------
def test_what_moved_since_it_was_read_is_not_decided(programme: Programme, cast: Any) -> None:
    [case] = accepted()
    first, second, approver = cast("reviewer"), cast("regional_reviewer"), cast("approver")
    reviewed(first, case)
    read = as_read(case)
    reviews.send_back(case.pk, "send_back", reason="请核对证书日期。", by=second, on=TODAY)
    reviewed(first, case)
    with pytest.raises(NotNow) as refusal:
        reviews.decide(case.pk, "approve", by=approver, on=TODAY, as_read=read)
    assert str(refusal.value) == (
        f"您打开页面之后，办件{case.number}有新的办理：陈静办理了“退回审核”；巴特尔办理了“审核”。"
        "请刷新页面核对后再办理。"
    )
    case.refresh_from_db()
    assert case.state == "reviewed" and not case.duties.filter(duty="approve").exists()
    assert (
        reviews.decide(case.pk, "approve", by=approver, on=TODAY, as_read=as_read(case)).state == "approved"
    )


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_what_came_out_otherwise_is_not_decided(programme: Programme, cast: Any, action: str) -> None:
    [case] = accepted()
    reviewed(cast("reviewer"), case)
    programme.amounts[case.pk] = 1500
    given = {"by": cast("approver"), "on": TODAY, "reason": "标准已调整。"}
    with pytest.raises(NotNow, match="情况有变化：金额由2,000元变为1,500元。请刷新页面核对后再办理"):
        reviews.decide(case.pk, action, as_read=as_read(case), **given)
    decided = reviews.decide(case.pk, action, as_read=as_read(case, 1500), **given)
    # Against a worker a second person signs.
    assert decided.state == {"approve": "approved", "reject": "rejecting"}[action]


def test_a_review_too_rests_on_what_was_read(programme: Programme, cast: Any) -> None:
    [case] = accepted()
    given = {"recommendation": APPROVE, "by": cast("reviewer"), "on": TODAY}
    with pytest.raises(NotNow, match="金额由1,000元变为2,000元"):
        reviews.review(case.pk, "review", as_read=as_read(case, 1000), **given)
    assert reviews.review(case.pk, "review", as_read=as_read(case), **given).state == "reviewed"


# -- over a set ----------------------------------------------------------------------------------------------
def test_a_set_is_decided_as_each_would_be(programme: Programme, cast: Any) -> None:
    cases = accepted(6) + accepted(1, region="150203")
    approver = cast("approver")
    reviews.review_many(
        [case.pk for case in cases[:5]], "review", recommendation=APPROVE, by=cast("reviewer"), on=TODAY
    )
    reviewed(cast("baotou_reviewer"), cases[6])
    read = {case.pk: as_read(case) for case in cases}
    reviews.send_back(cases[1].pk, "send_back", reason="请核对。", by=cast("regional_reviewer"), on=TODAY)
    reviewed(cast("reviewer"), cases[1])
    programme.amounts[cases[2].pk] = 1
    programme.without.add(cases[3].pk)
    ids = [case.pk for case in cases]

    def left() -> list[Any]:
        settled()
        events = CaseEvent.objects.filter(action="approve").order_by("case_id")
        states = Case.objects.filter(pk__in=ids).order_by("pk").values_list("state", "version")
        return [list(states), list(events.values_list("case_id", "position", "by_id", "detail"))]

    programme.asked.clear()
    with undone():
        moving = reviews.decide_many(ids, "approve", by=approver, on=TODAY, as_read=read)
        refused = {pk: str(refusal) for pk, refusal in moving.refused.items()}
        as_a_set = left()
    assert programme.asked == [5], (
        "asked once for all of them, not of the one that moved and the one in another state"
    )
    alone = {}
    with undone():
        for case in cases:
            try:
                reviews.decide(case.pk, "approve", by=approver, on=TODAY, as_read=read[case.pk])
            except NotNow as refusal:
                alone[case.pk] = str(refusal)
        assert left() == as_a_set
    assert refused == alone and set(refused) == {cases[place].pk for place in (1, 2, 3, 5)}
    assert [case.pk for case in moving.cases] == [cases[0].pk, cases[4].pk, cases[6].pk]


def test_nobody_decides_on_what_they_have_not_read(programme: Programme, cast: Any) -> None:
    first, second = accepted(2)
    with pytest.raises(KeyError, match="nothing was read"):
        reviews.decide_many(
            [first.pk, second.pk],
            "approve",
            by=cast("approver"),
            on=TODAY,
            as_read={first.pk: as_read(first)},
        )


def test_an_action_is_what_it_is_called(programme: Programme, cast: Any) -> None:
    """A decision is none that its table does not call one."""
    [case] = accepted()
    given = {"by": cast("reviewer"), "on": TODAY}
    with pytest.raises(ValueError, match="under none of the duties"):
        reviews.decide(case.pk, "review", as_read=as_read(case), **given)
    with pytest.raises(ValueError, match="under none of the duties"):
        reviews.review(case.pk, "approve", recommendation=APPROVE, **given)
