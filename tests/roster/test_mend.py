"""Refused rows put right on a page: given what is wrong, correcting some of it, then only what is right is read again, what
is still wrong stays with what was typed, and nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.audit.models import Entry
from portal.jobs import runner
from portal.workforce.models import RosterImport, SkillCredential, Worker
from portal.workforce.roster import mending
from tests.cast import id_number
from tests.roster.conftest import csv_bytes, given_in, row, xlsx_bytes
from tests.roster.test_files_from_elsewhere import hide, in_1904
from tests.roster.test_kept_tables import OWN, TITLES, book, own_row


@pytest.fixture
def clerk(committed: str, cast: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    return cast("clerk")


def imports(by: Any, content: bytes, name: str = "花名册.xlsx") -> RosterImport:
    given = given_in(SimpleUploadedFile(name, content), by=by)
    return carried_out(given)


def carried_out(given: RosterImport) -> RosterImport:
    runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "done"
    return given


def typed(page: Any, **changes: str) -> dict[str, str]:
    """What the form of the page sends, with some cells typed anew: row3_phone="…"."""
    cells = {}
    for form in page.context["row_forms"]:
        for key in form.fields:
            if key != "read" or form[key].value():
                cells[form.add_prefix(key)] = form[key].value() or ""
    for name, text in changes.items():
        place, _, key = name.partition("_")
        assert f"{place}-{key}" in cells
        cells[f"{place}-{key}"] = text
    return cells


@pytest.mark.parametrize("make", [csv_bytes, xlsx_bytes])
def test_what_is_put_right_is_read_and_nothing_else(clerk: Any, as_user: Any, make: Any) -> None:
    wrong, too = row(姓名="呼德", 手机号="12"), row(技能等级="大师")
    given = imports(clerk, make([row(), wrong, too]))
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    page = desk.get(address)
    said = page.content.decode()
    assert "第3行" in said and "第4行" in said and "手机号应为11位数字" in said
    assert [form.in_front for form in page.context["row_forms"]] == [{"phone"}, {"level"}]
    assert Entry.objects.filter(action="roster.mend.open").exists()
    # One of them is put right: it is read, the other one stays with what was typed.
    answer = desk.post(address, typed(page, row2_phone="13911112222", row3_level="大大师"))
    said = answer.content.decode()
    assert answer.status_code == 400 and "大大师" in said and "呼德" not in said
    again = RosterImport.objects.exclude(pk=given.pk).get()
    assert (again.mends, carried_out(again).added, again.refused) == (given, 1, 0)
    assert Worker.objects.get(name="呼德").phone == "13911112222"
    # The other one too: nothing is left.
    answer = desk.post(address, typed(answer, row3_level="技师"))
    last = RosterImport.objects.latest("pk")
    assert answer.url == reverse("window:roster_import", args=[last.pk])
    assert carried_out(last).added == 1
    assert Worker.objects.count() == 3
    assert desk.get(address).url == reverse("window:roster_import", args=[given.pk])
    assert "已在页面上更正" in desk.get(reverse("window:roster_import", args=[given.pk])).content.decode()


def test_a_second_click_reads_nothing_twice(clerk: Any, as_user: Any) -> None:
    given = imports(clerk, xlsx_bytes([row(手机号="1"), row(手机号="2")]))
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    sent = typed(desk.get(address), row2_phone="13911112222", row3_phone="13911112223")
    assert desk.post(address, sent).status_code == 302
    assert desk.post(address, sent).status_code == 302
    assert RosterImport.objects.filter(mends=given).count() == 1


def test_what_only_the_register_knows_comes_back_with_the_line_it_had(clerk: Any, as_user: Any) -> None:
    known = row()
    imports(clerk, csv_bytes([known]), "先.csv")
    given = imports(clerk, csv_bytes([row(), row(手机号="1", 姓名="李四海")]), "后.csv")
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    # The number of somebody who is called otherwise.
    sent = typed(desk.get(address), row2_phone="13911112222", row2_number=known["证件号码"])
    again = RosterImport.objects.get(pk=desk.post(address, sent).url.rstrip("/").rpartition("/")[2])
    assert carried_out(again).refused == 1
    page = desk.get(reverse("window:roster_mend", args=[again.pk]))
    assert "第3行" in page.content.decode() and "已登记为另一姓名" in page.content.decode()
    desk.post(reverse("window:roster_mend", args=[again.pk]), typed(page, row2_number=id_number()))
    assert carried_out(RosterImport.objects.latest("pk")).added == 1


def test_a_table_of_the_units_own_keeps_its_lines(clerk: Any, as_user: Any) -> None:
    given = imports(clerk, book(("人员", [*TITLES, OWN, own_row(1), own_row(2, 证书等级="大师")])))
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    page = desk.get(address)
    assert "第6行" in page.content.decode()
    assert desk.post(address, typed(page, row2_level="Ⅱ级")).status_code == 302
    assert carried_out(RosterImport.objects.latest("pk")).added == 1


def test_a_number_of_days_keeps_the_calendar_of_its_workbook(clerk: Any, as_user: Any) -> None:
    given = imports(clerk, in_1904([row(发证日期=42063, 姓名="")]))
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    assert desk.post(address, typed(desk.get(address), row2_name="王建国")).status_code == 302
    carried_out(RosterImport.objects.latest("pk"))
    assert SkillCredential.objects.get().issued_on == date(2019, 3, 1)


def test_more_rows_than_a_page_are_put_right_page_by_page(clerk: Any, as_user: Any) -> None:
    given = imports(clerk, csv_bytes([row(手机号=str(n)) for n in range(1, 24)]))
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    page = desk.get(address)
    assert len(page.context["row_forms"]) == 20 and "还有23行" in page.content.decode()
    right = {f"row{place}_phone": f"139111122{place:02}" for place in range(2, 22)}
    assert desk.post(address, typed(page, **right)).status_code == 302
    assert len(desk.get(address).context["row_forms"]) == 3


def test_too_many_rows_are_put_right_in_the_file(
    clerk: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "MOST_ON_PAGES", 1)
    given = imports(clerk, csv_bytes([row(手机号="1"), row(手机号="2")]))
    desk = as_user(clerk)
    page = desk.get(reverse("window:roster_mend", args=[given.pk]), follow=True).content.decode()
    assert "请下载后在表格中更正" in page and "在页面上更正</a>" not in page


def test_rows_are_put_right_by_who_gave_them_in(clerk: Any, as_user: Any, cast: Any) -> None:
    given = imports(clerk, csv_bytes([row(手机号="1")]))
    address = reverse("window:roster_mend", args=[given.pk])
    assert as_user(cast("reviewer")).get(address).status_code == 404
    assert as_user(cast("reviewer")).post(address, {"row2-number": "1"}).status_code == 404


def test_hidden_rows_are_read_only_when_they_are_chosen(clerk: Any, as_user: Any) -> None:
    content = xlsx_bytes([row(), row(姓名="图雅"), row(手机号="1")], hide(3))
    given = imports(clerk, content)
    desk, address = as_user(clerk), reverse("window:roster_mend", args=[given.pk])
    sent = typed(desk.get(address), row3_phone="13911112222")
    assert desk.post(address, sent).status_code == 302
    assert carried_out(RosterImport.objects.latest("pk")).rows_read == 1
    assert not Worker.objects.filter(name="图雅").exists()
    page = desk.get(address)
    assert "没有选中" in desk.post(address, typed(page), follow=True).content.decode()
    assert desk.post(address, typed(page) | {"row2-read": "on"}).status_code == 302
    assert carried_out(RosterImport.objects.latest("pk")).added == 1
