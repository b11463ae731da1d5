"""The search field: numbers lead straight to their record, names to groups, and an ID number leaves a trace."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.kept_queries import FORM
from portal.workforce.models import SkillCredential
from tests.cast import KUNDULUN, id_number, make_worker
from tests.window.given import make_case, make_employer

pytestmark = pytest.mark.django_db


def search(client, text):
    sent_on = client.post(reverse("window:search"), {"q": text, FORM: "1"})
    return client.get(sent_on["Location"])


def test_an_id_number_leads_to_the_person_and_into_the_audit(cast, as_user):
    worker = make_worker()
    response = search(as_user(cast("clerk")), worker.id_number)
    assert response.status_code == 302 and response["Location"] == reverse("window:worker", args=[worker.pk])
    entry = Entry.objects.get(action="worker.search")
    assert entry.worker_ref == worker.pk and entry.detail == {"by": "id_number", "found": True}


def test_looking_for_somebody_elsewhere_is_written_down_too(cast, as_user):
    worker = make_worker(region=KUNDULUN)
    page = search(as_user(cast("clerk")), worker.id_number)
    assert page.status_code == 200 and worker.name not in page.content.decode()
    assert "您负责的地区没有" in page.content.decode()
    assert Entry.objects.get(action="worker.search").detail["found"] is False


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("15262419850615001", "没有找到"),
        ("152624850615001", "15位旧号码"),
        ("152624198506150010", "校验位不符"),
    ],
)
def test_a_number_with_a_mistake_is_explained(cast, as_user, typed, said):
    assert said in search(as_user(cast("clerk")), typed).content.decode()


def test_a_case_number_leads_to_the_case(cast, as_user):
    case = make_case(make_worker())
    assert search(as_user(cast("clerk")), case.number.lower())["Location"] == reverse(
        "window:case", args=[case.number]
    )
    page = search(as_user(cast("baotou_clerk")), case.number)
    assert page.status_code == 200 and "不属于您负责的地区" in page.content.decode()


def test_the_number_of_a_certificate_leads_to_its_owner(cast, as_user):
    worker = make_worker()
    SkillCredential.objects.create(
        worker=worker, occupation="焊工", level=40, number="1515000000600001", source="花名册"
    )
    assert search(as_user(cast("clerk")), "1515000000600001")["Location"] == reverse(
        "window:worker", args=[worker.pk]
    )


def test_a_certificate_under_two_names_shows_both(cast, as_user):
    for name, occupation in (("王建国", "焊工"), ("李静", "钳工")):
        SkillCredential.objects.create(
            worker=make_worker(name), occupation=occupation, level=40, number="S150624001", source="花名册"
        )
    for typed in ("S150624001", "s150624001", "Ｓ１５０６２４００１"):
        page = search(as_user(cast("clerk")), typed).content.decode()
        assert "登记在多人名下，请核对" in page and "王建国" in page and "李静" in page
    assert "登记新人员" not in page
    stranger = search(as_user(cast("baotou_clerk")), "S150624001").content.decode()
    assert "王建国" not in stranger


def test_the_code_of_a_unit_leads_to_its_people(cast, as_user):
    unit = make_employer()
    assert search(as_user(cast("clerk")), unit.credit_code)["Location"].endswith(
        f"employer={unit.credit_code}"
    )


@pytest.mark.parametrize("part", ["王", "建国", "王建国", "国"])
def test_a_part_of_a_name_finds_people_units_and_cases(cast, as_user, part):
    worker = make_worker("王建国")
    make_worker("王建国", region=KUNDULUN)
    make_employer("王建国机械厂", code=None)
    case = make_case(worker)
    groups = {
        group["kind"]: group["rows"] for group in search(as_user(cast("clerk")), part).context["groups"]
    }
    assert groups["workers"] == [worker] and groups["cases"] == [case]
    assert ("employers" in groups) is (len(part) > 1)


@pytest.mark.parametrize("text", ["欧阳", "%", "_", "'; DROP TABLE x;--", "a\x00b", "<script>", "x" * 500])
def test_nothing_found_says_what_to_do(cast, as_user, text):
    make_worker("王建国")
    page = search(as_user(cast("clerk")), text)
    html = page.content.decode()
    assert page.status_code == 200 and "没有找到" in html and "登记新人员" in html and "<script>" not in html


def test_the_last_searches_stay_for_the_session_without_numbers(cast, as_user):
    worker, client = make_worker(), as_user(cast("clerk"))
    search(client, worker.id_number)
    search(client, "王")
    search(client, worker.id_number)
    searches = client.session["searches"]
    assert [found["text"] for found in searches] == [f"王建国 {worker.masked_id_number}", "王"]
    assert worker.id_number not in str(searches)
    assert "最近查找" in client.get(reverse("window:home")).content.decode()


def test_an_unknown_valid_number_offers_to_register(cast, as_user):
    assert "登记新人员<" in search(as_user(cast("clerk")), id_number()).content.decode()
    assert "登记新人员<" not in search(as_user(cast("reviewer")), id_number()).content.decode()


def test_whom_a_search_by_name_has_shown_is_written_down(cast, as_user):
    mine, other = make_worker("王建国"), make_worker("王建国", region=KUNDULUN)
    search(as_user(cast("clerk")), "王建国")
    assert other.pk
    assert Entry.objects.get(action="worker.list").detail == {"asked": ["姓名：王*国"], "shown": [mine.pk]}
