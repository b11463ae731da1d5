"""What is improbable, on the pages: the form that asks why, and the supervisor's list."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from portal.workforce.models import ImprobableRecord, ImprobableReview, SkillCredential, Worker
from tests.cast import KUNDULUN, OTOG, id_number, make_worker

pytestmark = pytest.mark.django_db
LIST = "/window/records/unusual/"
HOME = "/window/"
REASON = "中学期间随父学艺，已核对证书原件"
YOUNG = {
    "occupation": "焊工",
    "level": "20",
    "number": "S1501",
    "issued_on": "2000-07-01",
    "verified_how": "original_seen",
    "source": "窗口登记（查验原件）",
}


def note(worker: Any, by: Any, **values: Any) -> ImprobableRecord:
    given = {
        "kind": "credential",
        "rule": "credential.before-sixteen",
        "words": "发证日期为2000-07-01，本人当时15周岁，未满16周岁",
        "reason": REASON,
    }
    return ImprobableRecord.objects.create(worker=worker, recorded_by=by, **given | values)


def test_the_form_asks_why_and_takes_the_answer(worker: Any, clerk: Any, as_user: Any) -> None:
    desk, address = as_user(clerk), reverse("window:record_new", args=[worker.pk, "credential"])
    empty = desk.get(address).content.decode()
    assert "情况说明" not in empty and 'name="explanation"' in empty
    asked = desk.post(address, YOUNG)
    page = asked.content.decode()
    assert asked.status_code == 200 and not SkillCredential.objects.exists()
    assert "情况说明" in page and "本人当时15周岁，未满16周岁" in page and "由业务主管核查" in page
    # a word that fills the field is no reason
    for said in ("无", "属实"):
        refused = desk.post(address, YOUNG | {"explanation": said}).content.decode()
        assert "所填内容没有说明原因。" in refused and not SkillCredential.objects.exists()
    # something else is wrong too: what was written stays
    again = desk.post(address, YOUNG | {"explanation": REASON, "level": ""}).content.decode()
    assert REASON in again and "情况说明" in again
    assert desk.post(address, YOUNG | {"explanation": REASON}).status_code == 302
    assert ImprobableRecord.objects.get().reason == REASON


def test_the_impossible_is_told_beside_its_field(worker: Any, clerk: Any, as_user: Any) -> None:
    address = reverse("window:record_new", args=[worker.pk, "credential"])
    given = YOUNG | {"issued_on": "1991-06-15", "level": "60", "explanation": REASON}
    page = as_user(clerk).post(address, given)
    assert "当时未满14周岁" in "".join(page.context["form"].errors["issued_on"])
    assert not SkillCredential.objects.exists()


def test_a_new_person_and_a_corrected_number_are_asked_about(clerk: Any, as_user: Any) -> None:
    desk = as_user(clerk)
    given = {
        "id_number": id_number(born=date(1930, 5, 1)),
        "name": "苏和",
        "work_region": OTOG,
        "source": "窗口登记",
    }
    assert "周岁" in desk.post("/window/workers/new/", given).content.decode()
    assert not Worker.objects.exists()
    sent = desk.post("/window/workers/new/", given | {"explanation": REASON})
    assert sent.status_code == 302 and ImprobableRecord.objects.get().kind == "worker"


def test_the_supervisor_sees_filters_and_looks_into_it(
    worker: Any, clerk: Any, supervisor: Any, as_user: Any
) -> None:
    noted = note(worker, clerk)
    note(make_worker("李静", region=KUNDULUN), None, kind="honour", words="荣誉年度为2000年")
    desk = as_user(supervisor)
    shown = desk.get(LIST).content.decode()
    assert worker.name in shown and REASON in shown and "李静" in shown
    assert "李静" not in desk.get(LIST, {"region": "150600"}).content.decode()
    assert "李静" not in desk.get(LIST, {"kind": "credential"}).content.decode()
    assert worker.name not in desk.get(LIST, {"name": "李"}).content.decode()
    address = reverse("window:improbable_review", args=[noted.pk])
    page = desk.get(address).content.decode()
    assert "劳动法" in page and REASON in page and reverse("window:worker", args=[worker.pk]) in page
    assert "请" in desk.post(address, {"note": ""}).content.decode()
    sent = desk.post(address, {"note": "已调阅发证机构存根，属实"})
    assert sent.url == LIST and ImprobableReview.objects.get().reviewed_by == supervisor
    assert REASON not in desk.get(LIST, {"kind": "credential"}).content.decode()
    done = desk.get(LIST, {"state": "done"}).content.decode()
    assert "已调阅发证机构存根，属实" in done
    assert "这条异常信息已经核查" in desk.get(address, follow=True).content.decode()
    # whoever opened the page before is told
    assert "已由白音核查" in desk.post(address, {"note": "再看"}).content.decode()


def test_who_sees_it_and_who_may(worker: Any, clerk: Any, cast: Any, as_user: Any) -> None:
    noted = note(worker, clerk)
    address = reverse("window:improbable_review", args=[noted.pk])
    assert worker.name in as_user(clerk).get(LIST).content.decode()
    assert worker.name not in as_user(cast("baotou_reviewer")).get(LIST).content.decode()
    for who in ("clerk", "reviewer", "auditor", "finance_officer"):
        assert as_user(cast(who)).get(address).status_code == 403
    assert as_user(cast("policy_officer")).get(LIST).status_code == 403


def test_it_waits_for_the_supervisor_and_not_for_who_wrote_it(
    worker: Any, clerk: Any, supervisor: Any, as_user: Any
) -> None:
    note(worker, clerk)
    note(worker, supervisor)
    note(worker, None)
    page = as_user(supervisor).get(HOME)
    (queue,) = [one for one in page.context["queues"] if one["label"] == "待核查异常信息"]
    assert int(queue["count"]) == 2
    rows = as_user(supervisor).get(queue["href"]).context["rows"]
    assert [row["may"] for row in rows] == [True, True]
    assert not [one for one in as_user(clerk).get(HOME).context["queues"] if "异常" in one["label"]]


def test_the_list_costs_the_same_however_long_it_is(
    clerk: Any, supervisor: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        note(make_worker(f"王{number}"), clerk)
    desk = as_user(supervisor)
    with django_assert_max_num_queries(12):
        assert desk.get(LIST).status_code == 200
