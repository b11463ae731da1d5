"""Sheets of consent: one a person, with what the unit put forward, to be signed and brought to the window."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases.models import Evidence
from portal.jobs import runner
from portal.jobs.models import Job
from portal.sealed_files import path_of
from subsidies.by_unit import consent_sheets, consenting
from subsidies.by_unit.models import Proposal
from subsidies.models import Claim
from tests.cases.conftest import pdf, upload
from tests.cast import OTOG, make_account
from tests.letters import pdfs
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import ACCOUNT, BANK, certified, line_of, put_forward, works_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def agent(cast: Any) -> Any:
    return cast("employer_agent")


@pytest.fixture
def plant(agent: Any) -> Any:
    return make_employer("鄂托克焦化有限责任公司", agents=(agent,))


@pytest.fixture
def given(plant: Any, agent: Any, cast: Any) -> Any:
    """A list of three: of the first the unit gave an account."""
    people = [works_in(plant, name, cast("reviewer")) for name in ("王建国", "高云飞", "乌云")]
    certificates = [certified(one, cast("reviewer"), f"S{place}") for place, one in enumerate(people)]
    first, *others = certificates
    rows = [line_of(first, 开户银行=BANK, 银行账号=ACCOUNT), *(line_of(one) for one in others)]
    return put_forward(plant, *rows, by=agent)


def proposal_of(name: str) -> Proposal:
    return Proposal.objects.select_related("case", "row__file", "worker").get(worker__name=name)


def laid_out(given: Any, by: Any) -> bytes:
    runner.run_job(consent_sheets.lay_out(given, by=by).pk)
    return consent_sheets.fetch(given, by=by)


def pages_of(content: bytes) -> list[str]:
    """What each page says, without spaces."""
    texts = []
    with pikepdf.open(io.BytesIO(content)) as whole:
        for number in range(len(whole.pages)):
            one = pikepdf.new()
            one.pages.append(whole.pages[number])
            page = io.BytesIO()
            one.save(page)
            texts.append("".join(pdfs.text(page.getvalue()).split()))
    return texts


# -- what a sheet says ---------------------------------------------------------------------------------------
def test_each_has_a_page_with_what_was_put_forward_and_a_place_to_sign(given: Any, agent: Any) -> None:
    """Given a list of three, when its sheets are laid out, then each person has one, the account only by its ending."""
    content = laid_out(given, agent)
    first, *others = pages_of(content)
    assert len(others) == 2
    for name, page in zip(("王建国", "高云飞", "乌云"), (first, *others), strict=True):
        proposal = proposal_of(name)
        for said in (name, proposal.case.number, "鄂托克焦化有限责任公司", "技能提升补贴", "焊工"):
            assert said in page, said
        assert "本人签名：" in page and "同意，作为本人的申请提交" in page and "鄂托克旗服务窗口" in page
        assert proposal.worker.id_number not in page and proposal.row.number.replace(" ", "") in page
        assert sum(other in page for other in ("王建国", "高云飞", "乌云")) == 1
    assert ACCOUNT not in first and f"*{ACCOUNT[-4:]}" in first and BANK in first
    assert "不使用，由本人另行登记" in first
    assert all("单位没有填写收款账户" in page for page in others)


def test_it_is_pdf_a_of_whole_pages(given: Any, agent: Any) -> None:
    with pikepdf.open(io.BytesIO(laid_out(given, agent))) as whole:
        assert whole.Root.Metadata.read_bytes().count(b"pdfaid:part") >= 1
        assert len(whole.pages) == 3


def test_a_name_that_no_font_draws_holds_nothing_up(given: Any) -> None:
    proposal = proposal_of("乌云")
    proposal.row.name = "乌\U0010fffd云"
    assert "乌〓云" in consent_sheets.html_of([proposal])


# -- who, and when -------------------------------------------------------------------------------------------
def test_who_has_answered_needs_no_sheet_any_more(given: Any, agent: Any, cast: Any) -> None:
    laid_out(given, agent)
    person = proposal_of("王建国").worker
    person.account = make_account("w1", person.name, "worker", OTOG)
    person.save()
    consenting.consent(proposal_of("王建国").pk, by=person.account, on=timezone.localdate())
    assert not consent_sheets.is_laid_out(given), "the file of before is not the file of now"
    with pytest.raises(NotNow, match="请重新生成"):
        consent_sheets.fetch(given, by=agent)
    assert len(pages_of(laid_out(given, agent))) == 2
    with pytest.raises(NotNow, match="已经答复"):
        consent_sheets.one(proposal_of("王建国"), by=cast("clerk"))


def test_asked_twice_it_is_laid_out_once(given: Any, agent: Any) -> None:
    first, second = consent_sheets.lay_out(given, by=agent), consent_sheets.lay_out(given, by=agent)
    assert first.pk == second.pk and Job.objects.filter(kind=consent_sheets.JOB_KIND).count() == 1


def test_killed_in_the_middle_it_goes_on(given: Any, agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is laid out already is taken as it is."""
    from portal.letters import render

    monkeypatch.setattr(consent_sheets, "_TOGETHER", 1)
    laid: list[str] = []
    whole = render._part

    def part(html: str, *args: Any, **given: Any) -> Any:
        if len(laid) == 2 and "乌云" in html and "killed" not in laid:
            laid.append("killed")
            raise KeyboardInterrupt
        laid.append(html)
        return whole(html, *args, **given)

    monkeypatch.setattr(render, "_part", part)
    job = consent_sheets.lay_out(given, by=agent)
    with pytest.raises(KeyboardInterrupt):
        runner.run_job(job.pk)
    stale = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(beat_at=stale, started_at=stale)
    runner.run_job(job.pk)
    assert len(pages_of(consent_sheets.fetch(given, by=agent))) == 3
    assert len(laid) == 4, "two before the kill, the mark of it, one after"


