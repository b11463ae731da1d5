"""Rosters of units: given an agent's file, handing it in and the window confirming it, then it is read in in the window's
name and about the unit's own people only; what the window gives back leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.jobs import runner
from portal.workforce.models import Employer, EmployerAgent, Employment, RosterColumns, RosterImport, Worker
from portal.workforce.roster import receiving
from tests.cast import OTOG, id_number, make_account
from tests.roster.test_kept_tables import text

UNIT = "鄂托克旗焊接有限公司"
HEAD = ["序号", "姓名", "身份证号", "工种", "等级"]


@pytest.fixture
def unit(committed: str, monkeypatch: pytest.MonkeyPatch) -> Employer:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    return Employer.objects.create(name=UNIT, region_id=OTOG, source="窗口")


@pytest.fixture
def agent(unit: Employer) -> Any:
    user = make_account("unit.agent", "韩冰", "employer_agent", OTOG)
    EmployerAgent.objects.create(employer=unit, user=user, authority="委托书")
    return user


def roster(*more: list[str], head: list[str] = HEAD) -> bytes:
    return text([[UNIT + "花名册"], head, ["1", "萨仁", id_number(), "焊工", "三级"], *more])


def hands_in(agent: Any, unit: Employer, content: bytes) -> RosterImport:
    given = receiving.receive(SimpleUploadedFile("本单位.csv", content), by=agent, unit_id=unit.pk)
    return receiving.confirm(given.pk, by=agent)


def carried_out(given: RosterImport) -> RosterImport:
    given.refresh_from_db()
    runner.run_job(given.job_id)
    given.refresh_from_db()
    return given


def test_what_a_unit_hands_in_waits_for_the_window(
    unit: Employer, agent: Any, cast: Callable[[str], Any], as_user: Callable[[Any], Any]
) -> None:
    client = as_user(agent)
    file = SimpleUploadedFile("本单位.csv", roster(["2", "乌云", "1", "焊工", "三级"]))
    page = client.post(reverse("my:unit_rosters"), {"unit": unit.pk, "file": file}, follow=True)
    said = page.content.decode()
    given = RosterImport.objects.get()
    assert f"全部人员：{UNIT}" in said and "第2行，上方第1行不读入" in said
    form = page.context["layout_form"]
    assert "fixed_employer" not in form.fields and "fixed_region" in form.fields
    chosen = {name: form[name].value() or "" for name in form.fields}
    sent = client.post(reverse("my:unit_roster_layout", args=[given.pk]), chosen, follow=True)
    assert "等待服务窗口确认" in sent.content.decode()
    assert not Worker.objects.exists() and given.job is None

    clerk = cast("clerk")
    desk = as_user(clerk)
    here = reverse("window:roster_import", args=[given.pk])
    assert here in desk.get(reverse("window:roster")).content.decode()
    assert "确认读入" in desk.get(here).content.decode()
    assert desk.post(reverse("window:roster_take_in", args=[given.pk])).url == here
    carried_out(given)
    assert (given.phase, given.added, given.refused, given.confirmed_by) == ("done", 1, 1, clerk)
    work = Employment.objects.get()
    assert (work.employer, work.recorded_by) == (unit, clerk)
    # The agent sees what came of it, and fetches what came back.
    assert "下载未通过的行" in client.get(reverse("my:unit_roster", args=[given.pk])).content.decode()
    back = client.get(reverse("my:unit_roster_refused", args=[given.pk]))
    assert "证件号码" in b"".join(back.streaming_content).decode("utf-8-sig")
    done = {"roster.hand_in", "roster.take_in"}
    assert set(Entry.objects.filter(action__in=done).values_list("action", flat=True)) == done


def test_a_unit_names_its_own_people_only(unit: Employer, agent: Any, cast: Callable[[str], Any]) -> None:
    Employer.objects.create(name="别家有限公司", region_id=OTOG, source="窗口")
    head = [*HEAD, "单位", "信用代码"]
    rows = [
        [["2", "乌云", id_number(), "焊工", "三级"][index] for index in range(5)] + cells
        for cells in (["别家有限公司", ""], [UNIT.replace("（", "("), ""], ["", ""])
    ]
    given = hands_in(agent, unit, roster(*rows, head=head))
    receiving.take_in(given.pk, by=cast("clerk"))
    carried_out(given)
    assert (given.added, given.refused) == (3, 1)
    assert set(Worker.objects.values_list("employer", flat=True)) == {unit.pk}
    assert set(Employer.objects.values_list("name", flat=True)) == {UNIT, "别家有限公司"}


def test_the_window_gives_it_back_with_the_reason(
    unit: Employer, agent: Any, cast: Callable[[str], Any], as_user: Callable[[Any], Any]
) -> None:
    given = hands_in(agent, unit, roster())
    desk, address = as_user(cast("clerk")), reverse("window:roster_send_back", args=[given.pk])
    assert "退回理由" in desk.get(address).content.decode()
    assert desk.post(address, {"reason": " "}).status_code == 200
    assert desk.post(address, {"reason": "缺少证书编号"}).status_code == 302
    given.refresh_from_db()
    assert (given.phase, given.folder.exists(), Worker.objects.exists()) == ("returned", False, False)
    page = desk.get(reverse("window:roster_import", args=[given.pk])).content.decode()
    assert "已退回单位" in page and "缺少证书编号" in page and "隐藏" not in page
    assert "缺少证书编号" in as_user(agent).get(reverse("my:unit_roster", args=[given.pk])).content.decode()
    with pytest.raises(NotNow, match="已退回"):
        receiving.take_in(given.pk, by=cast("clerk"))


def test_neither_strangers_nor_other_places_see_it(
    unit: Employer, agent: Any, cast: Callable[[str], Any], as_user: Callable[[Any], Any]
) -> None:
    given = receiving.receive(SimpleUploadedFile("x.csv", roster()), by=agent, unit_id=unit.pk)
    window, my = (
        reverse("window:roster_import", args=[given.pk]),
        reverse("my:unit_roster", args=[given.pk]),
    )
    # Before it is handed in the window sees nothing.
    assert as_user(cast("clerk")).get(window).status_code == 404
    receiving.confirm(given.pk, by=agent)
    elsewhere = cast("baotou_clerk")
    assert as_user(elsewhere).get(window).status_code == 404
    assert as_user(elsewhere).post(reverse("window:roster_take_in", args=[given.pk])).status_code == 404
    for action in (receiving.take_in, lambda pk, by: receiving.send_back(pk, reason="不符", by=by)):
        with pytest.raises(Refused):
            action(given.pk, by=elsewhere)
        with pytest.raises(Refused):
            action(given.pk, by=agent)
    other = make_account("other.agent", "刘洋", "employer_agent", OTOG)
    assert as_user(other).get(my).status_code == 403
    with pytest.raises(Refused, match="本单位的经办人"):
        receiving.receive(SimpleUploadedFile("x.csv", roster()), by=other, unit_id=unit.pk)
    assert (
        as_user(make_account("some.worker", "王五", "worker", OTOG))
        .get(reverse("my:unit_rosters"))
        .status_code
        == 403
    )
    assert RosterImport.objects.get().phase == "handed_in"


def test_what_the_unit_corrects_is_remembered_for_it(unit: Employer, agent: Any) -> None:
    content = text([["谁", "身份证号"], ["萨仁", id_number()]])
    given = receiving.receive(SimpleUploadedFile("x.csv", content), by=agent, unit_id=unit.pk)
    with pytest.raises(NotNow, match="表头"):
        receiving.confirm(given.pk, by=agent)
    layout = receiving.Layout.from_json(given.layout)
    chosen = receiving.replace(layout, line=1, columns={0: "name", 1: "number"})
    receiving.confirm(given.pk, by=agent, layout=chosen)
    assert RosterColumns.objects.get().unit == unit
    again = text([["谁", "身份证号"], ["其木格", id_number()]])
    second = receiving.receive(SimpleUploadedFile("y.csv", again), by=agent, unit_id=unit.pk)
    assert receiving.confirm(second.pk, by=agent).phase == "handed_in"


def test_an_agent_whose_agency_ended_hands_nothing_in(unit: Employer, agent: Any) -> None:
    given = receiving.receive(SimpleUploadedFile("x.csv", roster()), by=agent, unit_id=unit.pk)
    EmployerAgent.objects.all().delete()
    with pytest.raises(Refused):
        receiving.confirm(given.pk, by=agent)
    assert RosterImport.objects.get().phase == "previewed"
