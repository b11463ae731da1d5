"""The staff home: whose cases, in which order, what else waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Correction
from portal.workforce.models import NameConflict
from tests.cast import KUNDULUN, make_honour, make_worker
from tests.window.given import make_case

pytestmark = pytest.mark.django_db
HOME = "/window/"


def tabs(response):
    return {tab["label"]: int(tab["count"]) for tab in response.context["tabs"]}


def shown(response):
    return [row["case"].number for row in response.context["rows"]]


def test_an_officer_finds_what_waits_by_deadline(cast, as_user):
    today = timezone.localdate()
    due = [today + timedelta(days=n) for n in (9, -2, 3)]
    cases = [make_case(make_worker(f"工人{n}"), due_on=day) for n, day in zip("甲乙丙", due, strict=True)]
    without = make_case(make_worker("工人丁"), due_on=None)
    page = as_user(cast("registry_officer")).get(HOME)
    assert shown(page) == [cases[1].number, cases[2].number, cases[0].number, without.number]
    assert tabs(page) == {"等我办理": 4, "我名下": 0, "本地区在办": 4, "已超期": 1, "补正中": 0}
    html = page.content.decode()
    assert "超期2天" in html and "还有3天" in html and "未设期限" in html


def test_who_can_do_nothing_sees_the_region_but_nothing_waits(cast, as_user):
    make_case(make_worker())
    page = as_user(cast("supervisor")).get(HOME)
    assert tabs(page)["等我办理"] == 0 and tabs(page)["本地区在办"] == 1


def test_other_regions_are_not_counted(cast, as_user):
    make_case(make_worker(region=KUNDULUN))
    assert tabs(as_user(cast("reviewer")).get(HOME))["本地区在办"] == 0


def test_lists_of_mine_and_of_what_was_sent_back(cast, as_user):
    officer = cast("registry_officer")
    mine = make_case(make_worker("工人甲"), assigned_to=officer)
    back = make_case(make_worker("工人乙"))
    Correction.objects.create(
        case=back, missing=["证书原件"], opened_on=timezone.localdate(), opened_by=officer
    )
    client = as_user(officer)
    assert shown(client.get(HOME, {"list": "mine"})) == [mine.number]
    assert shown(client.get(HOME, {"list": "returned"})) == [back.number]
    assert shown(client.get(HOME, {"list": "nonsense"})) == [mine.number, back.number]


def test_filters_live_in_the_address(cast, as_user):
    today = timezone.localdate()
    here = make_case(make_worker("工人甲"), due_on=today - timedelta(days=1))
    there = make_case(make_worker("工人乙", region=KUNDULUN), due_on=today + timedelta(days=2))
    client = as_user(cast("registry_officer"))
    assert shown(client.get(HOME, {"region": "150200"})) == [there.number]
    assert shown(client.get(HOME, {"region": KUNDULUN, "due": "week"})) == [there.number]
    assert shown(client.get(HOME, {"due": "overdue"})) == [here.number]
    assert set(shown(client.get(HOME, {"region": "999999"}))) == {here.number, there.number}


def test_other_queues_are_counted_for_those_whose_work_they_are(cast, as_user):
    worker = make_worker()
    make_honour(worker, recorded_by=cast("clerk"))
    make_honour(worker, recorded_by=cast("reviewer"), year=2020)
    NameConflict.objects.create(worker=worker, registered_name="王建国", roster_name="王健国")
    queues = {
        queue["label"]: int(queue["count"]) for queue in as_user(cast("reviewer")).get(HOME).context["queues"]
    }
    # What one wrote down oneself does not wait for one.
    assert queues == {"待核实荣誉": 1, "待复核收款账户": 0, "姓名不一致": 1, "进行中的任务": 0}
    assert [queue["label"] for queue in as_user(cast("clerk")).get(HOME).context["queues"]] == [
        "进行中的任务"
    ]


def test_roles_without_cases_are_told_so(cast, as_user):
    page = as_user(cast("system_admin")).get(HOME)
    assert page.context["tabs"] == [] and "没有办件清单" in page.content.decode()


def test_pages_follow_each_other(cast, as_user):
    numbers = [make_case(make_worker(f"工人{n}")).number for n in range(35)]
    client = as_user(cast("registry_officer"))
    first = client.get(HOME)
    second = client.get(HOME, {"after": first.context["page"].next_cursor})
    assert shown(first) + shown(second) == numbers
    assert client.get(HOME, {"after": "forged"}).status_code == 400


def test_the_number_of_queries_does_not_grow(cast, as_user, django_assert_max_num_queries):
    for n in range(25):
        make_case(make_worker(f"工人{n}"))
    client = as_user(cast("registry_officer"))
    with django_assert_max_num_queries(22):
        client.get(HOME)


def test_a_case_leads_to_the_page_of_its_kind(cast, as_user):
    case = make_case(make_worker())
    response = as_user(cast("registry_officer")).get(reverse("window:case", args=[case.number]))
    assert response.status_code == 302 and response["Location"] == reverse(
        "registry:case", args=[case.number]
    )
    assert as_user(cast("baotou_clerk")).get(reverse("window:case", args=[case.number])).status_code == 404


def test_a_case_is_taken_given_and_given_back(cast, as_user):
    case = make_case(make_worker())
    officer, reviewer = cast("registry_officer"), cast("reviewer")
    address, client = reverse("window:case_assign", args=[case.number]), as_user(officer)
    client.post(address, {"take": "1"})
    case.refresh_from_db()
    assert case.assigned_to == officer
    client.post(address, {"to": str(reviewer.pk)})
    case.refresh_from_db()
    assert case.assigned_to == reviewer
    client.post(address, {"to": ""})
    case.refresh_from_db()
    assert case.assigned_to is None


@pytest.mark.parametrize("who", ["baotou_reviewer", "policy_officer", "system_admin"])
def test_a_case_is_not_given_to_somebody_who_cannot_see_it(cast, as_user, who):
    case, somebody = make_case(make_worker()), cast(who)
    page = as_user(cast("registry_officer")).post(
        reverse("window:case_assign", args=[case.number]), {"to": str(somebody.pk)}
    )
    case.refresh_from_db()
    assert page.status_code == 200 and case.assigned_to is None and "请从名单中选择" in page.content.decode()