def test_other_units_and_other_places_have_none(given: Any, cast: Any, as_user: Any) -> None:
    stranger = make_account("agent2", "钱经办", "employer_agent", OTOG)
    make_employer("包头机械有限责任公司", agents=(stranger,))
    with pytest.raises(Refused):
        consent_sheets.lay_out(given, by=stranger)
    for name in ("consent_sheets", "consent_sheets_pdf", "consent_sheets_progress"):
        assert as_user(stranger).get(reverse(f"subsidies:{name}", args=[given.pk])).status_code == 404


def test_who_is_no_agent_any_more_gets_nothing_laid_out(given: Any, agent: Any) -> None:
    from portal.accounts.models import RoleAssignment

    job = consent_sheets.lay_out(given, by=agent)
    RoleAssignment.objects.filter(user=agent).delete()
    runner.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and "不再有权" in job.message


# -- the pages -----------------------------------------------------------------------------------------------
def test_from_the_list_to_the_file(given: Any, agent: Any, as_user: Any) -> None:
    desk: Client = as_user(agent)
    here = reverse("subsidies:consent_sheets", args=[given.pk])
    listed = desk.get(reverse("subsidies:unit_file", args=[given.pk])).content.decode()
    assert here in listed and "打印同意书" in listed
    assert "等待3人答复" in desk.get(here).content.decode()
    early = desk.get(reverse("subsidies:consent_sheets_pdf", args=[given.pk]), follow=True)
    assert "还没有生成" in early.content.decode()
    assert desk.post(here).url == here
    assert "等待中" in desk.get(here).content.decode()
    runner.run_job(Job.objects.latest("pk").pk)
    shown = desk.get(here).content.decode()
    assert "3人的同意书" in shown and "下载PDF" in shown
    answer = desk.get(reverse("subsidies:consent_sheets_pdf", args=[given.pk]))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    noted = Entry.objects.get(action="claim_file.consent_sheets")
    assert (noted.actor_id, noted.detail["rows"]) == (agent.pk, 3)


