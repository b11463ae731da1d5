"""What was published wrongly of a person reaches the published registry, by two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from portal.accounts.access import PERMISSIONS, NotNow, Refused
from portal.audit.models import Entry as AuditEntry
from portal.letters.models import Letter
from portal.workforce.models import Employer, Employment, Worker
from talent_registry import actions, correction_letters, letters
from talent_registry.actions import change_status
from talent_registry.correction_queues import corrections_to_confirm, differences_to_settle
from talent_registry.models import (
    EntryCorrection,
    PublishedDifference,
    RegistryEntry,
    Status,
)
from talent_registry.models.corrections import as_published
from tests.cast import id_number
from tests.registry.conftest import TODAY
from tests.registry.test_decide_at_once import _race
from tests.roles import compared, everybody, refusal, undone

LATER = TODAY + timedelta(days=10)
RIGHT, WRONG = "孙布和", "孙布合"
REASON = "登记时姓名录入有误，已核对居民身份证。"


def _correct_name(entry: RegistryEntry, name: str = RIGHT) -> None:
    Worker.objects.filter(pk=entry.worker_id).update(name=name)


def _employed(worker: Worker, unit: str) -> Employment:
    employer, _ = Employer.objects.get_or_create(
        name=unit, region_id=worker.work_region_id, source="窗口登记"
    )
    employment = Employment.objects.create(worker=worker, employer=employer, source="窗口登记")
    Worker.objects.filter(pk=worker.pk).update(employer=employer)
    worker.refresh_from_db()
    return employment


def _listed(entry: Any, registry_officer: Any, honoured: Any, unit: str, name: str = WRONG) -> RegistryEntry:
    """Somebody who was published with a unit."""
    from talent_registry.actions import confirm, propose

    worker = honoured(name)
    _employed(worker, unit)
    (case,) = propose([worker.pk], by=None, on=TODAY)
    return confirm(case.pk, by=registry_officer, on=TODAY, how="查验职业技能等级证书")


@pytest.fixture
def wrong(entry) -> RegistryEntry:
    """Published under a name that was corrected since."""
    one = entry(WRONG)
    _correct_name(one)
    return one


@pytest.fixture
def proposed_correction(wrong, registry_officer) -> EntryCorrection:
    return actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=LATER)


# -- what differs is found ----------------------------------------------------------------------------------
def test_a_corrected_name_waits_for_those_who_correct_it(wrong, cast) -> None:
    waits = {who: differences_to_settle(cast(who)).count() for who in (
        "registry_officer", "reviewer", "baotou_reviewer", "clerk", "approver", "auditor")}  # fmt: skip
    assert waits == {
        "registry_officer": 1, "reviewer": 1, "baotou_reviewer": 0, "clerk": 0, "approver": 0, "auditor": 0,
    }  # fmt: skip
    (difference,) = PublishedDifference.objects.all()
    assert (difference.name, difference.other_name, difference.other_employer) == (RIGHT, True, False)


def test_what_is_set_right_again_differs_no_more(wrong) -> None:
    _correct_name(wrong, WRONG)
    assert not PublishedDifference.objects.exists()


def test_a_unit_that_was_renamed_differs_and_a_new_job_does_not(entry, honoured, registry_officer) -> None:
    renamed = _listed(entry, registry_officer, honoured, "鄂托克旗棋盘井媒业", "王一")
    moved = _listed(entry, registry_officer, honoured, "包头铝业", "王二")
    replaced = _listed(entry, registry_officer, honoured, "包头钢铁", "王三")
    Employer.objects.filter(name="鄂托克旗棋盘井媒业").update(name="鄂托克旗棋盘井煤业")
    moved.worker.employments.update(ended_on=TODAY)
    _employed(moved.worker, "包头稀土")
    other = Employer.objects.create(name="包钢股份", region_id="150203", source="窗口登记")
    replaced.worker.employments.update(employer=other)
    Worker.objects.filter(pk=replaced.worker_id).update(employer=other)
    found = dict(PublishedDifference.objects.values_list("entry__name", "employer_name"))
    assert found == {"王一": "鄂托克旗棋盘井煤业", "王三": "包钢股份"}
    renamed = RegistryEntry.objects.get(pk=renamed.pk)
    assert [row["label"] for row in actions.differences_of(renamed)] == ["单位"]


@pytest.mark.parametrize(
    ("published", "spelled"), [("神华(乌海)能源", "神华（乌海） 能源"), ("Ａ1机械厂", "a1机械厂")]
)
def test_another_spelling_of_a_unit_is_no_difference(
    entry, honoured, registry_officer, published, spelled
) -> None:
    listed = _listed(entry, registry_officer, honoured, published)
    Employer.objects.filter(name=published).update(name=spelled)
    assert not PublishedDifference.objects.exists()
    Employer.objects.filter(name=spelled).update(name="另一家")
    assert PublishedDifference.objects.get().entry == listed
    Employer.objects.filter(name="另一家").update(name=spelled)
    assert not PublishedDifference.objects.exists()


def test_an_import_of_first_units_asks_nothing(entry) -> None:
    one = entry()
    _employed(one.worker, "包头铝业")
    assert not PublishedDifference.objects.exists()


def test_a_corrected_number_differs_by_its_ending(entry) -> None:
    one = entry()
    worker = Worker.objects.get(pk=one.worker_id)
    worker.set_id_number(id_number())
    worker.save()
    assert PublishedDifference.objects.get().other_id
    one = RegistryEntry.objects.get(pk=one.pk)
    assert [row["label"] for row in actions.differences_of(one)] == ["证件号码"]


# -- corrected by two people --------------------------------------------------------------------------------
def test_nothing_is_published_before_the_second_person(
    proposed_correction, wrong, client, registry_officer
) -> None:
    assert WRONG in client.get(reverse("registry:list")).text
    assert RIGHT not in client.get(reverse("registry:list")).text
    assert not differences_to_settle(registry_officer).exists()


def test_the_public_list_search_files_and_api_show_what_is_right(
    proposed_correction, wrong, client, second_registry_officer
) -> None:
    actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    for address in (
        reverse("registry:list"),
        reverse("registry:list") + f"?name={RIGHT}",
        reverse("registry:entry", args=[wrong.number]),
        "/api/registry/",
        f"/api/registry/?name={RIGHT}",
    ):
        text = client.get(address).content.decode()
        assert RIGHT in text and WRONG not in text, address
    csv = b"".join(client.get(reverse("registry:export", args=["csv"]))).decode("utf-8-sig")
    assert RIGHT in csv and WRONG not in csv
    assert client.get(reverse("registry:list") + f"?name={WRONG}").text.count(wrong.number) == 0
    assert "姓名" in client.get(reverse("registry:entry", args=[wrong.number])).text
    assert not PublishedDifference.objects.exists()


def test_what_was_published_when_can_be_derived(wrong, registry_officer, second_registry_officer) -> None:
    for day, name in ((LATER, RIGHT), (LATER + timedelta(days=5), "孙布赫")):
        _correct_name(wrong, name)
        one = actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=day)
        actions.confirm_correction(one.pk, by=second_registry_officer, on=day)
    wrong.refresh_from_db()
    said = [as_published(wrong, LATER + timedelta(days=days))["name"] for days in (-1, 0, 4, 5, 9)]
    assert said == [WRONG, RIGHT, RIGHT, "孙布赫", "孙布赫"]


def test_letters_that_carry_the_old_name_are_replaced(
    proposed_correction, wrong, second_registry_officer, client
) -> None:
    old = list(Letter.objects.filter(case_id=wrong.case_id).order_by("pk"))
    actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    for letter in old:
        letter.refresh_from_db()
        newer = letter.superseded_by
        assert newer.kind == letter.kind and newer.issued_on == LATER
        assert newer.says["name"] == RIGHT and RIGHT in newer.addressee and WRONG not in str(newer.says)
        page = client.get(reverse("letters:verified", args=[letter.code])).text
        assert newer.number_text in page and "已被" in page and "2026年12月2日" in page
    notice = Letter.objects.get(kind=correction_letters.CORRECTION)
    assert notice.addressee == f"{RIGHT}同志" and WRONG in str(notice.says["paragraphs"])
    in_force = Letter.objects.in_force().filter(case_id=wrong.case_id)
    assert {letter.kind for letter in in_force} == {
        letters.INCLUSION, letters.CERTIFICATE, correction_letters.CORRECTION
    }  # fmt: skip


def test_a_decision_against_somebody_keeps_its_grounds_and_remedy(
    wrong, registry_officer, second_registry_officer
) -> None:
    given = {"document": "内人社函〔2026〕12号", "reason": "因严重违纪正在接受调查。"}
    change_status(wrong.pk, Status.SUSPENDED, by=registry_officer, on=TODAY, **given)
    decision = Letter.objects.get(kind=letters.STATUS_CHANGE)
    one = actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=LATER)
    actions.confirm_correction(one.pk, by=second_registry_officer, on=LATER)
    decision.refresh_from_db()
    anew = decision.superseded_by
    assert anew.addressee == f"{RIGHT}同志"
    assert (anew.grounds, anew.clause, anew.remedy) == (decision.grounds, decision.clause, decision.remedy)


def test_a_corrected_unit_replaces_only_letters_that_name_it(
    entry, honoured, registry_officer, second_registry_officer
) -> None:
    one = _listed(entry, registry_officer, honoured, "棋盘井媒业")
    Employer.objects.filter(name="棋盘井媒业").update(name="棋盘井煤业")
    correction = actions.propose_correction(
        one.pk, ["employer_name"], reason="单位名称有误。", by=registry_officer, on=LATER
    )
    actions.confirm_correction(correction.pk, by=second_registry_officer, on=LATER)
    one.refresh_from_db()
    assert (one.name, one.employer_name) == (WRONG, "棋盘井煤业")
    assert all(
        letter.says["employer"] == "棋盘井煤业"
        for letter in Letter.objects.in_force().filter(kind__in=[letters.INCLUSION, letters.CERTIFICATE])
    )


def test_who_proposes_does_not_confirm(proposed_correction, registry_officer, wrong) -> None:
    with pytest.raises(Refused, match="另一人"):
        actions.confirm_correction(proposed_correction.pk, by=registry_officer, on=LATER)
    with pytest.raises(Refused, match="另一人"):
        actions.refuse_correction(proposed_correction.pk, reason="核实", by=registry_officer, on=LATER)
    assert not corrections_to_confirm(registry_officer).exists()
    wrong.refresh_from_db()
    assert wrong.name == WRONG


def test_only_who_may(wrong, cast, proposed_correction) -> None:
    people = everybody(cast)
    with compared() as expect:
        for person in people:
            if person.user == proposed_correction.proposed_by:
                continue
            may = person.role in PERMISSIONS["registry.correct.confirm"][1]
            with undone():
                came = refusal(
                    lambda by=person.user: actions.confirm_correction(proposed_correction.pk, by=by, on=LATER)
                )
                expect(person.name, came, None if may else Refused)


def test_a_reviewer_of_another_league_proposes_nothing(wrong, baotou_reviewer, reviewer) -> None:
    with pytest.raises(Refused):
        actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=baotou_reviewer, on=LATER)
    assert actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=reviewer, on=LATER).pk


def test_twice_and_too_late(proposed_correction, wrong, second_registry_officer, registry_officer) -> None:
    with pytest.raises(NotNow, match="待复核"):
        actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=second_registry_officer, on=LATER)
    actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    with pytest.raises(NotNow, match="已处理"):
        actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    with pytest.raises(NotNow, match="一致"):
        actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=LATER)
    assert Letter.objects.filter(kind=correction_letters.CORRECTION).count() == 1


def test_the_register_changed_once_more_meanwhile(
    proposed_correction, wrong, second_registry_officer
) -> None:
    _correct_name(wrong, "孙布赫")
    with pytest.raises(NotNow, match="又有变化"):
        actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    actions.refuse_correction(
        proposed_correction.pk, reason="又更正了一次。", by=second_registry_officer, on=LATER
    )
    assert differences_to_settle(second_registry_officer).count() == 1


def test_without_a_reason_and_of_a_removed_entry(wrong, registry_officer) -> None:
    with pytest.raises(NotNow, match="理由"):
        actions.propose_correction(wrong.pk, ["name"], reason=" ", by=registry_officer, on=LATER)
    given = {"document": "内人社函〔2026〕12号", "reason": "因严重违纪。"}
    change_status(wrong.pk, Status.REMOVED, by=registry_officer, on=TODAY, **given)
    assert not PublishedDifference.objects.exists()
    with pytest.raises(NotNow, match="移出"):
        actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=LATER)


def test_a_suspended_entry_keeps_its_history_when_corrected(
    wrong, registry_officer, second_registry_officer
) -> None:
    given = {"document": "内人社函〔2026〕12号", "reason": "因严重违纪正在接受调查。"}
    change_status(wrong.pk, Status.SUSPENDED, by=registry_officer, on=TODAY, **given)
    one = actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=LATER)
    actions.confirm_correction(one.pk, by=second_registry_officer, on=LATER)
    change_status(wrong.pk, Status.ACTIVE, by=registry_officer, on=LATER, **given)
    certificate = Letter.objects.in_force().get(case_id=wrong.case_id, kind=letters.CERTIFICATE)
    assert certificate.says["name"] == RIGHT


def test_what_was_right_is_kept_until_the_register_changes_again(wrong, registry_officer) -> None:
    actions.keep_published(wrong.pk, reason="其后改名。", by=registry_officer, on=LATER)
    assert not differences_to_settle(registry_officer).exists()
    with pytest.raises(NotNow, match="已经决定保留"):
        actions.keep_published(wrong.pk, reason="其后改名。", by=registry_officer, on=LATER)
    Worker.objects.filter(pk=wrong.worker_id).update(occupation="焊工")
    assert not differences_to_settle(registry_officer).exists()
    _correct_name(wrong, "孙布赫")
    assert differences_to_settle(registry_officer).count() == 1


def test_the_audit_says_who_corrected_what(proposed_correction, second_registry_officer) -> None:
    actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    noted = AuditEntry.objects.filter(action__startswith="registry.correct").order_by("pk")
    assert [row.action for row in noted] == ["registry.correct", "registry.correct.confirm"]
    assert noted[1].detail["fields"] == ["name"]


# -- what the database refuses ------------------------------------------------------------------------------
def _refused(sql: str, *params: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE talent_registry_registryentry SET name = '他人'",
        "UPDATE talent_registry_registryentry SET name = '他人', corrections_made = corrections_made + 1",
        "UPDATE talent_registry_registryentry SET occupation = '他职', corrections_made = corrections_made + 1",
        "UPDATE talent_registry_registryentry SET skill_level = 80, corrections_made = corrections_made + 1",
        "UPDATE talent_registry_registryentry SET region_id = '150203'",
        "UPDATE talent_registry_registryentry SET included_on = '2020-01-01', corrections_made = 1",
        "UPDATE talent_registry_entrycorrection SET reason = '别的理由'",
        "UPDATE talent_registry_entrycorrection SET name = '他人'",
        "DELETE FROM talent_registry_entrycorrection",
        "UPDATE talent_registry_entrycorrection SET state = 'confirmed', position = 1,"
        " decided_by_id = proposed_by_id, decided_at = now(), decided_on = current_date",
        "UPDATE talent_registry_entrycorrection SET state = 'confirmed', position = 1,"
        " decided_by_id = (SELECT id FROM accounts_user WHERE id <> proposed_by_id LIMIT 1),"
        " decided_at = now(), decided_on = current_date",
        "INSERT INTO talent_registry_entrycorrection (entry_id, state, name, name_before, id_shown, id_shown_before,"
        " employer_name, employer_name_before, occupation, occupation_before, skill_level, skill_level_before,"
        " region_id, region_before_id, reason, proposed_by_id, proposed_at, verdict)"
        " SELECT entry_id, 'proposed', '他人', name_before, id_shown, id_shown_before,"
        " employer_name, employer_name_before, occupation, occupation_before, skill_level, skill_level_before,"
        " region_id, region_before_id, reason, proposed_by_id, proposed_at, ''"
        " FROM talent_registry_entrycorrection",
    ],
)
def test_the_database_refuses(proposed_correction, sql) -> None:
    _refused(sql)


def test_a_decided_correction_stays(proposed_correction, second_registry_officer) -> None:
    actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    _refused("UPDATE talent_registry_entrycorrection SET state = 'refused', position = NULL, verdict = 'x'")


def test_interrupted_nothing_has_happened(
    proposed_correction, wrong, second_registry_officer, monkeypatch
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(correction_letters, "replace_letters", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.confirm_correction(proposed_correction.pk, by=second_registry_officer, on=LATER)
    wrong.refresh_from_db()
    proposed_correction.refresh_from_db()
    assert (wrong.name, wrong.corrections_made, proposed_correction.state) == (WRONG, 0, "proposed")


def test_two_who_confirm_at_once_correct_once(committed, entry, cast) -> None:
    one = entry(WRONG)
    _correct_name(one)
    correction = actions.propose_correction(
        one.pk, ["name"], reason=REASON, by=cast("registry_officer"), on=LATER
    )
    second = cast("second_registry_officer")
    results = _race(*[lambda: actions.confirm_correction(correction.pk, by=second, on=LATER)] * 3)
    assert sorted(type(result).__name__ for result in results) == ["EntryCorrection", "NotNow", "NotNow"]
    assert Letter.objects.filter(kind=correction_letters.CORRECTION).count() == 1
