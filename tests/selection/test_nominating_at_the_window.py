"""Nominations at the window: a click does what the action does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.audit.models import Entry as AuditEntry
from portal.cases.models import Case, Evidence
from portal.letters.models import Letter
from talent_registry.models import Nomination
from talent_registry.selection import nominating
from tests.selection.nominees import (
    INDUSTRY,
    STATEMENT,
    make_employer,
    make_round,
    make_skilled,
    nominated,
    page_of,
    picture,
    today,
)

WRITTEN = {"industry": INDUSTRY, "statement": STATEMENT}


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def unit(employer_agent) -> Any:
    return make_employer(agents=(employer_agent,))


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def _state(one: Any) -> str:
    return Case.objects.get(pk=one.pk).state


def test_from_the_workers_page_to_taken_in(round_, as_user, clerk) -> None:
    worker, window = make_skilled("乌云其其格"), as_user(clerk)
    begin = reverse("registry:nominate", args=[worker.pk])
    assert begin in window.get(reverse("window:worker", args=[worker.pk])).text
    page = window.get(begin).text
    assert "技能等级为高级工及以上" in page and round_.title in page and worker.id_number not in page
    assert "请填写主要业绩" in window.post(begin, {"industry": "C"}).text
    answer = window.post(begin, WRITTEN)
    one = Nomination.objects.get(worker=worker)
    assert answer.url == page_of(one) and _state(one) == "draft"
    page = window.get(answer.url).text
    for said in ("尚未提交", "上传材料", "修改申报内容", STATEMENT, "制造业", "来源：窗口登记"):
        assert said in page
    assert AuditEntry.objects.filter(action="case.view", worker_ref=worker.pk).exists()
    answer = window.post(page_of(one), {"label": "技师证书", "file": picture()}, follow=True)
    assert "已提交材料“技师证书”" in answer.text and "证书.png" in answer.text
    page = window.post(page_of(one, "nomination_step", "submit"), follow=True).text
    assert "已提交" in page and _state(one) == "submitted" and "上传材料" not in page
    page = window.post(page_of(one, "nomination_step", "accept"), follow=True).text
    assert _state(one) == "accepted" and "条件符合" in page
    again = window.post(page_of(one, "nomination_step", "accept"))
    assert again.status_code == 409 and "已由乌兰办理" in again.text


def test_who_fails_a_condition_reads_it_with_its_clause(round_, as_user, clerk) -> None:
    one = nominated(make_skilled(level=30), round_, clerk, state="draft")
    window = as_user(clerk)
    assert "不符合条件" in window.get(page_of(one)).text
    answer = window.post(page_of(one, "nomination_step", "submit"))
    assert (
        answer.status_code == 409
        and "未符合的条件：技能等级为高级工及以上（内党办发〔2019〕6号（一））" in answer.text
    )


def test_correction_and_refusal_on_the_pages(round_, as_user, clerk, unit, employer_agent) -> None:
    one = nominated(make_skilled(unit=unit), round_, employer_agent, channel="employer", employer_id=unit.pk)
    window, agent = as_user(clerk), as_user(employer_agent)
    assert (
        "至少写明一项"
        in window.post(page_of(one, "nomination_step", "return_for_correction"), {"missing": " \n"}).text
    )
    page = window.post(
        page_of(one, "nomination_step", "return_for_correction"),
        {"missing": "岗位证明\n\n成果证明"},
        follow=True,
    ).text
    assert (
        "等待补正" in page and "成果证明" in page and Letter.objects.get(case_id=one.pk).number_text in page
    )
    page = agent.get(page_of(one)).text
    assert "等待补正" in page and "成果证明" in page and "上传材料" in page
    agent.post(page_of(one, "nomination_edit"), {"industry": "B", "statement": "补充后的业绩"})
    answer = agent.post(page_of(one), {"label": "岗位证明", "file": picture()}, follow=True)
    assert "已提交材料" in answer.text
    assert (
        "补正已完成"
        in agent.post(page_of(one, "nomination_step", "resubmit"), {"reason": "已补交。"}, follow=True).text
    )
    page = window.get(page_of(one)).text
    assert "补充后的业绩" in page and "岗位证明" in page
    assert "救济途径" in window.get(page_of(one, "nomination_step", "refuse")).text
    assert "请写明理由" in window.post(page_of(one, "nomination_step", "refuse"), {"reason": ""}).text
    page = window.post(
        page_of(one, "nomination_step", "refuse"), {"reason": "所附成果不是本人完成。"}, follow=True
    ).text
    assert "不予受理" in page and _state(one) == "refused"


def test_a_file_is_taken_away_after_it_was_named(round_, as_user, clerk) -> None:
    one = nominated(make_skilled(), round_, clerk, state="draft")
    window = as_user(clerk)
    window.post(page_of(one), {"label": "技师证书", "file": picture()})
    answer = window.post(
        page_of(one), {"label": "坏文件", "file": SimpleUploadedFile("x.pdf", b"MZ not a document")}
    )
    assert answer.status_code == 200 and "错误：" in answer.text and Evidence.objects.count() == 1
    assert "请填写材料名称" in window.post(page_of(one), {"label": "", "file": picture(colour="blue")}).text
    file = Evidence.objects.get()
    address = page_of(one, "nomination_evidence", file.pk)
    assert "技师证书" in window.get(address).text
    assert "已移除材料" in window.post(address, follow=True).text
    assert window.get(address).status_code == 404
    nominating.submit(one.pk, by=clerk, on=today())
    answer = window.post(page_of(one), {"label": "迟到", "file": picture()})
    assert answer.status_code == 409 and Evidence.objects.not_removed().count() == 0


def test_what_one_may_not_do_is_absent_and_says_why(
    round_, as_user, clerk, reviewer, unit, employer_agent
) -> None:
    one = nominated(
        make_skilled(unit=unit),
        round_,
        employer_agent,
        channel="employer",
        employer_id=unit.pk,
        state="draft",
    )
    page = as_user(clerk).get(page_of(one)).text
    assert (
        page_of(one, "nomination_step", "submit") not in page
        and "的经办人办理" in page
        and "上传材料" not in page
    )
    assert as_user(clerk).get(page_of(one, "nomination_step", "submit")).status_code == 403
    assert as_user(clerk).get(page_of(one, "nomination_edit")).status_code == 403
    assert as_user(clerk).get(page_of(one, "nomination_step", "recommend")).status_code == 404
