"""Numbers have no gap and no double, whoever issues at the same time and whatever is rolled back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction

from portal.letters import actions
from portal.letters.actions import Draft
from portal.letters.models import Letter
from tests.letters.conftest import CONTEXT, NOTICE, ON


class Undone(Exception):
    pass


def test_eight_at_once_with_every_third_rolled_back_leave_no_gap(committed) -> None:
    def work(turn: int) -> None:
        try:
            with transaction.atomic():
                drafts = [Draft(f"第{turn}组", "150624", CONTEXT)] * (turn % 3 + 1)
                actions.issue_many(kind=NOTICE, issuer="150000", drafts=drafts, by=None, on=ON)
                if turn % 3 == 2:
                    raise Undone
        except Undone:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(30)))

    letters = list(Letter.objects.order_by("sequence").values_list("sequence", "addressee"))
    assert [sequence for sequence, _ in letters] == list(range(1, 31))
    # A block of numbers is never torn apart by another transaction.
    by_group: dict[str, list[int]] = {}
    for sequence, group in letters:
        by_group.setdefault(group, []).append(sequence)
    assert all(block == list(range(block[0], block[0] + len(block))) for block in by_group.values())


def test_a_rollback_gives_the_number_back(db, issue) -> None:
    try:
        with transaction.atomic():
            assert issue().sequence == 1
            raise Undone
    except Undone:
        pass
    assert issue().sequence == 1
