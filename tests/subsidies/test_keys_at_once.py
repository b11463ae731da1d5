"""Two who want one right at the same moment: one has it, and whoever waits learns what became of the other. The second
begins while the first has not committed, and is seen to wait: nothing here depends on who is faster.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from portal.cases.actions import NotNow
from portal.workforce.models import Worker
from subsidies import claiming
from subsidies.models import Claim, ClaimKey
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import make_worker
from tests.live import wait_until
from tests.subsidies.conftest import MONDAY, certificate, in_work
from tests.workforce.merging import proposed, undone

REASON = "本人到窗口提出撤回。"


class Second:
    """Something done by a connection of its own; `refusal` is what it was refused with, empty when it was done."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.refusal: str | None = None
        self.failed: BaseException | None = None
        self.database_process = 0
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self._run, args=[act])
        self.thread.start()
        assert self.begun.wait(30)

    def _run(self, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            self.database_process = connection.connection.get_backend_pid()
            self.begun.set()
            act()
            self.refusal = ""
        except NotNow as refusal:
            self.refusal = str(refusal)
        except BaseException as error:
            self.failed = error
        finally:
            self.begun.set()
            connections.close_all()

    def waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.database_process])
            return cursor.fetchone() == (True,)

    def end(self) -> str:
        self.thread.join(60)
        assert self.failed is None, self.failed
        assert self.refusal is not None
        return self.refusal


@contextmanager
def first(
    act: Callable[[], Any], second: Callable[[], Any], *, commits: bool = True
) -> Iterator[list[Second]]:
    """`act` is done, and not committed until `second` waits for it. The list holds the second one afterwards."""
    doing: list[Second] = []
    with transaction.atomic():
        act()
        doing.append(Second(second))
        wait_until(doing[0].waits, seconds=60, says="the second one waits for the first")
        transaction.set_rollback(not commits)
    yield doing


def held(kind: str) -> list[Any]:
    """The places, or the certificates, that are held."""
    field = {"place": "place", "certificate": "certificate"}[kind]
    return sorted(ClaimKey.objects.held().filter(kind=kind).values_list(field, flat=True))


@pytest.fixture
def one_place_left(committed: str, cast: Any) -> tuple[Any, list[Any]]:
    """A worker who has claimed twice this year, and drafts of two more claims."""
    worker = in_work(make_worker("王建国"), cast("reviewer"))
    records = [
        certificate(worker, cast("reviewer"), occupation=trade, number=f"S{place}")
        for place, trade in enumerate(["焊工", "钳工", "电工", "车工"])
    ]
    given = {"channel": "window", "by": cast("clerk"), "on": MONDAY}
    claims = [claiming.claim_at_once(record.pk, SKILL_UPGRADE, **given) for record in records[:2]]
    claims += [claiming.draft(record.pk, SKILL_UPGRADE, **given) for record in records[2:]]
    return worker, claims


def hand_in(claim: Claim, by: Any) -> Callable[[], Any]:
    return lambda: claiming.hand_in(claim.pk, by=by, on=MONDAY)


@pytest.mark.parametrize("commits", [True, False])
def test_the_last_place_is_taken_once(one_place_left: Any, cast: Any, commits: bool) -> None:
    _, (_, _, one, other) = one_place_left
    clerk = cast("clerk")
    with first(hand_in(one, clerk), hand_in(other, clerk), commits=commits) as doing:
        said = doing[0].end()
    assert ("最多申领3次" in said) == commits and held("place") == [1, 2, 3]
    assert Claim.objects.get(pk=other.pk).keys.held().count() == (0 if commits else 3)


def test_a_place_is_free_once_the_withdrawal_stands(one_place_left: Any, cast: Any) -> None:
    """Until then it is taken: whoever asks is told, and has it when they ask again."""
    _, (gone, _, one, other) = one_place_left
    clerk = cast("clerk")
    claiming.hand_in(one.pk, by=clerk, on=MONDAY)
    with transaction.atomic():
        claiming.withdraw(gone.pk, by=clerk, on=MONDAY, reason=REASON)
        assert "最多申领3次" in Second(hand_in(other, clerk)).end()
    assert held("place") == [2, 3]
    claiming.hand_in(other.pk, by=clerk, on=MONDAY)
    assert held("place") == [1, 2, 3]


