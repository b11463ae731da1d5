"""Merged people on the registry: proposed once, compared with the person who stands, collisions to settle."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.access import NotNow
from portal.workforce.models import Employer, Employment, MergeFinding, Worker
from talent_registry import actions
from talent_registry.actions import confirm, propose, withdraw_unfounded
from talent_registry.models import PublishedDifference, RegistryEntry
from tests.cast import OTOG, make_worker
from tests.registry.conftest import TODAY
from tests.workforce.merging import merged, undone

HOW = "查验职业技能等级证书"


def test_an_honour_under_the_old_number_proposes_the_person(honoured, cast, registry_officer) -> None:
    old, new = honoured("孙布和"), make_worker("孙布和")
    merged(cast, old, new)
    (case,) = propose(by=None, on=TODAY)
    assert case.worker == new
    entry = confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert entry.worker == new and entry.honour.worker == old
    assert propose(by=None, on=TODAY) == []


def test_a_proposal_under_the_old_number_gives_way(proposed, cast, registry_officer) -> None:
    case = proposed("孙布和")
    new = make_worker("孙布和")
    merged(cast, case.worker, new)
    with pytest.raises(NotNow, match="已并入"):
        confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert withdraw_unfounded(on=TODAY) == [case.pk]
    (again,) = propose(by=None, on=TODAY)
    assert again.worker == new


def test_who_is_listed_under_the_old_number_is_listed(entry, honoured, cast, registry_officer) -> None:
    one = entry("孙布和")
    new = honoured("孙布和", type="may_day_medal", year=2024)
    (case,) = propose([new.pk], by=None, on=TODAY)
    pointer = merged(cast, Worker.objects.get(pk=one.worker_id), new)
    with pytest.raises(NotNow, match="已在名录中"):
        confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert propose([new.pk], by=None, on=TODAY) == []
    assert actions.current_entry(new.pk) == one == actions.current_entry(one.worker_id)
    undone(cast, pointer)
    assert actions.current_entry(new.pk) is None


def test_two_entries_of_one_person_are_a_finding(entry, cast, registry_officer) -> None:
    first, second = entry("孙布和"), entry("孙布和")
    people = [Worker.objects.get(pk=one.worker_id) for one in (first, second)]
    merged(cast, *people)
    found = MergeFinding.objects.open().filter(kind="两条名录").get()
    assert first.number in found.text and second.number in found.text
    assert RegistryEntry.objects.public().count() == 2


def test_the_published_row_is_compared_with_the_person_who_stands(entry, cast) -> None:
    one = entry("孙布合")
    new = make_worker("孙布和")
    pointer = merged(cast, Worker.objects.get(pk=one.worker_id), new)
    difference = PublishedDifference.objects.get()
    assert (difference.entry_id, difference.name, difference.other_name) == (one.pk, "孙布和", True)
    shown = RegistryEntry.objects.get(pk=one.pk)
    assert [row["label"] for row in actions.differences_of(shown)] == ["姓名", "证件号码"]
    Worker.objects.filter(pk=new.pk).update(name="孙布赫")
    assert PublishedDifference.objects.get().name == "孙布赫"
    undone(cast, pointer)
    assert not PublishedDifference.objects.exists()


def test_a_unit_that_was_merged_reaches_the_published_row(honoured, cast, registry_officer) -> None:
    wrong = Employer.objects.create(name="棋盘井媒业", region_id=OTOG, source="窗口登记")
    right = Employer.objects.create(name="棋盘井煤业", region_id=OTOG, source="窗口登记")
    worker = honoured("孙布和", employer=wrong)
    Employment.objects.create(worker=worker, employer=wrong, source="窗口登记")
    (case,) = propose([worker.pk], by=None, on=TODAY)
    confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    pointer = merged(cast, wrong, right, kind="unit")
    assert PublishedDifference.objects.get().employer_name == "棋盘井煤业"
    undone(cast, pointer, kind="unit")
    assert not PublishedDifference.objects.exists()


def test_the_selection_reads_a_merged_person_once(cast: Any, honoured: Any) -> None:
    from django.db import connection

    from talent_registry.selection.gathering import gather
    from talent_registry.selection.register import codes_of_today, register_relation
    from talent_registry.selection.scheme import SAMPLE

    old, new, other = honoured("孙布和"), honoured("孙布和", type="may_day_medal"), honoured("李静")
    for one in (old, new):
        Employment.objects.create(worker=one, status="employed", source="窗口登记")

    def rows(named: Any = None) -> dict[int, int]:
        if named is None:
            gather(TODAY, codes_of_today())
        relation = register_relation(TODAY, SAMPLE, codes_of_today(), worker_ids=named)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT worker_id, honour_bits FROM ({relation.sql}) AS register", relation.params
            )
            found = cursor.fetchall()
        assert len(dict(found)) == len(found)
        return dict(found)

    before = rows()
    assert set(before) == {old.pk, new.pk, other.pk}
    pointer = merged(cast, old, new)
    after = rows()
    assert set(after) == {new.pk, other.pk}
    assert after[new.pk] == before[old.pk] | before[new.pk] and after[other.pk] == before[other.pk]
    assert rows([new.pk, other.pk]) == after
    undone(cast, pointer)
    assert rows() == before
