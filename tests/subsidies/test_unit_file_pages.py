"""The pages by which a unit puts claims forward, and on which each person answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from portal.audit.models import Entry
from portal.cases.models import Evidence
from portal.jobs import runner
from subsidies.by_unit.checking import NOT_HERE
from subsidies.by_unit.models import ClaimFile, Proposal
from subsidies.models import Claim
from tests.cases.conftest import pdf, upload
from tests.cast import KUNDULUN, OTOG, id_number, make_account
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import (
    ACCOUNT,
    BANK,
    certified,
    csv_of,
    given_in,
    line_of,
    put_forward,
    works_in,
)

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
def welding(plant: Any, cast: Any) -> Any:
    worker = works_in(plant, "王建国", cast("reviewer"))
    worker.account = make_account("w20260001", worker.name, "worker", OTOG)
    worker.save()
    return certified(worker, cast("reviewer"), "S1")


@pytest.fixture
def proposed(plant: Any, welding: Any, agent: Any) -> Any:
    put_forward(plant, line_of(welding, 开户银行=BANK, 银行账号=ACCOUNT), by=agent)
    return Proposal.objects.select_related("case", "row__file", "worker__account").get()


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_from_the_upload_to_the_stage_of_each(agent: Any, as_user: Any, plant: Any, welding: Any) -> None:
    desk: Client = as_user(agent)
    home = text_of(desk.get(reverse("subsidies:unit_files")))
    assert plant.name in home and "还没有上传过名单" in home and reverse("registry:agent") in home
    wrong = line_of(welding, 证件号码=id_number())
    new = reverse("subsidies:unit_file_new", args=[plant.pk])
    assert "各列怎样填写" in text_of(desk.get(new))
    sent = desk.post(new, {"file": csv_of(line_of(welding), wrong)})
    given = ClaimFile.objects.get()
    here = reverse("subsidies:unit_file", args=[given.pk])
    assert sent.url == here and "等待中" in text_of(desk.get(here))
    assert desk.get(reverse("subsidies:unit_file_progress", args=[given.pk])).status_code == 200
    runner.run_job(given.job_id)
    page = desk.get(here)
    assert [one["value"] for one in page.context["counts"]] == [2, 1, 0, 1] and not page.context["stages"]
    seen = Entry.objects.filter(action="worker.list").latest("pk")
    assert seen.actor_id == agent.pk and seen.detail["shown"] == [welding.worker_id]
    text = text_of(page)
    assert NOT_HERE in text and welding.worker.id_number not in text and "还没有通知任何职工" in text
    back = desk.get(reverse("subsidies:unit_file_refused", args=[given.pk]))
    assert wrong["证件号码"] in b"".join(back.streaming_content).decode("utf-8-sig")
    assert Entry.objects.filter(action="claim_file.refused.download").exists()
    confirm = reverse("subsidies:unit_file_confirm", args=[given.pk])
    assert "为1人提出申请" in text_of(desk.get(confirm))
    assert desk.post(confirm).url == here and "等待中" in text_of(desk.get(here))
    given.refresh_from_db()
    runner.run_job(given.job_id)
    finished = desk.get(reverse("subsidies:unit_file_progress", args=[given.pk]))
    assert finished.headers["HX-Refresh"] == "true"
    page = desk.get(here)
    assert [one["value"] for one in page.context["stages"]] == [1, 0, 0, 0]
    assert "待本人确认" in text_of(page) and Proposal.objects.get().case.number in text_of(page)


def test_a_file_that_cannot_be_read_is_told_beside_its_field(agent: Any, as_user: Any, plant: Any) -> None:
    new = reverse("subsidies:unit_file_new", args=[plant.pk])
    sent = as_user(agent).post(new, {"file": upload(b"%PDF-1.7", "名单.csv")})
    assert "文件是PDF" in text_of(sent) and not ClaimFile.objects.exists()


def test_what_is_given_up_is_gone_from_the_list(agent: Any, as_user: Any, plant: Any, welding: Any) -> None:
    given, desk = given_in(plant, line_of(welding), by=agent), as_user(agent)
    assert desk.post(reverse("subsidies:unit_file_give_up", args=[given.pk])).url == reverse(
        "subsidies:unit_files"
    )
    assert desk.get(reverse("subsidies:unit_file", args=[given.pk])).status_code == 404


def test_what_cannot_be_done_is_said(agent: Any, as_user: Any, proposed: Any) -> None:
    desk, given = as_user(agent), proposed.row.file
    here = reverse("subsidies:unit_file", args=[given.pk])
    answer = desk.post(reverse("subsidies:unit_file_confirm", args=[given.pk]))
    assert answer.status_code == 409 and "当前为“已提出”" in text_of(answer)
    left = desk.post(reverse("subsidies:unit_file_give_up", args=[given.pk]), follow=True)
    assert "不能放弃" in text_of(left)
    gone = desk.get(reverse("subsidies:unit_file_refused", args=[given.pk]), follow=True)
    assert gone.redirect_chain[-1][0] == here and "保存期限" in text_of(gone)


def test_the_window_finds_the_units_of_its_place(cast: Any, as_user: Any, plant: Any) -> None:
    make_employer("鄂托克焦化包头分公司", region=KUNDULUN)
    page = as_user(cast("clerk")).get(reverse("subsidies:unit_files"), {"name": "焦化"})
    assert page.context["units"] == [plant] and "base_staff" in page.context["base"]
    assert as_user(cast("clerk")).get(reverse("subsidies:unit_file_new", args=[plant.pk])).status_code == 200
    nobody = as_user(cast("clerk")).get(reverse("subsidies:unit_files"), {"name": "无此单位"})
    assert "没有找到名称含“无此单位”的单位" in text_of(nobody)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_has_the_columns(agent: Any, as_user: Any, plant: Any, kind: str) -> None:
    answer = as_user(agent).get(reverse("subsidies:unit_file_template", args=[kind]))
    if kind == "csv":
        assert answer.content.decode("utf-8-sig").strip().split(",")[0] == "证件号码"
    else:
        import io

        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        assert book.sheet_names == ["补贴申请名单", "填写说明"]
    assert as_user(agent).get(reverse("subsidies:unit_file_template", args=["ods"])).status_code == 404


@pytest.mark.parametrize("who", ["reviewer", "approver", "baotou_clerk", "panel_expert", "worker"])
def test_a_file_is_seen_by_the_unit_and_its_window_alone(
    cast: Any, as_user: Any, proposed: Any, who: str
) -> None:
    user = proposed.worker.account if who == "worker" else cast(who)
    desk, given = as_user(user), proposed.row.file
    for name in ("unit_file", "unit_file_progress", "unit_file_refused", "unit_file_confirm"):
        assert desk.get(reverse(f"subsidies:{name}", args=[given.pk])).status_code in (403, 404)
    assert desk.post(reverse("subsidies:unit_file_give_up", args=[given.pk])).status_code in (403, 404)
    assert desk.get(reverse("subsidies:unit_file_new", args=[given.unit_id])).status_code in (403, 404)
    if who != "baotou_clerk":
        assert desk.get(reverse("subsidies:unit_files")).status_code == 403


def test_the_agent_reads_the_stage_and_nothing_more(agent: Any, as_user: Any, proposed: Any) -> None:
    """Neither the case of the proposal, nor the claim that came of it."""
    from subsidies.by_unit import consenting

    claim = consenting.consent(proposed.pk, by=proposed.worker.account, on=timezone.localdate())
    desk = as_user(agent)
    assert desk.get(reverse("subsidies:proposal", args=[proposed.case.number])).status_code == 404
    assert desk.get(reverse("subsidies:claim", args=[claim.case.number])).status_code == 404
    text = text_of(desk.get(reverse("subsidies:unit_file", args=[proposed.row.file_id])))
    assert "本人已同意" in text and claim.case.number not in text and ACCOUNT not in text
    assert "失业保险" not in text and "待受理" not in text


# -- the person ----------------------------------------------------------------------------------------------
def test_two_taps_and_nothing_typed(as_user: Any, proposed: Any) -> None:
    phone = as_user(proposed.worker.account)
    mine = phone.get(reverse("subsidies:mine"))
    ask = reverse("subsidies:proposal_step", args=[proposed.case.number, "consent"])
    assert ask in text_of(mine)
    assert phone.get(reverse("subsidies:proposal", args=[proposed.case.number])).url == ask
    text = text_of(phone.get(ask))
    assert "单位只能看到您是否同意" in text and "焦化" in text and "1,500" in text and ACCOUNT in text
    sent = phone.post(ask, {"account": "unit"})
    claim = Claim.objects.select_related("case").get()
    assert sent.url == reverse("subsidies:claim", args=[claim.case.number])
    assert claim.account.account_number == ACCOUNT and claim.prefilled
    assert "代为提出" in text_of(phone.get(sent.url))
    assert "等您答复" not in text_of(phone.get(reverse("subsidies:mine")))
    after = phone.get(reverse("subsidies:proposal", args=[proposed.case.number]))
    assert claim.case.number in text_of(after)
    assert phone.get(ask).url == reverse("subsidies:proposal", args=[proposed.case.number])


def test_a_person_says_no(as_user: Any, proposed: Any) -> None:
    phone = as_user(proposed.worker.account)
    no = reverse("subsidies:proposal_step", args=[proposed.case.number, "decline"])
    assert no in text_of(phone.get(no.replace("decline", "consent")))
    assert "确认不同意" in text_of(phone.get(no))
    assert phone.post(no, {"reason": ""}).url == reverse("subsidies:mine")
    assert "没有提交申请" in text_of(phone.get(reverse("subsidies:proposal", args=[proposed.case.number])))


def test_an_account_of_somebody_else_cannot_be_chosen(cast: Any, as_user: Any, proposed: Any) -> None:
    ask = reverse("subsidies:proposal_step", args=[proposed.case.number, "consent"])
    answer = as_user(proposed.worker.account).post(ask, {"account": "99999"})
    assert answer.status_code == 200 and not Claim.objects.exists()


def test_what_cannot_be_claimed_any_more_stays_and_says_why(as_user: Any, proposed: Any) -> None:
    from subsidies import claiming

    own, on = proposed.worker.account, timezone.localdate()
    claiming.claim_at_once(proposed.credential_id, proposed.kind, channel="self", by=own, on=on)
    ask = reverse("subsidies:proposal_step", args=[proposed.case.number, "consent"])
    answer = as_user(own).post(ask, {"account": ""})
    assert answer.status_code == 409 and "已有一件申请" in text_of(answer)


def test_a_stranger_finds_nothing(as_user: Any, proposed: Any) -> None:
    other = as_user(make_account("w9", "别人", "worker", OTOG))
    for name, args in (("proposal", ()), ("proposal_step", ("consent",)), ("proposal_step", ("decline",))):
        address = reverse(f"subsidies:{name}", args=[proposed.case.number, *args])
        assert other.get(address).status_code == 404


# -- the window ----------------------------------------------------------------------------------------------
def test_the_window_takes_the_paper_in_on_its_page(cast: Any, as_user: Any, proposed: Any) -> None:
    desk = as_user(cast("clerk"))
    here = reverse("subsidies:proposal", args=[proposed.case.number])
    assert "收取同意书" in text_of(desk.get(here))
    ask = reverse("subsidies:proposal_step", args=[proposed.case.number, "consent"])
    text = text_of(desk.get(ask))
    assert "本人签字的同意书" in text and ACCOUNT not in text and ACCOUNT[-4:] in text
    assert "请选择本人签字的同意书" in text_of(desk.post(ask, {}))
    sent = desk.post(ask, {"paper": upload(pdf("签字"), "同意书.pdf"), "account": "on"})
    claim = Claim.objects.select_related("case", "account").get()
    assert sent.url == reverse("subsidies:claim", args=[claim.case.number])
    assert claim.account.account_number == ACCOUNT and Evidence.objects.get().label in text_of(desk.get(here))


def test_the_window_notes_that_somebody_declined(cast: Any, as_user: Any, proposed: Any) -> None:
    desk = as_user(cast("clerk"))
    no = reverse("subsidies:proposal_step", args=[proposed.case.number, "decline"])
    assert "请写明理由" in text_of(desk.post(no, {"reason": ""}))
    assert desk.post(no, {"reason": "本人来电说明不办理。"}).url == reverse(
        "subsidies:proposal", args=[proposed.case.number]
    )


def test_a_reviewer_reads_it_and_answers_nothing(cast: Any, as_user: Any, proposed: Any) -> None:
    desk = as_user(cast("reviewer"))
    here = text_of(desk.get(reverse("subsidies:proposal", args=[proposed.case.number])))
    ask = reverse("subsidies:proposal_step", args=[proposed.case.number, "consent"])
    assert ask not in here and "王建国" in here
    answer = desk.post(ask, {"paper": upload(pdf("签字"), "同意书.pdf")})
    assert answer.status_code == 409 and not Claim.objects.exists()