def test_the_window_prints_one_and_takes_it_in_signed(given: Any, cast: Any, as_user: Any) -> None:
    """The scanned sheet is the paper of the consent."""
    proposal, desk = proposal_of("王建国"), as_user(cast("clerk"))
    number = proposal.case.number
    sheet = reverse("subsidies:consent_sheet", args=[number])
    step = reverse("subsidies:proposal_step", args=[number, "consent"])
    assert sheet in desk.get(reverse("subsidies:proposal", args=[number])).content.decode()
    assert sheet in desk.get(step).content.decode()
    printed = desk.get(sheet)
    assert [number in page for page in pages_of(printed.content)] == [True]
    assert Entry.objects.get(action="claim.consent_sheet").detail["number"] == number
    desk.post(step, {"paper": upload(pdf(), "同意书.pdf"), "account": "on"})
    claim = Claim.objects.get(worker=proposal.worker)
    assert claim.channel == "window" and Evidence.objects.get(case=proposal.case).label == consenting.PAPER
    assert "已经答复" in desk.get(sheet, follow=True).content.decode()


def test_another_windows_clerk_prints_none(given: Any, as_user: Any) -> None:
    other = make_account("clerk.baotou", "包头受理", "window_clerk", "150203")
    sheet = reverse("subsidies:consent_sheet", args=[proposal_of("王建国").case.number])
    assert as_user(other).get(sheet).status_code == 404


def test_a_list_without_anybody_waiting_offers_none(given: Any, agent: Any, as_user: Any) -> None:
    assert consenting.lapse_due(proposal_of("王建国").consent_until + timedelta(days=1)) == 3
    desk = as_user(agent)
    assert "打印同意书" not in desk.get(reverse("subsidies:unit_file", args=[given.pk])).content.decode()
    here = reverse("subsidies:consent_sheets", args=[given.pk])
    assert "没有等待本人确认的申请" in desk.get(here).content.decode()
    assert "没有等待本人确认的申请" in desk.post(here, follow=True).content.decode()


# -- how long they are kept ----------------------------------------------------------------------------------
def test_after_some_days_they_are_cleared(given: Any, agent: Any) -> None:
    laid_out(given, agent)
    assert consent_sheets.clear_old() == 0
    [path] = path_of(f"claim_files/{given.pk}").glob("consent-*.pdf")
    old = (timezone.now() - consent_sheets.KEPT_FOR - timedelta(hours=1)).timestamp()
    os.utime(path, (old, old))
    assert consent_sheets.clear_old() == 1 and not path.exists()


def test_a_file_that_was_changed_is_not_given_out(given: Any, agent: Any) -> None:
    laid_out(given, agent)
    [path] = path_of(f"claim_files/{given.pk}").glob("consent-*.pdf")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(NotNow, match="请重新生成"):
        consent_sheets.fetch(given, by=agent)
    assert Entry.objects.filter(action="claim_file.not_shown").exists() and not path.exists()


# -- over the API --------------------------------------------------------------------------------------------
def test_a_program_has_them_laid_out_and_saves_them(given: Any, agent: Any, cast: Any, as_user: Any) -> None:
    """Given a list of three, when a program of the unit asks, then they are there once the job is done, and not before."""
    here = f"/api/subsidies/unit-lists/{given.pk}/consent-sheets/"
    program = as_user(agent)
    assert program.get(here).status_code == 409
    asked = program.post(here)
    assert asked.status_code == 202
    runner.run_job(asked.json()["id"])
    saved = program.get(here)
    assert saved["Content-Type"] == "application/pdf" and len(pages_of(saved.content)) == 3
    assert as_user(cast("baotou_clerk")).get(here).status_code == 404


def test_the_window_has_the_sheet_of_one_and_nobody_else(given: Any, cast: Any, as_user: Any) -> None:
    here = f"/api/subsidies/proposals/{proposal_of('乌云').case.number}/consent-sheet/"
    assert "乌云" in pages_of(as_user(cast("clerk")).get(here).content)[0]
    assert as_user(cast("baotou_clerk")).get(here).status_code == 404
    proposal = proposal_of("乌云")
    consenting.decline(proposal.pk, reason="本人到窗口表示不同意", by=cast("clerk"), on=timezone.localdate())
    assert as_user(cast("clerk")).get(here).status_code == 409
