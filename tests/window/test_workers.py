"""The list of people, the page of one, intake, correction and the masked number."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.workforce.actions import version_of
from portal.workforce.models import Worker
from tests.cast import KUNDULUN, OTOG, id_number, make_honour, make_worker
from tests.window.given import known_worker, make_employer

pytestmark = pytest.mark.django_db
LIST = "/window/workers/"


def shown(response):
    return {person.name for person in response.context["page"].rows}


@pytest.fixture
def people(cast):
    unit = make_employer("鄂托克旗机械厂")
    make_worker("王建国", employer=unit, skill_level=60, occupation="焊工")
    make_worker("李秀英", region="150602", skill_level=40, occupation="电工")
    make_honour(make_worker("巴特尔", region="150602"), recorded_by=None)
    make_worker("赵外地", region=KUNDULUN)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"王建国", "李秀英", "巴特尔"}),
        ({"name": "建"}, {"王建国"}),
        ({"name": "特尔"}, {"巴特尔"}),
        ({"region": OTOG}, {"王建国"}),
        ({"region": "150600"}, {"王建国", "李秀英", "巴特尔"}),
        ({"level": "40"}, {"李秀英"}),
        ({"level": "0"}, {"巴特尔"}),
        ({"occupation": "焊工"}, {"王建国"}),
        ({"employer": "机械"}, {"王建国"}),
        ({"employer": "91150624MA0N0XTH5Q"}, {"王建国"}),
        ({"employer": "没有"}, set()),
        ({"honour": "unverified"}, {"巴特尔"}),
        ({"honour": "verified"}, set()),
        ({"region": "150602", "occupation": "电工"}, {"李秀英"}),
        ({"level": "nonsense"}, {"王建国", "李秀英", "巴特尔"}),
        ({"name": "a\x00"}, {"王建国", "李秀英", "巴特尔"}),
        ({"region": KUNDULUN}, {"王建国", "李秀英", "巴特尔"}),
    ],
)
def test_filters_of_the_list(people, cast, as_user, query, names):
    assert shown(as_user(cast("reviewer")).get(LIST, query)) == names


def test_numbers_are_masked_in_lists_and_exports(people, cast, as_user):
    client, number = as_user(cast("reviewer")), Worker.objects.get(name="王建国").id_number
    page = client.get(LIST).content.decode()
    file = b"".join(
        client.get(reverse("window:workers_export"), {"occupation": "焊工"}).streaming_content
    ).decode("utf-8-sig")
    for text in (page, file):
        assert (
            number not in text and number[6:14] not in text and f"{number[:6]}********{number[14:]}" in text
        )
    assert file.count("\r\n") == 2 and "李秀英" not in file
    assert Entry.objects.get(action="worker.export").detail == {
        "count": 1,
        "filters": ["occupation"],
        "shown": [Worker.objects.get(name="王建国").pk],
    }


def test_who_was_shown_in_a_list_stands_in_the_audit_with_what_was_asked(people, cast, as_user):
    client, number = as_user(cast("reviewer")), Worker.objects.get(name="王建国").id_number
    shown_now = (
        client.get(LIST, {"name": "建国", "region": OTOG, "level": "60", "employer": number})
        .context["page"]
        .rows
    )
    entry = Entry.objects.get(action="worker.list")
    assert entry.actor_name == cast("reviewer").username
    assert entry.detail["shown"] == [person.pk for person in shown_now]
    assert entry.detail["asked"] == [
        "姓名：建*",
        "工作地：鄂托克旗",
        "技能等级：高级技师",
        f"用人单位：{number[:3]}***{number[-3:]}",
    ]
    client.get(LIST, {"honour": "unverified"})
    entry = Entry.objects.filter(action="worker.list").latest("id")
    assert entry.detail == {"asked": ["荣誉：待核实"], "shown": [Worker.objects.get(name="巴特尔").pk]}
    full_width = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for typed in (number, full_width, f" {number}x"):
        client.get(LIST, {"name": typed[:20], "occupation": typed, "employer": typed})
    kept = str(list(Entry.objects.filter(action="worker.list").values_list("detail", flat=True)))
    assert number[6:14] not in kept and full_width[6:14] not in kept


def test_a_list_costs_one_entry_however_many_it_shows(people, cast, as_user, django_assert_max_num_queries):
    client = as_user(cast("reviewer"))
    client.get(LIST)
    with django_assert_max_num_queries(12):
        client.get(LIST)
    assert Entry.objects.filter(action="worker.list").count() == 2


def test_an_export_runs_no_formula(cast, as_user):
    make_worker("王建国", occupation="=1+1")
    file = b"".join(as_user(cast("clerk")).get(reverse("window:workers_export")).streaming_content).decode()
    assert "'=1+1" in file


def test_the_number_of_queries_does_not_grow_with_the_list(cast, as_user, django_assert_max_num_queries):
    unit = make_employer()
    for n in range(30):
        make_worker(f"工人{n}", employer=unit)
    client = as_user(cast("reviewer"))
    client.get(LIST)
    with django_assert_max_num_queries(14):
        client.get(LIST, {"occupation": ""})


def test_the_page_of_a_person_shows_what_is_known_with_its_source(cast, as_user):
    worker = known_worker(cast("clerk"))
    html = as_user(cast("clerk")).get(reverse("window:worker", args=[worker.pk])).content.decode()
    for words in (
        "王建国的单位",
        "1515000000600001",
        "48个月",
        "鄂尔多斯技师学院",
        "自治区焊接大赛",
        "业绩突出",
        "全国技术能手",
        "窗口登记",
    ):
        assert words in html, words
    assert worker.id_number not in html and worker.masked_id_number in html
    assert Entry.objects.get(action="worker.view").worker_ref == worker.pk


def test_the_history_tells_what_changed_and_who_did_it(cast, as_user):
    worker = known_worker(cast("clerk"))
    client = as_user(cast("clerk"))
    record = worker.employments.get()
    given = {
        "status": "employed",
        "employer": worker.employer.name,
        "occupation": "电焊工",
        "on_front_line": "true",
        "front_line_years": "12.5",
        "in_skilled_post": "unknown",
        "public_institution_payroll": "unknown",
        "started_on": "2014-05-01",
        "source": "窗口登记",
        "version": version_of(record),
    }
    assert (
        client.post(reverse("window:record", args=[worker.pk, "employment", record.pk]), given).status_code
        == 302
    )
    changes = client.get(reverse("window:worker", args=[worker.pk]), {"tab": "history"}).context["changes"]
    found = next(change for change in changes if change.kind == "就业信息" and change.what == "变更")
    assert found.by == "乌兰" and ("职业（工种）", "焊工", "电焊工") in found.changes
    assert {change.what for change in changes} == {"登记", "变更"}


def test_the_history_never_tells_a_number(cast, as_user):
    worker = make_worker()
    old = worker.id_number
    worker.set_id_number(id_number())
    worker.save()
    html = (
        as_user(cast("clerk"))
        .get(reverse("window:worker", args=[worker.pk]), {"tab": "history"})
        .content.decode()
    )
    assert "（已变更）" in html and old not in html and worker.id_number not in html


def test_actions_are_what_the_person_may_do_with_the_reason_for_the_rest(cast, as_user):
    worker = make_worker()
    address = reverse("window:worker", args=[worker.pk])
    clerk = as_user(cast("clerk")).get(address).context
    assert {action["label"] for action in clerk["actions"]} >= {"更正人员信息", "登记荣誉", "登记收款账户"}
    assert [refused["label"] for refused in clerk["refused"]] == ["核实荣誉"]
    auditor = as_user(cast("auditor")).get(address).context
    assert auditor["actions"] == [] and "窗口经办员" in auditor["refused"][0]["reason"]


@pytest.mark.parametrize("tab", ["", "history"])
def test_the_page_of_a_person_takes_a_bounded_number_of_queries(
    cast, as_user, django_assert_max_num_queries, tab
):
    worker = known_worker(cast("clerk"))
    for year in range(2010, 2024):
        make_honour(worker, recorded_by=cast("clerk"), year=year)
    client = as_user(cast("clerk"))
    with django_assert_max_num_queries(40):
        client.get(reverse("window:worker", args=[worker.pk]), {"tab": tab})


WHY = {"purpose": "identity", "note": "本人到窗口办理"}


# -- the masked number ---------------------------------------------------------------------------------------
def test_the_number_is_shown_once_for_a_reason(cast, as_user):
    worker, client = make_worker(), as_user(cast("clerk"))
    address = reverse("window:worker_unmask", args=[worker.pk])
    page = client.post(address, {"what": "id_number"} | WHY)
    assert worker.id_number in page.content.decode() and "no-store" in page["Cache-Control"]
    assert worker.id_number not in client.get(reverse("window:worker", args=[worker.pk])).content.decode()
    assert Entry.objects.get(action="worker.unmask").detail["reason"] == "核对本人身份证件：本人到窗口办理"


def test_htmx_gets_only_the_number(cast, as_user):
    worker, client = make_worker(), as_user(cast("clerk"))
    address = reverse("window:worker_unmask", args=[worker.pk])
    piece = client.post(address, WHY, headers={"HX-Request": "true"}).content.decode()
    assert worker.id_number in piece and "<html" not in piece
    refused = client.post(address, WHY | {"note": "核"}, headers={"HX-Request": "true"}).content.decode()
    assert "请写明具体事由" in refused and worker.masked_id_number in refused
    assert worker.id_number not in refused and 'value="核"' in refused


def test_showing_is_never_a_get_and_not_for_everybody(cast, as_user):
    worker = make_worker()
    address = reverse("window:worker_unmask", args=[worker.pk])
    assert as_user(cast("clerk")).get(address).status_code == 405
    assert as_user(cast("supervisor")).post(address, WHY).status_code == 403
    assert as_user(cast("baotou_clerk")).post(address, WHY).status_code == 404
    assert not Entry.objects.filter(action="worker.unmask").exists()


# -- intake --------------------------------------------------------------------------------------------------
def given(**changes):
    return {
        "id_number": id_number(),
        "name": "王建国",
        "work_region": OTOG,
        "household_region": "",
        "phone": "",
        "source": "窗口登记",
    } | changes


def test_a_new_person_is_registered(cast, as_user):
    page = as_user(cast("clerk")).post(reverse("window:worker_new"), given(phone="13800001234"))
    worker = Worker.objects.get()
    assert page["Location"] == reverse("window:worker", args=[worker.pk]) and worker.phone == "13800001234"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_number": "123"}, "id_number"),
        ({"name": "7"}, "name"),
        ({"phone": "12"}, "phone"),
        ({"work_region": KUNDULUN}, "work_region"),
        ({"source": ""}, "source"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(cast, as_user, changes, field):
    page = as_user(cast("clerk")).post(reverse("window:worker_new"), given(name="王建国") | changes)
    assert page.status_code == 200 and field in page.context["form"].errors and not Worker.objects.exists()
    html = page.content.decode()
    assert re.search(rf'href="#id_{field}"', html) and ("王建国" in html or field == "name")


def test_somebody_registered_already_is_linked(cast, as_user):
    existing = make_worker("李强")
    page = as_user(cast("clerk")).post(reverse("window:worker_new"), given(id_number=existing.id_number))
    assert reverse("window:worker", args=[existing.pk]) in page.content.decode()


def test_somebody_registered_elsewhere_is_not_linked_but_named_by_place(cast, as_user):
    existing = make_worker("李强", region=KUNDULUN)
    html = (
        as_user(cast("clerk"))
        .post(reverse("window:worker_new"), given(id_number=existing.id_number))
        .content.decode()
    )
    assert "昆都仑区" in html and "李强" not in html and f"/window/workers/{existing.pk}/" not in html


def test_two_clerks_do_not_overwrite_each_other(cast, as_user):
    worker, client = make_worker(), as_user(cast("clerk"))
    address = reverse("window:worker_edit", args=[worker.pk])
    opened = client.get(address).context["form"].initial["version"]
    fields = given(id_number="", version=opened)
    assert client.post(address, fields | {"name": "王建军"}).status_code == 302
    page = client.post(address, fields | {"name": "王小军"})
    assert (
        page.status_code == 200
        and "已被他人更改" in page.content.decode()
        and "王小军" in page.content.decode()
    )
    worker.refresh_from_db()
    assert worker.name == "王建军"


def test_a_worker_handed_over_leaves_the_list(cast, as_user):
    worker, client = make_worker(), as_user(cast("clerk"))
    fields = given(id_number="", version=version_of(worker), work_region=KUNDULUN)
    page = client.post(reverse("window:worker_edit", args=[worker.pk]), fields, follow=True)
    assert "已转到" in page.content.decode() and shown(page) == set()


def test_the_history_says_who_registered_a_person(as_user, cast) -> None:
    client, clerk = as_user(cast("clerk")), cast("clerk")
    client.post(
        reverse("window:worker_new"),
        {"id_number": id_number(), "name": "查干", "work_region": OTOG, "source": "窗口登记（查验原件）"},
    )
    page = client.get(
        reverse("window:worker", args=[Worker.objects.get(name="查干").pk]) + "?tab=history"
    ).text
    assert clerk.display_name in page.split("<tbody", 1)[1]


def test_a_correction_of_person_or_unit_asks_for_its_own_source(cast, as_user) -> None:
    unit = make_employer("鄂托克旗机械厂")
    worker = make_worker("王建国", employer=unit, source="花名册 旗2025.csv")
    type(unit).objects.filter(pk=unit.pk).update(source="花名册 旗2025.csv")
    clerk = as_user(cast("clerk"))
    for address in (
        reverse("window:worker_edit", args=[worker.pk]),
        reverse("window:employer_edit", args=[unit.pk]),
    ):
        form = clerk.get(address).context["form"]
        assert form["source"].value() == ""
        assert "原来源：花名册 旗2025.csv" in form.fields["source"].help_text
        # Sent as it was opened, it asks for what the change rests on.
        answer = clerk.post(address, {name: form[name].value() or "" for name in form.fields}, follow=True)
        assert answer.context["form"].errors["source"]
    worker.refresh_from_db()
    assert worker.source == "花名册 旗2025.csv"
