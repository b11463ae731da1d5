"""The notice before the decision, and what an upheld objection changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import CaseDuty, NoticeExtension
from portal.cases.notices import objections, publishing
from portal.regions.calendar import add_working_days
from portal.workforce.models import Employment
from talent_registry.models import Exclusion, SelectionList
from talent_registry.selection import announcing, steps, verifying
from talent_registry.selection.announcing import EXCLUDE, REASSESS
from tests.by_two import all_changed_by_two
from tests.selection.announced import YEAR, current, make_announced, names, nomination_of, object_to, take
from tests.selection.nominees import today

SAID = {"reason": "经核查，本人自2024年起担任科室负责人。", "reply": "经核查，您反映的情况属实。"}


def uphold(objection: Any, by: Any, remedy: str, **more: Any) -> Any:
    return objections.uphold(objection.case_id, **SAID, remedy=remedy, by=by, on=today(), **more)


# -- announced -----------------------------------------------------------------------------------------------
def test_the_notice_shows_who_is_selected_masked_with_the_digest(announced) -> None:
    notice, version = announced.notice, publishing.current_version(announced.notice)
    assert [row["cells"][announcing.NAME] for row in version.rows] == ["首席王", "特级李", "包技孙"]
    first, worker = version.rows[0], nomination_of("首席王").worker
    assert first["key"] == nomination_of("首席王").case.number
    assert first["cells"][2:] == [
        worker.id_number[-4:],
        "鄂托克焦化有限责任公司",
        "鄂尔多斯市",
        "炼焦工",
        "首席技师",
        "31",
    ]
    assert worker.id_number[6:14] not in str(version.rows)
    assert version.digest == announced.standing_list.digest
    assert "内党办发〔2019〕6号" in notice.legal_basis and "个人信息保护法" in notice.legal_basis
    assert announcing.TIE_BREAK in notice.body and "示例" in notice.body
    assert notice.closes_on == add_working_days(today(), announced.notice_working_days).on


def test_without_a_list_or_with_another_one_nothing_is_announced(
    frozen, registry_officer, monkeypatch
) -> None:
    monkeypatch.setattr(verifying, "verify", lambda round_: ["第1版：摘要不同"])
    with pytest.raises(NotNow, match="与名单不一致"):
        announcing.announce(frozen, by=registry_officer, on=today())
    frozen.standing_list = None
    with pytest.raises(NotNow, match="还没有定稿的名单"):
        announcing.announce(frozen, by=registry_officer, on=today())


def test_it_is_not_confirmed_before_the_notice_is_over_or_with_an_objection_open(announced, approver) -> None:
    with pytest.raises(NotNow, match="公示尚未期满"):
        steps.take_step(YEAR, "confirm", by=approver, on=announced.notice.closes_on)
    objection = object_to("首席王")
    with pytest.raises(NotNow, match=objection.case.number):
        steps.take_step(YEAR, "confirm", by=approver, on=announced.notice.closes_on + timedelta(days=1))


# -- objections ----------------------------------------------------------------------------------------------
def test_a_dismissed_objection_changes_nothing(announced, regional_reviewer) -> None:
    objections.dismiss(object_to("首席王").case_id, **SAID, by=regional_reviewer, on=today())
    assert current().standing_list == announced.standing_list and SelectionList.objects.count() == 1


def test_excluding_somebody_brings_in_the_next_and_makes_the_notice_longer(
    announced, regional_reviewer
) -> None:
    objection = object_to("特级李")
    uphold(objection, regional_reviewer, EXCLUDE)
    after = current()
    assert names(after.standing_list) == ["首席王", "高技赵", "包技孙"]
    assert after.standing_list.version == 2 and after.standing_list.digest != announced.standing_list.digest
    assert Exclusion.objects.get().reason == SAID["reason"]
    version = publishing.current_version(after.notice)
    assert (version.position, version.digest) == (2, after.standing_list.digest)
    assert version.moved == ["高技赵：重新排序后新列入。", "特级李：取消资格，不再列入。"]
    public = f"{version.reason}{version.moved}"
    assert SAID["reason"] not in public and "科室负责人" not in public, (
        "what somebody was reproached with is nobody's business"
    )
    # On the day of publication five working days from today are what the notice has anyway.
    assert not NoticeExtension.objects.exists()
    assert verifying.verify(after) == []


def test_somebody_new_on_the_list_stands_in_public_for_the_whole_window(announced, regional_reviewer) -> None:
    later = announced.notice.closes_on
    objection = object_to("特级李", on=later)
    objections.uphold(objection.case_id, **SAID, remedy=EXCLUDE, by=regional_reviewer, on=later)
    notice = current().notice
    assert notice.closes_on == add_working_days(later, announced.notice_working_days).on
    assert "新列入" in NoticeExtension.objects.get().reason


def test_the_notice_does_not_last_longer_when_that_was_decided_in_writing(
    announced, regional_reviewer, as_user
) -> None:
    """Given a remedy by which somebody is newly listed, when the officer writes why the notice lasts no longer, then it
    stays as it is and the case says why.
    """
    later = announced.notice.closes_on
    objection = object_to("特级李", on=later)
    why = "新列入人选已于上月单独公示满期。"
    objections.uphold(
        objection.case_id, **SAID, remedy=EXCLUDE, by=regional_reviewer, on=later, not_extended=why
    )
    assert names(current().standing_list) != names(announced.standing_list)
    assert current().notice.closes_on == later and not NoticeExtension.objects.exists()
    shown = as_user(regional_reviewer).get(reverse("window:objection", args=[objection.case.number]))
    assert f"公示不延长：{why}" in shown.text


def test_nobody_new_and_the_notice_stays_unless_the_officer_says_otherwise(cast, regional_reviewer) -> None:
    round_ = make_announced(cast, places=5, ordos=3)
    later = round_.notice.closes_on
    objections.uphold(
        object_to("特级李", on=later).case_id, **SAID, remedy=EXCLUDE, by=regional_reviewer, on=later
    )
    assert current().notice.closes_on == later
    objection = object_to("包高周", on=later)
    objections.uphold(
        objection.case_id, **SAID, remedy=EXCLUDE, by=regional_reviewer, on=later, extend_working_days=3
    )
    assert current().notice.closes_on == add_working_days(later, 3).on


def test_facts_are_read_again_only_of_the_one_it_is_about(announced, regional_reviewer) -> None:
    for name in ("首席王", "特级李"):
        all_changed_by_two(Employment.objects.filter(worker=nomination_of(name).worker), on_front_line=False)
    uphold(object_to("特级李"), regional_reviewer, REASSESS)
    after = current()
    assert names(after.standing_list) == ["首席王", "高技赵", "包技孙"], "of the other the frozen facts stand"
    assert after.standing_list.nominees.get(nomination=nomination_of("特级李")).reason == "not-eligible"
    assert publishing.current_version(after.notice).moved == [
        "高技赵：重新排序后新列入。",
        "特级李：重新排序后不再列入。",
    ]
    uphold(object_to(text="名单中有多人不在一线岗位，请重新核定。"), regional_reviewer, REASSESS)
    assert "首席王" not in names(current().standing_list)
    assert announced.standing_list.nominees.count() == after.standing_list.nominees.count()
    assert verifying.verify(current()) == []


def test_facts_that_are_the_same_leave_the_list_as_it_was(announced, regional_reviewer) -> None:
    uphold(object_to("首席王"), regional_reviewer, REASSESS)
    assert names(current().standing_list) == names(announced.standing_list)
    assert publishing.current_version(current().notice).moved == ["入选人员、位次和得分均不变。"]


def test_excluding_needs_somebody_and_does_so_once(announced, regional_reviewer) -> None:
    general = object_to()
    with pytest.raises(NotNow, match="没有指明人选"):
        uphold(general, regional_reviewer, EXCLUDE)
    first = object_to("特级李")
    second = object_to("特级李", text="该人选同时存在业绩材料不实的情况。")
    uphold(first, regional_reviewer, EXCLUDE)
    uphold(second, regional_reviewer, EXCLUDE)
    assert Exclusion.objects.count() == 1 and SelectionList.objects.count() == 3


# -- four eyes -----------------------------------------------------------------------------------------------
def test_who_ranked_does_not_decide_and_who_decided_does_not_confirm(
    announced, registry_officer, regional_reviewer
) -> None:
    from portal.accounts.models import RoleAssignment

    objection = object_to("特级李")
    RoleAssignment.objects.create(user=registry_officer, role="regional_reviewer", region_id="150000")
    registry_officer.__dict__.pop("_assignments", None)
    with pytest.raises(Refused, match="不能再承担"):
        uphold(objection, registry_officer, EXCLUDE)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseDuty.objects.create(case=objection.case, duty="approve", person=registry_officer)
    uphold(objection, regional_reviewer, EXCLUDE)
    RoleAssignment.objects.create(user=regional_reviewer, role="approver", region_id="150000")
    regional_reviewer.__dict__.pop("_assignments", None)
    with pytest.raises(Refused, match="不能再承担"):
        steps.take_step(
            YEAR, "confirm", by=regional_reviewer, on=current().notice.closes_on + timedelta(days=1)
        )


def test_after_the_decision_the_list_is_not_changed_by_objections(cast, announced, regional_reviewer) -> None:
    objection = object_to("特级李")
    objections.dismiss(objection.case_id, **SAID, by=regional_reviewer, on=today())
    take(cast, "confirm")
    with pytest.raises(NotNow, match="不在公示阶段"), transaction.atomic():
        announcing.on_upheld(objection, by=regional_reviewer, on=today(), reason="核实", remedy=EXCLUDE)