@pytest.mark.parametrize("commits", [True, False])
def test_a_level_is_free_once_the_withdrawal_stands(one_place_left: Any, cast: Any, commits: bool) -> None:
    """Another certificate of the same level waits for the withdrawal, and is refused where it did not come about."""
    worker, (gone, *_) = one_place_left
    clerk = cast("clerk")
    again = certificate(worker, cast("reviewer"), occupation="焊工", number="S9")
    other = claiming.draft(again.pk, SKILL_UPGRADE, channel="window", by=clerk, on=MONDAY)
    withdrawal = lambda: claiming.withdraw(gone.pk, by=clerk, on=MONDAY, reason=REASON)  # noqa: E731
    with first(withdrawal, hand_in(other, clerk), commits=commits) as doing:
        said = doing[0].end()
    assert (said == "") == commits and held("certificate") == (["S1", "S9"] if commits else ["S0", "S1"])
    assert "同一职业（工种）同一等级已在申领" in said or commits


@pytest.mark.parametrize("commits", [True, False])
def test_one_claim_is_withdrawn_or_handed_in_again(one_place_left: Any, cast: Any, commits: bool) -> None:
    """Two buttons of one claim: the second waits, and finds what the first has left."""
    _, (_, _, one, _) = one_place_left
    clerk = cast("clerk")
    withdrawal = lambda: claiming.withdraw(one.pk, by=clerk, on=MONDAY, reason=REASON)  # noqa: E731
    with first(hand_in(one, clerk), withdrawal, commits=commits) as doing:
        assert doing[0].end() == ""
    one.case.refresh_from_db()
    assert one.case.state == "withdrawn" and held("place") == [1, 2]


def test_who_is_merged_meanwhile_claims_as_who_stands(one_place_left: Any, cast: Any) -> None:
    """The other record of the person has one more place: the keys are those of the person, once they are one."""
    from portal.workforce.actions import confirm_pointer

    worker, (_, _, _, _) = one_place_left
    clerk, reviewer = cast("clerk"), cast("reviewer")
    twin = in_work(make_worker("王建国"), reviewer)
    theirs = [
        certificate(twin, reviewer, occupation=trade, number=trade) for trade in ("铣工", "磨工", "焊工")
    ]
    given = {"channel": "window", "by": clerk, "on": MONDAY}
    milling, grinding, welding = [claiming.draft(one.pk, SKILL_UPGRADE, **given) for one in theirs]
    pointer = proposed(cast, twin, worker)
    merge = lambda: confirm_pointer("person", pointer.pk, by=reviewer, on=MONDAY)  # noqa: E731
    with first(merge, hand_in(milling, clerk)) as doing:
        assert doing[0].end() == ""
    milling.refresh_from_db()
    assert set(milling.keys.held().values_list("person", flat=True)) == {worker.pk}
    assert held("place") == [1, 2, 3]
    for claim, said in ((grinding, "最多申领3次"), (welding, "已用完|同一职业")):
        with pytest.raises(NotNow, match=said):
            claiming.hand_in(claim.pk, by=clerk, on=MONDAY)
    pointer.refresh_from_db()
    undone(cast, pointer)
    assert held("place") == [1, 2, 3]


def test_a_record_that_is_voided_meanwhile_claims_nothing(one_place_left: Any, cast: Any) -> None:
    from portal.workforce.actions import confirm_pointer

    clerk, reviewer = cast("clerk"), cast("reviewer")
    mistaken = in_work(make_worker("王建国"), reviewer)
    theirs = certificate(mistaken, reviewer, number="T1")
    claim = claiming.draft(theirs.pk, SKILL_UPGRADE, channel="window", by=clerk, on=MONDAY)
    pointer = proposed(cast, mistaken)
    void = lambda: confirm_pointer("person", pointer.pk, by=reviewer, on=MONDAY)  # noqa: E731
    with first(void, hand_in(claim, clerk)) as doing:
        assert doing[0].end() != ""
    assert not ClaimKey.objects.filter(claim=claim).exists()
    assert Worker.objects.filter(pk=mistaken.pk).exists()
