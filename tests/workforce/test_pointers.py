"""A person or a unit under two numbers: proposed by one person, decided by another, undone by a second pointer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.workforce.actions import (
    confirm_pointer,
    correct_worker,
    create_worker,
    propose_pointer,
    propose_undoing,
    refuse_pointer,
    settle_finding,
    version_of,
)
from portal.workforce.merged import person_of, records_of, records_of_unit
from portal.workforce.models import (
    Employer,
    Employment,
    MergedPerson,
    MergeFinding,
    PersonPointer,
    SkillCredential,
    Worker,
)
from tests.cast import KUNDULUN, OTOG, make_account, make_worker
from tests.workforce.merging import ON, REASON, merged, undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Any, Any]:
    """One person with two records: the first by the old number."""
    return make_worker("孙布和"), make_worker("孙布和")


def _links() -> dict[int, int | None]:
    return dict(MergedPerson.objects.values_list("source_id", "target_id"))


# -- by two people ------------------------------------------------------------------------------------------
def test_nothing_is_merged_before_the_second_person(pair, clerk, reviewer) -> None:
    old, new = pair
    pointer = propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON)
    assert _links() == {}
    confirm_pointer("person", pointer.pk, by=reviewer, on=ON)
    pointer.refresh_from_db()
    assert (pointer.state, pointer.stands, pointer.decided_on) == ("confirmed", True, ON)
    assert _links() == {old.pk: new.pk} and records_of(old.pk) == [new.pk, old.pk] == records_of(new.pk)
    assert person_of(old) == new


def test_who_proposes_does_not_confirm(pair, reviewer) -> None:
    old, new = pair
    pointer = propose_pointer("person", old.pk, new.pk, reason=REASON, by=reviewer, on=ON)
    with pytest.raises(Refused, match="另一人"):
        confirm_pointer("person", pointer.pk, by=reviewer, on=ON)
    with pytest.raises(Refused, match="另一人"):
        refuse_pointer("person", pointer.pk, reason="核实", by=reviewer, on=ON)


def test_only_where_both_are(pair, cast) -> None:
    old, new = pair
    elsewhere = make_worker("孙布和", region=KUNDULUN)
    for who, source, target in (
        ("baotou_clerk", old, new),
        ("clerk", old, elsewhere),
        ("auditor", old, new),
        ("registry_officer", old, new),
    ):
        with pytest.raises(Refused):
            propose_pointer("person", source.pk, target.pk, reason=REASON, by=cast(who), on=ON)
    pointer = propose_pointer(
        "person", old.pk, elsewhere.pk, reason=REASON, by=cast("regional_reviewer"), on=ON
    )
    with pytest.raises(Refused):
        confirm_pointer("person", pointer.pk, by=cast("reviewer"), on=ON)
    with pytest.raises(Refused):
        confirm_pointer("person", pointer.pk, by=cast("clerk"), on=ON)


def test_nobody_decides_on_their_own_record(pair, clerk, reviewer) -> None:
    old, new = pair
    new.account = reviewer
    new.save()
    pointer = propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON)
    with pytest.raises(Refused, match="本人"):
        confirm_pointer("person", pointer.pk, by=reviewer, on=ON)


def test_refused_it_can_be_proposed_anew(pair, clerk, reviewer) -> None:
    old, new = pair
    pointer = propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON)
    with pytest.raises(NotNow, match="待复核"):
        propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON)
    with pytest.raises(NotNow, match="理由"):
        refuse_pointer("person", pointer.pk, reason=" ", by=reviewer, on=ON)
    refuse_pointer("person", pointer.pk, reason="不是同一人。", by=reviewer, on=ON)
    assert _links() == {}
    with pytest.raises(NotNow, match="已处理"):
        confirm_pointer("person", pointer.pk, by=reviewer, on=ON)
    assert propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON).pk


def test_what_cannot_be_merged(pair, cast, clerk) -> None:
    old, new = pair
    third = make_worker("孙布和")
    with pytest.raises(NotNow, match="理由"):
        propose_pointer("person", old.pk, new.pk, reason="", by=clerk, on=ON)
    with pytest.raises(NotNow, match="本身"):
        propose_pointer("person", old.pk, old.pk, reason=REASON, by=clerk, on=ON)
    merged(cast, old, new)
    with pytest.raises(NotNow, match="已经并入"):
        propose_pointer("person", old.pk, third.pk, reason=REASON, by=clerk, on=ON)
    with pytest.raises(NotNow, match="已经并入"):
        propose_pointer("person", third.pk, old.pk, reason=REASON, by=clerk, on=ON)
    with pytest.raises(NotNow, match="先撤销"):
        propose_pointer("person", new.pk, None, reason=REASON, by=clerk, on=ON)


# -- chains, voids, undoing ---------------------------------------------------------------------------------
def test_a_chain_leads_to_its_end_and_back(pair, cast) -> None:
    old, new = pair
    third = make_worker("孙布和")
    first = merged(cast, old, new)
    second = merged(cast, new, third)
    assert _links() == {old.pk: third.pk, new.pk: third.pk}
    assert records_of(old.pk) == [third.pk, old.pk, new.pk]
    undone(cast, first)
    assert _links() == {new.pk: third.pk}
    undone(cast, second)
    assert _links() == {}


def test_voided_it_is_nobody_until_undone(worker, cast) -> None:
    pointer = merged(cast, worker)
    assert _links() == {worker.pk: None} and person_of(worker) is None
    assert pointer.title == "作废"
    undone(cast, pointer)
    assert _links() == {} and person_of(worker) == worker


def test_undone_both_are_as_before_and_can_be_merged_again(pair, cast, clerk) -> None:
    old, new = pair
    before = list(Worker.objects.order_by("pk").values())
    pointer = merged(cast, old, new)
    undone(cast, pointer)
    after = list(Worker.objects.order_by("pk").values())
    for row in (*before, *after):
        row.pop("updated_at")
    assert after == before and _links() == {}
    with pytest.raises(NotNow, match="已经撤销"):
        propose_undoing("person", pointer.pk, reason=REASON, by=clerk, on=ON)
    merged(cast, old, new)
    assert _links() == {old.pk: new.pk}


def test_lists_show_the_best_of_both(pair, cast) -> None:
    old, new = pair
    SkillCredential.objects.create(
        worker=old, occupation="焊工", level=50, number="S1", issued_on=ON, source="窗口登记"
    )
    pointer = merged(cast, old, new)
    new.refresh_from_db()
    assert (new.skill_level, new.occupation) == (50, "焊工")
    undone(cast, pointer)
    new.refresh_from_db()
    assert (new.skill_level, new.occupation) == (0, "")


# -- what follows -------------------------------------------------------------------------------------------
def test_a_merged_record_is_listed_found_and_changed_no_more(pair, cast, clerk) -> None:
    old, new = pair
    merged(cast, old, new)
    assert list(Worker.objects.visible_to(clerk)) == [new]
    assert list(Worker.objects.visible_to(clerk).with_id_number(old.id_number)) == [new]
    with pytest.raises(NotNow, match="已并入"):
        correct_worker(
            old.pk, version=version_of(old), name="孙布赫", id_number="", work_region=old.work_region,
            household_region=None, source="窗口登记", by=clerk, on=ON,
        )  # fmt: skip


def test_the_number_of_a_voided_record_is_nobody_elses(worker, cast, clerk) -> None:
    merged(cast, worker)
    assert not Worker.objects.visible_to(clerk).with_id_number(worker.id_number).exists()
    with pytest.raises(NotNow, match="作废"):
        create_worker(
            name="王建国", id_number=worker.id_number, work_region=worker.work_region,
            source="窗口登记", by=clerk, on=ON,
        )  # fmt: skip


def test_a_person_sees_what_was_written_under_either_number(pair, cast) -> None:
    from portal.workforce.models.base import own_records

    old, new = pair
    for one, name in ((old, "w1"), (new, "w2")):
        one.account = make_account(name, one.name, "worker", OTOG)
        one.save()
    stranger = make_account("w3", "路人", "worker", OTOG)
    assert own_records(old.account) == [old.pk]
    pointer = merged(cast, old, new)
    for account in (old.account, new.account):
        again = type(account).objects.get(pk=account.pk)
        assert set(own_records(again)) == {old.pk, new.pk}
        assert list(Worker.objects.visible_to(again)) == [new]
    assert own_records(stranger) == []
    undone(cast, pointer)
    again = type(old.account).objects.get(pk=old.account.pk)
    assert own_records(again) == [old.pk]


def test_units_are_merged_alike(cast, clerk) -> None:
    wrong = Employer.objects.create(name="棋盘井媒业", region_id=OTOG, source="窗口登记")
    right = Employer.objects.create(name="棋盘井煤业", region_id=OTOG, source="窗口登记", kind="private")
    worker = make_worker(employer=wrong)
    Employment.objects.create(worker=worker, employer=wrong, source="窗口登记")
    pointer = merged(cast, wrong, right, kind="unit")
    worker.refresh_from_db()
    assert worker.employer == right and records_of_unit(wrong.pk) == [right.pk, wrong.pk]
    assert list(Employer.objects.visible_to(clerk)) == [right]
    undone(cast, pointer, kind="unit")
    worker.refresh_from_db()
    assert worker.employer == wrong
    assert worker.employments.get().employer == wrong


def test_an_agent_acts_for_a_unit_by_whichever_record(cast, employer_agent) -> None:
    from portal.workforce.models import EmployerAgent

    wrong = Employer.objects.create(name="棋盘井媒业", region_id=OTOG, source="窗口登记")
    right = Employer.objects.create(name="棋盘井煤业", region_id=OTOG, source="窗口登记")
    EmployerAgent.objects.create(employer=wrong, user=employer_agent, authority="委托书")
    merged(cast, wrong, right, kind="unit")
    assert set(Employer.objects.acted_for_by(employer_agent)) == {wrong, right}
    assert list(Employer.objects.visible_to(employer_agent)) == [right]


# -- findings -----------------------------------------------------------------------------------------------
def test_what_stands_twice_is_shown_before_and_left_as_findings(pair, cast, clerk, reviewer) -> None:
    old, new = pair
    for one in pair:
        SkillCredential.objects.create(
            worker=one, occupation="焊工", level=50, number="S15000001", issued_on=ON, source="窗口登记"
        )
        Employment.objects.create(worker=one, status="employed", source="窗口登记")
        one.account = make_account(f"w{one.pk}", one.name, "worker", OTOG)
        one.save()
    pointer = merged(cast, old, new)
    kinds = [kind for kind, _ in pointer.collisions]
    assert kinds == ["两个网上账号", "就业信息重叠", "同一证书"]
    found = list(MergeFinding.objects.visible_to(reviewer).open())
    assert [finding.kind for finding in found] == kinds
    with pytest.raises(Refused):
        settle_finding(found[0].pk, how="停用旧账号。", by=clerk, on=ON)
    settle_finding(found[0].pk, how="停用旧账号。", by=reviewer, on=ON)
    with pytest.raises(NotNow, match="已处理"):
        settle_finding(found[0].pk, how="停用旧账号。", by=reviewer, on=ON)
    undone(cast, pointer)
    assert not MergeFinding.objects.open().exists()
    assert MergeFinding.objects.get(pk=found[0].pk).how == "停用旧账号。"


def test_the_audit_says_who_merged_whom(pair, cast) -> None:
    old, new = pair
    undone(cast, merged(cast, old, new))
    noted = Entry.objects.filter(action__startswith="merge.").order_by("pk")
    assert [row.action for row in noted] == ["merge.propose", "merge.confirm"] * 2
    assert [row.detail["what"] for row in noted][1::2] == ["人员档案并入", "人员档案撤销并入"]


# -- what the database refuses ------------------------------------------------------------------------------
def _refused(sql: str, *params: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE workforce_personpointer SET reason = '别的'",
        "UPDATE workforce_personpointer SET target_id = NULL",
        "UPDATE workforce_personpointer SET stands = false",
        "UPDATE workforce_personpointer SET state = 'proposed', stands = false",
        "DELETE FROM workforce_personpointer",
    ],
)
def test_what_was_decided_stays(pair, cast, sql) -> None:
    merged(cast, *pair)
    _refused(sql)


def test_the_database_wants_two_people_one_pointer_and_no_way_back(pair, cast, clerk, reviewer) -> None:
    old, new = pair
    pointer = propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON)
    decide = (
        "UPDATE workforce_personpointer SET state = 'confirmed', decided_by_id = %s, decided_at = now(),"
        " decided_on = current_date WHERE id = %s"
    )
    _refused(decide, clerk.pk, pointer.pk)
    confirm_pointer("person", pointer.pk, by=reviewer, on=ON)
    # Whatever code asks for it: a second pointer from the same record, or one that leads back.
    second = PersonPointer.objects.create(source=old, target=None, reason=REASON, proposed_by=clerk)
    _refused(decide, reviewer.pk, second.pk)
    back = PersonPointer.objects.create(source=new, target=old, reason=REASON, proposed_by=clerk)
    _refused(decide, reviewer.pk, back.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonPointer.objects.create(source=new, target=new, reason=REASON, proposed_by=clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonPointer.objects.create(
            source=new, target=old, reason=REASON, proposed_by=clerk, state="confirmed"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonPointer.objects.create(source=new, reason=REASON, proposed_by=clerk, undoes=pointer)


def test_interrupted_nothing_has_happened(pair, clerk, reviewer, monkeypatch) -> None:
    from portal.workforce.actions import pointers

    old, new = pair
    pointer = propose_pointer("person", old.pk, new.pk, reason=REASON, by=clerk, on=ON)

    def fails(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(pointers, "derive", fails)
    with pytest.raises(RuntimeError):
        confirm_pointer("person", pointer.pk, by=reviewer, on=ON)
    assert _links() == {} and PersonPointer.objects.get().state == "proposed"
