"""A decision of the registry is in force, and its letter waits for a figure that it has to name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Case
from portal.letters import building, tasks, waiting
from portal.letters.models import Letter, LetterFile, WaitingLetter
from portal.letters.remedies import LITIGATION_COURTS, RECONSIDERATION_BODIES
from talent_registry import letters
from talent_registry.actions import change_status, decline
from tests.letters.test_remedies import entered
from tests.registry.conftest import TODAY
from tests.selection.nominees import make_round, make_skilled, nominated

pytestmark = pytest.mark.django_db
WHY = "经核实，本人不属于技术工人。"
ORDER = {"document": "内人社函〔2026〕12号", "reason": "正在接受调查。"}
BODY, COURT = "内蒙古自治区人民政府", "合成区人民法院"
LATER = TODAY + timedelta(days=3)


@pytest.fixture
def no_court(cast: Any) -> None:
    """The region's court has no value since a while; a league's has."""
    entered(LITIGATION_COURTS, {"150600": COURT}, TODAY - timedelta(days=30), cast)


def test_the_remedy_of_the_registry_is_that_of_the_figures(
    cast: Any, proposed: Any, registry_officer: Any
) -> None:
    """Given another court from a day on, when it is declined that day, then the letter names it."""
    entered(LITIGATION_COURTS, {"150000": COURT}, TODAY, cast)
    case = proposed()
    decline(case.pk, by=registry_officer, on=TODAY, reason=WHY)
    remedy = Letter.objects.get(case=case).remedy
    assert f"60日内向{BODY}申请行政复议" in remedy and f"6个月内依法向{COURT}提起行政诉讼" in remedy


def test_a_refusal_waits_for_its_figure_and_says_then_what_was_decided(
    cast: Any, proposed: Any, registry_officer: Any, no_court: None
) -> None:
    case = proposed()
    decline(case.pk, by=registry_officer, on=TODAY, reason=WHY)
    assert Case.objects.get(pk=case.pk).closed_at is not None, "the decision is in force"
    assert not Letter.objects.filter(case=case).exists()
    [waits] = waiting.waits_of(case.pk, user=registry_officer, on=TODAY)
    assert (waits.label, waits.missing) == ("不予纳入决定", ["行政诉讼管辖法院"])
    assert waiting.issue_due(TODAY) == 0
    entered(LITIGATION_COURTS, {"150000": COURT}, LATER, cast)
    assert waiting.issue_due(TODAY) == 0, "the figure begins in three days"
    assert waiting.issue_due(LATER) == 1 and waiting.issue_due(LATER) == 0
    letter = Letter.objects.get(case=case)
    assert (letter.kind, letter.grounds, letter.issued_on) == (letters.REFUSAL, WHY, LATER)
    assert letter.issued_by == registry_officer and f"依法向{COURT}" in letter.remedy
    assert "不予纳入" in letter.says["decision"] and letter.addressee == f"{case.inclusion.worker.name}同志"
    assert WaitingLetter.objects.get().letter == letter
    assert waiting.waits_of(case.pk, user=registry_officer, on=LATER) == []
    assert building.build([letter.pk]).failed == 0


def test_what_a_suspension_takes_the_place_of_points_to_it_once_it_is_there(
    cast: Any, entry: Any, registry_officer: Any, no_court: None
) -> None:
    included = entry()
    change_status(included.pk, "suspended", by=registry_officer, on=TODAY, **ORDER)
    certificate = Letter.objects.get(case=included.case_id, kind=letters.CERTIFICATE)
    assert certificate.superseded_by is None
    entered(LITIGATION_COURTS, {"150000": COURT}, TODAY, cast)
    assert waiting.issue_due(TODAY) == 1
    certificate.refresh_from_db()
    assert certificate.superseded_by == Letter.objects.get(case=included.case_id, kind=letters.STATUS_CHANGE)


def test_reinstated_meanwhile_the_new_certificate_stands(
    cast: Any, entry: Any, registry_officer: Any, no_court: None
) -> None:
    """Good news waits for no figure; what was suspended before takes the place of the old certificate alone."""
    included = entry()
    change_status(included.pk, "suspended", by=registry_officer, on=TODAY, **ORDER)
    change_status(included.pk, "active", by=registry_officer, on=TODAY, **ORDER)
    old, new = Letter.objects.filter(case=included.case_id, kind=letters.CERTIFICATE).order_by("pk")
    entered(LITIGATION_COURTS, {"150000": COURT}, TODAY, cast)
    assert waiting.issue_due(TODAY) == 1
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.superseded_by is not None and new.superseded_by is None


def test_a_nomination_that_is_refused_or_not_selected_waits_too(
    cast: Any, clerk: Any, registry_officer: Any, no_court: None
) -> None:
    nomination = nominated(make_skilled("王建国"), make_round(registry_officer), clerk)
    given = {"by": clerk, "on": TODAY, "grounds": "不在生产服务一线岗位工作。"}
    assert letters.issue_nomination_refusal(nomination, **given) is None
    assert letters.issue_selection_result(nomination, **given) is None
    said = waiting.waits_of(nomination.pk, user=registry_officer, on=TODAY)
    assert [one.label for one in said] == ["遴选申报不予受理决定", "遴选结果决定"]


def test_the_page_says_before_and_after_for_which_figure(
    cast: Any, as_user: Any, proposed: Any, registry_officer: Any, clerk: Any
) -> None:
    today = timezone.localdate()
    entered(RECONSIDERATION_BODIES, {"150600": "鄂尔多斯市人民政府"}, today, cast)
    officer, case = as_user(registry_officer), proposed()
    asked = reverse("registry:decline", args=[case.number])
    assert "决定书暂缓出具，缺少：行政复议机关" in officer.get(asked).text
    shown = officer.post(asked, {"reason": WHY}, follow=True).text
    assert "作出不予纳入决定。决定书暂缓出具，缺少：行政复议机关" in shown and "正在生成" not in shown
    assert "须由政策管理员录入并复核，之后自动出具" in shown
    assert "不予纳入决定：当日没有以下参数" in officer.get(reverse("registry:case", args=[case.number])).text


def test_the_page_of_an_entry_says_it_too(cast: Any, as_user: Any, entry: Any, registry_officer: Any) -> None:
    today = timezone.localdate()
    entered(LITIGATION_COURTS, {"150600": COURT}, today, cast)
    officer, included = as_user(registry_officer), entry()
    given = ORDER | {"to": "suspended"}
    shown = officer.post(reverse("registry:status", args=[included.number]), given, follow=True).text
    assert "名录资格。决定书暂缓出具，缺少：行政诉讼管辖法院" in shown
    assert "名录状态变更决定：当日没有以下参数" in shown


def test_a_confirmed_figure_asks_for_the_letters_that_wait(
    cast: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tasks.issue_waiting, "delay", lambda: asked.append("asked"))
    with django_capture_on_commit_callbacks(execute=True):
        entered(LITIGATION_COURTS, {"150000": COURT}, TODAY, cast)
    assert asked == ["asked"]
    assert tasks.issue_waiting() == 0


def test_a_letter_made_before_is_reprinted_as_it_was(cast: Any, proposed: Any, registry_officer: Any) -> None:
    """A figure that changes later moves no byte of what was issued."""
    case = proposed()
    decline(case.pk, by=registry_officer, on=TODAY, reason=WHY)
    letter = Letter.objects.get(case=case)
    building.build([letter.pk])
    before = LetterFile.objects.get(letter=letter).sha256
    entered(LITIGATION_COURTS, {"150000": COURT}, TODAY, cast)
    building.build([letter.pk], again=True)
    assert LetterFile.objects.get(letter=letter).sha256 == before


def test_only_who_sees_the_letters_of_the_place_sees_that_one_waits(
    cast: Any, proposed: Any, registry_officer: Any, no_court: None, worker_user: Any
) -> None:
    case = proposed()
    decline(case.pk, by=registry_officer, on=TODAY, reason=WHY)
    seen = WaitingLetter.objects.visible_to
    assert seen(registry_officer).count() == 1
    assert seen(worker_user).count() == 0 and seen(cast("employer_agent")).count() == 0


def test_the_database_keeps_what_the_letter_will_say(
    proposed: Any, registry_officer: Any, no_court: None, entry: Any
) -> None:
    case = proposed()
    decline(case.pk, by=registry_officer, on=TODAY, reason=WHY)
    other = Letter.objects.filter(case=entry("乌云").case_id).first()
    table = "letters_waitingletter"
    for sql, constraint in (
        (f"UPDATE {table} SET clause = '另外的条款'", "a_waiting_letter_is_kept"),
        (f"UPDATE {table} SET decided_on = now()", "a_waiting_letter_is_kept"),
        (f"DELETE FROM {table}", "a_waiting_letter_is_kept"),  # noqa: S608
        (f"UPDATE {table} SET letter_id = {other.pk}", "a_waiting_letter_becomes_that_letter"),
    ):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            connection.cursor().execute(sql)
        assert refusal.value.__cause__.diag.constraint_name == constraint, sql
