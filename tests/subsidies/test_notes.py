"""What officers note about a case for one another: kept, with who and when, and nobody else's to read."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases import notes
from portal.cases.models import Case, CaseNote
from portal.letters import case_files
from subsidies import handling
from tests.cast import make_account
from tests.subsidies.conftest import MONDAY

pytestmark = pytest.mark.django_db
SAID = "已电话核实参保单位，十二月补缴。"


def address_of(claim: Any) -> str:
    return f"/subsidies/claims/{claim.case.number}/"


def test_it_is_kept_with_who_and_when_and_moves_nothing(
    accepted: Any, welding: Any, cast: Any, as_user: Any
) -> None:
    claim = accepted(welding)
    before = Case.objects.values("state", "version").get(pk=claim.pk)
    reviewer = as_user(cast("reviewer"))
    answer = reviewer.post(f"{address_of(claim)}note/", {"text": SAID}, follow=True)
    page = answer.content.decode()
    assert SAID in page and "备注已记录" in page and "巴特尔" in page.partition('id="notes"')[2]
    assert Case.objects.values("state", "version").get(pk=claim.pk) == before
    assert Entry.objects.about_worker(claim.worker_id).filter(action="case.note").exists()


def test_it_stands_on_the_screen_of_the_review(accepted: Any, welding: Any, cast: Any, as_user: Any) -> None:
    claim = accepted(welding)
    notes.note(claim.pk, text=SAID, by=cast("clerk"))
    page = as_user(cast("reviewer")).get(f"{address_of(claim)}do/review/").content.decode()
    assert SAID in page and "/note/" not in page, "the review asks for one thing"


def test_the_worker_and_other_places_read_none(
    accepted: Any, welding: Any, own: Any, cast: Any, as_user: Any
) -> None:
    claim = accepted(welding)
    notes.note(claim.pk, text=SAID, by=cast("clerk"))
    page = as_user(own).get(address_of(claim)).content.decode()
    assert SAID not in page and 'id="notes"' not in page
    assert not CaseNote.objects.visible_to(own).exists()
    assert not CaseNote.objects.visible_to(cast("baotou_reviewer")).exists()
    assert (
        as_user(cast("baotou_reviewer")).post(f"{address_of(claim)}note/", {"text": SAID}).status_code == 404
    )
    for person in (own, cast("baotou_clerk")):
        with pytest.raises(Refused):
            notes.note(claim.pk, text=SAID, by=person)


def test_an_officer_does_not_read_those_of_their_own_case(
    accepted: Any, welding: Any, cast: Any, as_user: Any
) -> None:
    claim = accepted(welding)
    notes.note(claim.pk, text=SAID, by=cast("clerk"))
    colleague = make_account("ordos.reviewer3", "王建国", "league_reviewer", "150600")
    claim.worker.account = colleague
    claim.worker.save(update_fields=["account"])
    assert not CaseNote.objects.visible_to(colleague).exists()
    page = as_user(colleague).get(address_of(claim)).content.decode()
    assert SAID not in page
    with pytest.raises(Refused, match="您本人"):
        notes.note(claim.pk, text=SAID, by=colleague)


def test_something_is_said(accepted: Any, welding: Any, cast: Any, as_user: Any) -> None:
    claim = accepted(welding)
    for words, why in (("", "请写明"), (" 　", "请写明"), ("长" * 501, "不能超过500字")):
        with pytest.raises(NotNow, match=why):
            notes.note(claim.pk, text=words, by=cast("clerk"))
    page = as_user(cast("clerk")).post(f"{address_of(claim)}note/", {"text": " "}, follow=True)
    assert "请写明备注的内容" in page.content.decode()


def test_it_is_no_part_of_the_file_of_the_finished_case(reviewed: Any, welding: Any, cast: Any) -> None:
    claim = reviewed(welding)
    notes.note(claim.pk, text=SAID, by=cast("reviewer"))
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)
    notes.note(claim.pk, text="事后说明。", by=cast("approver"))
    assert SAID not in case_files.html_of(Case.objects.get(pk=claim.pk))


def test_programs_read_and_write_it(accepted: Any, welding: Any, own: Any, cast: Any, as_user: Any) -> None:
    claim = accepted(welding)
    address = f"/api/subsidies/claims/{claim.case.number}/"
    reviewer = as_user(cast("reviewer"))
    answer = reviewer.post(f"{address}note/", {"text": SAID}, content_type="application/json")
    assert answer.status_code == 200 and [one["title"] for one in answer.json()["notes"]] == [SAID]
    wrong = reviewer.post(f"{address}note/", {"text": ""}, content_type="application/json")
    assert wrong.status_code == 400 and "text" in wrong.content.decode()
    assert as_user(own).get(address).json()["notes"] == []
    refused = as_user(own).post(f"{address}note/", {"text": SAID}, content_type="application/json")
    assert refused.status_code == 403


def test_a_refused_note_is_not_lost(accepted: Any, welding: Any, cast: Any, as_user: Any) -> None:
    claim = accepted(welding)
    long = f"{SAID}本人证件号码150624198506150018，请核对。"
    answer = as_user(cast("reviewer")).post(f"{address_of(claim)}note/", {"text": long})
    page = answer.content.decode()
    assert long in page.partition("<textarea")[2] and "完整的证件号码" in page
    assert not CaseNote.objects.exists()
