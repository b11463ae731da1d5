"""A new person with work, certificate and honour on one page: all of it is written down or none, and nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.kept_queries import FORM
from portal.workforce.models import (
    Employment,
    Honour,
    ImprobableRecord,
    Occupation,
    RecordDocument,
    SkillCredential,
    Worker,
)
from portal.workforce.occupations import NOT_LISTED
from tests.cases.conftest import picture, upload
from tests.cast import KUNDULUN, OTOG, id_number, make_worker
from tests.window.given import make_employer

pytestmark = pytest.mark.django_db
NEW = "/window/desk/new/"


def brought(**more: Any) -> dict[str, Any]:
    """A welder with everything, as the form sends it."""
    return {
        "id_number": id_number(),
        "name": "王建国",
        "phone": "",
        "work_region": OTOG,
        "household_region": "",
        "source": "窗口登记（查验原件）",
        "employer": "",
        "occupation": "焊工",
        "status": "",
        "started_on": "2014.5.1",
        "on_front_line": "true",
        "front_line_years": "12",
        "level": "40",
        "number": "1515000000600001",
        "issued_on": "20200601",
        "certificate_occupation": "",
        "type": "national_technical_expert",
        "year": "2025",
        "document": "人社部发〔2025〕1号",
        **more,
    }


def test_everything_is_written_down_at_once(cast: Any, as_user: Any) -> None:
    unit = make_employer()
    client = as_user(cast("clerk"))
    sent = brought(employer=unit.credit_code)
    answer = client.post(NEW, sent)
    worker = Worker.objects.with_id_number(sent["id_number"]).get()
    assert answer.status_code == 302 and answer["Location"] == reverse("window:desk_person", args=[worker.pk])
    assert (worker.employer, worker.occupation, worker.skill_level) == (unit, "焊工", 40)
    work = Employment.objects.get(worker=worker)
    assert (work.status, work.started_on, work.on_front_line) == ("employed", date(2014, 5, 1), True)
    assert SkillCredential.objects.get(worker=worker).occupation == "焊工"
    honour = Honour.objects.get(worker=worker)
    assert honour.state == "unverified" and honour.recorded_by == cast("clerk")
    told = client.get(answer["Location"]).content.decode()
    assert "已登记王建国：人员信息、就业信息、技能证书、荣誉（待另一人核实）" in told


def test_a_person_who_brings_nothing_else(cast: Any, as_user: Any) -> None:
    nothing = dict.fromkeys(
        ("occupation", "started_on", "on_front_line", "front_line_years", "level", "number", "issued_on"), ""
    )
    sent = brought(**nothing, type="", year="", document="")
    assert as_user(cast("clerk")).post(NEW, sent).status_code == 302
    worker = Worker.objects.get()
    assert not Employment.objects.exists() and not SkillCredential.objects.exists()
    assert not Honour.objects.exists() and worker.name == "王建国"


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"id_number": "152624198506150010"}, "id_number", "校验位不符"),
        ({"employer": "没有登记的单位"}, "employer", "没有找到这个用人单位"),
        ({"level": ""}, "level", "登记技能证书须选择技能等级"),
        ({"issued_on": "2099-01-01"}, "issued_on", "日期不能晚于今天"),
        ({"document": ""}, "document", "登记荣誉须填写授予文件的文号"),
        ({"year": ""}, "year", "请填写荣誉的年度"),
        ({"occupation": "", "certificate_occupation": ""}, "certificate_occupation", "职业（工种）"),
        ({"started_on": "昨天"}, "started_on", "看不懂这个日期"),
    ],
)
def test_one_thing_wrong_keeps_all_from_being_written(
    cast: Any, as_user: Any, wrong: dict[str, str], field: str, said: str
) -> None:
    sent = brought(**wrong)
    answer = as_user(cast("clerk")).post(NEW, sent)
    page = answer.content.decode()
    assert said in page and field in answer.context["form"].errors
    assert not Worker.objects.exists() and not Honour.objects.exists()
    for name, value in sent.items():
        bound = answer.context["form"][name].value()
        as_sent = {True: "true", None: ""}.get(bound, bound)
        assert as_sent == value, f"{name} is lost"


def test_an_honour_comes_with_its_document(cast: Any, as_user: Any) -> None:
    sent = brought(document="", honour_file=upload(picture("PNG"), "荣誉证书.png"))
    assert as_user(cast("clerk")).post(NEW, sent).status_code == 302
    document = RecordDocument.objects.get()
    assert document.kind == "honour" and document.record_id == Honour.objects.get().pk


def test_a_number_that_is_taken_leads_to_its_owner_and_is_noted(cast: Any, as_user: Any) -> None:
    there = make_worker("王建国")
    page = as_user(cast("clerk")).post(NEW, brought(id_number=there.id_number)).content.decode()
    assert reverse("window:desk_person", args=[there.pk]) in page
    assert Entry.objects.filter(action="worker.number_taken", worker_ref=there.pk).count() == 1
    elsewhere = make_worker("李静", region=KUNDULUN)
    page = as_user(cast("clerk")).post(NEW, brought(id_number=elsewhere.id_number)).content.decode()
    assert "不能用该证件号码建档" in page and "李静" not in page
    assert Worker.objects.count() == 2


def test_what_is_improbable_asks_why_and_is_then_kept(cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))
    sent = brought(issued_on="2000-07-01", front_line_years="")
    page = client.post(NEW, sent)
    assert "explanation" in page.context["form"].errors and not Worker.objects.exists()
    assert client.post(NEW, {**sent, "explanation": "中学期间随父学艺，已核对证书原件"}).status_code == 302
    assert SkillCredential.objects.get().issued_on == date(2000, 7, 1)
    assert ImprobableRecord.objects.get().recorded_by == cast("clerk")


def test_what_was_looked_for_is_there_and_the_cursor_behind_it(cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))
    for typed, there, focus in ((id_number(), "id_number", "name"), ("哈斯", "name", "id_number")):
        client.get(client.post(reverse("window:desk"), {"q": typed, FORM: "1"})["Location"])
        form = client.get(f"{NEW}?searched=1").context["form"]
        assert form[there].value() == typed
        assert "autofocus" in form.fields[focus].widget.attrs
        assert "autofocus" not in form.fields[there].widget.attrs


def test_an_occupation_outside_the_catalogue_is_kept_and_marked(cast: Any, as_user: Any) -> None:
    Occupation.objects.create(
        code="6-18-02-04", name="焊工", folded="焊工", since="2022-09-01", document="合成目录"
    )
    client = as_user(cast("clerk"))
    told = client.post(NEW, brought(occupation="马鞍匠人工"), follow=True).content.decode()
    assert f"“马鞍匠人工”{NOT_LISTED}" in told
    assert Worker.objects.get().occupation == "马鞍匠人工"
    assert NOT_LISTED not in client.post(NEW, brought(), follow=True).content.decode()


def test_only_clerks_take_people_in(cast: Any, as_user: Any) -> None:
    for who in ("reviewer", "auditor", "registry_officer"):
        assert as_user(cast(who)).get(NEW).status_code == 403
