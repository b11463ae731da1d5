"""Issuing a letter: the record, its number, what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.accounts import demonstration
from portal.audit.models import Entry
from portal.letters import actions, kinds
from portal.letters.actions import AlreadyDone, BadLetter, Draft
from portal.letters.composing import compose
from portal.letters.models import Issuer, Letter, LetterFile, LetterSeries
from portal.letters.remedies import RemedyOf
from tests.letters.conftest import CERTIFICATE, CONTEXT, NOTICE, ON, REFUSAL

REMEDY = "如不服本决定，可以依法申请行政复议或者提起行政诉讼。"
pytestmark = pytest.mark.django_db


def test_a_letter_is_a_record_with_a_number_before_it_is_a_file(worker, issue, registry_officer) -> None:
    letter = issue(worker, by=registry_officer)

    assert letter.number_text == "内人社匠〔2026〕1号"
    assert letter.issuer_name == "内蒙古自治区人力资源和社会保障厅"
    assert letter.title == "关于纳入内蒙古自治区高技能领军人才名录的通知"
    assert letter.file.state == "pending"
    entry = Entry.objects.get(action="letter.issue")
    assert (entry.worker_ref, entry.actor, entry.detail["number"]) == (
        worker.pk,
        registry_officer,
        "内人社匠〔2026〕1号",
    )


def test_kinds_of_one_office_share_its_numbers_and_years_begin_at_one(issue) -> None:
    numbers = [
        issue().sequence,
        issue(kind=CERTIFICATE).sequence,
        issue(on=date(2027, 1, 4)).sequence,
        issue().sequence,
    ]
    assert numbers == [1, 2, 1, 3]


def test_each_office_has_its_own_numbers(issue) -> None:
    issue()
    assert issue(issuer="150600").number_text == "鄂人社匠〔2026〕1号"


def test_many_letters_take_a_block_of_numbers_in_the_order_of_the_list(
    queued, django_capture_on_commit_callbacks
) -> None:
    names = [f"工人{place}" for place in range(230)]
    with django_capture_on_commit_callbacks(execute=True):
        letters = actions.issue_many(
            kind=NOTICE,
            issuer="150000",
            drafts=[Draft(name, "150624", CONTEXT) for name in names],
            by=None,
            on=ON,
        )
    assert [letter.sequence for letter in letters] == list(range(1, 231))
    assert [letter.addressee for letter in letters] == names
    assert [len(ids) for ids in queued] == [100, 100, 30]
    assert [pk for ids in queued for pk in ids] == [letter.pk for letter in letters]


def test_a_thousand_letters_take_a_fixed_number_of_statements(django_assert_max_num_queries) -> None:
    drafts = [Draft("张珺喆", "150624", CONTEXT) for _ in range(1000)]
    with django_assert_max_num_queries(16):
        actions.issue_many(kind=NOTICE, issuer="150000", drafts=drafts, by=None, on=ON)


def test_the_context_is_unreadable_in_the_database(issue) -> None:
    letter = issue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT context FROM letters_letter WHERE id = %s", [letter.pk])
        assert "焊接厂".encode() not in bytes(cursor.fetchone()[0])
    assert Letter.objects.get(pk=letter.pk).context["employer"] == "鄂托克旗焊接厂"


@pytest.mark.parametrize(
    "given",
    [
        {"context": {"id_number": "15062419850615001X"}},
        {"context": {"lines": [{"deep": "证件号码15062419850615001x。"}]}},
        {"context": {"honour": ""}},
        {"kind": REFUSAL, "clause": "第一条", "remedy": REMEDY},
        {"kind": REFUSAL, "grounds": "荣誉不在名单中", "remedy": REMEDY},
        {"kind": REFUSAL, "grounds": "荣誉不在名单中", "clause": "第一条"},
        {
            "kind": REFUSAL,
            "grounds": "15062419850615001X的荣誉不在名单中",
            "clause": "第一条",
            "remedy": REMEDY,
        },
    ],
    ids=[
        "full ID number",
        "full ID number inside a list",
        "a fact is missing",
        "no grounds",
        "no clause",
        "no remedy",
        "ID number in grounds",
    ],
)
def test_a_letter_that_says_too_much_or_too_little_is_not_issued_and_uses_no_number(issue, given) -> None:
    with pytest.raises(BadLetter):
        issue(**given)
    assert not Letter.objects.exists()
    assert issue().sequence == 1


def test_an_unknown_kind_is_refused(issue) -> None:
    with pytest.raises(kinds.UnknownKind):
        issue(kind="test.unknown")


def test_an_adverse_letter_states_why_by_which_clause_and_what_can_be_done(issue) -> None:
    remedy = RemedyOf("150000").text()
    letter = issue(kind=REFUSAL, grounds="荣誉不在名单中", clause="第一条", remedy=remedy)
    assert letter.adverse
    assert "60日内向内蒙古自治区人民政府申请行政复议" in letter.remedy
    assert "6个月内依法向本机关所在地有管辖权的基层人民法院提起行政诉讼" in letter.remedy


def test_the_database_refuses_an_adverse_letter_without_reasons(issue) -> None:
    letter = issue()
    columns = {field.attname for field in Letter._meta.concrete_fields} - {"id", "league_code"}
    row = Letter(**{column: getattr(letter, column) for column in columns})
    row.sequence, row.number_text, row.code, row.adverse = 2, "内人社匠〔2026〕2号", "000000000000", True
    with pytest.raises(IntegrityError, match="an_adverse_letter_says_why"), transaction.atomic():
        row.save()


def test_a_superseded_letter_names_the_one_that_took_its_place_once(issue, registry_officer) -> None:
    old = issue()
    new = issue(supersedes=old, by=registry_officer)
    old.refresh_from_db()
    assert old.superseded_by == new
    assert set(Letter.objects.in_force()) == {new}
    with pytest.raises(AlreadyDone, match="内人社匠〔2026〕2号"):
        actions.supersede(letter_id=old.pk, replacement=issue(), by=registry_officer)


@pytest.mark.parametrize(
    "change",
    [
        "sequence = 7",
        "number_text = 'x'",
        "kind = 'other'",
        "title = 'x'",
        "addressee = 'x'",
        "context = '\\x00'",
        "code = 'x'",
        "issued_on = '2020-01-01'",
        "grounds = '\\x00'",
        "is_sample = false",
        "superseded_by_id = NULL",
        "served_on = '2026-11-20'",
    ],
)
def test_the_database_keeps_what_was_issued(issue, change, registry_officer) -> None:
    letter = issue()
    issue(supersedes=letter)
    actions.record_service(letter_id=letter.pk, how="in_person", served_on=ON, by=registry_officer)
    refused = pytest.raises(IntegrityError, match="was issued: it is superseded")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE letters_letter SET {change} WHERE id = %s", [letter.pk])


def test_the_database_removes_no_letter(issue) -> None:
    letter = issue()
    LetterFile.objects.all().delete()
    with pytest.raises(IntegrityError, match="was issued and stays"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).delete()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE letters_letter CASCADE")


def test_the_database_leaves_out_no_number(issue) -> None:
    issue()
    LetterSeries.objects.update(last_number=4)
    with pytest.raises(IntegrityError, match="there is no number 4 before it"), transaction.atomic():
        issue()


def test_a_letter_of_a_demonstration_says_so_whatever_its_office_says(issue, security_admin) -> None:
    issue()
    actions.confirm_issuer(code="150000", mark="内人社函", by=security_admin)
    made = issue()
    assert made.number_text == "内人社函〔2026〕2号" and made.is_sample
    assert "演示数据，不具有法律效力" in compose(made).html


def test_a_confirmed_office_issues_letters_that_are_no_samples(issue, security_admin, monkeypatch) -> None:
    monkeypatch.setattr(demonstration, "_state", lambda: (False, True))
    before = issue()
    actions.confirm_issuer(code="150000", mark="内人社函", by=security_admin)
    after = issue()
    before.refresh_from_db()
    assert (before.is_sample, before.number_text) == (True, "内人社匠〔2026〕1号")
    assert (after.is_sample, after.number_text) == (False, "内人社函〔2026〕2号")


def test_there_is_an_issuer_for_the_region_and_each_league() -> None:
    assert Issuer.objects.count() == 13
    assert Issuer.objects.get(code="152500").name == "锡林郭勒盟人力资源和社会保障局"
