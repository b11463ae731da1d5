"""The staff home: whose cases, in which order, what else waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Correction
from portal.entitlements.models import Offer, OfferState
from portal.jobs.models import Job
from portal.regions.calendar import working_days_between
from portal.workforce.actions import propose_payee
from portal.workforce.models import NameConflict, SkillCredential
from tests.cast import KUNDULUN, OTOG, confirm, make_honour, make_worker
from tests.listed import listed
from tests.window.given import known_worker, make_case

pytestmark = pytest.mark.django_db
HOME = "/window/"


def tabs(response):
    return {tab["label"]: int(tab["count"]) for tab in response.context["tabs"]}


def make_payee(worker, by):
    number = f"62220000000000{worker.pk:05}"
    return propose_payee(
        worker.pk, bank="农业银行", account_number=number, source="存折", by=by, on=timezone.localdate()
    )


def make_offer(worker, state):
    answered = timezone.localdate() if state == OfferState.DECLINED else None
    return Offer.objects.create(
        worker=worker,
        region=worker.work_region,
        benefit="training.skill-upgrade",
        state=state,
        matched_on=timezone.localdate(),
        answered_on=answered,
    )


def shown(response):
    return [row["case"].number for row in response.context["rows"]]


def test_an_officer_finds_what_waits_by_deadline(cast, as_user):
    today = timezone.localdate()
    due = [today + timedelta(days=n) for n in (9, -2, 3)]
    cases = [make_case(make_worker(f"工人{n}"), due_on=day) for n, day in zip("甲乙丙", due, strict=True)]
    without = make_case(make_worker("工人丁"), due_on=None)
    page = as_user(cast("registry_officer")).get(HOME)
    assert shown(page) == [cases[1].number, cases[2].number, cases[0].number, without.number]
    assert tabs(page) == {
        "等我办理": 4,
        "我名下": 0,
        "本地区在办": 4,
        "即将到期": 1,
        "已超期": 1,
        "补正中": 0,
    }
    html = page.content.decode()
    before, ahead = (working_days_between(*days) for days in ((due[1], today), (today, due[2])))
    assert f"超期{before}个工作日" in html or "已超期" in html
    assert f"还有{ahead}个工作日" in html and "未设期限" in html


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


def queues(response):
    return {queue["label"]: int(queue["count"]) for queue in response.context["queues"]}


def test_other_work_is_counted_for_those_whose_work_it_is(cast, as_user):
    worker = make_worker()
    make_honour(worker, recorded_by=cast("clerk"))
    make_honour(worker, recorded_by=cast("reviewer"), year=2020)
    NameConflict.objects.create(worker=worker, registered_name="王建国", roster_name="王健国")
    page = as_user(cast("reviewer")).get(HOME)
    # What one wrote down oneself does not wait for one.
    assert queues(page) == {
        "待核实荣誉": 1,
        "待确认变更": 0,
        "待复核收款账户": 0,
        "单位报送的花名册": 0,
        "姓名不一致": 1,
        "待复核人员并入": 0,
        "待复核单位并入": 0,
        "并入后待处理": 0,
        "与公布不一致": 0,
    }
    assert queues(as_user(cast("clerk")).get(HOME)) == {
        "待确认变更": 0,
        "待告知本人": 0,
        "单位报送的花名册": 0,
    }
    assert queues(as_user(cast("supervisor")).get(HOME)) == {
        "待核查异常信息": 0,
        "待核查完整号码查看情况": 0,
    }


def test_what_waits_is_as_many_as_the_lists_behind_it_have_rows(cast, as_user):
    """The number of the tab is the sum of its parts; each part leads to just these rows, with their action."""
    reviewer, clerk = cast("reviewer"), cast("clerk")
    people = [make_worker(f"工人{n}") for n in range(3)]
    elsewhere = make_worker("外地工人", region=KUNDULUN)
    for worker in people:
        make_honour(worker, recorded_by=clerk)
    make_honour(people[0], recorded_by=reviewer, year=2019)
    make_honour(elsewhere, recorded_by=clerk)
    for worker in people[:2]:
        make_payee(worker, clerk)
    make_payee(elsewhere, cast("baotou_clerk"))
    page = as_user(reviewer).get(HOME)
    assert queues(page) == {
        "待核实荣誉": 3,
        "待确认变更": 0,
        "待复核收款账户": 2,
        "单位报送的花名册": 0,
        "姓名不一致": 0,
        "待复核人员并入": 0,
        "待复核单位并入": 0,
        "并入后待处理": 0,
        "与公布不一致": 0,
    }
    assert tabs(page)["等我办理"] == 5 and page.context["page"].total == 0
    shown_parts = {part["label"]: part["href"] for part in page.context["kinds_of_work"]}
    assert list(shown_parts) == ["办件", "待核实荣誉", "待复核收款账户"]
    honours = as_user(reviewer).get(shown_parts["待核实荣誉"])
    assert [row["may"] for row in honours.context["rows"]] == [True] * 3
    assert len(as_user(reviewer).get(shown_parts["待复核收款账户"]).context["page"].rows) == 2


def test_whom_to_tell_waits_for_the_window_of_the_place(cast, as_user):
    for name, region, state in (
        ("工人甲", OTOG, OfferState.MATCHED),
        ("工人乙", OTOG, OfferState.DECLINED),
        ("工人丙", KUNDULUN, OfferState.MATCHED),
    ):
        make_offer(make_worker(name, region=region), state)
    page = as_user(cast("clerk")).get(HOME)
    assert tabs(page)["等我办理"] == 1 and queues(page) == {
        "待确认变更": 0,
        "待告知本人": 1,
        "单位报送的花名册": 0,
    }
    (href,) = [part["href"] for part in page.context["kinds_of_work"] if part["label"] == "待告知本人"]
    rows = as_user(cast("clerk")).get(href).context["rows"]
    assert [(row["offer"].worker.name, row["may"]) for row in rows] == [("工人甲", True)]
    assert tabs(as_user(cast("supervisor")).get(HOME))["等我办理"] == 0


def test_records_to_confirm_wait_for_another_person_of_the_place(cast, as_user):
    """Each kind of which there are any, as many as its list has rows, all with their action."""
    clerk, reviewer = cast("clerk"), cast("reviewer")
    known_worker(clerk)
    known_worker(reviewer, "李静")
    known_worker(cast("baotou_clerk"), "赵强", region=KUNDULUN)
    done = known_worker(clerk, "孙立").credentials.get()
    confirm(done)
    page = as_user(reviewer).get(HOME)
    kinds = {label: count for label, count in queues(page).items() if label.startswith("待核验")}
    assert kinds == {
        "待核验就业信息": 2,
        "待核验技能证书": 1,
        "待核验失业保险": 2,
        "待核验核定事项": 2,
        "待核验技工院校学历": 2,
        "待核验竞赛成绩": 2,
    }
    for queue in page.context["queues"]:
        if queue["label"] in kinds:
            rows = as_user(reviewer).get(queue["href"]).context["rows"]
            assert [row["may"] for row in rows] == [True] * kinds[queue["label"]], queue["label"]
    # a banner with two clerks helps itself; who wrote it down waits for the other
    assert queues(as_user(clerk).get(HOME))["待核验技能证书"] == 1
    for who in ("supervisor", "registry_officer", "auditor"):
        assert not [label for label in queues(as_user(cast(who)).get(HOME)) if label.startswith("待核验")]


def test_what_the_portal_writes_and_what_is_about_oneself_waits_for_nobody(cast, as_user):
    reviewer = cast("reviewer")
    worker = make_worker()
    listed(worker, since=timezone.localdate())
    own = make_worker("巴特尔", account=reviewer)
    SkillCredential.objects.create(worker=own, occupation="焊工", level=40, source="花名册")
    assert not [label for label in queues(as_user(reviewer).get(HOME)) if label.startswith("待核验")]
    SkillCredential.objects.create(worker=worker, occupation="焊工", level=40, source="花名册")
    assert queues(as_user(reviewer).get(HOME))["待核验技能证书"] == 1


def test_jobs_are_no_work_but_are_named_while_they_run(cast, as_user):
    clerk = cast("clerk")
    assert "进行中的任务" not in as_user(clerk).get(HOME).content.decode()
    Job.objects.create(kind="roster.import", by=clerk)
    page = as_user(clerk).get(HOME)
    assert page.context["jobs"] == 1 and tabs(page)["等我办理"] == 0


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
