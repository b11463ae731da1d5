"""Pages of the panel: experts are chosen, score what was assigned to them, or step aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry as AuditEntry
from portal.cases.models import Evidence
from portal.workforce.models import Worker
from talent_registry.models import PanelAssignment
from talent_registry.selection import nominating, panel
from tests.cast import REGION, make_account
from tests.selection.nominees import STATEMENT, make_round, make_skilled, nominated, page_of, picture, today

FULL = {"score-skill-shown": "8", "score-results": "5.5", "score-passing-on": "6.00", "comment": "技艺精湛。"}


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def experts(panel_expert) -> list[Any]:
    return [make_account("region.expert2", "专家二", "panel_expert", REGION), panel_expert]


@pytest.fixture
def nominee(round_, clerk) -> Any:
    one = nominated(make_skilled("孟根花"), round_, clerk, state="draft")
    from portal.cases.evidence import files

    files.attach(one.pk, picture(), label="技师证书", by=clerk, on=today())
    nominating.submit(one.pk, by=clerk, on=today())
    nominating.accept(one.pk, by=clerk, on=today())
    return one


def test_experts_are_chosen_for_those_who_were_ticked(
    nominee, round_, clerk, as_user, registry_officer, experts
) -> None:
    waiting = nominated(make_skilled("王建国"), round_, clerk)
    officer, address = as_user(registry_officer), reverse("registry:panel_assign")
    assert officer.post(address).url == reverse("registry:nominations")
    page = officer.post(address, {"chosen": [nominee.pk, waiting.pk]}).text
    assert (
        "安排评审专家：2人" in page
        and "专家二" in page
        and "郭师傅" in page
        and not PanelAssignment.objects.exists()
    )
    assert "待评0人）" in page and f"单位和职业未登记，用户名{experts[0].username}" in page
    Worker.objects.filter(pk=waiting.worker_id).update(account=experts[0], occupation="焊工")
    assert "焊工；待评0人）" in officer.post(address, {"chosen": [nominee.pk]}).text
    Worker.objects.filter(pk=waiting.worker_id).update(account=None)
    assert "请至少选择一名专家" in officer.post(address, {"chosen": [nominee.pk], "sure": "1"}).text
    page = officer.post(
        address,
        {"chosen": [nominee.pk, waiting.pk], "sure": "1", "experts": [one.pk for one in experts]},
        follow=True,
    ).text
    assert "已安排2项评审" in page and "受理后才能安排评审" in page
    progress = officer.get(reverse("registry:panel_overview", args=[2026])).text
    assert "专家二" in progress and nominee.case.number in progress
    panel.release(PanelAssignment.objects.get(expert=experts[0]).pk, by=registry_officer, on=today())
    other = PanelAssignment.objects.get()
    address = reverse("registry:panel_release", args=[other.pk])
    assert address in officer.get(page_of(nominee)).text and officer.get(address).status_code == 200
    assert "已取消" in officer.post(address, follow=True).text and not PanelAssignment.objects.exists()


def test_an_expert_scores_what_was_assigned(nominee, as_user, registry_officer, experts) -> None:
    first, second = panel.assign(
        [nominee.pk], [one.pk for one in experts], by=registry_officer, on=today()
    ).made
    one, two = as_user(experts[0]), as_user(experts[1])
    page = one.get(reverse("registry:panel")).text
    assert "有1人待评审" in page and "孟根花" in page
    sheet = reverse("registry:panel_sheet", args=[first.pk])
    page = one.get(sheet).text
    file = Evidence.objects.get()
    assert STATEMENT in page and "0至8分" in page and reverse("window:evidence", args=[file.pk]) in page
    assert "证件号码" not in page
    assert one.get(reverse("window:evidence", args=[file.pk])).status_code == 200
    assert one.get(page_of(nominee)).url == sheet
    assert two.get(sheet).status_code == 404
    answer = one.post(sheet, FULL | {"score-results": "6.01"})
    assert answer.status_code == 200 and "0至6之间的分数" in answer.text
    assert "请为“成果的先进性和推广价值”评分" in one.post(sheet, {"score-skill-shown": "8"}).text
    assert "已提交对孟根花的评分" in one.post(sheet, FULL, follow=True).text
    page = one.get(sheet).text
    assert "5.5分" in page and "19.5" in page and "其他专家全部提交后" in page
    assert "19.5" not in as_user(registry_officer).get(page_of(nominee)).text
    assert "19.5" not in two.get(reverse("registry:panel_sheet", args=[second.pk])).text
    two.post(reverse("registry:panel_sheet", args=[second.pk]), FULL | {"score-results": "6"})
    office = as_user(registry_officer).get(page_of(nominee)).text
    assert "19.5" in office and "19.75" in office
    assert "专家二" in two.get(reverse("registry:panel_sheet", args=[second.pk])).text


def test_scores_are_a_draft_until_they_are_handed_in(nominee, as_user, registry_officer, experts) -> None:
    """Given scores of some criteria kept as a draft, then the expert alone reads them, finds them in the form, changes
    them and hands them in; stepping aside leaves nothing of them.
    """
    first, second = panel.assign(
        [nominee.pk], [one.pk for one in experts], by=registry_officer, on=today()
    ).made
    one, sheet = as_user(experts[0]), reverse("registry:panel_sheet", args=[first.pk])
    kept = one.post(sheet, {"score-results": "5.25", "comment": "待复看", "step": "draft"}, follow=True).text
    assert "已暂存对孟根花的评分，尚未提交" in kept and 'value="5.25"' in kept and "待复看" in kept
    assert "0至6之间的分数" in one.post(sheet, {"score-results": "6.01", "step": "draft"}).text
    assert "草稿 5.25" in one.get(reverse("registry:panel")).text
    assert "待复看" not in as_user(registry_officer).get(page_of(nominee)).text
    first.refresh_from_db()
    assert first.submitted_at is None and first.scores == {"results": 525}
    assert "请为" in one.post(sheet, {"score-results": "5.25"}).text
    assert "已提交对孟根花的评分" in one.post(sheet, FULL, follow=True).text
    late = one.post(sheet, FULL | {"step": "draft"})
    assert late.status_code == 409 and "我的评分" in late.text
    two, other = as_user(experts[1]), reverse("registry:panel_sheet", args=[second.pk])
    two.post(other, {"score-results": "6", "step": "draft"})
    two.post(reverse("registry:panel_conflict", args=[second.pk]), {"reason": "师徒关系。"})
    second.refresh_from_db()
    nominee.refresh_from_db()
    assert (second.scores, second.comment, nominee.panel_score) == ({}, "", 19_50)


def test_an_expert_steps_aside(nominee, as_user, registry_officer, experts) -> None:
    first, _ = panel.assign([nominee.pk], [one.pk for one in experts], by=registry_officer, on=today()).made
    one, address = as_user(experts[0]), reverse("registry:panel_conflict", args=[first.pk])
    assert "不能撤销" in one.get(address).text
    assert "请写明理由" in one.post(address, {"reason": " "}).text
    assert "已声明回避" in one.post(address, {"reason": "师徒关系。"}, follow=True).text
    assert one.get(reverse("registry:panel_sheet", args=[first.pk])).status_code == 404
    assert one.get(page_of(nominee)).status_code == 404
    assert one.get(reverse("window:evidence", args=[Evidence.objects.get().pk])).status_code == 404
    assert "师徒关系。" in as_user(registry_officer).get(page_of(nominee)).text


def test_after_the_last_day_the_sheet_says_so_until_an_officer_gives_more_time(
    registry_officer, clerk, experts, as_user, monkeypatch
) -> None:
    round_ = make_round(registry_officer, nominations_until=today(), panel_until=today())
    one = nominated(make_skilled("孟根花"), round_, clerk, state="accepted")
    (assignment,) = panel.assign([one.pk], [experts[0].pk], by=registry_officer, on=today()).made
    last_day, real = today(), timezone.localdate
    tomorrow = last_day + timedelta(days=1)
    monkeypatch.setattr(
        timezone, "localdate", lambda value=None, zone=None: real(value, zone) if value else tomorrow
    )
    expert, officer = as_user(experts[0]), as_user(registry_officer)
    sheet, extending = (
        reverse("registry:panel_sheet", args=[assignment.pk]),
        reverse("registry:round_extend", args=[2026]),
    )
    page = expert.get(sheet).text
    assert "评分已截止" in page and "提交评分" not in page and "声明回避" in page
    assert "已过截止日期" in expert.get(reverse("registry:panel")).text
    late = expert.post(sheet, FULL)
    assert late.status_code == 409 and "不能再提交" in late.text
    assert extending in officer.get(reverse("registry:round", args=[2026])).text
    assert expert.get(extending).status_code == 403
    given = {"panel_until": last_day, "recommend_until": round_.recommend_until, "reason": "专家出差。"}
    assert "应晚于现在的评审截止日" in officer.post(extending, given).text
    done = officer.post(extending, given | {"panel_until": tomorrow + timedelta(days=1)}, follow=True).text
    assert "评审期限已延长" in done
    assert "提交评分" in expert.get(sheet).text and expert.post(sheet, FULL).status_code == 302


def test_an_expert_who_saw_their_sheets_is_found_by_who_is_scored(
    nominee, registry_officer, panel_expert, as_user
) -> None:
    panel.assign([nominee.pk], [panel_expert.pk], by=registry_officer, on=today())
    seen = AuditEntry.objects.naming(nominee.worker_id).filter(action="worker.list", actor_id=panel_expert.pk)
    assert not seen.exists()
    assert "孟根花" in as_user(panel_expert).get(reverse("registry:panel")).text
    assert seen.count() == 1
