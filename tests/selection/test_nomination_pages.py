"""Pages of nominations and of the panel: who gets in, what they see, and that a click does what the action
does.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.accounts.homes import homes
from portal.audit.models import Entry as AuditEntry
from portal.cases.models import Case, Evidence
from portal.letters.models import Letter
from talent_registry.models import Nomination
from talent_registry.selection import nominating, panel
from tests.cast import KUNDULUN, REGION, make_account
from tests.roles import compared, everybody
from tests.selection.nominees import (
    INDUSTRY,
    STATEMENT,
    make_employer,
    make_round,
    make_skilled,
    move_round,
    nominated,
    page_of,
    picture,
    today,
    with_account,
)

WRITTEN = {"industry": INDUSTRY, "statement": STATEMENT}


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def unit(employer_agent) -> Any:
    return make_employer(agents=(employer_agent,))


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def _state(one: Any) -> str:
    return Case.objects.get(pk=one.pk).state


@pytest.fixture
def experts(panel_expert) -> list[Any]:
    return [make_account("region.expert2", "专家二", "panel_expert", REGION), panel_expert]


# -- where everybody begins ----------------------------------------------------------------------------------
def test_everybody_lands_on_their_ownpage_of(client, cast, unit, round_, worker_user) -> None:
    from tests.cast import PASSWORD

    for person, address in (
        ("employer_agent", "registry:agent"),
        ("panel_expert", "registry:panel"),
        ("clerk", "window:home"),
    ):
        answer = client.post(
            reverse("accounts:login"), {"username": cast(person).username, "password": PASSWORD}
        )
        assert answer.url == reverse(address), person
        page = client.get(answer.url)
        assert page.status_code == 200
        client.post(reverse("accounts:logout"))
    assert homes(worker_user) == [("我的待遇", "my:home")]


def test_the_public_list_is_not_marked_on_ones_ownpage_of(as_user, employer_agent, unit) -> None:
    page = as_user(employer_agent).get(reverse("registry:agent")).text
    assert f'<a href="{reverse("registry:agent")}" aria-current="page">单位申报</a>' in page
    assert f'<a href="{reverse("registry:list")}" aria-current="page">' not in page


def test_every_page_for_every_role(round_, cast, as_user, clerk) -> None:
    """Lists by permission; a nomination by whose it is and where; nothing of another region."""
    from portal.accounts.access import PERMISSIONS

    one, people = nominated(make_skilled(), round_, clerk), everybody(cast)
    with compared() as expect:
        for who, user, role, region in people:
            client, seen = as_user(user), role in PERMISSIONS["case.view"][1]
            there = region[:4] in {"1500", "1506"}
            inside, takes_in = seen and there, role in PERMISSIONS["nomination.take_in"][1]
            page = client.get(reverse("registry:nominations"))
            expect(f"{who} the list", page.status_code, 200 if seen else 403)
            expect(f"{who} finds it", one.case.number in page.text, inside)
            expect(f"{who} the nomination", client.get(page_of(one)).status_code, 200 if inside else 404)
            for action in ("accept", "return_for_correction", "refuse", "withdraw"):
                status = client.get(page_of(one, "nomination_step", action)).status_code
                expect(f"{who} {action}", status, 404 if not inside else 200 if takes_in else 403)
            assigns = role in PERMISSIONS["nomination.assign_panel"][1]
            for what, status, wanted in (
                (
                    "assigns",
                    client.post(reverse("registry:panel_assign"), {"chosen": [one.pk]}),
                    200 if assigns else 403,
                ),
                (
                    "panel progress",
                    client.get(reverse("registry:panel_overview", args=[2026])),
                    200 if seen else 403,
                ),
                ("panel", client.get(reverse("registry:panel")), 200 if role == "panel_expert" else 403),
                (
                    "nominates",
                    client.get(reverse("registry:nominate", args=[one.worker_id])),
                    403 if not takes_in else 200 if there else 404,
                ),
                (
                    "as a unit",
                    client.get(reverse("registry:agent")),
                    403,
                ),  # nobody here is an agent of a unit yet
            ):
                expect(f"{who} {what}", status.status_code, wanted)


def test_nobody_gets_in_without_signing_in(round_, clerk, client) -> None:
    one = nominated(make_skilled(), round_, clerk)
    for address in (
        reverse("registry:nominations"),
        page_of(one),
        page_of(one, "nomination_edit"),
        page_of(one, "nomination_step", "accept"),
        reverse("registry:agent"),
        reverse("registry:mine"),
        reverse("registry:nominate_self"),
        reverse("registry:panel"),
    ):
        assert client.get(address).status_code == 302


# -- the window ----------------------------------------------------------------------------------------------
def test_from_the_workers_page_to_taken_in(round_, as_user, clerk) -> None:
    worker, window = make_skilled("乌云其其格"), as_user(clerk)
    begin = reverse("registry:nominate", args=[worker.pk])
    assert begin in window.get(reverse("window:worker", args=[worker.pk])).text
    page = window.get(begin).text
    assert "技能等级为高级工及以上" in page and round_.title in page and worker.id_number not in page
    assert "请填写主要业绩" in window.post(begin, {"industry": "C"}).text
    answer = window.post(begin, WRITTEN)
    one = Nomination.objects.get(worker=worker)
    assert answer.url == page_of(one) and _state(one) == "draft"
    page = window.get(answer.url).text
    for said in ("尚未提交", "上传材料", "修改申报内容", STATEMENT, "制造业", "来源：窗口登记"):
        assert said in page
    assert AuditEntry.objects.filter(action="case.view", worker_ref=worker.pk).exists()
    answer = window.post(page_of(one), {"label": "技师证书", "file": picture()}, follow=True)
    assert "已提交材料“技师证书”" in answer.text and "证书.png" in answer.text
    page = window.post(page_of(one, "nomination_step", "submit"), follow=True).text
    assert "已提交" in page and _state(one) == "submitted" and "上传材料" not in page
    page = window.post(page_of(one, "nomination_step", "accept"), follow=True).text
    assert _state(one) == "accepted" and "条件符合" in page
    again = window.post(page_of(one, "nomination_step", "accept"))
    assert again.status_code == 409 and "已由乌兰办理" in again.text


def test_who_fails_a_condition_reads_it_with_its_clause(round_, as_user, clerk) -> None:
    one = nominated(make_skilled(level=30), round_, clerk, state="draft")
    window = as_user(clerk)
    assert "不符合条件" in window.get(page_of(one)).text
    answer = window.post(page_of(one, "nomination_step", "submit"))
    assert (
        answer.status_code == 409
        and "未符合的条件：技能等级为高级工及以上（内党办发〔2019〕6号（一））" in answer.text
    )


def test_correction_and_refusal_on_the_pages(round_, as_user, clerk, unit, employer_agent) -> None:
    one = nominated(make_skilled(unit=unit), round_, employer_agent, channel="employer", employer_id=unit.pk)
    window, agent = as_user(clerk), as_user(employer_agent)
    assert (
        "至少写明一项"
        in window.post(page_of(one, "nomination_step", "return_for_correction"), {"missing": " \n"}).text
    )
    page = window.post(
        page_of(one, "nomination_step", "return_for_correction"),
        {"missing": "岗位证明\n\n成果证明"},
        follow=True,
    ).text
    assert (
        "等待补正" in page and "成果证明" in page and Letter.objects.get(case_id=one.pk).number_text in page
    )
    page = agent.get(page_of(one)).text
    assert "等待补正" in page and "成果证明" in page and "上传材料" in page
    agent.post(page_of(one, "nomination_edit"), {"industry": "B", "statement": "补充后的业绩"})
    answer = agent.post(page_of(one), {"label": "岗位证明", "file": picture()}, follow=True)
    assert "已提交材料" in answer.text
    assert (
        "补正已完成"
        in agent.post(page_of(one, "nomination_step", "resubmit"), {"reason": "已补交。"}, follow=True).text
    )
    page = window.get(page_of(one)).text
    assert "补充后的业绩" in page and "岗位证明" in page
    assert "救济途径" in window.get(page_of(one, "nomination_step", "refuse")).text
    assert "请写明理由" in window.post(page_of(one, "nomination_step", "refuse"), {"reason": ""}).text
    page = window.post(
        page_of(one, "nomination_step", "refuse"), {"reason": "所附成果不是本人完成。"}, follow=True
    ).text
    assert "不予受理" in page and _state(one) == "refused"


def test_a_file_is_taken_away_after_it_was_named(round_, as_user, clerk) -> None:
    one = nominated(make_skilled(), round_, clerk, state="draft")
    window = as_user(clerk)
    window.post(page_of(one), {"label": "技师证书", "file": picture()})
    answer = window.post(
        page_of(one), {"label": "坏文件", "file": SimpleUploadedFile("x.pdf", b"MZ not a document")}
    )
    assert answer.status_code == 200 and "错误：" in answer.text and Evidence.objects.count() == 1
    assert "请填写材料名称" in window.post(page_of(one), {"label": "", "file": picture(colour="blue")}).text
    file = Evidence.objects.get()
    address = page_of(one, "nomination_evidence", file.pk)
    assert "技师证书" in window.get(address).text
    assert "已移除材料" in window.post(address, follow=True).text
    assert window.get(address).status_code == 404
    nominating.submit(one.pk, by=clerk, on=today())
    answer = window.post(page_of(one), {"label": "迟到", "file": picture()})
    assert answer.status_code == 409 and Evidence.objects.not_removed().count() == 0


def test_what_one_may_not_do_is_absent_and_says_why(
    round_, as_user, clerk, reviewer, unit, employer_agent
) -> None:
    one = nominated(
        make_skilled(unit=unit),
        round_,
        employer_agent,
        channel="employer",
        employer_id=unit.pk,
        state="draft",
    )
    page = as_user(clerk).get(page_of(one)).text
    assert (
        page_of(one, "nomination_step", "submit") not in page
        and "的经办人办理" in page
        and "上传材料" not in page
    )
    assert as_user(clerk).get(page_of(one, "nomination_step", "submit")).status_code == 403
    assert as_user(clerk).get(page_of(one, "nomination_edit")).status_code == 403
    assert as_user(clerk).get(page_of(one, "nomination_step", "recommend")).status_code == 404


# -- the unit ------------------------------------------------------------------------------------------------
def test_an_agent_from_the_first_page_to_handed_in(round_, as_user, unit, employer_agent) -> None:
    worker = make_skilled("白玉兰", unit=unit)
    other = make_skilled("别家人", unit=make_employer("别家单位"))
    agent = as_user(employer_agent)
    home = agent.get(reverse("registry:agent")).text
    people = reverse("registry:unit_people", args=[unit.pk])
    assert unit.name in home and people in home and "还没有提出申报" in home
    page = agent.get(people).text
    assert "白玉兰" in page and "别家人" not in page and worker.id_number not in page
    assert "没有找到" in agent.get(people, {"name": "别家"}).text
    begin = reverse("registry:nominate_of_unit", args=[unit.pk, worker.pk])
    assert agent.get(reverse("registry:nominate_of_unit", args=[unit.pk, other.pk])).status_code == 404
    assert agent.get(reverse("registry:unit_people", args=[other.employer_id])).status_code == 404
    answer = agent.post(begin, WRITTEN, follow=True)
    one = Nomination.objects.get(worker=worker)
    assert one.channel == "employer" and Case.objects.get(pk=one.pk).employer_id == unit.pk
    assert "尚未提交" in answer.text and "工作台" not in answer.text
    assert "已提交" in agent.post(page_of(one, "nomination_step", "submit"), follow=True).text
    assert one.case.number in agent.get(reverse("registry:agent")).text
    again = agent.post(begin, WRITTEN)
    assert again.status_code == 409 and "已有申报" in again.text
    assert agent.get(reverse("window:home")).status_code == 403


def test_an_agent_without_a_unit_is_told_where_to_go(as_user, employer_agent) -> None:
    answer = as_user(employer_agent).get(reverse("registry:agent"))
    assert answer.status_code == 403 and "服务窗口" in answer.text


# -- the worker ----------------------------------------------------------------------------------------------
def test_a_worker_nominates_themselves_and_sees_how_it_stands(round_, as_user) -> None:
    worker = make_skilled("孟根花")
    own = as_user(with_account(worker))
    assert reverse("registry:mine") in own.get(reverse("my:home")).text
    assert reverse("registry:nominate_self") in own.get(reverse("registry:mine")).text
    own.post(reverse("registry:nominate_self"), WRITTEN)
    one = Nomination.objects.get(worker=worker)
    page = own.get(reverse("registry:mine")).text
    assert one.case.number in page and reverse("registry:nominate_self") not in page
    own.post(page_of(one, "nomination_step", "submit"))
    page = own.get(page_of(one)).text
    assert "待受理" in page and "专家评审" not in page and "撤回" in page and "得分构成" not in page
    own.post(page_of(one, "nomination_step", "withdraw"), {"reason": ""})
    assert (
        _state(one) == "withdrawn"
        and reverse("registry:nominate_self") in own.get(reverse("registry:mine")).text
    )


def test_no_round_no_way_to_begin(as_user, clerk) -> None:
    worker = make_skilled()
    own = as_user(with_account(worker))
    page = own.get(reverse("registry:mine")).text
    assert "目前没有正在申报的年度遴选" in page
    assert "目前不在申报期内" in own.get(reverse("registry:nominate_self")).text
    assert (
        "目前不在申报期内"
        in as_user(clerk).post(reverse("registry:nominate", args=[worker.pk]), WRITTEN).text
    )
    assert not Nomination.objects.exists()


def test_an_account_without_a_record_is_told_so(as_user, round_, panel_expert) -> None:
    for name in ("mine", "nominate_self"):
        assert as_user(panel_expert).get(reverse(f"registry:{name}")).status_code == 200
    assert not Nomination.objects.exists()


def test_score_and_reason_are_the_workers_after_the_publication_only(
    round_, as_user, clerk, registry_officer, reviewer
) -> None:
    from talent_registry.selection.assessment import assess
    from talent_registry.selection.recommending import pass_over

    worker = make_skilled("孟根花")
    own = as_user(with_account(worker))
    one = nominated(worker, round_, clerk, state="accepted")
    assess(round_, trial=False, by=registry_officer, on=today())
    page = as_user(clerk).get(page_of(one)).text
    assert "年度评价" in page and "得分构成" in page
    assert "年度评价" not in own.get(page_of(one)).text
    move_round(round_.pk, registry_officer, "recommendation")
    pass_over(one.pk, reason="名额有限，业绩相比不突出。", by=reviewer, on=today())
    assert "业绩相比不突出。" in as_user(reviewer).get(page_of(one)).text
    page = own.get(page_of(one)).text
    assert "遴选结果" not in page and "得分构成" not in page


def test_after_the_publication_everybody_concerned_reads_the_result(cast, as_user, clerk) -> None:
    """In or out, by which score, for which reason: the worker and the office alike."""
    from tests.selection.running import play

    round_ = play(cast, "published")
    said = {}
    for one in round_.nominations.select_related("worker", "case"):
        page = as_user(with_account(one.worker)).get(page_of(one)).text
        assert "遴选结果" in page and "得分构成" in page and "各专家评分" not in page
        said[one.case.state] = page
    assert "入选。" in said["selected"] and "未入选" in said["not_selected"]


def test_recommending_is_offered_in_its_time(round_, as_user, clerk, reviewer, registry_officer) -> None:
    one = nominated(make_skilled(), round_, clerk, state="accepted")
    address = reverse("registry:recommend", args=[one.case.number])
    assert address not in as_user(reviewer).get(page_of(one)).text
    move_round(round_.pk, registry_officer, "recommendation")
    assert address in as_user(reviewer).get(page_of(one)).text
    assert address not in as_user(clerk).get(page_of(one)).text


# -- lists ---------------------------------------------------------------------------------------------------
def test_the_list_and_its_filters(round_, as_user, clerk, baotou_clerk, registry_officer, experts) -> None:
    here, there = (
        nominated(make_skilled("王建国"), round_, clerk),
        nominated(make_skilled("李海燕", region=KUNDULUN), round_, baotou_clerk),
    )
    taken = nominated(make_skilled("赵春明"), round_, clerk, state="accepted")
    earlier = nominated(make_skilled("孙旧年"), make_round(registry_officer, year=2025), clerk)
    officer, everyone = as_user(registry_officer), (here, there, taken, earlier)

    def names(**query: str) -> set[str]:
        page = officer.get(reverse("registry:nominations"), query).text
        return {one.worker.name for one in everyone if one.case.number in page}

    assert names() == {"王建国", "李海燕", "赵春明", "孙旧年"}
    assert names(year="2026", state="submitted") == {"王建国", "李海燕"} and names(year="2025") == {"孙旧年"}
    assert names(region="150200") == {"李海燕"} and names(region="150624", year="2026") == {
        "王建国",
        "赵春明",
    }
    assert names(name="建国") == {"王建国"}
    assert names(panel="none") == {"赵春明"} and names(panel="waiting") == set()
    (assignment,) = panel.assign([taken.pk], [experts[0].pk], by=registry_officer, on=today()).made
    assert names(panel="none") == set() and names(panel="waiting") == {"赵春明"}
    panel.score(
        assignment.pk, {"skill-shown": 1, "results": 1, "passing-on": 1}, "", by=experts[0], on=today()
    )
    assert names(panel="done") == {"赵春明"}
    assert "请减少筛选条件" in officer.get(reverse("registry:nominations"), {"name": "没有"}).text


def test_lists_cost_the_same_however_long(
    round_, as_user, clerk, registry_officer, unit, employer_agent, experts, django_assert_max_num_queries
) -> None:
    for number in range(8):
        worker = make_skilled(f"职工{number}", unit=unit)
        one = nominated(
            worker,
            round_,
            employer_agent,
            channel="employer",
            employer_id=unit.pk,
            state="accepted",
            clerk=clerk,
        )
        panel.assign([one.pk], [expert.pk for expert in experts], by=registry_officer, on=today())
    for user, name, args, most in (
        (registry_officer, "nominations", [], 14),
        (registry_officer, "panel_overview", [2026], 14),
        (employer_agent, "agent", [], 12),
        (employer_agent, "unit_people", [unit.pk], 12),
        (experts[0], "panel", [], 8),
    ):
        client = as_user(user)
        client.get(reverse(f"registry:{name}", args=args))
        with django_assert_max_num_queries(most):
            assert "职工7" in client.get(reverse(f"registry:{name}", args=args)).text


def test_a_page_of_a_nomination_costs_little(
    round_, as_user, clerk, registry_officer, experts, django_assert_max_num_queries
) -> None:
    one = nominated(make_skilled(), round_, clerk, state="accepted")
    panel.assign([one.pk], [expert.pk for expert in experts], by=registry_officer, on=today())
    client = as_user(registry_officer)
    client.get(page_of(one))
    with django_assert_max_num_queries(50):
        client.get(page_of(one))
