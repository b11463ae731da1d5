"""Taking an import back: given what it made, undoing it, then the register is as it was before; unless something rests
on it, which is said, and then nothing is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.entitlements.models import Offer
from portal.jobs import runner
from portal.workforce.models import (
    Employer,
    Employment,
    Honour,
    NameConflict,
    RecordChange,
    RosterImport,
    SkillCredential,
    UnemploymentInsurance,
    Worker,
)
from portal.workforce.roster import undoing
from tests.cast import confirm_everything
from tests.roster.conftest import csv_bytes, given_in, row

ALL = (Worker, Employer, Employment, SkillCredential, Honour, UnemploymentInsurance, NameConflict)
REASON = "上传了上一年度的花名册"


@pytest.fixture
def clerk(committed: str, cast: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    return cast("clerk")


def imports(by: Any, *rows: dict[str, Any], name: str = "花名册.csv") -> RosterImport:
    given = given_in(SimpleUploadedFile(name, csv_bytes(rows)), by=by)
    runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "done"
    return given


def register() -> dict[str, list[dict[str, Any]]]:
    """All that is in the register, but for what only says when it was last written."""
    return {
        model.__name__: [
            {key: value for key, value in one.items() if key != "updated_at"}
            for one in model._default_manager.order_by("pk").values()
        ]
        for model in ALL
    }


def test_what_was_made_is_gone_and_can_be_given_in_again(clerk: Any) -> None:
    before = register()
    rows = [row(荣誉="北疆工匠@2021"), row(用人单位="另一家机械有限公司"), row(手机号="1")]
    given = imports(clerk, *rows)
    undone = undoing.undo(given.pk, reason=REASON, by=clerk)
    assert (undone.phase, undone.undone_by, undone.undo_reason) == ("undone", clerk, REASON)
    assert register() == before
    entry = Entry.objects.get(action="roster.undo")
    assert (entry.actor, entry.detail["reason"], entry.detail["changed"]) == (clerk, REASON, 0)
    assert imports(clerk, *rows).added == 2


def test_what_was_changed_is_as_it_was(clerk: Any) -> None:
    first, second = row(证书编号="", 发证日期=""), row()
    imports(clerk, first, second, name="原.csv")
    before = register()
    given = imports(
        clerk,
        first | {"手机号": "13911112222", "证书编号": "N1", "一线年限": "9", "失业保险累计月数": "97"},
        second
        | {"用人单位": "另一家机械有限公司", "荣誉": "北疆工匠@2021", "职业工种": "钳工", "证书编号": "N2"},
        row(),
        name="改.csv",
    )
    assert (given.added, given.changed) == (1, 2)
    assert register() != before
    undoing.undo(given.pk, reason=REASON, by=clerk)
    assert register() == before
    with pytest.raises(NotNow, match="已经撤销"):
        undoing.undo(given.pk, reason=REASON, by=clerk)


def test_only_what_this_import_made_goes(clerk: Any) -> None:
    one, other, third = row(), row(), row()
    imports(clerk, one)
    given = imports(clerk, other)
    imports(clerk, third)
    undoing.undo(given.pk, reason=REASON, by=clerk)
    left = {worker.id_number for worker in Worker.objects.all()}
    assert left == {one["证件号码"], third["证件号码"]}


def test_a_name_that_waits_is_forgotten_with_it(clerk: Any) -> None:
    known = row()
    imports(clerk, known)
    given = imports(clerk, known | {"姓名": "王建军"}, row())
    assert NameConflict.objects.count() == 1
    undoing.undo(given.pk, reason=REASON, by=clerk)
    assert not NameConflict.objects.exists()


def test_what_it_proposed_is_withdrawn(clerk: Any) -> None:
    known = row()
    imports(clerk, known)
    confirm_everything()
    given = imports(clerk, known | {"发证日期": "2021-05-01", "一线年限": "9"})
    assert given.proposed == 1
    undoing.undo(given.pk, reason=REASON, by=clerk)
    assert set(RecordChange.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_offers_of_which_nobody_was_told_go_and_others_stand_against_it(clerk: Any) -> None:
    given = imports(clerk, row())
    worker = Worker.objects.get()
    offer = {
        "worker": worker,
        "region_id": worker.work_region_id,
        "benefit": "talent.green-channel",
        "matched_on": timezone.localdate(),
    }
    Offer.objects.create(**offer)
    told = Offer.objects.create(**offer, distinction="2", state="notified", notified_at=timezone.now())
    with pytest.raises(undoing.Rests, match="惠享事项1项"):
        undoing.undo(given.pk, reason=REASON, by=clerk)
    assert (Worker.objects.count(), Offer.objects.count()) == (1, 2)
    told.delete()
    undoing.undo(given.pk, reason=REASON, by=clerk)
    assert not Offer.objects.exists() and not Worker.objects.exists()


def changes_the_phone() -> None:
    worker = Worker.objects.get()
    worker.phone = "13977778888"
    worker.save()


def adds_a_certificate() -> None:
    SkillCredential.objects.create(worker=Worker.objects.get(), occupation="电工", level=40, source="窗口")


def verifies_the_certificate() -> None:
    SkillCredential.objects.update(issued_on="2020-05-02")


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (changes_the_phone, "技术工人1项此后有更改"),
        (adds_a_certificate, "技能证书1项"),
        (verifies_the_certificate, "技能证书1项此后有更改"),
    ],
)
def test_what_rests_on_it_is_said_and_nothing_is_touched(
    clerk: Any, happens: Callable[[], None], says: str
) -> None:
    given = imports(clerk, row(), name="一.csv")
    happens()
    before = register()
    with pytest.raises(undoing.Rests, match=says):
        undoing.undo(given.pk, reason=REASON, by=clerk)
    assert register() == before
    given.refresh_from_db()
    assert given.phase == "done"


def test_a_later_import_of_the_same_people_stands_against_it(clerk: Any) -> None:
    known = row()
    given = imports(clerk, known)
    later = imports(clerk, known | {"手机号": "13922223333"}, row())
    with pytest.raises(undoing.Rests, match="技术工人1项此后有更改"):
        undoing.undo(given.pk, reason=REASON, by=clerk)
    undoing.undo(later.pk, reason=REASON, by=clerk)
    assert [worker.phone for worker in Worker.objects.all()] == ["13800000000"]


def test_by_nobody_else_and_not_without_a_reason(clerk: Any, cast: Callable[[str], Any]) -> None:
    given = imports(clerk, row())
    with pytest.raises(Refused, match="导入人本人"):
        undoing.undo(given.pk, reason=REASON, by=cast("reviewer"))
    with pytest.raises(Refused):
        undoing.undo(given.pk, reason=REASON, by=cast("auditor"))
    with pytest.raises(NotNow, match="理由"):
        undoing.undo(given.pk, reason=" ", by=clerk)
    assert Worker.objects.exists()


def test_on_the_page(clerk: Any, as_user: Callable[[Any], Any]) -> None:
    given = imports(clerk, row(), row(手机号="1"))
    desk = as_user(clerk)
    here, undo = (reverse(f"window:{name}", args=[given.pk]) for name in ("roster_import", "roster_undo"))
    assert undo in desk.get(here).content.decode()
    assert "新增1行" in desk.get(undo).content.decode()
    assert desk.post(undo, {"reason": ""}).status_code == 200
    assert desk.post(undo, {"reason": REASON}).url == here
    assert "正在" in desk.post(undo, {"reason": REASON}).content.decode()
    given.refresh_from_db()
    runner.run_job(given.job_id)
    runner.run_job(given.job_id)
    page = desk.get(here).content.decode()
    assert "本次导入已撤销" in page and REASON in page and undo not in page
    assert not Worker.objects.exists()


def test_the_page_says_what_rests(clerk: Any, as_user: Callable[[Any], Any]) -> None:
    given = imports(clerk, row())
    changes_the_phone()
    desk = as_user(clerk)
    page = desk.get(reverse("window:roster_undo", args=[given.pk]), follow=True).content.decode()
    assert "已有事项以本次导入的内容为依据" in page and "技术工人1项此后有更改" in page


def test_a_large_import_is_looked_through_when_it_is_taken_back(
    clerk: Any, as_user: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an import too large to be looked through while somebody waits, when something rests on it, then the page
    opens, and what rests on it is said by what came of taking it back.
    """
    monkeypatch.setattr(undoing, "LOOKED_AT_AT_ONCE", 1)
    given = imports(clerk, row(), row())
    worker = Worker.objects.earliest("pk")
    worker.phone = "13977778888"
    worker.save()
    desk = as_user(clerk)
    undo = reverse("window:roster_undo", args=[given.pk])
    assert "提交后先核对" in desk.get(undo).content.decode()
    assert desk.post(undo, {"reason": REASON}).status_code == 302
    given.refresh_from_db()
    runner.run_job(given.job_id)
    page = desk.get(reverse("window:roster_import", args=[given.pk])).content.decode()
    assert "没有撤销" in page and "技术工人1项此后有更改" in page
    assert Worker.objects.count() == 2


def test_the_page_opens_when_only_machines_have_drawn_something(
    clerk: Any, as_user: Callable[[Any], Any]
) -> None:
    """Given an import whose people were matched meanwhile, when nobody was told, then the page asks why, and keeps the
    offers until it is done.
    """
    given = imports(clerk, row())
    worker = Worker.objects.get()
    offer = {"region_id": worker.work_region_id, "benefit": "talent.green-channel"}
    Offer.objects.create(worker=worker, matched_on=timezone.localdate(), **offer)
    desk, undo = as_user(clerk), reverse("window:roster_undo", args=[given.pk])
    assert "撤销理由" in desk.get(undo).content.decode() and Offer.objects.count() == 1
    desk.post(undo, {"reason": REASON})
    given.refresh_from_db()
    runner.run_job(given.job_id)
    assert not Offer.objects.exists() and not Worker.objects.exists()
